import { isoDate } from '../python/string.ts'

/** The attributes of Python's datetime. As there, they are those of the value's own zone, which is UTC for a Date. */
const PARTS: ReadonlyMap<string, (date: Date) => unknown> = new Map<string, (date: Date) => unknown>([
  ['year', (date) => date.getUTCFullYear()],
  ['month', (date) => date.getUTCMonth() + 1],
  ['day', (date) => date.getUTCDate()],
  ['hour', (date) => date.getUTCHours()],
  ['minute', (date) => date.getUTCMinutes()],
  ['second', (date) => date.getUTCSeconds()],
  ['microsecond', (date) => date.getUTCMilliseconds() * 1000],
  ['weekday', (date) => (date.getUTCDay() + 6) % 7],
  ['isoweekday', (date) => date.getUTCDay() || 7],
  ['isoformat', (date) => isoDate(date, 'T')],
  ['timestamp', (date) => date.getTime() / 1000],
])

export function datePart(date: Date, name: string): unknown {
  return PARTS.get(name)?.(date)
}
