import { FieldError, ValueError } from '../errors.ts'
import { kinds } from '../fields/kinds.ts'
import type {
  AggregateName,
  Binder,
  BoundAggregate,
  BoundExpression,
  BoundLiteral,
  OutputType,
} from './bound.ts'
import { containsAggregate } from './bound.ts'
import { jsonNumber } from './json.ts'
import { boolean, dateTime, float, integer, text, wholeNumber } from './outputs.ts'
import type { Condition } from './q.ts'
import type { SqlFunction } from './sql-function.ts'
import { call } from './sql-function.ts'

/**
 * What may stand where a value stands: `F('votes').add(1)`, `Lower('title')`, `Count('articles')`. Only
 * descriptions; names are checked when a queryset takes one in, which calls `bind`.
 */

export type Operator = '+' | '-' | '*' | '/' | '%'
type Operand = Expression | string | number | bigint | Date | boolean | null

/** What may stand where a value stands; made by `F`, `Value` and the functions. */
export abstract class Expression<T = unknown> {
  /** Phantom: the type of the value it gives. */
  declare readonly value: T

  /** With every name found. @throws FieldError */
  abstract bind(binder: Binder): BoundExpression

  add(other: Operand): Expression<number> {
    return new Combined(this, '+', operand(other))
  }

  subtract(other: Operand): Expression<number> {
    return new Combined(this, '-', operand(other))
  }

  multiply(other: Operand): Expression<number> {
    return new Combined(this, '*', operand(other))
  }

  divide(other: Operand): Expression<number> {
    return new Combined(this, '/', operand(other))
  }

  modulo(other: Operand): Expression<number> {
    return new Combined(this, '%', operand(other))
  }

  asc(options: NullsOrder = {}): OrderBy {
    return new OrderBy(this, false, options)
  }

  desc(options: NullsOrder = {}): OrderBy {
    return new OrderBy(this, true, options)
  }
}

export interface NullsOrder {
  readonly nulls?: 'first' | 'last'
}

export class OrderBy {
  readonly expression: Expression
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | undefined

  constructor(expression: Expression, descending: boolean, options: NullsOrder) {
    this.expression = expression
    this.descending = descending
    this.nulls = options.nulls
  }
}

/** A column by name, through relations if need be. */
class Reference<T = unknown> extends Expression<T> {
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }

  override bind(binder: Binder): BoundExpression {
    return binder.reference(this.name)
  }
}

class Literal<T = unknown> extends Expression<T> {
  readonly #literal: unknown

  constructor(literal: unknown) {
    super()
    this.#literal = literal
  }

  override bind(): BoundLiteral {
    return bindLiteral(this.#literal)
  }
}

/** @throws ValueError for what is no plain value */
export function bindLiteral(value: unknown): BoundLiteral {
  if (value === null) return { type: 'literal', prepared: null, output: text }
  for (const [test, output] of literalKinds) {
    if (test(value)) return { type: 'literal', prepared: output.kind.prepare(value, {}), output }
  }
  throw new ValueError('A value in an expression is text, a number, a boolean or a date.')
}

const literalKinds: readonly [(value: unknown) => boolean, OutputType][] = [
  [(v) => typeof v === 'string', text],
  [(v) => typeof v === 'number' && Number.isInteger(v), wholeNumber],
  [(v) => typeof v === 'number', float],
  [(v) => typeof v === 'bigint', { kind: kinds.bigInt, options: {} }],
  [(v) => typeof v === 'boolean', boolean],
  [(v) => v instanceof Date, dateTime],
]

class Combined extends Expression<number> {
  readonly #left: Expression
  readonly #operator: Operator
  readonly #right: Expression

  constructor(left: Expression, operator: Operator, right: Expression) {
    super()
    this.#left = left
    this.#operator = operator
    this.#right = right
  }

