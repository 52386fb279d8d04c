import { calendarDate, DAY_MS, dayNumber } from '../../util/calendar.ts'
import { firstMomentOf, momentsOf } from './local-moment.ts'
import { isoWeek, type ZonedDate } from './zoned-date.ts'
import { offsetAt } from './zone-offset.ts'

/** Parts of a date that are numbers, by the names that lookups have. */
export const dateParts: ReadonlyMap<string, (date: ZonedDate) => number> = new Map([
  ['year', (date) => date.year],
  ['isoYear', (date) => isoWeek(date).year],
  ['quarter', (date) => Math.ceil(date.month / 3)],
  ['month', (date) => date.month],
  ['week', (date) => isoWeek(date).week],
  // Sunday is 1.
  ['weekDay', (date) => ((date.weekday + 1) % 7) + 1],
  ['isoWeekDay', (date) => date.weekday + 1],
  ['day', (date) => date.day],
  ['hour', (date) => date.hour],
  ['minute', (date) => date.minute],
  ['second', (date) => date.second],
])

/** Of what is the same length on every day. */
const clockUnits: ReadonlyMap<string, number> = new Map([
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
])

/** The first day of the year, quarter, ... that a day is in; days count from 1970-01-01. */
const calendarUnits: ReadonlyMap<string, (days: number) => number> = new Map([
  ['year', (days) => dayNumber(calendarDate(days).year, 1, 1)],
  ['quarter', (days) => firstOf(days, (month) => month - ((month - 1) % 3))],
  ['month', (days) => firstOf(days, (month) => month)],
  // Day 0 was a Thursday.
  ['week', (days) => days - ((((days + 3) % 7) + 7) % 7)],
  ['day', (days) => days],
])

function firstOf(days: number, monthOf: (month: number) => number): number {
  const { year, month } = calendarDate(days)
  return dayNumber(year, monthOf(month), 1)
}

/**
 * The moment at which the year, ..., day, hour, ... of a moment began on the zone's clock. A day begins when its first
 * minute does, be that 00:00, 01:00 where the clock left an hour out, or the first of two midnights; an hour is the one
 * of the moment itself, also where the clock shows it twice.
 *
 * @param ms since 1970
 */
export function beginningOf(ms: number, unit: string, timeZone: string): number {
  const length = clockUnits.get(unit)
  if (length !== undefined) return clockBeginning(ms, length, timeZone)
  return firstMomentOf(beginningDay(ms, unit, timeZone) * DAY_MS, timeZone)
}

function clockBeginning(ms: number, length: number, timeZone: string): number {
  const offsetMs = offsetAt(ms, timeZone) * 1000
  const begin = Math.floor((ms + offsetMs) / length) * length
  const near = begin - offsetMs
  if (offsetAt(near, timeZone) * 1000 === offsetMs) return near
  // The clock was set since: to a time within the hour (St. John's, 00:01 to 23:01), or over its beginning.
  return momentsOf(begin, timeZone)[0]?.getTime() ?? near
}

/** As `beginningOf`, the day by its number. @throws RangeError for a unit that is no longer than a day */
export function beginningDay(ms: number, unit: string, timeZone: string): number {
  const begin = calendarUnits.get(unit)
  if (begin === undefined) throw new RangeError(`${unit} is no unit of days`)
  return begin(Math.floor((ms + offsetAt(ms, timeZone) * 1000) / DAY_MS))
}
