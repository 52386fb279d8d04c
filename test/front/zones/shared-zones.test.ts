import { describe, expect, it } from 'vitest'
import type { PeerZone } from '../../../src/front/zones/peer-zone.ts'
import { PEER_FIELDS } from '../../../src/front/zones/peer-zone.ts'
import type { SharedZones } from '../../../src/front/zones/shared-zones.ts'
import { FakeKeeper } from './fake-keeper.ts'

const MB = 1 << 20
const GONE = 'error: the keeper of zones does not answer: each worker counts limits alone'
const BACK = 'notice: the keeper of zones answers again: limits hold for all workers'

async function started(count: number): Promise<[FakeKeeper, SharedZones[]]> {
  const world = new FakeKeeper()
  const workers = Array.from({ length: count }, () =>
    world.worker((zones) => {
      zones.rates('r', MB)
      zones.counts('c', MB)
      zones.blobs('b', MB)
    }),
  )
  await world.settle()
  return [world, workers]
}

function enter(zones: SharedZones, key = 'k', most = 2): number | Promise<number> {
  return zones.enter([{ zone: zones.counts('c', MB), key, most }])
}

function leave(zones: SharedZones, key = 'k'): void {
  zones.leave([{ zone: zones.counts('c', MB), key, most: 0 }])
}

function take(zones: SharedZones, burst = 2000): unknown {
  return zones.take([{ zone: zones.rates('r', MB), key: 'k', rate: 1000, burst }])
}

async function answers<T>(world: FakeKeeper, questions: (T | Promise<T>)[]): Promise<T[]> {
  await world.settle()
  return Promise.all(questions)
}

describe('zones of several workers', () => {
  it('count connections exactly', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    expect(await answers(world, [enter(a), enter(b), enter(a), enter(b)])).toEqual([-1, 0, -1, 0])
    leave(a)
    expect(await answers(world, [enter(b)])).toEqual([-1])
    expect(await answers(world, [enter(a), enter(a, 'other')])).toEqual([0, -1])
  })

  it('count rates exactly', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    const taken = await answers(world, [take(a), take(b), take(a), take(b)])
    const excess = taken.map((one) => (one as { excess: number[] }).excess[0])
    expect(excess.sort()).toEqual([0, 1000, 2000, 3000])
    await world.pass(1000)
    expect(await answers(world, [take(b, 0)])).toEqual([{ refused: 0, excess: [2000] }])
  })

  it('send the questions of one turn in one write', async () => {
    const [world, [a] = []] = await started(1)
    if (!a) throw new Error('no worker')
    const before = world.writes
    await answers(
      world,
      Array.from({ length: 50 }, () => enter(a, 'k', 100)),
    )
    expect(world.writes - before).toBe(1)
  })

  it('give back what a dead worker held', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    expect(await answers(world, [enter(a), enter(a), enter(b)])).toEqual([-1, -1, 0])
    await world.cut(0)
    expect(await answers(world, [enter(b), enter(b), enter(b)])).toEqual([-1, -1, 0])
  })

  it('are decided alone while the keeper is gone, by what was known', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    await answers(world, [enter(a), enter(b)])
    await answers(world, [take(a), take(a)])
    await world.kill()
    expect([enter(a), enter(a), enter(b)]).toEqual([-1, 0, -1])
    expect(take(a)).toEqual({ refused: -1, excess: [2000] })
    expect(world.lines).toEqual([GONE, GONE])
  })

  it('are taken up by a new keeper: what is held and what was counted', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    await answers(world, [enter(a), enter(b)])
    await answers(world, [take(a), take(b), take(b)])
    await world.kill()
    leave(a)
    world.reachable = true
    await world.pass(100)
    expect(world.lines).toEqual([GONE, GONE, BACK, BACK])
    expect(await answers(world, [enter(a), enter(b)])).toEqual([-1, 0])
    expect(await answers(world, [take(a, 0)])).toEqual([{ refused: 0, excess: [2900] }])
  })

  it('that were entered alone are left alone', async () => {
    const [world, [a, b] = []] = await started(2)
    if (!a || !b) throw new Error('no workers')
    await world.kill()
    expect([enter(a), enter(a)]).toEqual([-1, -1])
    world.reachable = true
    await world.pass(100)
    expect(await answers(world, [enter(b)])).toEqual([0])
    leave(a)
    leave(a)
    expect(await answers(world, [enter(b), enter(b), enter(b)])).toEqual([-1, -1, 0])
  })

  it('do not wait for a keeper that stands still', async () => {
    const [world, [a] = []] = await started(1)
    if (!a) throw new Error('no worker')
    world.running = false
    const waiting = enter(a)
    expect(waiting).toBeInstanceOf(Promise)
    await world.pass(499)
    expect(world.lines).toEqual([])
    await world.pass(1)
    expect(await waiting).toBe(-1)
    expect(world.lines).toEqual([GONE])
    expect(enter(a)).toBe(-1)
    expect(enter(a)).toBe(0)
    world.running = true
    await world.pass(3000)
    expect(world.lines).toEqual([GONE, BACK])
    expect(await answers(world, [enter(a)])).toEqual([0])
  })

  it('say that the keeper is gone when it was never there', async () => {
    const world = new FakeKeeper()
    world.reachable = false
    const zones = world.worker()
    await world.pass(5000)
    expect(world.lines).toEqual([GONE])
    expect(enter(zones)).toBe(-1)
  })

  it('keep their content from one generation to the next when name and size stay', async () => {
    const [world, [old] = []] = await started(1)
    if (!old) throw new Error('no worker')
    await answers(world, [take(old), take(old)])
    const next = world.worker()
    next.rates('r', MB)
    await world.settle()
    old.close()
    const same = world.worker((zones) => zones.rates('r', MB))
    const other = world.worker((zones) => zones.rates('r', 2 * MB))
    await world.settle()
    expect(await answers(world, [take(same)])).toEqual([{ refused: -1, excess: [2000] }])
    const zone = other.rates('r', 2 * MB)
    expect(await answers(world, [other.take([{ zone, key: 'k', rate: 1000, burst: 0 }])])).toEqual([
      { refused: -1, excess: [0] },
    ])
  })

  it('are forgotten a minute after the last worker', async () => {
    const [world, [a] = []] = await started(1)
    if (!a) throw new Error('no worker')
    await answers(world, [take(a, 1e9), take(a, 1e9)])
    for (let index = 0; index < 100; index += 1) void take(a, 1e9)
    await world.settle()
    await world.cut(0)
    await world.pass(30_000)
    const [soon] = [world.worker((zones) => zones.rates('r', MB))]
    await world.settle()
    expect(await answers(world, [take(soon, 0)])).toEqual([{ refused: 0, excess: [72_000] }])
    await world.cut(0)
    await world.pass(61_000)
    const late = world.worker((zones) => zones.rates('r', MB))
    await world.settle()
    expect(await answers(world, [take(late, 0)])).toEqual([{ refused: -1, excess: [0] }])
  })
})

