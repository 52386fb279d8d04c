import { ValueError } from '../errors.ts'
import type { Field } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { OutputType } from './bound.ts'
import type { Argument, Expression, OutputRule } from './expressions.ts'
import { Derived, Func, Value } from './expressions.ts'
import { dateTime, float, integer, text } from './outputs.ts'
import type { SqlFunction } from './sql-function.ts'
import { call, sqlFunction } from './sql-function.ts'

/** The functions of text, numbers and comparison, by Django's names. */

const both = (name: string, sqlite: string, postgresql: string): SqlFunction => ({ name, sqlite, postgresql })

/** The type of the first argument that says one. */
const asArguments: OutputRule = (args) => {
  const said = args.find((arg) => arg.type !== 'outer' && !(arg.type === 'literal' && arg.prepared === null))
  return said?.output ?? text
}

const lower = sqlFunction('lower')
const upper = sqlFunction('upper')
const length = sqlFunction('length')
const trim = sqlFunction('trim')
const ltrim = sqlFunction('ltrim')
const rtrim = sqlFunction('rtrim')
const replace = sqlFunction('replace')
const substr = both('substr', 'substr({*})', 'substr({0}::text, {1}::integer)')
const substrOf = both('substrOf', 'substr({*})', 'substr({0}::text, {1}::integer, {2}::integer)')
const left = both('left', 'substr({0}, 1, {1})', 'left({0}, {1}::integer)')
const right = both('right', 'substr({0}, -{1})', 'right({0}, {1}::integer)')
const position = both('position', 'instr({0}, {1})', 'strpos({0}, {1})')
const concat: SqlFunction = {
  ...sqlFunction('concat', '({*})'),
  each: { sqlite: "COALESCE({0}, '')", postgresql: "COALESCE({0}::text, '')", between: ' || ' },
}

const abs = sqlFunction('abs')
const ceil = sqlFunction('ceil')
const floor = sqlFunction('floor')
const sqrt = both('sqrt', 'sqrt({0})', 'sqrt(({0})::double precision)')
const power = both('power', 'power({0}, {1})', 'power(({0})::double precision, ({1})::double precision)')
/** Halves away from zero: PostgreSQL's own way with `double precision` is to the even neighbour. */
const round = both('round', 'round({0}, {1})', 'round(({0})::numeric, {1}::integer)')
const coalesce = sqlFunction('coalesce')
const nullIf = sqlFunction('nullif')
/** Null where one is null, as SQLite has it; PostgreSQL by itself would leave nulls out. */
const extreme = (name: string, postgresql: string): SqlFunction => ({
  name,
  sqlite: `${name}({*})`,
  postgresql: `CASE WHEN num_nulls({*}) = 0 THEN ${postgresql}({*}) END`,
})
const greatest = extreme('max', 'greatest')
const least = extreme('min', 'least')
const now = both('now', "(strftime('%Y-%m-%d %H:%M:%f', 'now') || '000')", 'statement_timestamp()')

const number = (n: number): Expression => {
  if (!Number.isInteger(n)) throw new ValueError(`${n} is not an integer.`)
  return Value(n)
}

/** In lower case, as the database does it. */
export const Lower = (arg: Argument): Expression<string> => new Func(lower, [arg], text)
/** In upper case, as the database does it. */
export const Upper = (arg: Argument): Expression<string> => new Func(upper, [arg], text)
/** Characters of a text. */
export const Length = (arg: Argument): Expression<number> => new Func(length, [arg], integer)
/** Without spaces at both ends. */
export const Trim = (arg: Argument): Expression<string> => new Func(trim, [arg], text)
/** Without spaces at the beginning. */
export const LTrim = (arg: Argument): Expression<string> => new Func(ltrim, [arg], text)
/** Without spaces at the end. */
export const RTrim = (arg: Argument): Expression<string> => new Func(rtrim, [arg], text)
/** Texts one after the other; null counts as none. */
export const Concat = (...args: Argument[]): Expression<string> =>
  new Func(concat, args.length === 0 ? [Value('')] : args, text)
/** The first characters of a text. */
export const Left = (arg: Argument, count: number): Expression<string> =>
  new Func(left, [arg, number(positive(count, 'length'))], text)
