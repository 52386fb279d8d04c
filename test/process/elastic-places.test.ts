/** Groups between two numbers of workers, and reloads and restarts that replace one worker at a time. */
import { describe, expect, test } from 'vitest'
import type { Generation, WorkerGroup, WorkerLoad } from '../../src/process/generation.ts'
import { Master } from '../../src/process/master.ts'
import { FakeHost, settle, type FakeWorker } from './fake-host.ts'

function group(extra: Partial<WorkerGroup> = {}): WorkerGroup {
  return {
    name: 'app',
    count: 4,
    program: { kind: 'module', modulePath: '/app.ts' },
    listeners: () => [],
    boot: null,
    rollsWith: 'fastcgi',
    ...extra,
  }
}

const ELASTIC = group({
  elastic: {
    min: 2,
    delayMs: 20,
    idleMs: 5000,
    loadOf: (figures) => figures as WorkerLoad | undefined,
    ways: (index) => [{ link: `${index}.way`, socket: `${index}` }],
  },
})

const FRONT: WorkerGroup = {
  name: 'front',
  count: 1,
  program: { kind: 'module', modulePath: '/front.ts' },
  listeners: () => [],
  boot: null,
}

async function serve(...groups: WorkerGroup[]) {
  const host = new FakeHost()
  const generation: Generation = { listeners: [], groups }
  const master = new Master({ host, log: host, load: () => generation })
  void master.run()
  await bringUp(host)
  return { host, master }
}

/** Whoever has been started says that it is ready; who is asked to end does not. */
async function bringUp(host: FakeHost): Promise<void> {
  await settle()
  for (let round = 0; round < 8; round += 1) {
    for (const worker of host.alive) if (worker.started && !worker.asked) worker.ready()
    await settle()
  }
}

function apps(host: FakeHost): FakeWorker[] {
  return host.alive.filter(({ modulePath }) => modulePath === '/app.ts')
}

function names(workers: readonly FakeWorker[]): string[] {
  return workers.map(
    ({ sent }) => sent.flatMap((message) => ('name' in message ? [message.name] : []))[0] ?? '',
  )
}

/** Seconds of beats with the same load in each worker. */
async function beats(host: FakeHost, seconds: number, load: WorkerLoad): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    for (const worker of host.alive) worker.say({ type: 'beat', lagMs: 0, figures: load })
    await host.pass(1000)
  }
}

const WAITING = { delayMs: 50, busy: 1 }
const CALM = { delayMs: 0, busy: 0.5 }
const IDLE = { delayMs: 0, busy: 0.1 }

function ways(host: FakeHost): string[] {
  return [0, 1, 2, 3].map((index) => host.links.get(`${index}.way`) ?? '')
}

