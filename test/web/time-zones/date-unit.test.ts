import { describe, expect, it } from 'vitest'
import { beginningDay, beginningOf } from '../../../src/web/time-zones/date-unit.ts'
import { DAY_MS } from '../../../src/util/calendar.ts'

const begin = (moment: string, unit: string, zone: string): string =>
  new Date(beginningOf(Date.parse(moment), unit, zone)).toISOString()

describe('the beginning of', () => {
  it.each([
    ['a day of 23 hours', 'day', 'Europe/Berlin', '2024-03-31T20:00:00Z', '2024-03-30T23:00:00.000Z'],
    [
      'a month with another offset',
      'month',
      'Europe/Berlin',
      '2024-10-31T12:00:00Z',
      '2024-09-30T22:00:00.000Z',
    ],
    [
      'a day that begins at 01:00',
      'day',
      'America/Havana',
      '2024-03-10T20:00:00Z',
      '2024-03-10T05:00:00.000Z',
    ],
    ['a week whose Monday does', 'week', 'Africa/Cairo', '2014-05-16T12:00:00Z', '2014-05-11T22:00:00.000Z'],
    [
      'a day with two midnights, from the first',
      'day',
      'America/Havana',
      '2024-11-03T04:30:00Z',
      '2024-11-03T04:00:00.000Z',
    ],
    [
      'a day with two midnights, from the second',
      'day',
      'America/Havana',
      '2024-11-03T05:30:00Z',
      '2024-11-03T04:00:00.000Z',
    ],
    [
      'an hour that comes twice, the first time',
      'hour',
      'Europe/Berlin',
      '2024-10-27T00:30:00Z',
      '2024-10-27T00:00:00.000Z',
    ],
    [
      'an hour that comes twice, the second',
      'hour',
      'Europe/Berlin',
      '2024-10-27T01:30:00Z',
      '2024-10-27T01:00:00.000Z',
    ],
    ['an hour east of the half', 'hour', 'Asia/Kolkata', '2024-01-01T00:15:00Z', '2023-12-31T23:30:00.000Z'],
    [
      'an hour in which the clock was set back',
      'hour',
      'America/St_Johns',
      '2006-10-29T03:00:00Z',
      '2006-10-29T01:30:00.000Z',
    ],
    [
      'a quarter before 1970',
      'quarter',
      'America/St_Johns',
      '1969-12-31T23:59:59.999Z',
      '1969-10-01T02:30:00.000Z',
    ],
    ['a minute by the sun', 'minute', 'Europe/Berlin', '1890-01-01T00:00:00Z', '1889-12-31T23:59:32.000Z'],
    ['a year', 'year', 'UTC', '0999-06-01T00:00:00Z', '0999-01-01T00:00:00.000Z'],
    [
      'a year after the day that was left out',
      'day',
      'Pacific/Apia',
      '2011-12-30T10:00:00Z',
      '2011-12-30T10:00:00.000Z',
    ],
  ])('%s', (_what, unit, zone, moment, expected) => {
    expect(begin(moment, unit, zone)).toBe(expected)
  })

  it('anything is not after it, and a day’s is its own', () => {
    for (const zone of ['America/Havana', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Cairo']) {
      for (let ms = Date.UTC(2003, 0, 1); ms < Date.UTC(2012, 0, 1); ms += 7_300_000) {
        for (const unit of ['week', 'day', 'hour', 'minute']) {
          const from = beginningOf(ms, unit, zone)
          const isItsOwn = beginningOf(from, unit, zone) === from
          // An hour that the clock entered in its middle begins, reckoned, before it was shown (Lord Howe, 02:30).
          expect(from <= ms && (isItsOwn || unit === 'hour'), `${zone} ${unit} ${ms}`).toBe(true)
        }
      }
    }
  })

  it('is on the day that the clock shows', () => {
    const day = (moment: string, zone: string): string =>
      new Date(beginningDay(Date.parse(moment), 'day', zone) * DAY_MS).toISOString().slice(0, 10)
    expect(day('2023-12-31T18:30:00Z', 'Asia/Kolkata')).toBe('2024-01-01')
    expect(day('2024-01-01T03:29:59Z', 'America/St_Johns')).toBe('2023-12-31')
    expect(() => beginningDay(0, 'hour', 'UTC')).toThrow(RangeError)
  })
})
