import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarDate, DAY_MS, dayNumber } from '../../src/util/calendar.ts'

/** As far as Date reaches. */
const DAYS = 100_000_000

describe('the calendar', () => {
  it.each([
    [0, 1970, 1, 1],
    [-1, 1969, 12, 31],
    [59, 1970, 3, 1],
    [11_016, 2000, 2, 29],
    [-719_162, 1, 1, 1],
    [-719_528, 0, 1, 1],
    [DAYS, 275_760, 9, 13],
    [-DAYS, -271_821, 4, 20],
  ])('has day %i as %i-%i-%i', (days, year, month, day) => {
    expect(calendarDate(days)).toEqual({ year, month, day })
    expect(dayNumber(year, month, day)).toBe(days)
  })

  it('agrees with Date on any day', () => {
    const days = fc.oneof(fc.integer({ min: -DAYS, max: DAYS }), fc.integer({ min: -800_000, max: 60_000 }))
    fc.assert(
      fc.property(days, (number) => {
        const date = new Date(number * DAY_MS)
        const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
        expect(calendarDate(number)).toEqual({ year, month, day })
        expect(dayNumber(year, month, day)).toBe(number)
      }),
      { numRuns: 3000 },
    )
  })
})
