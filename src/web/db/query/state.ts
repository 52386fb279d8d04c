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
  /** Annotations that were there when `values` was called come along; later aggregates group by the terms. */
  readonly grouping: boolean
}

/** A queryset's whole content. Never changed, only copied. */
export interface QueryState {
  readonly meta: ModelMeta
  readonly steps: readonly Step[]
  readonly annotations: ReadonlyMap<string, BoundExpression>
  /** Null: the model's own ordering. */
  readonly order: readonly OrderTerm[] | null
  readonly reversed: boolean
  readonly low: number
  readonly high: number | null
  readonly distinct: boolean
  readonly related: RelatedTree
  readonly prefetch: readonly string[]
  readonly values: ValuesShape | null
  /** Known to be empty: `none()`. */
  readonly empty: boolean
  readonly using: Database | null
  readonly lock: boolean
}

export const emptyState = (meta: ModelMeta): QueryState => ({
  meta,
  steps: [],
  annotations: new Map(),
  order: null,
  reversed: false,
  low: 0,
  high: null,
  distinct: false,
  related: new Map(),
  prefetch: [],
  values: null,
  empty: false,
  using: null,
  lock: false,
})

export const isSliced = (state: QueryState): boolean => state.low > 0 || state.high !== null
