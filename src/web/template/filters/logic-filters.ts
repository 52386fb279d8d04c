import { formatAs, formatTime } from '../dates/formats.ts'
import { timeBetween } from '../dates/time-since.ts'
import type { Context } from '../context.ts'
import type { Library } from '../library.ts'
import { isTruthy } from '../python/compare.ts'
import { prettyPrint } from '../python/pretty-print.ts'
import { pythonString } from '../python/string.ts'

const OPTIONAL = { argument: 'optional' } as const

export function addLogicFilters(library: Library): void {
  library
    .registerFilter('default', (value, fallback) => (isTruthy(value) ? value : fallback))
    .registerFilter('default_if_none', (value, fallback) => value ?? fallback)
    .registerFilter('yesno', yesNo, OPTIONAL)
    .registerFilter('pprint', (value) => prettyPrint(value), { isSafe: true, argument: 'none' })
}

/** `yes,no,maybe`: the third is for None, and is the second where it is missing. */
function yesNo(value: unknown, argument: unknown): unknown {
  const bits = pythonString(argument ?? 'yes,no,maybe').split(',')
  const [yes, no] = bits
  if (bits.length < 2) return value
  if (value === null || value === undefined) return bits.length === 3 ? bits[2] : no
  return isTruthy(value) ? yes : no
}

export function addDateFilters(library: Library): void {
  library
    .registerFilter(
      'date',
      (value, format, context) => dateText(formatAs, 'DATE_FORMAT', value, format, context),
      OPTIONAL,
    )
    .registerFilter(
      'time',
      (value, format, context) => dateText(formatTime, 'TIME_FORMAT', value, format, context),
      OPTIONAL,
    )
    .registerFilter('timesince', (value, now, context) => elapsed(value, now, context, 1), OPTIONAL)
    .registerFilter('timeuntil', (value, now, context) => elapsed(value, now, context, -1), OPTIONAL)
}

/** What is no Date gives empty text. */
function dateText(
  format: (date: Date, format: string, timeZone: string) => string,
  fallback: string,
  value: unknown,
  argument: unknown,
  context: Context,
): string {
  if (!(value instanceof Date)) return ''
  const chosen = argument === undefined || argument === null ? '' : pythonString(argument)
  return format(value, chosen || fallback, context.settings.timeZone)
}

function elapsed(value: unknown, argument: unknown, context: Context, direction: 1 | -1): string {
  if (!(value instanceof Date)) return ''
  const other = isTruthy(argument) ? argument : context.settings.now()
  if (!(other instanceof Date)) return ''
  const { timeZone } = context.settings
  return direction === 1 ? timeBetween(value, other, timeZone) : timeBetween(other, value, timeZone)
}
