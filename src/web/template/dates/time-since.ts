import { isLeapYear, zonedDate } from '../../time-zones/zoned-date.ts'

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [60 * 60 * 24 * 365, 'year'],
  [60 * 60 * 24 * 30, 'month'],
  [60 * 60 * 24 * 7, 'week'],
  [60 * 60 * 24, 'day'],
  [60 * 60, 'hour'],
  [60, 'minute'],
]

/**
 * The time from one moment to another in its two largest units, adjacent ones: `1 year, 3 months`, `0 minutes` when
 * there is none. Years have 365 days and months 30, as in Django; the spaces do not break.
 */
export function timeBetween(from: Date, to: Date, timeZone: string): string {
  const [start, end] = [zonedDate(from, timeZone), zonedDate(to, timeZone)]
  if (!start || !end) return ''
  const leapDays = leapDaysBetween(start.year, end.year)
  let rest = Math.floor((to.getTime() - from.getTime()) / 1000) - leapDays * 86_400
  const first = UNITS.findIndex(([seconds]) => rest >= seconds)
  if (first < 0) return count(0, 'minute')
  const parts: string[] = []
  for (const [seconds, name] of UNITS.slice(first, first + 2)) {
    const number = Math.floor(rest / seconds)
    if (number === 0) break
    parts.push(count(number, name))
    rest -= number * seconds
  }
  return parts.join(', ')
}

function count(number: number, unit: string): string {
  return `${number}\u00a0${unit}${number === 1 ? '' : 's'}`
}

/** The 29ths of February that the plain difference of days counts too many. */
function leapDaysBetween(from: number, to: number): number {
  const before = (year: number): number =>
    Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400)
  const days = before(to - 1) - before(from - 1)
  if (days === 0) return 0
  if (isLeapYear(from)) return days - 1
  return isLeapYear(to) ? days + 1 : days
}
