import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../src/io/clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setImmediate', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

class Item implements Deadlined {
  deadlineMs: number
  deadlineSlot = -1
  readonly #onDeadline: () => void

  constructor(inMs: number, onDeadline: () => void) {
    this.deadlineMs = monotonicMs() + inMs
    this.#onDeadline = onDeadline
  }

  onDeadline(): void {
    this.#onDeadline()
  }
}

test('calls once, after the deadline, and again only when it was armed again', () => {
  let calls = 0
  const item = new Item(250, () => (calls += 1))
  watchDeadline(item)
  watchDeadline(item)
  vi.advanceTimersByTime(200)
  expect(calls).toBe(0)
  vi.advanceTimersByTime(101)
  expect(calls).toBe(1)
  expect(item.deadlineMs).toBe(Infinity)
  vi.advanceTimersByTime(1000)
  expect(calls).toBe(1)
  item.deadlineMs = monotonicMs() + 50
  vi.advanceTimersByTime(200)
  expect(calls).toBe(2)
  unwatchDeadline(item)
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  ['itself', (index: number) => [index]],
  ['those before', (index: number) => Array.from({ length: index }, (_, at) => at)],
  ['those behind', (index: number) => [index + 1, index + 2, index + 3]],
])('an item that ends %s in its call takes no other one out', (_, ends) => {
  const called = new Set<number>()
  const gone = new Set<number>()
  const items = Array.from({ length: 12 }, (_unused, index) => {
    const isLate = index % 4 === 1
    const onDeadline = (): void => {
      expect(gone.has(index)).toBe(false)
      called.add(index)
      for (const other of ends(index)) {
        const item = items[other]
        if (!item) continue
        gone.add(other)
        unwatchDeadline(item)
        unwatchDeadline(item)
      }
    }
    return new Item(isLate ? 50 : 10_000, onDeadline)
  })
  for (const item of items) watchDeadline(item)
  vi.advanceTimersByTime(101)
  for (const index of [1, 5, 9]) expect(called.has(index) || gone.has(index)).toBe(true)
  vi.advanceTimersByTime(10_000)
  for (const [index] of items.entries()) expect(called.has(index) || gone.has(index)).toBe(true)
  for (const item of items) unwatchDeadline(item)
  expect(vi.getTimerCount()).toBe(0)
})

test('one that begins to be watched while others are called is called in its turn', () => {
  let late = 0
  const second = new Item(150, () => (late += 1))
  const first = new Item(50, () => watchDeadline(second))
  watchDeadline(first)
  vi.advanceTimersByTime(101)
  unwatchDeadline(first)
  vi.advanceTimersByTime(201)
  expect(late).toBe(1)
  unwatchDeadline(second)
})

describe('a loop that stood still', () => {
  beforeEach(() => {
    vi.useRealTimers()
  })

  function stand(ms: number): void {
    const untilMs = performance.now() + ms
    while (performance.now() < untilMs);
  }

  test('reads what has come before it gives anybody up', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
    const [socket] = (await once(server, 'connection')) as [Socket]
    const events: string[] = []
    const item = new Item(50, () => events.push('given up'))
    socket.on('data', () => {
      events.push('heard')
      item.deadlineMs = Infinity
    })
    watchDeadline(item)
    client.write('late')
    stand(250)
    await delay(250)
    expect(events).toEqual(['heard'])
    unwatchDeadline(item)
    client.destroy()
    socket.destroy()
    server.close()
  })

  test('hears for one interval more who stood still, too', async () => {
    let calls = 0
    const item = new Item(50, () => (calls += 1))
    watchDeadline(item)
    stand(400)
    for (let turn = 0; turn < 3; turn += 1) await nextTurn()
    expect(calls).toBe(0)
    await expect.poll(() => calls, { timeout: 5000 }).toBe(1)
    unwatchDeadline(item)
  })

  test('gives up nevertheless when each of its turns is slow', async () => {
    let calls = 0
    const item = new Item(50, () => (calls += 1))
    watchDeadline(item)
    for (let turn = 0; turn < 6; turn += 1) {
      stand(400)
      await nextTurn()
    }
    expect(calls).toBe(1)
    unwatchDeadline(item)
  })
})
