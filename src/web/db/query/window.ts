import { FieldError, ValueError } from '../errors.ts'
import type { Binder, BoundExpression, BoundWindow } from './bound.ts'
import { containsWindow } from './bound.ts'
import type { Argument } from './expressions.ts'
import { Expression, Func, OrderBy, Value, argument } from './expressions.ts'
import { float, integer } from './outputs.ts'
import { sqlFunction } from './sql-function.ts'
import type { OrderTerm } from './state.ts'

/** Which rows of the partition a window function sees; counted from the row at hand, null being without end. */
interface WindowFrame {
  readonly unit: 'rows' | 'range'
  /** Not above 0. */
  readonly start: number | null
  /** Not below 0. */
  readonly end: number | null
}

interface WindowOptions {
  readonly partitionBy?: Argument | readonly Argument[]
  readonly orderBy?: string | Expression | OrderBy | readonly (string | Expression | OrderBy)[]
  readonly frame?: WindowFrame
}

class WindowExpression<T> extends Expression<T> {
  readonly #of: Expression<T>
  readonly #options: WindowOptions

  constructor(of: Expression<T>, options: WindowOptions) {
    super()
    this.#of = of
    this.#options = options
  }

  override bind(binder: Binder): BoundWindow {
    const of = binder.expression(this.#of)
    if (of.type !== 'aggregate' && (of.type !== 'func' || !WINDOW_FUNCTIONS.has(of.func.name))) {
      throw new ValueError(`Expression '${this.#of.constructor.name}' isn't compatible with OVER clauses.`)
    }
    const { partitionBy, orderBy, frame } = this.#options
    return {
      type: 'window',
      of,
      partition: listed<Argument>(partitionBy).map((arg) => inside(binder.expression(argument(arg)))),
      order: listed<string | Expression | OrderBy>(orderBy).map((arg) => orderTerm(binder, arg)),
      frame: frame === undefined ? '' : frameText(frame),
      output: of.output,
    }
  }
}

const listed = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T]

function inside(expression: BoundExpression): BoundExpression {
  if (containsWindow(expression)) throw new FieldError('A window cannot stand in a window.')
  return expression
}

function orderTerm(binder: Binder, arg: string | Expression | OrderBy): OrderTerm {
  const descending = typeof arg === 'string' && arg.startsWith('-')
  const order =
    arg instanceof OrderBy
      ? arg
      : new OrderBy(typeof arg === 'string' ? argument(descending ? arg.slice(1) : arg) : arg, descending, {})
  return {
    type: 'expression',
    expression: inside(binder.expression(order.expression)),
    descending: order.descending,
    nulls: order.nulls,
  }
}

function frameText({ unit, start, end }: WindowFrame): string {
  if (
    (start !== null && !(Number.isInteger(start) && start <= 0)) ||
    (end !== null && !(Number.isInteger(end) && end >= 0))
  )
    throw new ValueError('A frame starts at 0 or before, and ends at 0 or after.')
  const from = start === null ? 'UNBOUNDED PRECEDING' : start === 0 ? 'CURRENT ROW' : `${-start} PRECEDING`
  const to = end === null ? 'UNBOUNDED FOLLOWING' : end === 0 ? 'CURRENT ROW' : `${end} FOLLOWING`
  return `${unit === 'rows' ? 'ROWS' : 'RANGE'} BETWEEN ${from} AND ${to}`
}

const rowNumber = sqlFunction('row_number')
const rank = sqlFunction('rank')
const denseRank = sqlFunction('dense_rank')
const percentRank = sqlFunction('percent_rank')
const cumeDist = sqlFunction('cume_dist')
const ntile = { ...sqlFunction('ntile'), postgresql: 'ntile({0}::integer)' }
const lag = { ...sqlFunction('lag'), postgresql: 'lag({0}, {1}::integer)' }
const lead = { ...sqlFunction('lead'), postgresql: 'lead({0}, {1}::integer)' }
const firstValue = sqlFunction('first_value')
const lastValue = sqlFunction('last_value')
const nthValue = { ...sqlFunction('nth_value'), postgresql: 'nth_value({0}, {1}::integer)' }

const WINDOW_FUNCTIONS = new Set(
  [rowNumber, rank, denseRank, percentRank, cumeDist, ntile, lag, lead, firstValue, lastValue, nthValue].map(
    ({ name }) => name,
  ),
)

const ofFirst = ([arg]: readonly BoundExpression[]) => arg?.output ?? integer

function counted(n: number, what: string): Expression {
  if (!Number.isInteger(n) || n <= 0) throw new ValueError(`${what} takes a positive integer.`)
  return Value(n)
}

/** A function over the rows beside each row: `Window(RowNumber(), { partitionBy: 'author', orderBy: '-votes' })`. */
export const Window = <T>(of: Expression<T>, options: WindowOptions = {}): Expression<T> =>
  new WindowExpression<T>(of, options)

/** In a `Window`: the row's number, from 1. */
export const RowNumber = (): Expression<number> => new Func(rowNumber, [], integer)
/** In a `Window`: one more than the rows before; rows of equal order have the same, with gaps after them. */
export const Rank = (): Expression<number> => new Func(rank, [], integer)
/** In a `Window`: as `Rank`, without gaps. */
export const DenseRank = (): Expression<number> => new Func(denseRank, [], integer)
/** In a `Window`: the rank from 0 to 1. */
export const PercentRank = (): Expression<number> => new Func(percentRank, [], float)
/** In a `Window`: the part of the rows that are not after this one. */
export const CumeDist = (): Expression<number> => new Func(cumeDist, [], float)
/** In a `Window`: which of `buckets` equal parts the row is in, from 1. */
export const Ntile = (buckets: number): Expression<number> =>
  new Func(ntile, [counted(buckets, 'Ntile')], integer)
/** In a `Window`: the value `offset` rows before; null where there is none. */
export const Lag = <T = number>(arg: Argument, offset = 1): Expression<NoInfer<T> | null> =>
  new Func(lag, [arg, counted(offset, 'Lag')], ofFirst)
/** In a `Window`: the value `offset` rows later; null where there is none. */
export const Lead = <T = number>(arg: Argument, offset = 1): Expression<NoInfer<T> | null> =>
  new Func(lead, [arg, counted(offset, 'Lead')], ofFirst)
/** In a `Window`: the value of the frame's first row. */
export const FirstValue = <T = number>(arg: Argument): Expression<NoInfer<T>> =>
  new Func(firstValue, [arg], ofFirst)
/** In a `Window`: the value of the frame's last row. */
export const LastValue = <T = number>(arg: Argument): Expression<NoInfer<T>> =>
  new Func(lastValue, [arg], ofFirst)
/** In a `Window`: the value of the frame's nth row, from 1; null where there is none. */
export const NthValue = <T = number>(arg: Argument, nth: number): Expression<NoInfer<T> | null> =>
  new Func(nthValue, [arg, counted(nth, 'NthValue')], ofFirst)
