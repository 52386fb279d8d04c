/**
 * What the compiler knows of a model: from the field table to the row, the lookups and the values of a new row.
 * Types only; nothing here runs.
 */

import type { Field } from './fields/field.ts'
import type { Relation } from './fields/relation.ts'
import type { ModelMeta } from './model-meta.ts'
import type { Expression } from './query/expressions.ts'
import type { QuerySet } from './query/queryset.ts'
import type { RelatedSet } from './related-set.ts'
import type { ModelRow } from './row.ts'
import type { MultipleObjectsReturned, ObjectDoesNotExist } from './errors.ts'

export type FieldMap = Readonly<Record<string, Field | (() => Relation)>>

/** Everything about a model that types depend on, in one parameter. */
export interface Shape {
  readonly name: string
  readonly fields: FieldMap
  /** The methods that `managers` adds to querysets. */
  readonly custom: object
  /** The methods that `methods` adds to rows. */
  readonly methods: object
}

/** Any model, where it does not matter which. */
export interface AnyModel {
  readonly meta: ModelMeta
  /** Phantom. */
  readonly shape: Shape
}

/** A model: a class of rows with its manager. */
export interface ModelClass<S extends Shape> extends AnyModel {
  readonly shape: S
  /** An unsaved row. What is left out gets its default. */
  new (values?: Partial<Values<S>>): Row<S>
  readonly objects: Chain<S, Row<S>>
  readonly DoesNotExist: typeof ObjectDoesNotExist
  readonly MultipleObjectsReturned: typeof MultipleObjectsReturned
}

/** The row type of a model: `export type Article = Instance<typeof Article>`. */
export type Instance<M extends AnyModel> = Row<M['shape']>

/**
 * Names of ways back, for the compiler. A model cannot know who refers to it, so where the typed property is
 * wanted it is declared: `declare module 'portico/web' { interface RelatedNames { Author: { articles: typeof Article } } }`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging
export interface RelatedNames {}

type Reverse<Name> = Name extends keyof RelatedNames
  ? { readonly [K in keyof RelatedNames[Name]]: SetOf<RelatedNames[Name][K]> }
  : unknown
type SetOf<M> = M extends AnyModel ? RelatedSet<M['shape']> : never

type Simplify<T> = { [K in keyof T]: T[K] }
type UnionToIntersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void
  ? I
  : never

type ScalarNames<F> = { [K in keyof F]: F[K] extends Field ? K : never }[keyof F] & string
type SingleNames<F> = {
  [K in keyof F]: F[K] extends () => Relation<infer _T, infer Type>
    ? Type extends 'manyToMany'
      ? never
      : K
    : never
}[keyof F] &
  string
type ManyNames<F> = {
  [K in keyof F]: F[K] extends () => Relation<infer _T, 'manyToMany'> ? K : never
}[keyof F] &
  string

type ReadOf<X> = X extends Field<infer R> ? R : never
type PrimaryNames<F> = {
  [K in keyof F]: F[K] extends Field<unknown, { optional: boolean; primary: true }> ? K : never
}[keyof F]
/** The type of the primary key: `id`'s number unless a field says `primaryKey`. */
export type Pk<S extends Shape> = [PrimaryNames<S['fields']>] extends [never]
  ? number
  : ReadOf<S['fields'][PrimaryNames<S['fields']>]>
type AutoPk<S extends Shape> = [PrimaryNames<S['fields']>] extends [never] ? { id: number } : unknown

type TargetShape<X, Self extends Shape> = X extends () => Relation<infer T>
  ? T extends AnyModel
    ? T['shape']
    : T extends 'self'
      ? Self
      : Shape
  : never
type OrNull<X, T> = X extends () => Relation<infer _T, infer _K, infer N>
  ? N extends true
    ? T | null
    : T
  : never

/** The columns of a row, as `values()` gives them. */
export type Columns<S extends Shape> = Simplify<
  AutoPk<S> & {
    -readonly [K in ScalarNames<S['fields']>]: ReadOf<S['fields'][K]>
  } & {
    [K in SingleNames<S['fields']> as `${K}Id`]: OrNull<S['fields'][K], Pk<TargetShape<S['fields'][K], S>>>
  }
