import { describe, expect, test } from 'vitest'
import { Master } from '../../src/process/master.ts'
import type { Generation, WorkerGroup } from '../../src/process/generation.ts'
import type { Invocation } from '../../src/process/successor.ts'
import { FakeHost, settle } from './fake-host.ts'
import type { FakeWorker } from './fake-host.ts'

const HTTP = { key: 'http', address: { kind: 'tcp', host: '127.0.0.1', port: 8080 } } as const
const PRIVATE = (index: number) =>
  ({ key: `app/${index}`, address: { kind: 'unix', path: `/run/app.${index}.sock` }, mode: 0o600 }) as const

function group(name: string, count: number, extra: Partial<WorkerGroup> = {}): WorkerGroup {
  return {
    name,
    count,
    program: { kind: 'module', modulePath: `/${name}.ts` },
    listeners: () => ['http'],
    boot: { of: name },
    ...extra,
  }
}

function generation(...groups: WorkerGroup[]): Generation {
  return { listeners: [HTTP], groups, pidFile: '/run/portico.pid' }
}

/** A master whose `load` gives `next`, or throws it. */
function launch(first: Generation | Error, invocation?: Invocation) {
  const host = new FakeHost()
  const state: { next: Generation | Error; code: number | undefined } = { next: first, code: undefined }
  const master = new Master({
    host,
    log: host,
    load: () => {
      if (state.next instanceof Error) throw state.next
      return state.next
    },
    ...(invocation && { invocation, daemonized: true }),
  })
  void master.run().then((code) => (state.code = code))
  return { host, master, state }
}

/** Launches and brings every worker up. */
async function serve(first: Generation, invocation?: Invocation) {
  const launched = launch(first, invocation)
  await bringUp(launched.host)
  return launched
}

async function bringUp(host: FakeHost): Promise<void> {
  await settle()
  for (let round = 0; round < 5; round += 1) {
    for (const worker of host.alive) if (worker.started && !worker.asked) worker.ready()
    await settle()
  }
}

function beatAll(workers: FakeWorker[]): void {
  for (const worker of workers) worker.say({ type: 'beat', lagMs: 0 })
}

describe('start', () => {
  test('binds, forks with the descriptors, starts group by group, writes the pid file last', async () => {
    const { host } = launch({
      ...generation(group('app', 2, { listeners: (index) => [`app/${index}`] }), group('front', 1)),
      listeners: [HTTP, PRIVATE(0), PRIVATE(1)],
    })
    await settle()
    expect(host.workers.map((worker) => [worker.modulePath, worker.request.fds])).toEqual([
      ['/app.ts', [22]],
      ['/app.ts', [23]],
      ['/front.ts', [21]],
    ])
    const [one, two, front] = host.workers
    expect(host.workers.map((worker) => worker.started)).toEqual([true, true, false])
    expect(one?.sent[0]).toMatchObject({
      type: 'start',
      name: 'app#0',
      index: 0,
      boot: { of: 'app' },
      listeners: [{ key: 'app/0', fd: 4, address: 'unix:/run/app.0.sock' }],
    })
    one?.ready()
    await settle()
    expect(front?.started).toBe(false)
    two?.ready()
    await settle()
    expect(front?.started).toBe(true)
    expect(host.pidFiles).toEqual([])
    front?.ready()
    await settle()
    expect(host.pidFiles).toEqual(['/run/portico.pid'])
  })

  test.each<[string, (worker: FakeWorker) => void, string]>([
    [
      'a fault',
      (worker) => (worker.say({ type: 'fault', reason: 'no such entry' }), worker.exit(1)),
      'no such entry',
    ],
    ['an exit', (worker) => worker.exit(3), 'exited with code 3'],
    ['a signal', (worker) => worker.exit(null, 'SIGSEGV'), 'exited on signal SIGSEGV'],
  ])('%s in the first boot ends with 1, the reason, and nothing left', async (_, fail, reason) => {
    const { host, state } = launch(generation(group('app', 2)))
    await settle()
    host.workers[0]?.ready()
    if (host.workers[1]) fail(host.workers[1])
    await settle()
    expect(host.workers[0]?.signals).toEqual(['SIGTERM'])
    host.workers[0]?.exit(0)
    await settle()
    expect(state.code).toBe(1)
    expect(host.lines.filter((line) => line.startsWith('emerg'))).toEqual([`emerg: app#1 ${reason}`])
    expect(host.open.size).toBe(0)
    expect(host.pidFiles).toEqual([])
    expect(host.handlesSignals).toBe(false)
  })

  test('a worker that is never ready is killed at the boot limit', async () => {
    const { host, state } = launch(generation(group('app', 1, { bootTimeoutMs: 5000 })))
    await host.pass(4999)
    expect(state.code).toBeUndefined()
    await host.pass(2)
    expect(state.code).toBe(1)
    expect(host.said('was not ready after 5000 ms')).toBe(true)
  })

  test.each([
    [
      'a configuration that cannot be read',
      new Error('unknown directive "x" in a.conf:3'),
      'unknown directive',
    ],
    [
      'a listener nobody defined',
      generation(group('app', 1, { listeners: () => ['nope'] })),
      'listener "nope"',
    ],
  ])('%s ends with 1', async (_, first, reason) => {
    const { host, state } = launch(first)
    await settle()
    expect(state.code).toBe(1)
    expect(host.said(reason)).toBe(true)
    expect(host.open.size).toBe(0)
  })

  test('TERM while the first generation boots ends with 0', async () => {
    const { host, state } = launch(generation(group('app', 1)))
    await settle()
    host.raise('SIGTERM')
    host.workers[0]?.exit(0)
    await settle()
    expect(state.code).toBe(0)
    expect(host.lines.filter((line) => line.startsWith('emerg'))).toEqual([])
  })
})

