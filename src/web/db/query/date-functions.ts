import { assertTimeZone } from '../../time-zones/current-time-zone.ts'
import { FieldError } from '../errors.ts'
import type { BoundExpression } from './bound.ts'
import type { Argument, Expression } from './expressions.ts'
import { Derived } from './expressions.ts'
import { date } from './outputs.ts'
import { transformed, truncated } from './transforms.ts'

/** A part of a date that is a number. */
type DatePart =
  | 'year'
  | 'isoYear'
  | 'quarter'
  | 'month'
  | 'week'
  | 'weekDay'
  | 'isoWeekDay'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'

/** What a date can be cut down to. */
type DateUnit = 'year' | 'quarter' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second'

/** In which zone a moment has its date. */
export interface ZoneOptions {
  /** An IANA name; the one that is current when the query runs if it is left out. Not for dates. */
  readonly tzinfo?: string
}

/** @throws RangeError for a name that is no time zone */
export function zoneOf({ tzinfo }: ZoneOptions): string | null {
  if (tzinfo === undefined) return null
  assertTimeZone(tzinfo)
  return tzinfo
}

function partOf(arg: BoundExpression, part: string, timeZone: string | null): BoundExpression {
  const of = transformed(arg, part, timeZone)
  if (of === null) throw new FieldError(`A ${arg.output.kind.name} has no ${part}.`)
  return of
}

/**
 * A part of a date, or of a date-time in the current time zone or in the one that `{ tzinfo }` names; weeks are ISO's,
 * `weekDay` counts from Sunday, 1.
 */
export function Extract(arg: Argument, part: DatePart, options: ZoneOptions = {}): Expression<number> {
  const timeZone = zoneOf(options)
  return new Derived(arg, (of) => partOf(of, part, timeZone))
}
/**
 * The beginning of the year, month, ... that a date is in; of a date-time's, the moment, in the current time zone or in
 * the one that `{ tzinfo }` names.
 */
export function Trunc<T = Date>(
  arg: Argument,
  unit: DateUnit,
  options: ZoneOptions = {},
): Expression<NoInfer<T>> {
  const timeZone = zoneOf(options)
  return new Derived(arg, (of) => truncated(of, unit, of.output, timeZone))
}
/** The day of a date-time, `'YYYY-MM-DD'`, in the current time zone or in the one that `{ tzinfo }` names. */
export function TruncDate(arg: Argument, options: ZoneOptions = {}): Expression<string> {
  const timeZone = zoneOf(options)
  return new Derived(arg, (of) => truncated(of, 'day', date, timeZone))
}

/** `Extract(arg, 'year')`. */
export const ExtractYear = (arg: Argument, options: ZoneOptions = {}): Expression<number> =>
  Extract(arg, 'year', options)
/** `Extract(arg, 'month')`. */
export const ExtractMonth = (arg: Argument, options: ZoneOptions = {}): Expression<number> =>
  Extract(arg, 'month', options)
/** `Extract(arg, 'day')`. */
export const ExtractDay = (arg: Argument, options: ZoneOptions = {}): Expression<number> =>
  Extract(arg, 'day', options)
/** `Extract(arg, 'hour')`. */
export const ExtractHour = (arg: Argument, options: ZoneOptions = {}): Expression<number> =>
  Extract(arg, 'hour', options)
/** `Extract(arg, 'week')`. */
export const ExtractWeek = (arg: Argument, options: ZoneOptions = {}): Expression<number> =>
  Extract(arg, 'week', options)
/** `Trunc(arg, 'year')`. */
export const TruncYear = <T = Date>(arg: Argument, options: ZoneOptions = {}): Expression<NoInfer<T>> =>
  Trunc<T>(arg, 'year', options)
/** `Trunc(arg, 'month')`. */
export const TruncMonth = <T = Date>(arg: Argument, options: ZoneOptions = {}): Expression<NoInfer<T>> =>
  Trunc<T>(arg, 'month', options)
/** `Trunc(arg, 'week')`. */
export const TruncWeek = <T = Date>(arg: Argument, options: ZoneOptions = {}): Expression<NoInfer<T>> =>
  Trunc<T>(arg, 'week', options)
/** `Trunc(arg, 'day')`. */
export const TruncDay = <T = Date>(arg: Argument, options: ZoneOptions = {}): Expression<NoInfer<T>> =>
  Trunc<T>(arg, 'day', options)
/** `Trunc(arg, 'hour')`. */
export const TruncHour = <T = Date>(arg: Argument, options: ZoneOptions = {}): Expression<NoInfer<T>> =>
  Trunc<T>(arg, 'hour', options)
