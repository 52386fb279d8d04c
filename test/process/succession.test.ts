/** A worker that has had its time is replaced before it goes. */
import { describe, expect, test } from 'vitest'
import { Master } from '../../src/process/master.ts'
import { FakeHost, settle } from './fake-host.ts'

const HTTP = { key: 'http', address: { kind: 'tcp', host: '127.0.0.1', port: 8080 } } as const

async function serve() {
  const host = new FakeHost()
  const group = {
    name: 'app',
    count: 1,
    program: { kind: 'module', modulePath: '/app.ts' },
    listeners: () => ['http'],
    boot: null,
  } as const
  const master = new Master({ host, log: host, load: () => ({ listeners: [HTTP], groups: [group] }) })
  const state: { code: number | undefined } = { code: undefined }
  void master.run().then((code) => (state.code = code))
  await settle()
  host.workers[0]?.ready()
  await settle()
  const worker = (index: number) => {
    const found = host.workers[index]
    if (!found) throw new Error(`there is no worker ${index}`)
    return found
  }
  return { host, master, state, worker }
}

const RETIRE = { type: 'retire', reason: 'it is old' }

describe('succession', () => {
  test('the next one boots on the same sockets; only then the old one drains', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    expect(host.said('notice: worker app#0 (process 2000) is replaced: it is old')).toBe(true)
    expect([worker(1).started, worker(1).request.fds, worker(0).asked]).toEqual([
      true,
      worker(0).request.fds,
      false,
    ])
    worker(1).ready()
    expect([worker(0).asked, worker(0).alive]).toEqual([true, true])
    worker(0).exit(0)
    expect(host.alive).toEqual([worker(1)])
    expect(host.said('info: worker app#0 (process 2000) exited with code 0')).toBe(true)
  })

  test('is not begun twice', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    worker(0).say(RETIRE)
    expect(host.workers).toHaveLength(2)
  })

  test('a successor that fails changes nothing, and another is tried', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    worker(1).exit(1)
    expect(host.said('exited with code 1; the worker before it stays, another is tried in')).toBe(true)
    await host.pass(0)
    expect(worker(2).started).toBe(true)
    expect(worker(0).asked).toBe(false)
    worker(2).ready()
    expect(worker(0).asked).toBe(true)
  })

  test('failures in a row are spaced', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      worker(attempt).exit(1)
      await host.pass(0)
    }
    expect(host.workers).toHaveLength(4)
    await host.pass(250)
    expect(host.workers).toHaveLength(5)
  })

  test('failures long ago count no more', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      worker(attempt).exit(1)
      await host.pass(1000)
    }
    worker(5).ready()
    worker(0).exit(0)
    worker(5).say(RETIRE)
    worker(6).exit(1)
    await host.pass(0)
    expect(host.workers).toHaveLength(8)
  })

  test('who dies before is followed by the one that boots already', async () => {
    const { host, worker } = await serve()
    worker(0).say(RETIRE)
    worker(0).exit(null, 'SIGKILL')
    await host.pass(1000)
    expect(host.workers).toHaveLength(2)
    worker(1).ready()
    expect(host.alive).toEqual([worker(1)])
  })

  test('the end takes all of them', async () => {
    const { host, worker, master, state } = await serve()
    worker(0).say(RETIRE)
    worker(1).ready()
    worker(1).say(RETIRE)
    master.quit()
    expect(host.alive.map((one) => one.signals.concat(one.asked ? ['SIGQUIT'] : []))).toEqual([
      ['SIGQUIT'],
      ['SIGQUIT'],
      ['SIGTERM'],
    ])
    for (const one of host.alive) one.exit(0)
    await settle()
    expect(state.code).toBe(0)
  })
})

describe('status', () => {
  test('names each worker with its figures and what it does', async () => {
    const { worker, master } = await serve()
    worker(0).say({ type: 'beat', lagMs: 0, figures: { running: 1 } })
    const status = master.status()
    const asked = worker(0).sent.find((message) => message.type === 'report')
    worker(0).say({ type: 'report', id: asked?.type === 'report' ? asked.id : 0, report: ['GET /'] })
    expect(await status).toMatchObject({
      pid: 1000,
      groups: [
        {
          name: 'app',
          workers: [{ name: 'app#0', pid: 2000, state: 'ready', figures: { running: 1 }, report: ['GET /'] }],
        },
      ],
    })
  })

  test('waits half a second for one that does not answer', async () => {
    const { host, worker, master } = await serve()
    const status = master.status()
    await host.pass(500)
    expect((await status).groups[0]?.workers[0]?.report).toBeNull()
    expect(worker(0).alive).toBe(true)
  })
})