describe('a worker that dies', () => {
  test('is replaced at once, with the same index and descriptors', async () => {
    const { host } = await serve(generation(group('app', 2)))
    host.workers[1]?.exit(null, 'SIGKILL')
    await host.pass(0)
    expect(host.workers).toHaveLength(3)
    expect(host.workers[2]?.sent[0]).toMatchObject({ name: 'app#1', index: 1 })
    expect(host.workers[2]?.request.fds).toEqual([21])
    expect(host.binds).toBe(1)
  })

  test('waits longer each time from the third death in a row, and no longer after a long life', async () => {
    const { host } = await serve(generation(group('app', 1)))
    const waits: number[] = []
    const dieAndWait = async (): Promise<void> => {
      host.alive[0]?.exit(1)
      const count = host.workers.length
      let waited = 0
      for (await host.pass(0); host.workers.length === count && waited < 60_000; waited += 250)
        await host.pass(250)
      waits.push(waited)
    }
    for (let death = 0; death < 12; death += 1) await dieAndWait()
    expect(waits).toEqual([0, 0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    host.alive[0]?.ready()
    for (let second = 0; second < 11; second += 1) {
      await host.pass(1000)
      beatAll(host.alive)
    }
    waits.length = 0
    await dieAndWait()
    expect(waits).toEqual([0])
  })

  test('of an uncaught error is logged with its stack', async () => {
    const { host } = await serve(generation(group('app', 1)))
    host.workers[0]?.say({ type: 'fault', reason: 'failed: Error: boom\n    at x.ts:1:1' })
    host.workers[0]?.exit(1)
    expect(host.lines.at(-1)).toBe('alert: worker app#0 (process 2000) failed: Error: boom\n    at x.ts:1:1')
  })
})

describe('the socket of a place', () => {
  const PLACE = { ...PRIVATE(0), ofPlace: true }
  const app = { ...group('app', 1, { listeners: () => ['app/0', 'http'] }), rollsWith: 'x' }
  const site = { ...generation(app), listeners: [HTTP, PLACE] }
  const isOpen = (host: FakeHost): boolean => [...host.open.values()].includes('unix:/run/app.0.sock')

  /** Deaths at the boot: 0, 0, 250 and 500 ms cost nobody his socket. */
  async function crash(host: FakeHost, times: number): Promise<void> {
    for (let death = 0; death < times; death += 1) {
      await host.pass(500)
      for (const worker of host.alive) worker.exit(1)
    }
  }

  test('is closed while it stays empty for long, and is another for who fills it', async () => {
    const { host } = await serve(site)
    const [first] = host.workers
    await crash(host, 4)
    expect(isOpen(host)).toBe(true)
    await crash(host, 1)
    expect([isOpen(host), host.alive, [...host.open.values()]]).toEqual([false, [], ['127.0.0.1:8080']])
    await host.pass(1000)
    expect(isOpen(host)).toBe(true)
    const [next] = host.alive
    expect(next?.request.fds).toHaveLength(2)
    expect(next?.request.fds[0]).not.toBe(first?.request.fds[0])
    expect(next?.request.fds[1]).toBe(first?.request.fds[1])
  })

  test('is there again for the workers of a reload', async () => {
    const { host, state } = await serve(site)
    await crash(host, 5)
    state.next = site
    host.raise('SIGHUP')
    await settle()
    expect(isOpen(host)).toBe(true)
    const fds = host.alive.map(({ request }) => host.open.get(request.fds[0] ?? -1))
    expect(fds).toEqual(['unix:/run/app.0.sock'])
  })

  test('stays while a worker of the next generation has it', async () => {
    const { host, state } = await serve(site)
    await crash(host, 4)
    await host.pass(500)
    const [before] = host.alive
    state.next = site
    host.raise('SIGHUP')
    await settle()
    expect(host.alive).toHaveLength(2)
    before?.exit(1)
    expect(host.said('it is started again in 1000 ms')).toBe(true)
    expect(isOpen(host)).toBe(true)
  })

  test('that cannot be bound again is tried again', async () => {
    const { host } = await serve(site)
    await crash(host, 5)
    host.busy.add('unix:/run/app.0.sock')
    await host.pass(1000)
    expect([host.alive, host.said('app#0: bind() to unix:/run/app.0.sock failed')]).toEqual([[], true])
    host.busy.clear()
    await host.pass(2000)
    expect([host.alive.length, isOpen(host)]).toEqual([1, true])
  })

  test('that cannot be bound again ends no reload that has its first place', async () => {
    const places = [
      { ...PRIVATE(0), ofPlace: true },
      { ...PRIVATE(1), ofPlace: true },
    ]
    const two = group('app', 2, { listeners: (index) => [`app/${index}`], rollsWith: 'x' })
    const both = { ...generation(two), listeners: [HTTP, ...places] }
    const { host, state } = await serve(both)
    const [first] = host.workers
    for (let death = 0; death < 5; death += 1) {
      for (const worker of host.alive) if (worker !== first) worker.exit(1)
      await host.pass(500)
    }
    expect([...host.open.values()]).not.toContain('unix:/run/app.1.sock')
    host.busy.add('unix:/run/app.1.sock')
    state.next = both
    host.raise('SIGHUP')
    await bringUp(host)
    expect(host.said('alert: app#1: bind() to unix:/run/app.1.sock failed')).toBe(true)
    expect(first?.asked).toBe(true)
    expect(host.alive.filter(({ asked, signals }) => !asked && signals.length === 0)).toHaveLength(1)
    host.busy.clear()
    await host.pass(5000)
    await bringUp(host)
    expect(host.alive.filter(({ asked }) => !asked)).toHaveLength(2)
  })

  test('that cannot be bound again is handed to no new program, and the master serves on', async () => {
    const { host } = await serve(site, { executable: '/node', args: [], env: {} })
    await crash(host, 5)
    host.busy.add('unix:/run/app.0.sock')
    host.raise('SIGUSR2')
    expect(host.lines.at(-1)).toBe(
      'alert: the new binary could not be started: bind() to unix:/run/app.0.sock failed (98: Address already in use)',
    )
    expect([host.successors, host.pidFiles]).toEqual([[], ['/run/portico.pid']])
    host.busy.clear()
    host.raise('SIGUSR2')
    expect(host.successors).toHaveLength(1)
  })
})

describe('heartbeat', () => {
  const app = generation(group('app', 2, { heartbeatTimeoutMs: 4000 }))

  test('a silent worker is killed after the limit and replaced', async () => {
    const { host } = await serve(app)
    for (let second = 0; second < 6; second += 1) {
      await host.pass(1000)
      if (host.workers[1]) beatAll([host.workers[1]])
    }
    expect(host.workers[0]?.signals).toEqual(['SIGKILL'])
    expect(host.said('gave no heartbeat for 4000 ms')).toBe(true)
    expect(host.workers[1]?.alive).toBe(true)
    expect(host.alive).toHaveLength(2)
  })

  test('a master that stood still itself blames nobody', async () => {
    const { host } = await serve(app)
    await host.pass(500)
    host.freeze(60_000)
    await host.pass(100)
    beatAll(host.alive)
    await host.pass(2000)
    expect(host.workers.map((worker) => worker.signals)).toEqual([[], []])
  })

  test('a blocked loop is worth a warning', async () => {
    const { host } = await serve(app)
    host.workers[0]?.say({ type: 'beat', lagMs: 1500 })
    expect(host.said('warn: worker app#0 (process 2000) was blocked for 1500 ms')).toBe(true)
  })
})

describe('reload', () => {
  test('boots the new workers on the same sockets, then asks the old ones to quit', async () => {
    const { host, state } = await serve(generation(group('app', 2)))
    state.next = generation(group('app', 1))
    host.raise('SIGHUP')
    await settle()
    const [oldOne, oldTwo, fresh] = host.workers
    expect(fresh?.request.fds).toEqual([21])
    expect([oldOne?.asked, oldTwo?.asked]).toEqual([false, false])
    fresh?.ready()
    await settle()
    expect([oldOne?.asked, oldTwo?.asked]).toEqual([true, true])
    expect(host.binds).toBe(1)
    oldOne?.exit(0)
    oldTwo?.exit(0)
    await host.pass(20_000)
    expect(host.workers).toHaveLength(3)
  })

  test.each<[string, Generation | Error, string]>([
    ['a conf with a fault', new Error('unexpected "}"'), 'unexpected "}"'],
    [
      'a busy port',
      {
        listeners: [PRIVATE(0), { key: 'https', address: { ...HTTP.address, port: 8443 } }],
        groups: [group('app', 1)],
      },
      'Address already in use',
    ],
  ])('%s leaves the running service untouched', async (_, next, reason) => {
    const { host, state } = await serve(generation(group('app', 1)))
    host.busy.add('127.0.0.1:8443')
    state.next = next
    host.raise('SIGHUP')
    await settle()
    expect(host.said(`reload failed, the running configuration stays`) && host.said(reason)).toBe(true)
    expect(host.workers).toHaveLength(1)
    expect(host.workers[0]?.asked).toBe(false)
    expect([...host.open.values()]).toEqual(['127.0.0.1:8080'])
    expect(state.code).toBeUndefined()
  })

  test('workers that do not boot are ended, the old ones stay and are still replaced', async () => {
    const { host, state } = await serve(generation(group('app', 1)))
    state.next = { ...generation(group('app', 2)), listeners: [HTTP, PRIVATE(0)] }
    host.raise('SIGHUP')
    await settle()
    host.workers[1]?.ready()
    host.workers[2]?.say({ type: 'fault', reason: 'failed: SyntaxError' })
    host.workers[2]?.exit(1)
    await settle()
    expect(host.workers[1]?.signals).toEqual(['SIGTERM'])
    host.workers[1]?.exit(0)
    await settle()
    expect(host.said('stays: app#1 failed: SyntaxError')).toBe(true)
    expect([...host.open.values()]).toEqual(['127.0.0.1:8080'])
    host.workers[0]?.exit(1)
    await host.pass(0)
    expect(host.workers).toHaveLength(4)
  })

  test('a storm of them is served one by one, the last one counting', async () => {
    const { host, state } = await serve(generation(group('app', 1)))
    for (let hup = 0; hup < 10; hup += 1) host.raise('SIGHUP')
    await settle()
    expect(host.workers).toHaveLength(2)
    host.workers[1]?.ready()
    await settle()
    state.next = generation(group('app', 1))
    expect(host.workers).toHaveLength(3)
    host.workers[2]?.ready()
    await settle()
    for (const worker of host.workers.slice(0, 2)) worker.exit(0)
    await host.pass(20_000)
    expect(host.workers).toHaveLength(3)
    expect(host.alive).toHaveLength(1)
  })

  test('sockets that the new configuration lacks are closed, new ones bound; the pid file moves', async () => {
    const { host, state } = await serve(generation(group('app', 1)))
    state.next = {
      listeners: [PRIVATE(0)],
      groups: [group('app', 1, { listeners: () => ['app/0'] })],
      pidFile: '/run/other.pid',
    }
    host.raise('SIGHUP')
    await bringUp(host)
    expect([...host.open.values()]).toEqual(['unix:/run/app.0.sock'])
    expect(host.pidFiles).toEqual(['/run/other.pid'])
  })

  test('QUIT in the middle of one ends both generations', async () => {
    const { host, state } = await serve(generation(group('app', 1)))
    host.raise('SIGHUP')
    await settle()
    host.raise('SIGQUIT')
    await settle()
    expect(host.workers[0]?.asked).toBe(true)
    expect(host.workers[1]?.signals).toEqual(['SIGTERM'])
    host.workers[1]?.exit(0)
    host.workers[0]?.exit(0)
    await settle()
    expect(state.code).toBe(0)
    expect(host.alive).toEqual([])
  })
})

describe('the end', () => {
  test('QUIT drains the last group first and the others when it is gone', async () => {
    const { host, state } = await serve(generation(group('app', 1), group('front', 2)))
    host.raise('SIGQUIT')
    await settle()
    expect(host.workers.map((worker) => worker.asked)).toEqual([false, true, true])
    host.workers[1]?.exit(0)
    expect(host.workers[0]?.asked).toBe(false)
    host.workers[2]?.exit(0)
    expect(host.workers[0]?.asked).toBe(true)
    host.workers[0]?.exit(0)
    await settle()
    expect(state.code).toBe(0)
    expect(host.pidFiles).toEqual([])
    expect(host.open.size).toBe(0)
  })

  test('a worker that drains past its limit is killed', async () => {
    const { host, state } = await serve(generation(group('app', 1, { shutdownTimeoutMs: 10_000 })))
    host.raise('SIGQUIT')
    for (let second = 0; second < 10; second += 1) {
      await host.pass(1000)
      beatAll(host.alive)
    }
    expect(host.workers[0]?.signals).toEqual([])
    await host.pass(1001)
    expect(host.workers[0]?.signals).toEqual(['SIGKILL'])
    expect(state.code).toBe(0)
  })

  test('TERM stops all at once, then kills; a second one does not wait', async () => {
    const { host, state } = await serve(generation(group('app', 1), group('front', 1)))
    host.raise('SIGTERM')
    expect(host.workers.map((worker) => worker.signals)).toEqual([['SIGTERM'], ['SIGTERM']])
    host.workers[0]?.exit(0)
    host.raise('SIGINT')
    expect(host.workers[1]?.signals).toEqual(['SIGTERM', 'SIGKILL'])
    await settle()
    expect(state.code).toBe(0)
  })

  test('TERM after QUIT waits no longer', async () => {
    const { host, state } = await serve(generation(group('app', 1, { shutdownTimeoutMs: Infinity })))
    host.raise('SIGQUIT')
    await host.pass(20_000)
    host.raise('SIGTERM')
    expect(host.workers[0]?.signals).toEqual(['SIGTERM'])
    await host.pass(3000)
    expect(host.workers[0]?.signals).toEqual(['SIGTERM', 'SIGKILL'])
    expect(state.code).toBe(0)
  })

  test('nobody is respawned once it has begun', async () => {
    const { host } = await serve(generation(group('app', 3)))
    for (let death = 0; death < 3; death += 1) {
      host.workers.at(-1)?.exit(1)
      await host.pass(0)
    }
    const count = host.workers.length
    host.raise('SIGQUIT')
    for (const worker of host.alive) worker.exit(0)
    await host.pass(60_000)
    expect(host.workers).toHaveLength(count)
  })
})

describe('commands', () => {
  const command = group('php', 1, {
    program: { kind: 'command', argv: ['php-fpm'], address: { kind: 'unix', path: '/run/php.sock' } },
    listeners: () => [],
  })

  test('are ready when their address accepts, are ended by TERM, and get no USR1', async () => {
    const { host, state } = launch(generation(command))
    await host.pass(500)
    expect(host.pidFiles).toEqual([])
    host.answering.add('unix:/run/php.sock')
    await host.pass(100)
    expect(host.pidFiles).toEqual(['/run/portico.pid'])
    host.raise('SIGUSR1')
    host.raise('SIGQUIT')
    expect(host.workers[0]?.signals).toEqual(['SIGTERM'])
    expect(host.workers[0]?.sent).toEqual([])
    host.workers[0]?.exit(0)
    await settle()
    expect(state.code).toBe(0)
  })

  test('of before a reload are ended when no front of then may ask them any more', async () => {
    const both = generation(command, group('front', 2))
    const { host, state } = launch(both)
    host.answering.add('unix:/run/php.sock')
    await host.pass(500)
    await bringUp(host)
    const [before, ...fronts] = host.alive
    state.next = both
    host.raise('SIGHUP')
    await host.pass(500)
    await bringUp(host)
    expect(fronts.map(({ asked }) => asked)).toEqual([true, true])
    fronts[0]?.exit(0)
    await settle()
    expect(before?.signals).toEqual([])
    fronts[1]?.exit(0)
    await settle()
    expect(before?.signals).toEqual(['SIGTERM'])
    before?.exit(0)
    await settle()
    expect(host.alive).toHaveLength(3)
  })

  test('of before a reload do not wait for workers that stay until others can take their place', async () => {
    const all = generation(command, group('app', 2, { rollsWith: 'x' }), group('front', 1))
    const { host, state } = launch(all)
    host.answering.add('unix:/run/php.sock')
    await host.pass(500)
    await bringUp(host)
    const [before, app, kept, front] = host.alive
    state.next = all
    host.raise('SIGHUP')
    await host.pass(500)
    for (const worker of host.alive.filter((one) => ![before, app, kept, front].includes(one))) {
      worker.ready() // the command has no use for it; the second place of the application is still to be filled
      await settle()
    }
    expect([app?.asked, kept?.asked, front?.asked, before?.signals]).toEqual([true, false, true, []])
    app?.exit(0)
    front?.exit(0)
    await settle()
    expect([kept?.asked, before?.signals]).toEqual([false, ['SIGTERM']])
  })

  test('are not watched for heartbeats', async () => {
    const { host } = launch(generation(command))
    host.answering.add('unix:/run/php.sock')
    await host.pass(600_000)
    expect(host.workers[0]?.signals).toEqual([])
  })
})

test('lines and messages of workers go to the log with their name', async () => {
  const { host } = await serve(generation(group('app', 1)))
  host.workers[0]?.print('stdout', 'hello')
  host.workers[0]?.print('stderr', 'oh')
  host.workers[0]?.say({ type: 'log', level: 'warn', message: 'careful' })
  host.workers[0]?.say({ cmd: 'something of the application' })
  expect(host.lines.slice(-3)).toEqual(['notice: app#0: hello', 'error: app#0: oh', 'warn: app#0: careful'])
})

test('USR1 reopens everywhere', async () => {
  const { host } = await serve(generation(group('app', 2)))
  host.raise('SIGUSR1')
  expect(host.workers.map((worker) => worker.sent.at(-1))).toEqual([{ type: 'reopen' }, { type: 'reopen' }])
})
