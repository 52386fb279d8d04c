/** Timers that the runtime has too few bits for. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delay } from '../../src/io/delay.ts'
import { after } from '../../src/io/timer.ts'
import { systemHost } from '../../src/process/system-host.ts'

const DAY_MS = 86_400_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

describe.each([
  ['a timer', after],
  ['a timer of the master', (delayMs: number, run: () => void) => systemHost.after(delayMs, run)],
] as const)('%s', (_of, begin) => {
  it.each([0, 1, 24, 25, 30, 50, 365])('of %i days is over then, once', (days) => {
    let over = 0
    begin(days * DAY_MS + 1, () => (over += 1))
    vi.advanceTimersByTime(days * DAY_MS)
    expect(over).toBe(0)
    vi.advanceTimersByTime(1)
    expect([over, vi.getTimerCount()]).toEqual([1, 0])
  })

  it.each([1, 26, 60])('of 90 days can be cancelled after %i', (days) => {
    let over = 0
    const cancel = begin(90 * DAY_MS, () => (over += 1))
    vi.advanceTimersByTime(days * DAY_MS)
    cancel()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(90 * DAY_MS)
    expect(over).toBe(0)
  })
})

it('a timer without an end is never over', () => {
  const cancel = after(Infinity, () => expect.unreachable())
  expect(vi.getTimerCount()).toBe(0)
  cancel()
})

it('a long delay is long', async () => {
  let over = false
  const waited = delay(30 * DAY_MS).then(() => (over = true))
  await vi.advanceTimersByTimeAsync(29 * DAY_MS)
  expect(over).toBe(false)
  await vi.advanceTimersByTimeAsync(DAY_MS)
  await waited
  expect(over).toBe(true)
})