/** The last characters of a text. */
export const Right = (arg: Argument, count: number): Expression<string> =>
  new Func(right, [arg, number(positive(count, 'length'))], text)
/** Characters from the `start`th on, the first being 1; `count` of them or all. */
export const Substr = (arg: Argument, start: number, count?: number): Expression<string> =>
  count === undefined
    ? new Func(substr, [arg, number(positive(start, 'pos'))], text)
    : new Func(substrOf, [arg, number(positive(start, 'pos')), number(positive(count, 'length'))], text)
/** Where in the text the other begins, the first character being 1; 0 where it is not. */
export const StrIndex = (arg: Argument, searched: Argument): Expression<number> =>
  new Func(position, [arg, searched], integer)
/** Every occurrence of a text replaced. */
export const Replace = (arg: Argument, old: Argument, fresh: Argument = Value('')): Expression<string> =>
  new Func(replace, [arg, old, fresh], text)

/** Without its sign. */
export const Abs = (arg: Argument): Expression<number> => new Func(abs, [arg], asArguments)
/** The next integer up. */
export const Ceil = (arg: Argument): Expression<number> => new Func(ceil, [arg], asArguments)
/** The next integer down. */
export const Floor = (arg: Argument): Expression<number> => new Func(floor, [arg], asArguments)
/** To `places` digits after the point, halves away from zero. */
export const Round = (arg: Argument, places = 0): Expression<number> =>
  new Func(round, [arg, number(places)], asArguments)
/** The square root. */
export const Sqrt = (arg: Argument): Expression<number> => new Func(sqrt, [arg], float)
/** The first to the power of the second. */
export const Power = (base: Argument, exponent: Argument): Expression<number> =>
  new Func(power, [base, exponent], float)

/** The first argument that is not null. */
export const Coalesce = <T = unknown>(...args: Argument[]): Expression<NoInfer<T>> =>
  new Func(coalesce, args, asArguments)
/** Null where both are equal, else the first. */
export const NullIf = <T = unknown>(arg: Argument, other: Argument): Expression<NoInfer<T> | null> =>
  new Func(nullIf, [arg, other], asArguments)
/** The greatest of the values of a row; null where one is null. */
export const Greatest = <T = number>(...args: Argument[]): Expression<NoInfer<T> | null> =>
  new Func(greatest, atLeastTwo('Greatest', args), asArguments)
/** The least of the values of a row; null where one is null. */
export const Least = <T = number>(...args: Argument[]): Expression<NoInfer<T> | null> =>
  new Func(least, atLeastTwo('Least', args), asArguments)
/** The time of the statement, by the database's clock. */
export const Now = (): Expression<Date> => new Func(now, [], dateTime)

/** As another field's type: `Cast('votes', f.text())`. */
export const Cast = <R>(arg: Argument, field: Field<R>): Expression<R> =>
  new Derived<R>(arg, (of) => call(castTo(field, of.output), [of], field))

const isFraction = ({ kind }: OutputType): boolean => kind === kinds.float || kind === kinds.decimal

function castTo(target: OutputType, source: OutputType): SqlFunction {
  const { kind, options } = target
  const type = kind.codecs.postgresql.columnType(options)
  // SQLite cuts the fraction off; PostgreSQL would round it.
  const cut = kind.family === 'number' && !isFraction(target) && isFraction(source)
  return {
    name: `cast${cut ? ' cut' : ''} ${type}`,
    sqlite: sqliteCasts.get(kind.family) ?? `CAST({0} AS ${kind.codecs.sqlite.columnType(options)})`,
    postgresql: cut ? `trunc({0})::${type}` : `({0})::${type}`,
  }
}

/** Dates are texts to SQLite: a CAST would look for a number. */
const sqliteCasts: ReadonlyMap<string, string> = new Map([
  ['dateTime', "strftime('%Y-%m-%d %H:%M:%S', {0})"],
  ['date', "strftime('%Y-%m-%d', {0})"],
])

function positive(n: number, what: string): number {
  if (n <= 0) throw new ValueError(`'${what}' must be greater than 0.`)
  return n
}

function atLeastTwo(name: string, args: readonly Argument[]): readonly Argument[] {
  if (args.length < 2) throw new ValueError(`${name} must take at least two expressions`)
  return args
}
