import type { Q } from './q.ts'

/**
 * What may stand where a value stands: `F('votes').add(1)`, `Lower('title')`, `Count('articles')`. Only
 * descriptions; names are checked when a queryset takes one in (see bind.ts).
 */

export type Operator = '+' | '-' | '*' | '/' | '%'
type Operand = Expression | string | number | bigint | Date | boolean | null

export class Expression<T = unknown> {
  /** Phantom: the type of the value it gives. */
  declare readonly value: T

  add(other: Operand): Combined {
    return new Combined(this, '+', operand(other))
  }

  subtract(other: Operand): Combined {
    return new Combined(this, '-', operand(other))
  }

  multiply(other: Operand): Combined {
    return new Combined(this, '*', operand(other))
  }

  divide(other: Operand): Combined {
    return new Combined(this, '/', operand(other))
  }

  modulo(other: Operand): Combined {
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
export class Reference<T = unknown> extends Expression<T> {
  readonly name: string

  constructor(name: string) {
    super()
    this.name = name
  }
}

export class Literal<T = unknown> extends Expression<T> {
  readonly literal: unknown

  constructor(literal: unknown) {
    super()
    this.literal = literal
  }
}

export class Combined<T = number> extends Expression<T> {
  readonly left: Expression
  readonly operator: Operator
  readonly right: Expression

  constructor(left: Expression, operator: Operator, right: Expression) {
    super()
    this.left = left
    this.operator = operator
    this.right = right
  }
}

export type FunctionName = 'lower' | 'upper' | 'length' | 'abs' | 'coalesce' | 'trim' | 'concat'

export class Func<T = unknown> extends Expression<T> {
  readonly func: FunctionName
  readonly args: readonly Expression[]

  constructor(func: FunctionName, args: readonly (Expression | string)[]) {
    super()
    this.func = func
    this.args = args.map((arg) => (typeof arg === 'string' ? new Reference(arg) : arg))
  }
}

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max'

export interface AggregateOptions {
  readonly distinct?: boolean
  /** Only the rows that match are aggregated. */
  readonly filter?: Q
}

export class Aggregate<T = unknown> extends Expression<T> {
  readonly func: AggregateName
  /** Null: the rows themselves, `COUNT(*)`. */
  readonly arg: Expression | null
  readonly options: AggregateOptions

  constructor(func: AggregateName, arg: Expression | string, options: AggregateOptions) {
    super()
    this.func = func
    this.arg = arg === '*' ? null : typeof arg === 'string' ? new Reference(arg) : arg
    this.options = options
  }
}

function operand(value: Operand): Expression {
  return value instanceof Expression ? value : new Literal(value)
}

/** A column of the row at hand: `F('votes').add(1)`, `filter({ updated__gt: F('created') })`. */
export const F = <T = unknown>(name: string): Reference<T> => new Reference<T>(name)
/** A constant where an expression is expected. */
export const Value = <T>(literal: T): Literal<T> => new Literal<T>(literal)

/** Rows, or values that are not null; `distinct` counts each once. */
export const Count = (arg: Expression | string, options: AggregateOptions = {}): Aggregate<number> =>
  new Aggregate('count', arg, options)
/** The type of what is aggregated is a number unless it is said: `Max<Date>('publishedAt')`. */
export const Sum = <T = number>(
  arg: Expression | string,
  options: AggregateOptions = {},
): Aggregate<NoInfer<T> | null> => new Aggregate('sum', arg, options)
/** The mean; null over no rows. */
export const Avg = <T = number>(
  arg: Expression | string,
  options: AggregateOptions = {},
): Aggregate<NoInfer<T> | null> => new Aggregate('avg', arg, options)
/** The smallest value; null over no rows. */
export const Min = <T = number>(
  arg: Expression | string,
  options: AggregateOptions = {},
): Aggregate<NoInfer<T> | null> => new Aggregate('min', arg, options)
/** The largest value; null over no rows. */
export const Max = <T = number>(
  arg: Expression | string,
  options: AggregateOptions = {},
): Aggregate<NoInfer<T> | null> => new Aggregate('max', arg, options)

/** In lower case, as the database does it. */
export const Lower = (arg: Expression | string): Func<string> => new Func('lower', [arg])
/** In upper case, as the database does it. */
export const Upper = (arg: Expression | string): Func<string> => new Func('upper', [arg])
/** Characters of a text. */
export const Length = (arg: Expression | string): Func<number> => new Func('length', [arg])
/** Without spaces at both ends. */
export const Trim = (arg: Expression | string): Func<string> => new Func('trim', [arg])
/** Without its sign. */
export const Abs = (arg: Expression | string): Func<number> => new Func('abs', [arg])
/** The first argument that is not null. */
export const Coalesce = <T = unknown>(...args: (Expression | string)[]): Func<NoInfer<T>> =>
  new Func('coalesce', args)
/** Texts one after the other; null counts as none. */
export const Concat = (...args: (Expression | string)[]): Func<string> => new Func('concat', args)