>

export type Row<S extends Shape> = ModelRow &
  Columns<S> & {
    [K in SingleNames<S['fields']>]: OrNull<S['fields'][K], Row<TargetShape<S['fields'][K], S>>>
  } & {
    readonly [K in ManyNames<S['fields']>]: RelatedSet<TargetShape<S['fields'][K], S>>
  } & {
    readonly pk: Pk<S>
    /** Loads one relation and remembers it: the explicit form of what an unloaded relation refuses to do. */
    fetchRelated<K extends SingleNames<S['fields']>>(
      name: K,
    ): Promise<OrNull<S['fields'][K], Row<TargetShape<S['fields'][K], S>>>>
  } & Reverse<S['name']> &
  S['methods']

/** The shape that `managers` was written against: the model without what its options add. */
interface BareOf<S extends Shape> extends Shape {
  readonly name: S['name']
  readonly fields: S['fields']
  readonly custom: Record<never, never>
  readonly methods: Record<never, never>
}
/** A bare row of the model is one with its methods; anything else stays what it is. */
type Grown<S extends Shape, R> = R extends ModelRow ? (Row<BareOf<S>> extends R ? Row<S> : R) : R
type GrownResult<S extends Shape, T> =
  T extends QuerySet<infer _S, infer R>
    ? Chain<S, Grown<S, R>>
    : T extends Promise<infer R>
      ? Promise<Grown<S, R>>
      : T

/** The custom methods, with the rows and querysets they return knowing the model's whole shape again. */
type Custom<S extends Shape> = {
  [K in keyof S['custom']]: S['custom'][K] extends (...args: infer A) => infer T
    ? (...args: A) => GrownResult<S, T>
    : S['custom'][K]
}

/** A queryset with the model's own methods on it. */
export type Chain<S extends Shape, R = Row<S>> = QuerySet<S, R> & Custom<S>

type OptionalNames<F> = {
  [K in keyof F]: F[K] extends Field<unknown, { optional: true; primary: boolean }> ? K : never
}[keyof F] &
  string
type RequiredNames<F> = Exclude<ScalarNames<F>, OptionalNames<F>>
type OneForeign<S extends Shape, K extends string & keyof S['fields']> =
  { [P in K]: Row<TargetShape<S['fields'][K], S>> } | { [P in `${K}Id`]: Pk<TargetShape<S['fields'][K], S>> }
/** Boxed, so that making an intersection of all relations leaves each one's own union whole. */
type Foreign<S extends Shape> = {
  [K in SingleNames<S['fields']>]: {
    box: null extends OrNull<S['fields'][K], 0>
      ? { [P in K]?: Row<TargetShape<S['fields'][K], S>> | null } & {
          [P in `${K}Id`]?: Pk<TargetShape<S['fields'][K], S>> | null
        }
      : OneForeign<S, K>
  }
}[SingleNames<S['fields']>]
type Unboxed<T> = T extends { box: infer B } ? B : never

/** What a new row is made of: a relation by its row (`author`) or by its key (`authorId`). */
export type Values<S extends Shape> = { [K in RequiredNames<S['fields']>]: ReadOf<S['fields'][K]> } & {
  [K in OptionalNames<S['fields']>]?: ReadOf<S['fields'][K]>
} & ([PrimaryNames<S['fields']>] extends [never] ? { id?: number } : unknown) &
  ([SingleNames<S['fields']>] extends [never] ? unknown : Unboxed<UnionToIntersection<Foreign<S>>>)

/** New values for `update()`: a value, or an expression such as `F('votes').add(1)`. */
export type Changes<S extends Shape> = {
  [K in keyof Columns<S>]?: Columns<S>[K] | Expression
} & {
  [K in SingleNames<S['fields']>]?:
    Row<TargetShape<S['fields'][K], S>> | Pk<TargetShape<S['fields'][K], S>> | Expression | null
}

