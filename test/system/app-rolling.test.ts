/** Under load, application workers are killed, replaced and reloaded: no idempotent request fails. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MasterStatus } from '../../src/process/master-status.ts'
import { askAlone } from '../support/lone-request.ts'
import { PorticoServer } from '../support/portico-server.ts'

const ENTRY = `
import { setTimeout as delay } from 'node:timers/promises'
export async function application(environ, startResponse) {
  await delay(2)
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return [Buffer.from('pid=' + process.pid)]
}`

/** The status of a whole answer; 0 without one. */
async function ask(port: number): Promise<number> {
  const { status, body } = await askAlone(port, '/')
  return /^pid=\d+$/.test(body) ? status : 0
}

/** Asks by several clients until `during` is through; answers how many answers of each status came. */
async function loaded(port: number, during: () => Promise<void>): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  let over = false
  const client = async (): Promise<void> => {
    while (!over) {
      const status = await ask(port)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  const clients = Promise.all(Array.from({ length: 6 }, client))
  try {
    await during()
  } finally {
    over = true
  }
  await clients
  return statuses
}

describe('application workers under load', () => {
  let server: PorticoServer

  beforeAll(async () => {
    server = await PorticoServer.start({
      conf: `
        error_log stderr info;
        app site { entry site.mjs; workers 2; max_requests 300 50; }
        http { access_log off; server { listen 127.0.0.1:%PORT%; location / { app_pass site; } } }`,
      files: { 'site.mjs': ENTRY },
      startTimeoutMs: 60_000,
    })
  }, 70_000)

  afterAll(async () => {
    await server.stop()
  })

  function count(pattern: RegExp): number {
    return [...server.output.matchAll(pattern)].length
  }

  it('each one killed in turn', async () => {
    const statuses = await loaded(server.port, async () => {
      for (const index of [0, 1]) {
        const { output } = await server.named('status', ['--json'])
        const { groups } = JSON.parse(output) as MasterStatus
        const victim = groups[0]?.workers.find(
          ({ name, state }) => name === `app:site#${index}` && state === 'ready',
        )
        const ready = count(/worker app:site#\d \(process \d+\) is ready/g)
        process.kill(victim?.pid ?? 0, 'SIGKILL')
        await server.waitFor(
          () => count(/worker app:site#\d \(process \d+\) is ready/g) > ready,
          'the next one',
        )
      }
    })
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(50)
  }, 60_000)

  it('replaced because they have answered enough', async () => {
    const gone = /worker app:site#\d \(process \d+\) exited with code 0/g
    const statuses = await loaded(server.port, async () => {
      const before = count(gone)
      await server.waitFor(() => count(gone) > before + 1, 'two that left', 40_000)
    })
    expect([...statuses.keys()]).toEqual([200])
    expect(server.output).toMatch(/is replaced: it has answered 3\d\d requests \(max_requests\)/)
  }, 60_000)

  it('reloaded twice', async () => {
    const statuses = await loaded(server.port, async () => {
      for (let round = 0; round < 2; round += 1) {
        const before = count(/listening on/g)
        server.signal('SIGHUP')
        await server.waitFor(() => count(/listening on/g) > before, 'the new generation')
      }
    })
    expect([...statuses.keys()]).toEqual([200])
  }, 60_000)
})
