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

function partOf(arg: BoundExpression, part: string): BoundExpression {
  const of = transformed(arg, part)
  if (of === null) throw new FieldError(`A ${arg.output.kind.name} has no ${part}.`)
  return of
}

/** A part of a date or date-time, in UTC; weeks are ISO's, `weekDay` counts from Sunday, 1. */
export const Extract = (arg: Argument, part: DatePart): Expression<number> =>
  new Derived(arg, (of) => partOf(of, part))
/** The beginning of the year, month, ... that a date or date-time is in, in UTC. */
export const Trunc = <T = Date>(arg: Argument, unit: DateUnit): Expression<NoInfer<T>> =>
  new Derived(arg, (of) => truncated(of, unit))
/** The day of a date-time, `'YYYY-MM-DD'`, in UTC. */
export const TruncDate = (arg: Argument): Expression<string> =>
  new Derived(arg, (of) => truncated(of, 'day', date))

/** `Extract(arg, 'year')`. */
export const ExtractYear = (arg: Argument): Expression<number> => Extract(arg, 'year')
/** `Extract(arg, 'month')`. */
export const ExtractMonth = (arg: Argument): Expression<number> => Extract(arg, 'month')
/** `Extract(arg, 'day')`. */
export const ExtractDay = (arg: Argument): Expression<number> => Extract(arg, 'day')
/** `Extract(arg, 'hour')`. */
export const ExtractHour = (arg: Argument): Expression<number> => Extract(arg, 'hour')
/** `Extract(arg, 'week')`. */
export const ExtractWeek = (arg: Argument): Expression<number> => Extract(arg, 'week')
/** `Trunc(arg, 'year')`. */
export const TruncYear = <T = Date>(arg: Argument): Expression<NoInfer<T>> => Trunc<T>(arg, 'year')
/** `Trunc(arg, 'month')`. */
export const TruncMonth = <T = Date>(arg: Argument): Expression<NoInfer<T>> => Trunc<T>(arg, 'month')
/** `Trunc(arg, 'week')`. */
export const TruncWeek = <T = Date>(arg: Argument): Expression<NoInfer<T>> => Trunc<T>(arg, 'week')
/** `Trunc(arg, 'day')`. */
export const TruncDay = <T = Date>(arg: Argument): Expression<NoInfer<T>> => Trunc<T>(arg, 'day')
/** `Trunc(arg, 'hour')`. */
export const TruncHour = <T = Date>(arg: Argument): Expression<NoInfer<T>> => Trunc<T>(arg, 'hour')
