import type { Database } from '../database.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { BoundExpression, BoundGroup } from './bound.ts'

/** One `orderBy` term. */
export type OrderTerm =
  | {
      readonly type: 'expression'
      readonly expression: BoundExpression
      readonly descending: boolean
      readonly nulls: 'first' | 'last' | undefined
    }
  | { readonly type: 'random' }

/** What was asked, in the order it was asked: joins are shared within a filter and not between two (Django's rule). */
export type Step =
  | { readonly type: 'filter'; readonly where: BoundGroup }
  | { readonly type: 'annotate'; readonly name: string; readonly expression: BoundExpression }

/** Relations to load in the same query: a tree of forward and one-to-one ways. */
export type RelatedTree = ReadonlyMap<string, RelatedTree>

/** A column or annotation that `values` asks for. */
export interface ValueTerm {
  readonly name: string
  readonly expression: BoundExpression
}

/** Rows as plain objects, arrays or bare values instead of instances. */
export interface ValuesShape {
  readonly as: 'object' | 'array' | 'flat'
  readonly terms: readonly ValueTerm[]
  /** What aggregates after `values` group by; null where they came before it, and group by the row. */
  readonly groups: readonly ValueTerm[] | null
}

/** How rows are locked for the transaction (PostgreSQL). */
export interface RowLock {
  readonly wait: 'wait' | 'nowait' | 'skipLocked'
  /** Which tables' rows: `self`, or relations of `selectRelated`. Empty: all. */
  readonly of: readonly string[]
  readonly noKey: boolean
}

/** What `only` or `defer` said: columns by path, as `author__name`. */
export interface Loading {
  readonly names: ReadonlySet<string>
  readonly only: boolean
}

export type SetOperator = 'union' | 'union all' | 'intersect' | 'except'

/** Rows of several querysets put together. */
export interface Combination {
  readonly operator: SetOperator
  readonly parts: readonly QueryState[]
}

/** A queryset's whole content. Never changed, only copied. */
export interface QueryState {
  readonly meta: ModelMeta
  readonly steps: readonly Step[]
  readonly annotations: ReadonlyMap<string, BoundExpression>
  /** Annotations that only other parts of the query use: `alias()`. */
  readonly hidden: ReadonlySet<string>
  /** Null: the model's own ordering. */
  readonly order: readonly OrderTerm[] | null
  readonly reversed: boolean
  readonly low: number
  readonly high: number | null
  readonly distinct: boolean
  /** The first row of each of these (PostgreSQL). */
  readonly distinctOn: readonly BoundExpression[]
  readonly related: RelatedTree
  readonly prefetch: readonly string[]
  readonly values: ValuesShape | null
  /** Known to be empty: `none()`. */
  readonly empty: boolean
  readonly using: Database | null
  readonly lock: RowLock | null
  /** Null: every column. */
  readonly loading: Loading | null
  readonly combined: Combination | null
}

export const emptyState = (meta: ModelMeta): QueryState => ({
  meta,
  steps: [],
  annotations: new Map(),
  hidden: new Set(),
  order: null,
  reversed: false,
  low: 0,
  high: null,
  distinct: false,
  distinctOn: [],
  related: new Map(),
  prefetch: [],
  values: null,
  empty: false,
  using: null,
  lock: null,
  loading: null,
  combined: null,
})

export const isSliced = (state: QueryState): boolean => state.low > 0 || state.high !== null
