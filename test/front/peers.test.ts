/** Which peer of a group is asked: weights, failures, limits, backups. The clock is the test's. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Peer, type PeerOptions } from '../../src/front/upstream/peer.ts'
import { leastConnections, roundRobin, type Balancer } from '../../src/front/upstream/balance/balancer.ts'
import { PeerGroup } from '../../src/front/upstream/peer-group.ts'

const DEFAULTS: Omit<PeerOptions, 'text'> = {
  address: { kind: 'unix', path: '/x' },
  server: 'x',
  slowStartMs: 0,
  route: '',
  weight: 1,
  maxFails: 1,
  failTimeoutMs: 10_000,
  maxConnections: 0,
  backup: false,
  down: false,
  drain: false,
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
  vi.advanceTimersByTime(1_000_000)
})

afterEach(() => {
  vi.useRealTimers()
})

const peer = (text: string, options: Partial<PeerOptions> = {}): Peer =>
  new Peer({ ...DEFAULTS, ...options, text })
const group = (peers: readonly Peer[], balancer: Balancer = roundRobin): PeerGroup =>
  new PeerGroup(
    'group',
    peers.map((one) => [one]),
    { balancer },
  )

/** The names of those who are picked, one after the other. */
function picks(from: PeerGroup, count: number): string {
  return Array.from({ length: count }, () => from.pick([])?.text ?? '-').join('')
}

describe('round robin', () => {
  it.each<[string, number[], string]>([
    ['equal weights take turns', [1, 1, 1], 'abcabc'],
    ['weights are spread smoothly', [5, 1, 1], 'aabacaa'],
    ['two to one', [2, 1], 'abaaba'],
    ['three to two', [3, 2], 'ababaababa'],
  ])('%s', (_name, weights, order) => {
    const peers = weights.map((weight, index) => peer('abc'.charAt(index), { weight }))
    expect(picks(group(peers), order.length)).toBe(order)
  })

  it('leaves out who was tried', () => {
    const [a, b] = [peer('a'), peer('b')]
    const both = group([a, b])
    expect(both.pick([a])).toBe(b)
    expect(both.pick([a, b])).toBeUndefined()
    expect(both.hasOther([a])).toBe(true)
    expect(both.hasOther([a, b])).toBe(false)
  })

  it('leaves out who is down for good', () => {
    expect(picks(group([peer('a', { down: true }), peer('b')]), 3)).toBe('bbb')
  })

  it('leaves out who has as many requests as it may have', () => {
    const a = peer('a', { maxConnections: 1 })
    const both = group([a, peer('b')])
    a.active = 1
    expect(picks(both, 2)).toBe('bb')
    a.active = 0
    expect(picks(both, 2)).toContain('a')
  })

  it('asks backups only when nobody else is left', () => {
    const a = peer('a')
    const both = group([a, peer('b', { backup: true })])
    expect(picks(both, 3)).toBe('aaa')
    a.failed()
    expect(picks(both, 3)).toBe('bbb')
  })
})

describe('a peer that fails', () => {
  it('is left out for fail_timeout, then gets one request to prove itself', () => {
    const a = peer('a')
    const both = group([a, peer('b')])
    a.failed()
    expect(picks(both, 3)).toBe('bbb')
    vi.advanceTimersByTime(10_001)
    expect(
      picks(both, 4)
        .split('')
        .filter((name) => name === 'a'),
    ).toHaveLength(1)
  })

  it('is back when that request succeeds', () => {
    const a = peer('a')
    const both = group([a, peer('b')])
    a.failed()
    vi.advanceTimersByTime(10_001)
    picks(both, 2)
    vi.advanceTimersByTime(1)
    a.succeeded()
    expect(
      picks(both, 4)
        .split('')
        .filter((name) => name === 'a'),
    ).toHaveLength(2)
  })

  it('is left out only after max_fails', () => {
    const a = peer('a', { maxFails: 3 })
    const both = group([a, peer('b')])
    a.failed()
    a.failed()
    expect(picks(both, 4)).toContain('a')
    a.failed()
    expect(picks(both, 4)).toBe('bbbb')
  })

  it('is never left out with max_fails=0', () => {
    const a = peer('a', { maxFails: 0 })
    for (let count = 0; count < 100; count += 1) a.failed()
    expect(picks(group([a, peer('b')]), 4)).toBe('abab')
  })

  it('is asked all the same when it is the only one', () => {
    const a = peer('a')
    a.failed()
    expect(picks(group([a]), 2)).toBe('aa')
  })

  it('leaves nobody when all have failed', () => {
    const [a, b] = [peer('a'), peer('b')]
    a.failed()
    b.failed()
    expect(picks(group([a, b]), 1)).toBe('-')
  })
})

describe('least connections', () => {
  it('takes who has the fewest requests, by weight', () => {
    const [a, b] = [peer('a', { weight: 3 }), peer('b')]
    const both = group([a, b], leastConnections)
    a.active = 2
    b.active = 1
    expect(both.pick([])).toBe(a)
    a.active = 4
    expect(both.pick([])).toBe(b)
  })

  it('takes turns among equals', () => {
    expect(picks(group([peer('a'), peer('b'), peer('c')], leastConnections), 6)).toBe('abcabc')
  })
})
