import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../src/io/clock.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
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
  vi.advanceTimersByTime(100)
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
  vi.advanceTimersByTime(100)
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
  vi.advanceTimersByTime(100)
  unwatchDeadline(first)
  vi.advanceTimersByTime(200)
  expect(late).toBe(1)
  unwatchDeadline(second)
})
