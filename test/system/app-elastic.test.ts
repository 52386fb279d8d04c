/** The number of workers follows the load; reload and restart replace them one after the other. Nothing is dropped. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { existsSync } from 'node:fs'
import type { MasterStatus } from '../../src/process/master-status.ts'
import { PorticoServer } from '../support/portico-server.ts'

/** Either waits, or keeps the processor busy, for 40 ms. */
const ENTRY = `
import { setTimeout as delay } from 'node:timers/promises'
export async function application(environ, startResponse) {
  if (environ.PATH_INFO === '/wait') await delay(40)
  else for (const end = performance.now() + 40; performance.now() < end; );
  startResponse('200 OK', [['Content-Type', 'text/plain'], ['X-Pid', String(process.pid)]])
  return [Buffer.from('done')]
}`

describe('workers min..max', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        app queue { entry site.mjs; workers 1..3 delay=20ms idle=3s; concurrency 1; }
        app loop { entry site.mjs; workers 1..2 delay=20ms idle=60s; }
        http {
          access_log off;
          server { listen 127.0.0.1:%PORT%; location = /wait { app_pass queue; } location = /spin { app_pass loop; } }
        }`,
      files: { 'site.mjs': ENTRY },
      startTimeoutMs: 60_000,
    })
  }, 70_000)

  afterAll(async () => {
    await server.stop()
  })

  /** Asks by several clients until `during` is through; answers the statuses and who answered. */
  async function loaded(path: string, clients: number, during: () => Promise<void>) {
    const statuses = new Map<number, number>()
    const pids = new Map<string, number>()
    let over = false
    const client = async (): Promise<void> => {
      while (!over) {
        const status = await fetch(`http://127.0.0.1:${server.port}${path}`).then(
          async (response) => {
            const pid = response.headers.get('x-pid') ?? ''
            pids.set(pid, (pids.get(pid) ?? 0) + 1)
            return (await response.text()) === 'done' ? response.status : 0
          },
          () => 0,
        )
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const all = Promise.all(Array.from({ length: clients }, client))
    try {
      await during()
    } finally {
      over = true
    }
    await all
    return { statuses: [...statuses.keys()], pids: [...pids.values()] }
  }

  async function pidsOf(name: string): Promise<number[]> {
    const { groups } = JSON.parse((await server.named('status', ['--json'])).output) as MasterStatus
    const workers = groups.find((group) => group.name === `app:${name}`)?.workers ?? []
    return workers.flatMap(({ pid, state }) => (pid !== undefined && state === 'ready' ? [pid] : []))
  }

  function after(from: number, pattern: RegExp): boolean {
    return pattern.test(server.output.slice(from))
  }

  it('grow when requests wait in the queue, and share the work', async () => {
    expect(await pidsOf('queue')).toHaveLength(1)
    const { statuses, pids } = await loaded('/wait', 6, async () => {
      await server.waitFor(() => /worker app:queue#2 .* is ready/.test(server.output), 'the third', 40_000)
      await new Promise((resolve) => setTimeout(resolve, 2000))
    })
    expect(server.output).toMatch(
      /app:queue: 2 of 1\.\.3 workers, one more: requests wait for \d+ ms \(delay=20ms\)/,
    )
    expect(statuses).toEqual([200])
    expect(pids).toHaveLength(3)
    expect(Math.min(...pids)).toBeGreaterThan(10)
  }, 60_000)

  it('shrink when they are idle, and answer all the while', async () => {
    const { statuses } = await loaded('/wait', 1, async () => {
      await server.waitFor(
        () => /app:queue: 2 of 1\.\.3 workers, one fewer: /.test(server.output),
        'less',
        40_000,
      )
      await server.waitFor(
        () => /worker app:queue#2 .* exited with code 0/.test(server.output),
        'its end',
        40_000,
      )
    })
    expect(statuses).toEqual([200])
  }, 90_000)

  it('grow when the event loop is what requests wait for', async () => {
    const { statuses } = await loaded('/spin', 4, () =>
      server.waitFor(() => /worker app:loop#1 .* is ready/.test(server.output), 'the second', 40_000),
    )
    expect(statuses).toEqual([200])
  }, 60_000)

  it('reload keeps their number, and drops nothing', async () => {
    const before = await pidsOf('loop')
    expect(before).toHaveLength(2)
    const from = server.output.length
    const { statuses } = await loaded('/spin', 2, async () => {
      server.signal('SIGHUP')
      await server.waitFor(() => after(from, /worker app:loop#1 .* is ready/), 'the last new one', 40_000)
      await server.waitFor(
        () => before.every((pid) => after(from, new RegExp(`process ${pid}\\) exited with code 0`))),
        'the end of the old ones',
        40_000,
      )
    })
    expect(statuses).toEqual([200])
    expect((await pidsOf('loop')).some((pid) => before.includes(pid))).toBe(false)
  }, 90_000)

  it('portico status restart: one after the other, nothing is dropped', async () => {
    const before = await pidsOf('loop')
    const { statuses } = await loaded('/spin', 2, async () => {
      const { code, output } = await server.named('status', ['restart', 'loop'])
      expect([code, output]).toEqual([0, 'loop: 2 workers are replaced one after the other\n'])
      await server.waitFor(
        () => before.every((pid) => after(0, new RegExp(`process ${pid}\\) exited with code 0`))),
        'the end of the old ones',
        40_000,
      )
    })
    expect(statuses).toEqual([200])
    expect((await server.named('status', ['restart', 'nobody'])).code).toBe(1)
  }, 60_000)

  it('leave no way behind', async () => {
    expect(existsSync(server.path('run/queue.2.sock.way'))).toBe(true)
    server.signal('SIGQUIT')
    await server.exited
    expect(existsSync(server.path('run/queue.2.sock.way'))).toBe(false)
  })
})
