import { describe, expect, test } from 'vitest'
import { NO_LIMITS, Scoreboard, type ScoredRequest } from '../../src/app/scoreboard.ts'

class FakeRequest implements ScoredRequest {
  startedMs = 0
  slot = -1
  readonly said: string[] = []

  run(): void {
    this.said.push(`runs at ${this.startedMs}`)
  }

  expire(ageMs: number): void {
    this.said.push(`expires after ${ageMs}`)
  }
}

function board(limits: Partial<typeof NO_LIMITS>) {
  const clock = { nowMs: 1000 }
  const scoreboard = new Scoreboard({ ...NO_LIMITS, ...limits }, () => clock.nowMs)
  const enter = (): { request: FakeRequest; entered: boolean } => {
    const request = new FakeRequest()
    return { request, entered: scoreboard.enter(request) }
  }
  return { clock, scoreboard, enter }
}

describe('turns', () => {
  test('all run at once without a limit', () => {
    const { enter, scoreboard } = board({})
    const requests = [enter(), enter(), enter()]
    expect(requests.map(({ request }) => request.said)).toEqual(Array(3).fill(['runs at 1000']))
    expect(scoreboard.counts).toMatchObject({ running: 3, waiting: 0 })
  })

  test('beyond the limit they wait, first come first served; beyond the queue they are refused', () => {
    const { enter, scoreboard, clock } = board({ concurrency: 1, queue: 2 })
    const [first, second, third, fourth] = [enter(), enter(), enter(), enter()]
    expect([first, second, third, fourth].map(({ entered }) => entered)).toEqual([true, true, true, false])
    expect(scoreboard.counts).toEqual({ running: 1, waiting: 2, answered: 0, refused: 1, expired: 0 })
    clock.nowMs = 1040
    scoreboard.leave(first.request)
    expect([second.request.said, third.request.said]).toEqual([['runs at 1040'], []])
    expect(scoreboard.counts).toMatchObject({ running: 1, waiting: 1, answered: 1 })
  })

  test('who goes away while he waits takes nobody else out', () => {
    const { enter, scoreboard } = board({ concurrency: 1, queue: 2 })
    const [first, second, third] = [enter(), enter(), enter()]
    scoreboard.leave(second.request)
    scoreboard.leave(second.request)
    expect(scoreboard.counts).toMatchObject({ running: 1, waiting: 1, answered: 0 })
    scoreboard.leave(first.request)
    expect([second.request.said, third.request.said]).toEqual([[], ['runs at 1000']])
  })

  test('measures how long they waited, since the last look', () => {
    const { enter, scoreboard, clock } = board({ concurrency: 1, queue: 2 })
    const [first, second] = [enter(), enter()]
    clock.nowMs += 30
    expect(scoreboard.takeQueueDelayMs()).toBe(30)
    clock.nowMs += 30
    scoreboard.leave(first.request)
    expect(scoreboard.takeQueueDelayMs()).toBe(60)
    expect(scoreboard.takeQueueDelayMs()).toBe(0)
    scoreboard.leave(second.request)
  })
})

describe('harakiri', () => {
  test('ends the late request alone', () => {
    const { enter, scoreboard, clock } = board({ harakiriMs: 100 })
    const late = enter()
    clock.nowMs += 60
    const young = enter()
    clock.nowMs += 40
    scoreboard.sweep()
    expect([late.request.said, young.request.said]).toEqual([
      ['runs at 1000', 'expires after 100'],
      ['runs at 1060'],
    ])
    expect(scoreboard.counts).toMatchObject({ running: 1, expired: 1 })
  })

  test('finds the late ones behind one that has left its place to a young one', () => {
    const { enter, scoreboard, clock } = board({ harakiriMs: 100 })
    const first = enter()
    const late = enter()
    clock.nowMs += 60
    const young = enter()
    scoreboard.leave(first.request)
    expect(scoreboard.running).toEqual([late.request, young.request])
    clock.nowMs += 40
    scoreboard.sweep()
    expect(scoreboard.running).toEqual([young.request])
    expect(late.request.said).toEqual(['runs at 1000', 'expires after 100'])
    expect(scoreboard.counts).toMatchObject({ running: 1, answered: 2, expired: 1 })
  })

  test('gives its place to the next one', () => {
    const { enter, scoreboard, clock } = board({ harakiriMs: 100, concurrency: 1, queue: 1 })
    enter()
    const next = enter()
    clock.nowMs += 100
    scoreboard.sweep()
    expect(next.request.said).toEqual(['runs at 1100'])
  })
})

describe('how busy', () => {
  test('is the part of the turns that were taken since the last look', () => {
    const { enter, scoreboard, clock } = board({ concurrency: 2, queue: 1 })
    const first = enter()
    clock.nowMs += 50
    scoreboard.leave(first.request)
    clock.nowMs += 50
    expect(scoreboard.takeBusy()).toBe(0.25)
    const second = enter()
    enter()
    clock.nowMs += 100
    expect(scoreboard.takeBusy()).toBe(1)
    scoreboard.leave(second.request)
    clock.nowMs += 100
    expect(scoreboard.takeBusy()).toBe(0.5)
  })

  test('says nothing without a limit', () => {
    const { enter, scoreboard, clock } = board({})
    enter()
    clock.nowMs += 100
    expect(scoreboard.takeBusy()).toBe(0)
  })
})

describe('max_requests', () => {
  test.each([
    [3, 0],
    [3, 5],
  ])('%i with jitter %i is spent once, in between', (maxRequests, maxRequestsJitter) => {
    const { enter, scoreboard } = board({ maxRequests, maxRequestsJitter })
    const spent: number[] = []
    scoreboard.onSpent = (requests) => spent.push(requests)
    for (let count = 0; count < 20; count += 1) scoreboard.leave(enter().request)
    expect(spent).toHaveLength(1)
    expect(spent[0]).toBeGreaterThanOrEqual(maxRequests)
    expect(spent[0]).toBeLessThanOrEqual(maxRequests + maxRequestsJitter)
  })
})