  override bind(binder: Binder): BoundExpression {
    const left = binder.expression(this.#left)
    const right = binder.expression(this.#right)
    const output = combinedOutput(this.#operator, left, right)
    return { type: 'combined', operator: this.#operator, left, right, output }
  }
}

function combinedOutput(operator: Operator, left: BoundExpression, right: BoundExpression): OutputType {
  const unsaid = left.type === 'literal' || left.type === 'outer'
  const output = unsaid ? right.output : left.output
  const either = [left.output.kind, right.output.kind]
  if (either.includes(kinds.float)) return float
  if (output.kind.name === kinds.decimal.name) return combinedDecimal(operator, left.output, right.output)
  return left.type === 'literal' && right.type === 'literal' && output === wholeNumber ? integer : output
}

/** With as many places as the exact result may have; a quotient has no last one. */
function combinedDecimal(operator: Operator, ...sides: readonly [OutputType, OutputType]): OutputType {
  const [left, right] = sides.map(placesOf)
  if (operator === '/' || left === undefined || right === undefined) return unroundedDecimal
  const places = operator === '*' ? left + right : Math.max(left, right)
  return { kind: kinds.decimal, options: { places } }
}

/** Undefined where nobody knows. */
function placesOf({ kind, options }: OutputType): number | undefined {
  if (kind === kinds.decimal) return options.places
  return kind.family === 'number' && kind.name !== kinds.decimal.name && kind !== kinds.float ? 0 : undefined
}

/** The type of a function's value, by its arguments'. */
export type OutputRule = OutputType | ((args: readonly BoundExpression[]) => OutputType)

export class Func<T = unknown> extends Expression<T> {
  readonly #func: SqlFunction
  readonly #args: readonly Expression[]
  readonly #output: OutputRule

  constructor(func: SqlFunction, args: readonly Argument[], output: OutputRule) {
    super()
    this.#func = func
    this.#args = args.map(argument)
    this.#output = output
  }

  override bind(binder: Binder): BoundExpression {
    const args = this.#args.map((arg) => binder.expression(arg))
    return call(this.#func, args, typeof this.#output === 'function' ? this.#output(args) : this.#output)
  }
}

/** What is made of one argument when its type is known. */
export class Derived<T = unknown> extends Expression<T> {
  readonly #arg: Expression
  readonly #make: (arg: BoundExpression) => BoundExpression

  constructor(arg: Argument, make: (arg: BoundExpression) => BoundExpression) {
    super()
    this.#arg = argument(arg)
    this.#make = make
  }

  override bind(binder: Binder): BoundExpression {
    return this.#make(binder.expression(this.#arg))
  }
}

/** Text names a column; for a text as such there is `Value`. */
export type Argument = Expression | string

export const argument = (arg: Argument): Expression => (typeof arg === 'string' ? new Reference(arg) : arg)

export interface AggregateOptions {
  readonly distinct?: boolean
  /** Only the rows that match are aggregated. */
  readonly filter?: Condition
}

class Aggregate<T = unknown> extends Expression<T> {
  readonly #func: AggregateName
  /** Null: the rows themselves, `COUNT(*)`. */
  readonly #arg: Expression | null
  readonly #options: AggregateOptions

  constructor(func: AggregateName, arg: Argument, options: AggregateOptions) {
    super()
    this.#func = func
    this.#arg = arg === '*' ? null : argument(arg)
    this.#options = options
  }

  override bind(binder: Binder): BoundAggregate {
    const arg = this.#arg === null ? null : numeric(this.#func, binder.expression(this.#arg))
    if (arg !== null && containsAggregate(arg) && arg.type !== 'annotation') {
      throw new FieldError(`Cannot compute ${this.#func}: is an aggregate`)
    }
    const { distinct = false, filter } = this.#options
    return {
      type: 'aggregate',
      func: this.#func,
      arg,
      distinct,
      filter: filter === undefined ? null : binder.condition(filter),
      output: aggregateOutput(this.#func, arg),
    }
  }
}

/** Sums over JSON are over its numbers. */
function numeric(func: AggregateName, arg: BoundExpression): BoundExpression {
  return arg.output.kind.family === 'json' && (func === 'sum' || func === 'avg') ? jsonNumber(arg) : arg
}

function aggregateOutput(func: AggregateName, arg: BoundExpression | null): OutputType {
  if (func === 'count' || arg === null) return integer
  if (func === 'avg') return arg.output.kind.name === kinds.decimal.name ? unroundedDecimal : float
  return arg.output
}

const withoutTrailingZeros = (digits: string): string =>
  digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits

/** Unrounded: as many digits as the database gives. */
const unroundedDecimal: OutputType = {
  kind: {
    ...kinds.decimal,
    codecs: {
      sqlite: {
        ...kinds.decimal.codecs.sqlite,
        decode: (raw) => String(Number(Number(raw).toPrecision(15))),
      },
      postgresql: { ...kinds.decimal.codecs.postgresql, decode: (raw) => withoutTrailingZeros(String(raw)) },
    },
  },
  options: {},
}

function operand(value: Operand): Expression {
  return value instanceof Expression ? value : new Literal(value)
}

/** A column of the row at hand: `F('votes').add(1)`, `filter({ updated__gt: F('created') })`. */
export const F = <T = unknown>(name: string): Expression<T> => new Reference<T>(name)
/** A constant where an expression is expected. */
export const Value = <T>(literal: T): Expression<T> => new Literal<T>(literal)

/** Rows, or values that are not null; `distinct` counts each once. */
export const Count = (arg: Argument, options: AggregateOptions = {}): Expression<number> =>
  new Aggregate('count', arg, options)
/** The type of what is aggregated is a number unless it is said: `Max<Date>('publishedAt')`. */
export const Sum = <T = number>(
  arg: Argument,
  options: AggregateOptions = {},
): Expression<NoInfer<T> | null> => new Aggregate('sum', arg, options)
/** The mean; null over no rows. */
export const Avg = <T = number>(
  arg: Argument,
  options: AggregateOptions = {},
): Expression<NoInfer<T> | null> => new Aggregate('avg', arg, options)
/** The smallest value; null over no rows. */
export const Min = <T = number>(
  arg: Argument,
  options: AggregateOptions = {},
): Expression<NoInfer<T> | null> => new Aggregate('min', arg, options)
/** The largest value; null over no rows. */
export const Max = <T = number>(
  arg: Argument,
  options: AggregateOptions = {},
): Expression<NoInfer<T> | null> => new Aggregate('max', arg, options)
