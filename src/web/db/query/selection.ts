import type { Database } from '../database.ts'
import { currentDatabase } from '../databases.ts'
import { NotSupportedError, ValueError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
import type {
  Annotated,
  Annotations,
  Chain,
  ColumnPath,
  Columns,
  Ordering,
  Shape,
  TupleOf,
  ValueAt,
  ValuesOf,
  AnyWhere,
} from '../types.ts'
import { assertAlias } from './alias.ts'
import type { Filter, Names } from './bind.ts'
import { Binding, bindExpression, bindFilters } from './bind.ts'
import type { BoundExpression, OutputType } from './bound.ts'
import { containsAggregate } from './bound.ts'
import type { ZoneOptions } from './date-functions.ts'
import { zoneOf } from './date-functions.ts'
import type { Expression, OrderBy } from './expressions.ts'
import { bindOrder } from './ordering.ts'
import { loadingNames, withLoading } from './loading.ts'
import { date, dateTime } from './outputs.ts'
import type { Q } from './q.ts'
import { addRelated, checkPrefetch } from './related-tree.ts'
import type { LockOptions } from './row-lock.ts'
import { rowLock } from './row-lock.ts'
import type { QueryState, RelatedTree, SetOperator, ValueTerm, ValuesShape } from './state.ts'
import { emptyState, isSliced } from './state.ts'
import { truncated } from './transforms.ts'

/**
 * A description of rows that nobody has read yet. Every method gives a new one; names are checked at once, and the
 * database is asked by what queryset.ts adds.
 */
export class Selection<S extends Shape, R> {
  readonly state: QueryState
  readonly isQuerySet = true

  constructor(state: QueryState) {
    this.state = state
  }

  /** The same model's queryset class, custom methods included, over another state. */
  protected derive<R2 = R>(change: Partial<QueryState>): Chain<S, R2> {
    // The class with the custom methods is made at run time (model.ts), which types.ts describes as Chain.
    return this.state.meta.chain({ ...this.state, ...change }) as Chain<S, R2>
  }

  protected get names(): Names {
    return { meta: this.state.meta.ready(), annotations: this.state.annotations }
  }

  protected get meta(): ModelMeta {
    return this.state.meta
  }

  /** Where the query goes: what `using` said, or the database of the scope. */
  protected get database(): Database {
    return this.state.using ?? currentDatabase(this.state.meta.registry)
  }

  /** Django's sentence. */
  protected refuseCombined(method: string): void {
    const { combined } = this.state
    if (combined === null) return
    const maker = { union: 'union', 'union all': 'unionAll', intersect: 'intersection', except: 'difference' }
    throw new NotSupportedError(
      `Calling QuerySet.${method}() after ${maker[combined.operator]}() is not supported.`,
    )
  }

  protected refuseSlice(what: string): void {
    if (isSliced(this.state)) throw new TypeError(`Cannot ${what} once a slice has been taken.`)
  }

  /** A copy that will ask the database again. */
  all(): Chain<S, R> {
    return this.derive({})
  }

  none(): Chain<S, R> {
    return this.derive({ empty: true })
  }

  /** Rows for which everything holds. Conditions of one call on a to-many relation are about the same related row. */
  filter(...filters: (AnyWhere<S, R> | Q | Expression<boolean>)[]): Chain<S, R> {
    return this.#filtered(filters, false)
  }

  /** Rows for which not everything holds. */
  exclude(...filters: (AnyWhere<S, R> | Q | Expression<boolean>)[]): Chain<S, R> {
    return this.#filtered(filters, true)
  }

  #filtered(filters: readonly Filter[], negated: boolean): Chain<S, R> {
    this.refuseCombined(negated ? 'exclude' : 'filter')
    this.refuseSlice('filter a query')
    const where = bindFilters(this.names, filters, negated)
    if (where.children.length === 0) return this.derive({})
    return this.derive({ steps: [...this.state.steps, { type: 'filter', where }] })
  }

  /** Replaces the order. `'-name'` is descending, `'?'` random; no argument: no order. */
  orderBy(...terms: (Ordering<S> | Expression | OrderBy)[]): Chain<S, R> {
    this.refuseSlice('reorder a query')
    return this.derive({ order: bindOrder(this.names, terms), reversed: false })
  }

  reverse(): Chain<S, R> {
    this.refuseSlice('reverse a query')
    return this.derive({ reversed: !this.state.reversed })
  }

  /**
   * Every row once. With names (PostgreSQL only): the first row of each of their values, so the order begins with
   * them too.
   */
  distinct(...names: ColumnPath<S>[]): Chain<S, R> {
    this.refuseCombined('distinct')
    this.refuseSlice('create distinct fields')
    const binding = new Binding(this.names)
    return this.derive({ distinct: true, distinctOn: names.map((name) => binding.reference(name)) })
  }

  // --- several querysets as one ---

  /** Rows of this and the others, each once. All must have columns of the same types. */
  union(...others: Combinable[]): Chain<S, R> {
    return this.#combined('union', others)
  }

  /** As `union`, with every row as often as it is found. */
  unionAll(...others: Combinable[]): Chain<S, R> {
    return this.#combined('union all', others)
  }

  /** Rows that are in this and in all others. */
  intersection(...others: Combinable[]): Chain<S, R> {
    return this.#combined('intersect', others)
  }

  /** Rows that are in none of the others. */
  difference(...others: Combinable[]): Chain<S, R> {
    return this.#combined('except', others)
  }

  #combined(operator: SetOperator, others: readonly Combinable[]): Chain<S, R> {
    const { state } = this
    const parts = [state, ...others.map((other) => other.state)]
    const { annotations, hidden, using, prefetch } = state
    const values = state.values ?? null
    return this.derive({
      ...emptyState(state.meta),
      ...{ annotations, hidden, using, prefetch, values },
      order: [],
      combined: { operator, parts },
    })
  }

  // --- columns ---

  /** Reads these columns and the key; asked for another one, a row throws. Relations of `selectRelated` too. */
  only(...names: ColumnPath<S>[]): Chain<S, R> {
    return this.#loading('only', names)
  }

  /** Reads all columns but these; asked for one of them, a row throws. */
  defer(...names: ColumnPath<S>[]): Chain<S, R> {
    return this.#loading('defer', names)
  }

  #loading(method: 'only' | 'defer', names: readonly string[]): Chain<S, R> {
    this.refuseCombined(method)
    if (this.state.values !== null)
      throw new TypeError(`Cannot call ${method}() after .values() or .valuesList()`)
    const paths = loadingNames(this.meta.ready(), names)
    return this.derive({ loading: withLoading(this.state.loading, paths, method === 'only') })
  }

  /**
   * The years, months, weeks or days that there are rows of, as `'YYYY-MM-DD'`: each once, in order. Of moments, in the
   * current time zone.
   */
  dates(
    name: ColumnPath<S>,
    unit: 'year' | 'month' | 'week' | 'day',
    order: 'asc' | 'desc' = 'asc',
  ): Chain<S, string> {
    return this.#beginnings(name, unit, order, date, null)
  }

  /** As `dates`, as the moments at which they began, down to the second; in the current time zone, or in `tzinfo`. */
  datetimes(
    name: ColumnPath<S>,
    unit: 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second',
    order: 'asc' | 'desc' = 'asc',
    options: ZoneOptions = {},
  ): Chain<S, Date> {
    return this.#beginnings(name, unit, order, dateTime, zoneOf(options))
  }

  #beginnings<T>(
    name: string,
    unit: string,
    order: 'asc' | 'desc',
    output: OutputType,
    timeZone: string | null,
  ): Chain<S, T> {
    const expression = truncated(new Binding(this.names).reference(name), unit, output, timeZone)
    const present = this.#filtered([{ [`${name}__isnull`]: false }], false)
    const values = { as: 'flat', terms: [{ name, expression }], groups: null } as const
    const term = { type: 'expression', expression, descending: order === 'desc', nulls: undefined } as const
    const change = { values, distinct: true, order: [term], reversed: false }
    return new Selection<S, T>({ ...present.state, ...change, related: new Map(), prefetch: [] }).derive({})
  }

  /** Rows `start` to `end` (not included) of this selection, as `Array.prototype.slice` counts; nothing from the end. */
  slice(start: number, end?: number): Chain<S, R> {
    if (!isIndex(start) || (end !== undefined && !isIndex(end))) {
      throw new ValueError('Negative indexing is not supported.')
    }
    const { low, high } = this.state
    const from = low + start
    const to = end === undefined ? high : Math.min(high ?? Infinity, low + end)
    if (to !== null && to <= from) return this.derive({ empty: true, low: from, high: from })
    return this.derive({ low: from, high: to })
  }

  /** Loads single relations in the same query: `selectRelated('author', 'author__company')`. */
  selectRelated(...names: string[]): Chain<S, R> {
    this.refuseCombined('selectRelated')
    if (this.state.values !== null)
      throw new TypeError('Cannot call selectRelated() after .values() or .valuesList()')
    let related: RelatedTree = this.state.related
    for (const name of names) related = addRelated(this.meta.ready(), related, name.split('__'))
    return this.derive({ related })
  }

  /** Loads to-many relations with one more query each: `prefetchRelated('tags', 'comments__author')`. */
  prefetchRelated(...names: string[]): Chain<S, R> {
    this.refuseCombined('prefetchRelated')
    if (this.state.values !== null)
      throw new TypeError('Cannot call prefetchRelated() after .values() or .valuesList()')
    for (const name of names) checkPrefetch(this.meta.ready(), name)
    return this.derive({ prefetch: [...this.state.prefetch, ...names] })
  }

  /**
   * Locks the rows until the transaction ends, on PostgreSQL, where there must be one. SQLite has one writer anyway:
   * there it says nothing. `of` names whose rows: `'self'`, or relations of `selectRelated`.
   */
  selectForUpdate(options: LockOptions = {}): Chain<S, R> {
    return this.derive({ lock: rowLock(options) })
  }

  /** Asks this database. */
  using(database: Database | string): Chain<S, R> {
    return this.derive({
      using: typeof database === 'string' ? currentDatabase(this.meta.registry, database) : database,
    })
  }

  /** Computed columns: each row has them as properties. */
  annotate<const A extends Annotations>(annotations: A): Chain<S, R & Annotated<A>> {
    this.refuseCombined('annotate')
    return this.#annotated<R & Annotated<A>>(annotations, true)
  }

  /** As `annotate`, for filters, orders and other annotations only: the rows do not have them. */
  alias(annotations: Annotations): Chain<S, R> {
    this.refuseCombined('alias')
    return this.#annotated<R>(annotations, false)
  }

  #annotated<R2>(annotations: Annotations, selected: boolean): Chain<S, R2> {
    this.refuseSlice('annotate a query')
    let { steps, annotations: known, values } = this.state
    const hidden = new Set(this.state.hidden)
    for (const [name, expression] of Object.entries(annotations)) {
      const names: Names = { meta: this.meta.ready(), annotations: known }
      assertAlias(this.meta, name)
      const bound = bindExpression(names, expression)
      known = new Map([...known, [name, bound]])
      steps = [...steps, { type: 'annotate', name, expression: bound }]
      if (selected) hidden.delete(name)
      else hidden.add(name)
      if (values !== null) values = withTerm(values, annotationTerm(name, bound), selected)
    }
    return this.derive<R2>({ steps, annotations: known, values, hidden })
  }

  /** Plain objects with these names; all columns and annotations without one. */
  values(): Chain<S, Columns<S> & Omit<R, keyof Columns<S>>>
  values<const N extends readonly string[]>(...names: N): Chain<S, ValuesOf<S, R, N>>
  values(...names: string[]): unknown {
    return this.#valued('object', names)
  }

  /** Arrays; with `flat` and one name, bare values. */
  valuesList<const N extends string>(name: N, options: { flat: true }): Chain<S, ValueAt<S, R, N>>
  valuesList<const N extends readonly string[]>(...names: N): Chain<S, TupleOf<S, R, N>>
  valuesList(...args: (string | { flat: true })[]): unknown {
    const flat = args.some((arg) => typeof arg === 'object')
    const names = args.filter((arg) => typeof arg === 'string')
    if (flat && names.length !== 1) {
      throw new TypeError("'flat' is not valid when valuesList is called with more than one field.")
    }
    return this.#valued(flat ? 'flat' : 'array', names)
  }

  #valued(as: 'object' | 'array' | 'flat', names: readonly string[]): Chain<S, unknown> {
    const { annotations, combined } = this.state
    if (combined !== null) {
      const parts = combined.parts.map((part) => new Selection<S, unknown>(part).#valued(as, names).state)
      const own = parts[0]?.values ?? null
      return this.derive<unknown>({ values: own, combined: { ...combined, parts }, prefetch: [] })
    }
    const terms = names.length > 0 ? names.map((name) => this.#term(name)) : this.#everyTerm()
    const aggregated = [...annotations.values()].some(containsAggregate)
    const groups = aggregated ? (this.state.values?.groups ?? null) : terms
    return this.derive<unknown>({ values: { as, terms, groups }, related: new Map(), prefetch: [] })
  }

  #everyTerm(): ValueTerm[] {
    const columns = this.meta.ready().columns.map((column) => this.#term(column.attname))
    const shown = [...this.state.annotations].filter(([name]) => !this.state.hidden.has(name))
    return [...columns, ...shown.map(([name, of]) => annotationTerm(name, of))]
  }

  #term(name: string): ValueTerm {
    return { name, expression: new Binding(this.names).reference(name) }
  }
}

/** Anything whose rows can be put together with others. */
interface Combinable {
  readonly isQuerySet: true
  readonly state: QueryState
}

const withTerm = (values: ValuesShape, term: ValueTerm, selected: boolean): ValuesShape => ({
  as: values.as,
  terms: selected ? [...values.terms, term] : values.terms,
  groups: values.groups === null ? null : [...values.groups, term],
})

const annotationTerm = (name: string, of: BoundExpression): ValueTerm => ({
  name,
  expression: { type: 'annotation', name, of, output: of.output },
})

const isIndex = (n: number): boolean => Number.isInteger(n) && n >= 0
