import { DAY_MS } from '../../../util/calendar.ts'
import { beginningDay, beginningOf, dateParts } from '../../time-zones/date-unit.ts'
import { wallClockMs } from '../../time-zones/local-moment.ts'
import { zonedDate } from '../../time-zones/zoned-date.ts'
import { formatDate, formatDateTime, parseDateTime } from '../fields/datetime.ts'
import type { SqlValue } from '../fields/field.ts'

/** What PostgreSQL does with AT TIME ZONE, for SQLite, which knows no zones. Null for null and for what is no date. */

/** `EXTRACT(part FROM text AT TIME ZONE zone)`. */
export function zonedPart(part: SqlValue, text: SqlValue, zone: SqlValue): number | null {
  const date = typeof text === 'string' ? zonedDate(parseDateTime(text), String(zone)) : undefined
  if (date === undefined) return null
  return dateParts.get(String(part))?.(date) ?? null
}

/** `date_trunc(unit, text, zone)`: the moment, as SQLite keeps moments. */
export function zonedTrunc(unit: SqlValue, text: SqlValue, zone: SqlValue): string | null {
  const ms = momentOf(text)
  return Number.isNaN(ms) ? null : formatDateTime(new Date(beginningOf(ms, String(unit), String(zone))))
}

/** `date_trunc(unit, text AT TIME ZONE zone)::date`. */
export function zonedDay(unit: SqlValue, text: SqlValue, zone: SqlValue): string | null {
  const ms = momentOf(text)
  return Number.isNaN(ms) ? null : formatDate(new Date(beginningDay(ms, String(unit), String(zone)) * DAY_MS))
}

/** `(text AT TIME ZONE zone)::time`. The fraction is that of the text: Date has no microseconds. */
export function zonedTime(text: SqlValue, zone: SqlValue): string | null {
  const ms = momentOf(text)
  if (Number.isNaN(ms) || typeof text !== 'string') return null
  const [, clock = ''] = formatDateTime(new Date(wallClockMs(new Date(ms), String(zone)))).split(' ')
  return `${clock.slice(0, 8)}${text.charAt(19) === '.' ? text.slice(19) : ''}`
}

const momentOf = (text: SqlValue): number => (typeof text === 'string' ? parseDateTime(text).getTime() : NaN)
