/**
 * The Gregorian calendar in UTC, reckoned: Date's getters split its time anew at each call. Days count from 1970-01-01.
 * Years run from March inside, so that a leap day is the last of its year.
 */
export const DAY_MS = 86_400_000

export interface CalendarDate {
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
}

const DAYS_OF_400_YEARS = 146_097
/** From 0000-03-01. */
const DAYS_TO_1970 = 719_468

export function calendarDate(days: number): CalendarDate {
  const shifted = days + DAYS_TO_1970
  const era = Math.floor(shifted / DAYS_OF_400_YEARS)
  const dayOfEra = shifted - era * DAYS_OF_400_YEARS
  // A leap day in 4 years of 1461, none in 100 of 36524, one in 400.
  const leapDays =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  // Five months from March on have 153 days, and so have the next five.
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  return {
    year: yearOfEra + era * 400 + (fromMarch < 10 ? 0 : 1),
    month: fromMarch < 10 ? fromMarch + 3 : fromMarch - 9,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
  }
}

export function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const fromMarch = month > 2 ? month - 3 : month + 9
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((153 * fromMarch + 2) / 5) + day - 1 - DAYS_TO_1970
}
