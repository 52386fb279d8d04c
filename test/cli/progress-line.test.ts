/** The line on a terminal: what is drawn, how often, and that nothing of it stays. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProgressLine } from '../../src/cli/progress-line.ts'

const ERASE = '\r\x1b[K'

describe('ProgressLine', () => {
  let now = 0
  let out: string[] = []
  const progress = (columns = 80): ProgressLine =>
    new ProgressLine({ write: (text) => out.push(text), columns: () => columns, now: () => now })

  beforeEach(() => {
    vi.useFakeTimers()
    now = 0
    out = []
  })
  afterEach(() => vi.useRealTimers())

  function pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1000) {
      now += Math.min(left, 1000)
      vi.advanceTimersByTime(Math.min(left, 1000))
    }
  }

  it('replaces a line by the next, no more often than it is read', () => {
    const line = progress()
    for (let file = 0; file < 100; file++) {
      line.show(`file ${file}`)
      now += 1
    }
    expect(out).toEqual([`${ERASE}file 0`, `${ERASE}file 50`])
    line.clear()
    expect(out.at(-1)).toBe(ERASE)
  })

  it('counts the seconds of what takes long', () => {
    const line = progress()
    line.show('migrating')
    pass(3000)
    expect(out.at(-1)).toBe(`${ERASE}migrating 3 s`)
    line.clear()
    const drawn = out.length
    pass(3000)
    expect(out).toHaveLength(drawn)
  })

  it('never wraps, and erases nothing that it has not drawn', () => {
    const line = progress(6)
    line.clear()
    expect(out).toEqual([])
    line.show('123456789')
    expect(out).toEqual([`${ERASE}12345`])
    line.clear()
  })
})