describe('blobs of several workers', () => {
  it('are put by one and got by another', async () => {
    const [world, [a, b] = []] = await started(2)
    const ours = a?.blobs('b', MB)
    const theirs = b?.blobs('b', MB)
    if (!ours || !theirs) throw new Error('no workers')
    ours.put('session', Buffer.from([0, 255, 1]), 1000)
    await world.settle()
    expect(await answers(world, [theirs.get('session'), theirs.get('none')])).toEqual([
      Buffer.from([0, 255, 1]),
      undefined,
    ])
    theirs.delete('session')
    await world.settle()
    expect(await answers(world, [ours.get('session')])).toEqual([undefined])
  })

  it('that all make are the first one made', async () => {
    const [world, workers] = await started(3)
    const made = workers.map((zones, index) =>
      zones.blobs('b', MB).putNew('key', Buffer.from(`key ${index}`), 1000),
    )
    expect((await answers(world, made)).map(String)).toEqual(['key 0', 'key 0', 'key 0'])
    await world.kill()
    expect(workers[2]?.blobs('b', MB).get('key')).toEqual(Buffer.from('key 0'))
  })
})

describe('peers of several workers', () => {
  const { active, fails } = PEER_FIELDS

  function peers(zones: SharedZones): [PeerZone, Map<string, number>] {
    const zone = zones.peers('g', MB)
    const seen = new Map<string, number>()
    zone.watch({ onPeerCell: (peer, field, value) => seen.set(`${peer} ${field}`, value) })
    return [zone, seen]
  }

  it('see what the others hold, add and set', async () => {
    const world = new FakeKeeper()
    const [a, b] = [world.worker(), world.worker()]
    const [ours, seen] = peers(a)
    const [theirs, seenThere] = peers(b)
    await world.settle()
    ours.hold('p', active, 3)
    theirs.hold('p', active, 2)
    ours.add('p', fails, 1)
    theirs.add('p', fails, 1)
    await world.pass(20)
    expect(Object.fromEntries(seen)).toEqual({ 'p 0': 2, 'p 1': 2 })
    expect(seenThere.get('p 0')).toBe(3)
    theirs.set('p', fails, 0)
    theirs.hold('p', active, 0)
    await world.pass(20)
    expect(Object.fromEntries(seen)).toEqual({ 'p 0': 0, 'p 1': 0 })
  })

  it('lose the share of a dead worker, and a new one is told all', async () => {
    const world = new FakeKeeper()
    const [a, b] = [world.worker(), world.worker()]
    const [ours, seen] = peers(a)
    const [theirs] = peers(b)
    await world.settle()
    theirs.hold('p', active, 5)
    ours.set('p', 7, 42)
    await world.pass(20)
    expect(seen.get('p 0')).toBe(5)
    await world.cut(1)
    expect(seen.get('p 0')).toBe(0)
    ours.hold('p', active, 1)
    await world.pass(20)
    const late = world.worker()
    const [, seenLate] = peers(late)
    await world.settle()
    expect(Object.fromEntries(seenLate)).toEqual({ 'p 0': 1, 'p 7': 42 })
  })

  it('are told to a new keeper', async () => {
    const world = new FakeKeeper()
    const [a, b] = [world.worker(), world.worker()]
    const [ours] = peers(a)
    const [, seen] = peers(b)
    await world.settle()
    ours.hold('p', active, 4)
    ours.add('p', fails, 2)
    await world.pass(20)
    await world.kill()
    expect(seen.get('p 0')).toBe(4)
    world.reachable = true
    await world.pass(500)
    expect(Object.fromEntries(seen)).toEqual({ 'p 0': 4, 'p 1': 2 })
  })
})
