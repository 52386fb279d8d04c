/** USR2, WINCH and the ways back, in virtual time. */
import { describe, expect, test } from 'vitest'
import type { Generation } from '../../src/process/generation.ts'
import { readHandover, writeHandover } from '../../src/process/handover.ts'
import { Master } from '../../src/process/master.ts'
import { FakeHost, settle } from './fake-host.ts'

const PID_FILE = '/run/portico.pid'
const HTTP = { key: 'http', address: { kind: 'tcp', host: '127.0.0.1', port: 8080 } } as const
const UNIX = { key: 'unix', address: { kind: 'unix', path: '/run/a.sock' } } as const
const GENERATION: Generation = {
  listeners: [HTTP, UNIX],
  groups: [
    {
      name: 'front',
      count: 2,
      program: { kind: 'module', modulePath: '/front.ts' },
      listeners: () => ['http', 'unix'],
      boot: {},
    },
  ],
  pidFile: PID_FILE,
}

async function serve(options: { daemonized?: boolean; handover?: string; parent?: number } = {}) {
  const host = new FakeHost()
  host.parent = options.parent ?? 1
  const state = { loads: 0, code: undefined as number | undefined }
  const master = new Master({
    host,
    log: host,
    load: () => {
      state.loads += 1
      return GENERATION
    },
    invocation: { executable: '/node', args: ['/cli.js'], env: {} },
    handover: readHandover(options.handover),
    daemonized: options.daemonized ?? true,
  })
  void master.run().then((code) => (state.code = code))
  await bringUp(host)
  return { host, state }
}

async function bringUp(host: FakeHost): Promise<void> {
  await settle()
  for (const worker of host.alive) if (worker.started && !worker.asked) worker.ready()
  await settle()
}

async function drainAsked(host: FakeHost): Promise<void> {
  for (const worker of host.alive) if (worker.asked) worker.exit(0)
  await settle()
}

describe('USR2', () => {
  test('hands over every socket and puts the pid file aside; QUIT leaves paths to the new one', async () => {
    const { host, state } = await serve()
    host.raise('SIGUSR2')
    const [successor] = host.successors
    expect(host.pidFiles).toEqual([`${PID_FILE}.oldbin`])
    expect(successor?.fds).toEqual([...host.open.keys()])
    expect(readHandover(successor?.handover)).toEqual({
      predecessor: host.pid,
      sockets: [
        { identity: '127.0.0.1:8080', fd: 3, address: HTTP.address },
        { identity: 'unix:/run/a.sock', fd: 4, address: UNIX.address },
      ],
    })
    host.raise('SIGQUIT')
    await drainAsked(host)
    expect(state.code).toBe(0)
    expect(host.pidFiles).toEqual([])
    expect(host.keptPaths).toEqual(['127.0.0.1:8080', 'unix:/run/a.sock'])
  })

  test('the new one binds nothing that it was given, and keeps the paths while its predecessor lives', async () => {
    const handover = writeHandover({
      predecessor: 77,
      sockets: [{ identity: '127.0.0.1:8080', fd: 3, address: HTTP.address }],
    })
    const { host } = await serve({ handover, parent: 77 })
    expect(host.binds).toBe(1)
    expect(host.open.get(3)).toBe('127.0.0.1:8080')
    host.raise('SIGUSR2')
    expect(host.successors).toEqual([])
    expect(host.said('the changing binary signal is ignored')).toBe(true)
    host.raise('SIGTERM')
    for (const worker of host.alive) worker.exit(0)
    await settle()
    expect(host.keptPaths).toHaveLength(2)
  })

  test('the new one alone removes the paths', async () => {
    const handover = writeHandover({ predecessor: 77, sockets: [] })
    const { host } = await serve({ handover, parent: 1 })
    host.raise('SIGTERM')
    for (const worker of host.alive) worker.exit(0)
    await settle()
    expect(host.keptPaths).toEqual([])
    expect(host.open.size).toBe(0)
  })

  test('a new one that ends gives the pid file back, and there may be another', async () => {
    const { host } = await serve()
    host.raise('SIGUSR2')
    host.successors[0]?.exit('exited with code 1')
    expect(host.pidFiles).toEqual([PID_FILE])
    host.raise('SIGUSR2')
    expect(host.successors).toHaveLength(2)
  })

  test('a reload beside a new one is no reload', async () => {
    const { host, state } = await serve()
    host.raise('SIGUSR2')
    host.raise('SIGHUP')
    await settle()
    expect(state.loads).toBe(1)
    expect(host.alive).toHaveLength(2)
  })
})

describe('WINCH', () => {
  test('is for daemons', async () => {
    const { host } = await serve({ daemonized: false })
    host.raise('SIGWINCH')
    expect(host.alive.some((worker) => worker.asked)).toBe(false)
  })

  test('ends the workers; HUP brings them back with the conf that they had', async () => {
    const { host, state } = await serve()
    host.raise('SIGUSR2')
    host.raise('SIGWINCH')
    await drainAsked(host)
    expect(host.alive).toEqual([])
    expect(host.open.size).toBe(2)
    host.raise('SIGHUP')
    await bringUp(host)
    expect(state.loads).toBe(1)
    expect(host.alive).toHaveLength(2)
    expect(host.pidFiles).toEqual([`${PID_FILE}.oldbin`])
  })

  test('so does the end of the new one', async () => {
    const { host } = await serve()
    host.raise('SIGUSR2')
    host.raise('SIGWINCH')
    await drainAsked(host)
    host.successors[0]?.exit('exited on signal SIGKILL')
    await bringUp(host)
    expect(host.alive).toHaveLength(2)
    expect(host.pidFiles).toEqual([PID_FILE])
  })

  test('without a new one, HUP reads the conf', async () => {
    const { host, state } = await serve()
    host.raise('SIGWINCH')
    await drainAsked(host)
    host.raise('SIGHUP')
    await bringUp(host)
    expect(state.loads).toBe(2)
    expect(host.alive).toHaveLength(2)
  })

  test('a master without workers ends by QUIT', async () => {
    const { host, state } = await serve()
    host.raise('SIGWINCH')
    await drainAsked(host)
    host.raise('SIGQUIT')
    await settle()
    expect(state.code).toBe(0)
  })
})

test.each([
  undefined,
  '',
  'x',
  '{}',
  '{"predecessor":1}',
  '{"predecessor":1,"sockets":[["a",1,"b:1"]]}',
  'null',
])('a variable that says %j is no handover', (text) => {
  expect(readHandover(text)).toBeUndefined()
})
