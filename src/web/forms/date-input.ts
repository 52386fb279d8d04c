/** Dates as people type them: Django's DATE_INPUT_FORMATS of English. Times are the current time zone's. */
import { ValueError } from '../db/errors.ts'
import { formatDateTime } from '../db/fields/datetime.ts'
import { currentTimeZone } from '../time-zones/current-time-zone.ts'
import { momentsOf, wallClockMs } from '../time-zones/local-moment.ts'
import { ValidationError } from './validation-error.ts'

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june'],
  ...['july', 'august', 'september', 'october', 'november', 'december'],
]

/** 1 of `jan` and `January`; 0 for what is no month. */
const monthOf = (name: string): number =>
  MONTHS.findIndex((month) => month === name.toLowerCase() || month.slice(0, 3) === name.toLowerCase()) + 1

/** POSIX: 69 to 99 are of the last century. */
const fullYear = (year: string): number =>
  year.length > 2 ? Number(year) : Number(year) + (Number(year) < 69 ? 2000 : 1900)

/** What each form of a date captures, as year, month and day. */
const FORMS: readonly (readonly [RegExp, (parts: readonly string[]) => readonly [number, number, number]])[] =
  [
    [/^(\d{4})-(\d{1,2})-(\d{1,2})$/, ([y = '', m, d]) => [Number(y), Number(m), Number(d)]],
    [/^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d{2})$/, ([m, d, y = '']) => [fullYear(y), Number(m), Number(d)]],
    [/^([a-z]+) (\d{1,2}),? (\d{4})$/i, ([m = '', d, y = '']) => [Number(y), monthOf(m), Number(d)]],
    [/^(\d{1,2}) ([a-z]+),? (\d{4})$/i, ([d, m = '', y = '']) => [Number(y), monthOf(m), Number(d)]],
  ]

/** `YYYY-MM-DD`. @throws ValueError for what is no date */
export function dateOf(text: string): string {
  for (const [form, read] of FORMS) {
    const found = form.exec(text)
    if (found === null) continue
    const [year, month, day] = read(found.slice(1))
    const iso = [String(year).padStart(4, '0'), two(month), two(day)].join('-')
    const date = new Date(`${iso}T00:00:00Z`)
    if (year > 0 && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso)) return iso
  }
  throw new ValueError('')
}

const two = (n: number): string => String(n).padStart(2, '0')

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

/**
 * A date, or a date and a time, of the current time zone unless it names an offset.
 *
 * @throws ValueError for what is none
 * @throws ValidationError for an hour that the time zone leaves out, or has twice, when summer time begins or ends
 */
export function dateTimeOf(text: string): Date {
  const at = text.lastIndexOf('T') > 0 ? text.lastIndexOf('T') : text.search(/ \d{1,2}:/)
  const date = dateOf(at < 0 ? text : text.slice(0, at))
  if (at < 0) return moment(date, '00:00:00.000')
  const [found, hour = '', minute = '', second = '0', fraction = '', zone] =
    TIME.exec(text.slice(at + 1)) ?? []
  if (found === undefined || Number(hour) > 23) throw new ValueError('')
  const millis = fraction.padEnd(3, '0').slice(0, 3)
  return moment(date, `${two(Number(hour))}:${minute}:${two(Number(second))}.${millis}`, zone)
}

function moment(date: string, time: string, zone?: string): Date {
  if (zone !== undefined) return valid(new Date(`${date}T${time}${offsetOf(zone)}`))
  const wall = valid(new Date(`${date}T${time}Z`))
  const timeZone = currentTimeZone()
  const [only, second] = momentsOf(wall.getTime(), timeZone)
  if (only !== undefined && second === undefined) return only
  throw new ValidationError(
    `${date} ${time.replace(/\.000$/, '')} couldn’t be interpreted in time zone ${timeZone}; it may be ambiguous or it may not exist.`,
  )
}

/** As the clock of the current time zone shows it: what `dateTimeOf` reads. */
export const shownDateTime = (value: Date): string =>
  formatDateTime(new Date(wallClockMs(value, currentTimeZone()))).replace(/\.\d+$/, '')

const offsetOf = (zone: string): string =>
  zone.toUpperCase() === 'Z'
    ? 'Z'
    : zone.replace(/^(.\d{2}):?(\d{2})?$/, (_all, h: string, m = '00') => `${h}:${String(m)}`)

function valid(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new ValueError('')
  return date
}