type Comparison = 'exact' | 'gt' | 'gte' | 'lt' | 'lte'
type TextLookup =
  | 'iexact'
  | 'contains'
  | 'icontains'
  | 'startswith'
  | 'istartswith'
  | 'endswith'
  | 'iendswith'
  | 'regex'
  | 'iregex'
type DatePart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'
/** Any queryset, whatever its rows. */
type AnyQuerySet = QuerySet<Shape, unknown> | { readonly isQuerySet: true }
/** What a date may be compared with: text in ISO form is read as UTC. */
type Loose<T> = T extends Date ? Date | string : T

/**
 * Keyword arguments of `filter` and its kin. Own fields are checked to the value's type; keys through relations
 * (`author__name`) are checked against the metadata when the queryset is made.
 */
export type Where<S extends Shape> = {
  [K in keyof Columns<S> as K | `${K & string}__${Comparison}`]?: Loose<Columns<S>[K]> | Expression | null
} & {
  [K in keyof Columns<S> as `${K & string}__in`]?: Iterable<Loose<Columns<S>[K]>> | AnyQuerySet
} & {
  [K in keyof Columns<S> as `${K & string}__range`]?: readonly [Loose<Columns<S>[K]>, Loose<Columns<S>[K]>]
} & {
  [K in keyof Columns<S> as `${K & string}__isnull`]?: boolean
} & {
  [K in keyof Columns<S> as `${K & string}__${TextLookup}`]?: string | number | Expression
} & {
  [
    K in keyof Columns<S> as NonNullable<Columns<S>[K]> extends Date | string
      ? `${K & string}__${DatePart}`
      : never
  ]?: number | Expression
} & {
  [K in SingleNames<S['fields']>]?:
    Row<TargetShape<S['fields'][K], S>> | Pk<TargetShape<S['fields'][K], S>> | Expression | null
} & {
  [K in ManyNames<S['fields']>]?:
    Row<TargetShape<S['fields'][K], S>> | Pk<TargetShape<S['fields'][K], S>> | Expression
} & { pk?: Pk<S> | Expression } & { [key: `${string}__${string}`]: unknown }

/** Annotations of the queryset may be compared by their names alone too. */
export type AnyWhere<S extends Shape, R> = Where<S> & {
  readonly [K in Exclude<keyof R, keyof Row<S>>]?: unknown
}

/** A name to order by: own columns complete in the editor; paths through relations and annotations are allowed. */
export type Ordering<S extends Shape> =
  (keyof Columns<S> & string) | `-${keyof Columns<S> & string}` | (string & {})

/** The name of a column: own ones by name, those of relations by a path. */
export type ColumnPath<S extends Shape> =
  (keyof Columns<S> & string) | SingleNames<S['fields']> | 'pk' | `${string}__${string}`

/** The type of what a name means in `values`: a column, a relation's key, a path through relations, an annotation. */
export type ValueAt<S extends Shape, R, P> = P extends 'pk'
  ? Pk<S>
  : P extends keyof Columns<S>
    ? Columns<S>[P]
    : P extends SingleNames<S['fields']>
      ? OrNull<S['fields'][P], Pk<TargetShape<S['fields'][P], S>>>
      : P extends keyof R
        ? R[P]
        : P extends `${infer A}__${infer B}`
          ? A extends SingleNames<S['fields']>
            ? OrNull<S['fields'][A], ValueAt<TargetShape<S['fields'][A], S>, never, B>>
            : unknown
          : unknown

export type ValuesOf<S extends Shape, R, Names extends readonly string[]> = {
  [P in Names[number]]: ValueAt<S, R, P>
}
export type TupleOf<S extends Shape, R, Names extends readonly string[]> = {
  -readonly [I in keyof Names]: ValueAt<S, R, Names[I]>
}
export type Annotations = Readonly<Record<string, Expression>>
export type Annotated<A extends Annotations> = { -readonly [K in keyof A]: A[K]['value'] }
