/**
 * Date-times as text, in the form Django writes to SQLite: `YYYY-MM-DD HH:MM:SS`, with six more digits when the
 * fraction is not zero. Always UTC, so that text order is time order.
 */

import { calendarDate, DAY_MS, dayNumber } from '../../../util/calendar.ts'

const pad2 = (n: number): string => (n < 10 ? `0${n}` : String(n))

export function formatDateTime(value: Date): string {
  const time = value.getTime()
  const days = Math.floor(time / DAY_MS)
  const { year, month, day } = calendarDate(days)
  // Outside the years 0 to 9999 there is a sign, and there are six digits. An invalid date throws.
  if (!(year >= 0 && year <= 9999)) return formatFarDate(value)
  const rest = time - days * DAY_MS
  const seconds = Math.floor(rest / 1000)
  const date = `${year < 1000 ? String(year).padStart(4, '0') : year}-${pad2(month)}-${pad2(day)}`
  const clock = `${pad2(Math.floor(seconds / 3600))}:${pad2(Math.floor(seconds / 60) % 60)}:${pad2(seconds % 60)}`
  return rest % 1000 === 0 ? `${date} ${clock}` : `${date} ${clock}.${fraction(rest % 1000)}`
}

const fraction = (millis: number): string => `${String(millis).padStart(3, '0')}000`

/** @throws RangeError for a Date that is invalid */
function formatFarDate(value: Date): string {
  const [day = '', clock = ''] = value.toISOString().split('T')
  const millis = value.getUTCMilliseconds()
  return `${day} ${clock.slice(0, 8)}${millis === 0 ? '' : `.${fraction(millis)}`}`
}

export function formatDate(value: Date): string {
  return `${String(value.getUTCFullYear()).padStart(4, '0')}-${pad2(value.getUTCMonth() + 1)}-${pad2(value.getUTCDate())}`
}

const digits = (text: string, from: number, to: number): number => {
  let n = 0
  for (let i = from; i < to; i++) n = n * 10 + text.charCodeAt(i) - 48
  return n
}

/** Reads the form above by position; anything else (a zone, a `T`) goes through `Date`. Microseconds are cut. */
export function parseDateTime(text: string): Date {
  const length = text.length
  if (text.charCodeAt(4) === 45 && (length === 19 || (length === 26 && text.charCodeAt(19) === 46))) {
    const millis = length === 26 ? digits(text, 20, 23) : 0
    const days = dayNumber(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
    const minutes = digits(text, 11, 13) * 60 + digits(text, 14, 16)
    return new Date(days * DAY_MS + minutes * 60_000 + digits(text, 17, 19) * 1000 + millis)
  }
  return new Date(withZone(text.replace(' ', 'T')))
}

/** ECMAScript reads a date-time without a zone as local time; ours are UTC. PostgreSQL writes `+00`. */
function withZone(text: string): string {
  if (!text.includes('T') || text.endsWith('Z')) return text
  const zone = /[+-]\d\d(?::?\d\d)?$/.exec(text)
  if (zone === null) return `${text}Z`
  return zone[0].length === 3 ? `${text}:00` : text
}
