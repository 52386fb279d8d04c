/**
 * A worker of a synchronous application under loads, played on a clock of its own: 2 ms for a page, 50 µs to take a
 * request and 100 µs to refuse one. The event loop reads all that has come, then lets the scoreboard have its turn.
 */
import { describe, expect, test } from 'vitest'
import { NO_LIMITS, Scoreboard, type ScoredRequest } from '../../src/app/scoreboard.ts'

const PAGE_MS = 2
const TAKE_MS = 0.05
const REFUSE_MS = 0.1
/** Pages per second, were there nothing but pages. */
const PEAK = 1000 / PAGE_MS

interface Phase {
  readonly rate: number
  readonly seconds: number
}

interface Visit {
  readonly dueMs: number
  tookMs: number
  served: boolean
}

/** Arrivals as of strangers, the same in every run. */
function arrivals(phases: readonly Phase[]): number[] {
  const dues: number[] = []
  let seed = 1
  let fromMs = 0
  for (const { rate, seconds } of phases) {
    const endMs = fromMs + seconds * 1000
    for (let atMs = fromMs; atMs < endMs; dues.push(atMs)) {
      seed = (seed * 48_271) % 2_147_483_647
      atMs += (-Math.log(seed / 2_147_483_647) * 1000) / rate
    }
    fromMs = endMs
  }
  return dues
}

function play(phases: readonly Phase[], probeEveryMs = Infinity) {
  const dues = arrivals(phases)
  const visits: Visit[] = []
  const probes: number[] = []
  const turns: (() => void)[] = []
  let nowMs = 0
  let most = 0
  const scoreboard = new Scoreboard<ScoredRequest>(
    { ...NO_LIMITS, queue: 1000, queueDelayMs: 100 },
    () => nowMs,
    (run) => turns.push(run),
  )
  const come = (dueMs: number, urgent: boolean): void => {
    const visit: Visit = { dueMs, tookMs: NaN, served: false }
    const finish = (costMs: number, served: boolean): void => {
      nowMs += costMs
      visit.tookMs = nowMs - dueMs
      visit.served = served
      if (urgent) probes.push(visit.tookMs)
      else visits.push(visit)
      scoreboard.leave(request)
    }
    const request: ScoredRequest = {
      startedMs: 0,
      slot: -1,
      urgent,
      run: () => finish(urgent ? 0 : PAGE_MS, true),
      refuse: () => finish(REFUSE_MS, false),
      expire: () => undefined,
    }
    nowMs += TAKE_MS
    if (!scoreboard.enter(request)) request.refuse()
  }
  let next = 0
  let nextProbeMs = probeEveryMs
  while (next < dues.length || turns.length > 0) {
    if (turns.length === 0) nowMs = Math.max(nowMs, dues[next] ?? 0)
    for (; nextProbeMs <= nowMs; nextProbeMs += probeEveryMs) come(nextProbeMs, true)
    // the read is bounded, as a socket's buffer is
    const readMs = nowMs
    for (let read = 0; read < 150 && (dues[next] ?? Infinity) <= readMs; read += 1) {
      come(dues[next] ?? 0, false)
      next += 1
    }
    most = Math.max(most, scoreboard.counts.waiting)
    for (const run of turns.splice(0)) run()
  }
  return { visits, probes, most }
}

const within = (visits: readonly Visit[], fromMs: number, toMs: number): Visit[] =>
  visits.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs)

function percentile(visits: readonly Visit[], part: number): number {
  const sorted = visits.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * part) - 1] ?? NaN
}

describe('three times what a worker can do, for ten seconds', () => {
  const { visits, probes, most } = play(
    [
      { rate: PEAK * 0.5, seconds: 2 },
      { rate: PEAK * 3, seconds: 10 },
      { rate: PEAK * 0.5, seconds: 4 },
    ],
    20,
  )
  const over = within(visits, 2000, 12_000)
  const served = over.filter((visit) => visit.served)
  const refused = over.filter((visit) => !visit.served)

  test('it serves on: 80 % of its best within a second', () => {
    const useful = served.filter(({ tookMs }) => tookMs < 1000).length / 10
    expect(useful / PEAK).toBeGreaterThan(0.8)
  })

  test('what it serves is prompt, once it knows; what it refuses hears soon', () => {
    const known = ({ dueMs }: Visit): boolean => dueMs > 3500
    expect(percentile(served.filter(known), 0.99)).toBeLessThan(120)
    expect(percentile(refused.filter(known), 0.99)).toBeLessThan(150)
    expect(percentile(over, 1)).toBeLessThan(1500)
  })

  test('it remembers no more than its queue', () => {
    expect(most).toBeLessThanOrEqual(1000)
  })

  test('whoever asks for its health is answered within 40 ms', () => {
    expect(probes.length).toBeGreaterThan(700)
    expect(Math.max(...probes)).toBeLessThan(40)
  })

  test('a quarter of a second later it is as before', () => {
    const after = within(visits, 12_250, 16_000)
    expect(after.every((visit) => visit.served)).toBe(true)
    expect(percentile(after, 0.99)).toBeLessThan(50)
  })
})

test('a load that it can bear is served whole, in order of arrival', () => {
  const { visits } = play([{ rate: PEAK * 0.8, seconds: 20 }])
  expect(visits.every(({ served }) => served)).toBe(true)
  expect(visits.map(({ dueMs }) => dueMs)).toEqual(visits.map(({ dueMs }) => dueMs).sort((a, b) => a - b))
})
