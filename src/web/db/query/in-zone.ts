import { DAY_MS, dayNumber } from '../../../util/calendar.ts'
import { firstMomentOf, wallClockMs } from '../../time-zones/local-moment.ts'
import { formatDate } from '../fields/datetime.ts'
import type { Vendor } from '../fields/field.ts'

/**
 * A value that is known when the query runs and its time zone is: a queryset may be made once, as a view's, and run in
 * the zones of many visitors.
 */
export class InZone {
  /** Null: the current one. */
  readonly timeZone: string | null
  readonly #resolve: (timeZone: string) => unknown

  private constructor(timeZone: string | null, resolve: (timeZone: string) => unknown) {
    this.timeZone = timeZone
    this.#resolve = resolve
  }

  /** The moment at which a year begins. */
  static startOfYear(year: number, timeZone: string | null): InZone {
    const midnight = dayNumber(year, 1, 1) * DAY_MS
    return new InZone(timeZone, (zone) => new Date(firstMomentOf(midnight, zone)))
  }

  /** The day that a moment is on. */
  static dayOf(moment: Date, timeZone: string | null): InZone {
    return new InZone(timeZone, (zone) => formatDate(new Date(wallClockMs(moment, zone))))
  }

  /** The value, prepared. */
  resolve(timeZone: string): unknown {
    return this.#resolve(timeZone)
  }
}

/** PostgreSQL takes these for abbreviations of one offset, the winter's (its manual, B.4). */
const notAbbreviated: ReadonlyMap<string, string> = new Map([
  ['CET', 'Europe/Brussels'],
  ['EET', 'Europe/Athens'],
  ['MET', 'Europe/Brussels'],
  ['WET', 'Europe/Lisbon'],
])

/** A zone's name as a parameter for `vendor`. */
export function zoneParameter(vendor: Vendor, timeZone: string): string {
  if (vendor === 'sqlite') return timeZone
  // PostgreSQL reads the sign as POSIX does: positive is west.
  if (timeZone.startsWith('+')) return `-${timeZone.slice(1)}`
  if (timeZone.startsWith('-')) return `+${timeZone.slice(1)}`
  return notAbbreviated.get(timeZone.toUpperCase()) ?? timeZone
}
