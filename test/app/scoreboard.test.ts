import { describe, expect, test } from 'vitest'
import { NO_LIMITS, Scoreboard, type ScoredRequest } from '../../src/app/scoreboard.ts'

class FakeRequest implements ScoredRequest {
  startedMs = 0
  slot = -1
  readonly urgent: boolean = false
  readonly said: string[] = []

  run(): void {
    this.said.push(`runs at ${this.startedMs}`)
  }

  refuse(): void {
    this.said.push('refused')
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

/** A worker whose application keeps the loop for `workMs` with each request, and ends it then. */
function synchronous(limits: Partial<typeof NO_LIMITS>, workMs: number) {
  const clock = { nowMs: 1000 }
  const turns: (() => void)[] = []
  const order: string[] = []
  const scoreboard = new Scoreboard<ScoredRequest>(
    { ...NO_LIMITS, ...limits },
    () => clock.nowMs,
    (run) => turns.push(run),
  )
  const enter = (name: string, tookMs = workMs): boolean => {
    const request: ScoredRequest = {
      urgent: name.startsWith('urgent'),
      startedMs: 0,
      slot: -1,
      run() {
        order.push(name)
        clock.nowMs += tookMs
        scoreboard.leave(request)
      },
      refuse: () => order.push(`${name} refused`),
      expire: () => undefined,
    }
    return scoreboard.enter(request)
  }
  /** The loop goes round once; false where nothing asked for it. */
  const turn = (): boolean => {
    const runs = turns.splice(0)
    for (const run of runs) run()
    return runs.length > 0
  }
  const take = (): string[] => order.splice(0)
  return { clock, scoreboard, enter, turn, take }
}

describe('turns of the event loop', () => {
  test('code that has kept the loop for 5 ms lets what came meanwhile be read, in order', () => {
    const { enter, turn, take, scoreboard } = synchronous({ queue: 9 }, 2)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) enter(name)
    expect([take(), scoreboard.counts.waiting]).toEqual([['a', 'b', 'c'], 4])
    expect([turn(), take()]).toEqual([true, ['d', 'e', 'f']])
    enter('h')
    expect([turn(), take()]).toEqual([true, ['g', 'h']])
    expect([turn(), scoreboard.counts]).toEqual([false, expect.objectContaining({ waiting: 0, answered: 8 })])
  })

  test('those that wait for it are part of the queue, and of its delay', () => {
    const { enter, take, scoreboard } = synchronous({ queue: 1 }, 5)
    expect([enter('a'), enter('b'), enter('c')]).toEqual([true, true, false])
    expect(take()).toEqual(['a'])
    expect(scoreboard.counts).toMatchObject({ waiting: 1, refused: 1 })
  })

  test('without a queue there is nothing to wait in: it runs', () => {
    const { enter, take } = synchronous({ queue: 0 }, 5)
    expect([enter('a'), enter('b')]).toEqual([true, true])
    expect(take()).toEqual(['a', 'b'])
  })

  test('who ends while another is begun does not begin a third inside of it', () => {
    const { enter, turn, take } = synchronous({ queue: 5000, concurrency: 1 }, 5)
    for (let count = 0; count < 5000; count += 1) enter(String(count), count === 0 ? 5 : 0)
    turn()
    expect(take()).toHaveLength(5000) // or the stack had been too deep
  })
})

describe('urgent ones', () => {
  test('run though the queue is full and the turn over', () => {
    const { enter, take, scoreboard } = synchronous({ queue: 2 }, 5)
    for (const name of ['a', 'b', 'c', 'd', 'urgent']) enter(name)
    expect([take(), scoreboard.counts.waiting]).toEqual([['a', 'urgent'], 2])
  })

  test('wait for a place before all others, and are refused only among themselves', () => {
    const { enter, scoreboard } = board({ concurrency: 1, queue: 1 })
    const [first, second] = [enter(), enter()]
    const third = new (class extends FakeRequest {
      override readonly urgent = true
    })()
    expect([enter().entered, scoreboard.enter(third)]).toEqual([false, true])
    scoreboard.leave(first.request)
    expect([third.said, second.request.said]).toEqual([['runs at 1000'], []])
    scoreboard.leave(third)
    expect(second.request.said).toEqual(['runs at 1000'])
  })
})

describe('a queue that stands', () => {
  /** Each round a turn: `perTurn` come, of which two can run. */
  function rounds(worker: ReturnType<typeof synchronous>, count: number, perTurn: number): string[] {
    for (let round = 0; round < count; round += 1) {
      for (let index = 0; index < perTurn; index += 1) worker.enter(`${round}.${index}`)
      worker.turn()
    }
    return worker.take()
  }

  test('serves the newest first, and refuses who has waited longer than the delay', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 3)
    rounds(worker, 400, 6)
    const standing = rounds(worker, 100, 6)
    const served = standing.filter((name) => !name.endsWith('refused'))
    expect(served).toHaveLength(200) // as many as ever
    expect(new Set(served.map((name) => name.slice(-1)))).toEqual(new Set(['5', '4']))
    const refused = standing.filter((name) => name.endsWith('refused'))
    expect(refused.length).toBeGreaterThan(300)
    // 100 ms are 17 rounds of 6 ms, in which 4 of 6 are left over
    expect(worker.scoreboard.counts.waiting).toBeLessThanOrEqual(18 * 4)
  })

  test('is in order again as soon as it has been empty', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 3)
    rounds(worker, 200, 6)
    while (worker.turn()) worker.take()
    expect(worker.scoreboard.counts.waiting).toBe(0)
    for (const name of ['a', 'b', 'c', 'd']) worker.enter(name)
    while (worker.turn());
    expect(worker.take()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('a burst is no load that stands: nobody is refused, however late', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 3)
    for (let index = 0; index < 160; index += 1) worker.enter(String(index))
    while (worker.turn());
    expect(worker.take()).toEqual(Array.from({ length: 160 }, (_, index) => String(index)))
  })

  test('clients that are few are served in order, however long it is not empty', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 40)
    const order: string[] = []
    for (let index = 0; index < 6; index += 1) worker.enter(String(index))
    for (let round = 0; round < 100; round += 1) {
      worker.turn()
      for (const name of worker.take()) {
        order.push(name)
        worker.enter(name) // it asks again
      }
    }
    expect(order.slice(-6).toSorted()).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(worker.scoreboard.counts.refused).toBe(0)
  })

  test('many clients that wait for each other are served in order, while none waits for a second', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 2)
    for (let index = 0; index < 240; index += 1) worker.enter(String(index))
    for (let round = 0; round < 1000; round += 1) {
      worker.turn()
      for (const name of worker.take()) worker.enter(name)
    }
    expect(worker.scoreboard.counts).toMatchObject({ refused: 0 })
    expect(worker.scoreboard.counts.answered).toBeGreaterThan(2000)
  })

  test('a few slow ones wait for as long as they take', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 100 }, 300)
    for (let index = 0; index < 90; index += 1) worker.enter(String(index))
    while (worker.turn());
    expect(worker.scoreboard.counts).toMatchObject({ answered: 90, refused: 0 })
  })

  test('delay=0 lets all of them wait', () => {
    const worker = synchronous({ queue: 1000, queueDelayMs: 0 }, 3)
    for (let index = 0; index < 900; index += 1) worker.enter(String(index))
    while (worker.turn());
    expect(worker.take()).toEqual(Array.from({ length: 900 }, (_, index) => String(index)))
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
