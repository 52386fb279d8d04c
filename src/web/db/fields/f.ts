import type { Choices, FieldOptions } from './field.ts'
import { Field } from './field.ts'
import { kinds } from './kinds.ts'
import type { RelationOptions, RelationTarget } from './relation.ts'
import { Relation } from './relation.ts'

/** The options that every kind of field takes. */
interface Common<T> {
  readonly null?: boolean
  readonly blank?: boolean
  readonly unique?: boolean
  readonly index?: boolean
  readonly primaryKey?: boolean
  readonly default?: T | (() => T)
  readonly choices?: Choices<T>
  readonly column?: string
  readonly editable?: boolean
  readonly verboseName?: string
  readonly helpText?: string
}
interface Sized<T> extends Common<T> {
  readonly max?: number
}
interface Stamped extends Common<Date> {
  readonly autoNow?: boolean
  readonly autoNowAdd?: boolean
}
interface Exact extends Common<string> {
  readonly maxDigits: number
  readonly places: number
}

type Chosen<T, O> = O extends { readonly choices: readonly (readonly [infer C, string])[] } ? C & T : T
type Read<T, O> = O extends { readonly null: true } ? Chosen<T, O> | null : Chosen<T, O>
type TraitsOf<O> = {
  optional: O extends
    | { readonly null: true }
    | { readonly blank: true }
    | { readonly default: unknown }
    | { readonly autoNow: true }
    | { readonly autoNowAdd: true }
    ? true
    : false
  primary: O extends { readonly primaryKey: true } ? true : false
}
type FieldOf<T, O> = Field<Read<T, O>, TraitsOf<O>>
type IsNull<O> = O extends { readonly null: true } ? true : false
type None = Record<never, never>

const make = <T, O extends FieldOptions>(
  kind: (typeof kinds)[keyof typeof kinds],
  options: O,
): FieldOf<T, O> => new Field<Read<T, O>, TraitsOf<O>>(kind, options)

type JsonTraits<Optional extends boolean> = { optional: Optional; primary: false }

/** `f.json<Settings>({ null: true })`: overloads, because the value's type is given by hand. */
function json<T = unknown>(options: Common<T> & { null: true }): Field<T | null, JsonTraits<true>>
function json<T = unknown>(options: Common<T> & { default: T | (() => T) }): Field<T, JsonTraits<true>>
function json<T = unknown>(options?: Common<T>): Field<T, JsonTraits<false>>
function json<T>(options: Common<T> = {}): Field<T | null, JsonTraits<boolean>> {
  return new Field<T | null, JsonTraits<boolean>>(kinds.json, options)
}

/** The fields of a model, named after Django's. */
export const f = {
  char: <const O extends Sized<string> & { readonly max: number }>(options: O) =>
    make<string, O>(kinds.char, options),
  text: <const O extends Common<string> = None>(options?: O) =>
    make<string, O>(kinds.text, options ?? ({} as O)),
  slug: <const O extends Sized<string> = None>(options?: O) =>
    make<string, O>(kinds.slug, { max: 50, index: true, ...options } as unknown as O),
  email: <const O extends Sized<string> = None>(options?: O) =>
    make<string, O>(kinds.email, { max: 254, ...options } as unknown as O),
  int: <const O extends Common<number> = None>(options?: O) =>
    make<number, O>(kinds.int, options ?? ({} as O)),
  /** 64 bits, exact: a `bigint`. */
  bigInt: <const O extends Common<bigint> = None>(options?: O) =>
    make<bigint, O>(kinds.bigInt, options ?? ({} as O)),
  float: <const O extends Common<number> = None>(options?: O) =>
    make<number, O>(kinds.float, options ?? ({} as O)),
  /** Exact: a string with `places` digits after the point. */
  decimal: <const O extends Exact>(options: O) => make<string, O>(kinds.decimal, options),
  bool: <const O extends Common<boolean> = None>(options?: O) =>
    make<boolean, O>(kinds.bool, options ?? ({} as O)),
  dateTime: <const O extends Stamped = None>(options?: O) =>
    make<Date, O>(kinds.dateTime, options ?? ({} as O)),
  /** A calendar day, `'YYYY-MM-DD'`: a `Date` would carry a time and a zone that the column has not. */
  date: <const O extends Common<string> & { autoNow?: boolean; autoNowAdd?: boolean } = None>(options?: O) =>
    make<string, O>(kinds.date, options ?? ({} as O)),
  json,
  uuid: <const O extends Common<string> = None>(options?: O) =>
    make<string, O>(kinds.uuid, options ?? ({} as O)),
  binary: <const O extends Common<Uint8Array> = None>(options?: O) =>
    make<Uint8Array, O>(kinds.binary, options ?? ({} as O)),

  /** Inside a function, so that models may refer to later ones: `author: () => f.foreignKey(Author, {...})`. */
  foreignKey: <T extends RelationTarget, const O extends RelationOptions = None>(target: T, options?: O) =>
    new Relation<T, 'foreignKey', IsNull<O>>(target, 'foreignKey', { index: true, ...options }),
  oneToOne: <T extends RelationTarget, const O extends RelationOptions = None>(target: T, options?: O) =>
    new Relation<T, 'oneToOne', IsNull<O>>(target, 'oneToOne', { ...options, unique: true }),
  manyToMany: <T extends RelationTarget, const O extends RelationOptions = None>(target: T, options?: O) =>
    new Relation<T, 'manyToMany', false>(target, 'manyToMany', options ?? {}),
}
