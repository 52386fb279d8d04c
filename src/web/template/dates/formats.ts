import { formatDate, UnknownSpecifier } from './date-format.ts'
import { zonedDate } from '../../time-zones/zoned-date.ts'

/** Django's settings for dates, with its own values for when there is no localisation. Filters take the names too. */
const FORMATS: ReadonlyMap<string, string> = new Map([
  ['DATE_FORMAT', 'N j, Y'],
  ['DATETIME_FORMAT', 'N j, Y, P'],
  ['TIME_FORMAT', 'P'],
  ['YEAR_MONTH_FORMAT', 'F Y'],
  ['MONTH_DAY_FORMAT', 'F j'],
  ['SHORT_DATE_FORMAT', 'm/d/Y'],
  ['SHORT_DATETIME_FORMAT', 'm/d/Y P'],
])

/** `format` is the name of a format or one itself. Empty for an invalid Date. */
export function formatAs(date: Date, format: string, timeZone: string): string {
  const zoned = zonedDate(date, timeZone)
  return zoned ? formatDate(zoned, FORMATS.get(format) ?? format) : ''
}

export function formatDateTime(date: Date, timeZone: string): string {
  return formatAs(date, 'DATETIME_FORMAT', timeZone)
}

/** As `formatAs`, with the letters for times of day only; empty when the format has others. */
export function formatTime(date: Date, format: string, timeZone: string): string {
  const zoned = zonedDate(date, timeZone)
  if (!zoned) return ''
  try {
    return formatDate(zoned, FORMATS.get(format) ?? format, 'time')
  } catch (error) {
    if (error instanceof UnknownSpecifier) return ''
    throw error
  }
}