describe('places that follow the load', () => {
  test('the smallest number starts, and stands in for the others', async () => {
    const { host } = await serve(ELASTIC)
    expect(names(apps(host))).toEqual(['app#0', 'app#1'])
    expect(ways(host)).toEqual(['0', '1', '0', '1'])
  })

  test('requests that wait for some seconds bring one more, which gets its way when it is ready', async () => {
    const { host } = await serve(ELASTIC)
    await beats(host, 2, WAITING)
    expect(apps(host)).toHaveLength(2)
    await beats(host, 1, WAITING)
    expect(names(apps(host))).toEqual(['app#0', 'app#1', 'app#2'])
    expect(ways(host)).toEqual(['0', '1', '0', '1'])
    expect(host.said('notice: app: 3 of 2..4 workers, one more: requests wait for 50 ms (delay=20ms)')).toBe(
      true,
    )
    await bringUp(host)
    expect(ways(host)).toEqual(['0', '1', '2', '0'])
    expect(apps(host).map(({ sent }) => sent.some(({ type }) => type === 'rebalance'))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('a moment of waiting brings none, nor does a group that is full', async () => {
    const { host } = await serve(ELASTIC)
    for (let round = 0; round < 4; round += 1) {
      await beats(host, 2, WAITING)
      await beats(host, 1, CALM)
    }
    expect(apps(host)).toHaveLength(2)
    for (let round = 0; round < 5; round += 1) {
      await beats(host, 4, WAITING)
      await bringUp(host)
    }
    expect(apps(host)).toHaveLength(4)
    expect(ways(host)).toEqual(['0', '1', '2', '3'])
  })

  test('one that does not boot is tried again; its way leads to another until it does', async () => {
    const { host } = await serve(ELASTIC)
    await beats(host, 3, WAITING)
    apps(host)[2]?.exit(1)
    await host.pass(5000)
    expect(names(apps(host))).toEqual(['app#0', 'app#1', 'app#2'])
    expect(ways(host)).toEqual(['0', '1', '0', '1'])
    await bringUp(host)
    expect(ways(host)).toEqual(['0', '1', '2', '0'])
  })

  test('idleness for long ends the last one, after its way leads elsewhere', async () => {
    const { host } = await serve(ELASTIC)
    await beats(host, 3, WAITING)
    await bringUp(host)
    const last = apps(host)[2]
    await beats(host, 4, IDLE)
    await beats(host, 1, CALM)
    await beats(host, 5, IDLE)
    expect(last?.asked).toBe(false)
    for (const worker of host.alive) worker.say({ type: 'beat', lagMs: 0, figures: IDLE })
    await host.pass(1000)
    expect(ways(host)).toEqual(['0', '1', '0', '1'])
    await host.pass(500)
    expect(last?.asked).toBe(true)
    last?.exit(0)
    await beats(host, 20, IDLE)
    expect(names(apps(host))).toEqual(['app#0', 'app#1'])
    await beats(host, 3, WAITING)
    expect(names(apps(host))).toEqual(['app#0', 'app#1', 'app#2'])
  })

  test('a reload keeps the number', async () => {
    const { host } = await serve(ELASTIC)
    await beats(host, 3, WAITING)
    await bringUp(host)
    const before = apps(host)
    host.raise('SIGHUP')
    await settle()
    for (let round = 0; round < 6; round += 1) {
      await bringUp(host)
      for (const worker of before) if (worker.asked) worker.exit(0)
    }
    expect(before.map(({ alive }) => alive)).toEqual([false, false, false])
    expect(names(apps(host))).toEqual(['app#0', 'app#1', 'app#2'])
    expect(ways(host)).toEqual(['0', '1', '2', '0'])
  })

  test('the ways are gone with the master', async () => {
    const { host } = await serve(ELASTIC)
    host.raise('SIGTERM')
    for (const worker of host.alive) worker.exit(0)
    await settle()
    expect(host.links.size).toBe(0)
  })
})

describe('a reload', () => {
  test('replaces the workers one after the other', async () => {
    const { host } = await serve(group({ count: 3 }), FRONT)
    const before = apps(host)
    host.raise('SIGHUP')
    await settle()
    const fresh = (): FakeWorker[] => apps(host).filter((worker) => !before.includes(worker))
    expect(names(fresh())).toEqual(['app#0'])
    fresh()[0]?.ready()
    await settle()
    // The front of the new generation comes before any worker goes.
    expect(before.map(({ asked }) => asked)).toEqual([false, false, false])
    host.alive.findLast(({ modulePath }) => modulePath === '/front.ts')?.ready()
    await settle()
    expect(names(fresh())).toEqual(['app#0', 'app#1'])
    expect(before.map(({ asked }) => asked)).toEqual([true, false, false])
    fresh()[1]?.ready()
    await settle()
    expect(names(fresh())).toEqual(['app#0', 'app#1', 'app#2'])
    expect(before.map(({ asked }) => asked)).toEqual([true, true, false])
    fresh()[2]?.ready()
    expect(before.map(({ asked }) => asked)).toEqual([true, true, true])
  })

  test('whose first worker does not boot changes nothing', async () => {
    const { host } = await serve(group({ count: 2 }))
    const before = apps(host)
    host.raise('SIGHUP')
    await settle()
    apps(host)[2]?.say({ type: 'fault', reason: 'failed: no database' })
    apps(host)[2]?.exit(1)
    await settle()
    expect(host.said('reload failed, the running configuration stays: app#0 failed: no database')).toBe(true)
    expect(apps(host)).toEqual(before)
    expect(before.map(({ asked }) => asked)).toEqual([false, false])
  })

  test('whose second worker does not boot tries it again; the one before it serves on', async () => {
    const { host } = await serve(group({ count: 2 }))
    const before = apps(host)
    host.raise('SIGHUP')
    await settle()
    apps(host)[2]?.ready()
    await settle()
    apps(host)[3]?.exit(1)
    expect(before.map(({ asked }) => asked)).toEqual([true, false])
    await host.pass(1000)
    await bringUp(host)
    expect(before.map(({ asked }) => asked)).toEqual([true, true])
  })

  test('while one is under way lets go of both generations before it', async () => {
    const { host } = await serve(group({ count: 2 }))
    const first = apps(host)
    host.raise('SIGHUP')
    await settle()
    apps(host)[2]?.ready()
    await settle()
    const second = apps(host).slice(2)
    host.raise('SIGHUP')
    await bringUp(host)
    for (const worker of [...first, ...second]) if (worker.asked) worker.exit(0)
    await bringUp(host)
    for (const worker of [...first, ...second]) if (worker.asked) worker.exit(0)
    expect([...first, ...second].map(({ alive }) => alive)).toEqual([false, false, false, false])
    expect(names(apps(host))).toEqual(['app#0', 'app#1'])
  })

  test('that is under way does not keep the server from ending', async () => {
    const { host } = await serve(group({ count: 2 }))
    host.raise('SIGHUP')
    await settle()
    apps(host)[2]?.ready()
    await settle()
    host.raise('SIGQUIT')
    expect(host.alive.every((worker) => worker.asked || worker.signals.length > 0)).toBe(true)
  })

  test('after which they speak another protocol replaces all at once', async () => {
    const host = new FakeHost()
    let protocol = 'fastcgi'
    const load = (): Generation => ({ listeners: [], groups: [group({ count: 2, rollsWith: protocol })] })
    void new Master({ host, log: host, load }).run()
    await bringUp(host)
    protocol = 'http'
    host.raise('SIGHUP')
    await settle()
    expect(apps(host)).toHaveLength(4)
  })
})

describe('a restart', () => {
  test('replaces one after the other, each when its successor is ready', async () => {
    const { host, master } = await serve(group({ count: 2 }), FRONT)
    const before = apps(host)
    expect(master.restart('app')).toBe(2)
    expect(names(apps(host))).toEqual(['app#0', 'app#1', 'app#0'])
    apps(host)[2]?.ready()
    expect(before.map(({ asked }) => asked)).toEqual([true, false])
    expect(names(apps(host)).slice(3)).toEqual(['app#1'])
    apps(host)[3]?.ready()
    expect(before.map(({ asked }) => asked)).toEqual([true, true])
    expect(master.restart('nobody')).toBe(0)
  })
})
