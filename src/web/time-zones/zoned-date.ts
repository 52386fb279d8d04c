import { calendarDate, DAY_MS, dayNumber } from '../../util/calendar.ts'
import { offsetAt } from './zone-offset.ts'

/** A moment as a wall clock in some zone shows it. */
export interface ZonedDate {
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
  /** 0 is Monday */
  readonly weekday: number
  /** Seconds east of UTC */
  readonly offset: number
  /** Seconds since 1970, whole */
  readonly epoch: number
  readonly timeZone: string
  readonly date: Date
}

/** `undefined` for a Date that is invalid. */
export function zonedDate(date: Date, timeZone: string): ZonedDate | undefined {
  const time = date.getTime()
  if (Number.isNaN(time)) return undefined
  const epoch = Math.floor(time / 1000)
  const offset = offsetAt(time, timeZone)
  const wall = time + offset * 1000
  const days = Math.floor(wall / DAY_MS)
  const rest = wall - days * DAY_MS
  const { year, month, day } = calendarDate(days)
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3_600_000),
    minute: Math.floor(rest / 60_000) % 60,
    second: Math.floor(rest / 1000) % 60,
    millisecond: rest % 1000,
    // Day 0 was a Thursday.
    weekday: (((days + 3) % 7) + 7) % 7,
    offset,
    epoch,
    timeZone,
    date,
  }
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 ? (isLeapYear(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** 1 to 366 */
export function dayOfYear(date: ZonedDate): number {
  return dayNumber(date.year, date.month, date.day) - dayNumber(date.year, 1, 1) + 1
}

/** ISO 8601: weeks begin on Monday, and the first is the one with the year's first Thursday. */
export function isoWeek(date: ZonedDate): { readonly year: number; readonly week: number } {
  const thursday = new Date((dayNumber(date.year, date.month, date.day) - date.weekday + 3) * DAY_MS)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() / DAY_MS - dayNumber(year, 1, 1)) / 7) + 1
  return { year, week }
}

/** The zone's abbreviation, `CET`, where the runtime's English data has one; otherwise the offset, `+0530`, `+13`. */
export function zoneName(date: ZonedDate): string {
  if (date.timeZone === 'UTC') return 'UTC'
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-CA', 'en-IN']) {
    const parts = new Intl.DateTimeFormat(locale, {
      timeZone: date.timeZone,
      timeZoneName: 'short',
    }).formatToParts(date.date)
    const name = parts.find(({ type }) => type === 'timeZoneName')?.value
    if (name && /^[A-Z]{2,5}$/.test(name)) return name
  }
  // As the time zone database names zones without letters: `+13`, `+0545`.
  return offsetText(date.offset).replace(/00$/, '')
}

/** `+0200` */
export function offsetText(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60)
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`
}

export function pad(value: number, width = 2): string {
  if (width === 2 && value >= 0) return value < 10 ? `0${value}` : String(value)
  return String(value).padStart(width, '0')
}

/** Whether the zone's clock is ahead of its standard time, which is the smaller offset of January and July. */
export function isDaylightSaving(date: ZonedDate): boolean {
  const [january, july] = [0, 6].map((month) => {
    const other = zonedDate(new Date(Date.UTC(date.year, month, 1)), date.timeZone)
    return other?.offset ?? date.offset
  })
  return date.offset > Math.min(january ?? date.offset, july ?? date.offset)
}
