import type { Database } from '../database.ts'
import { currentDatabase } from '../databases.ts'
import { FieldError, ValueError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
import type {
  Annotated,
  Annotations,
  Chain,
  Columns,
  Ordering,
  Shape,
  TupleOf,
  ValueAt,
  ValuesOf,
  AnyWhere,
} from '../types.ts'
import type { Filter, Names } from './bind.ts'
import { bindExpression, bindFilters } from './bind.ts'
import type { BoundExpression } from './bound.ts'
import { containsAggregate } from './bound.ts'
import type { Expression, OrderBy } from './expressions.ts'
import { bindOrder } from './ordering.ts'
import { requirePath } from './path.ts'
import type { Q } from './q.ts'
import type { QueryState, RelatedTree, ValueTerm } from './state.ts'
import { isSliced } from './state.ts'

const NAME = /^[A-Za-z_$][A-Za-z0-9_$]*$/

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
  filter(...filters: (AnyWhere<S, R> | Q)[]): Chain<S, R> {
    return this.#filtered(filters, false)
  }

  /** Rows for which not everything holds. */
  exclude(...filters: (AnyWhere<S, R> | Q)[]): Chain<S, R> {
    return this.#filtered(filters, true)
  }

  #filtered(filters: readonly Filter[], negated: boolean): Chain<S, R> {
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

  distinct(): Chain<S, R> {
    this.refuseSlice('create distinct fields')
    return this.derive({ distinct: true })
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
    if (this.state.values !== null)
      throw new TypeError('Cannot call selectRelated() after .values() or .valuesList()')
    let related: RelatedTree = this.state.related
    for (const name of names) related = addRelated(this.meta.ready(), related, name.split('__'))
    return this.derive({ related })
  }

  /** Loads to-many relations with one more query each: `prefetchRelated('tags', 'comments__author')`. */
  prefetchRelated(...names: string[]): Chain<S, R> {
    if (this.state.values !== null)
      throw new TypeError('Cannot call prefetchRelated() after .values() or .valuesList()')
    for (const name of names) checkPrefetch(this.meta.ready(), name)
    return this.derive({ prefetch: [...this.state.prefetch, ...names] })
  }

  /** Locks the rows until the transaction ends, where the database knows how (SQLite has one writer anyway). */
  selectForUpdate(): Chain<S, R> {
    return this.derive({ lock: true })
  }

  /** Asks this database. */
  using(database: Database | string): Chain<S, R> {
    return this.derive({
      using: typeof database === 'string' ? currentDatabase(this.meta.registry, database) : database,
    })
  }

  /** Computed columns: each row has them as properties. */
  annotate<const A extends Annotations>(annotations: A): Chain<S, R & Annotated<A>> {
    this.refuseSlice('annotate a query')
    let { steps, annotations: known, values } = this.state
    for (const [name, expression] of Object.entries(annotations)) {
      const names: Names = { meta: this.meta.ready(), annotations: known }
      this.#checkAnnotation(name)
      const bound = bindExpression(names, expression)
      known = new Map([...known, [name, bound]])
      steps = [...steps, { type: 'annotate', name, expression: bound }]
      if (values !== null) values = { ...values, terms: [...values.terms, annotationTerm(name, bound)] }
    }
    return this.derive<R & Annotated<A>>({ steps, annotations: known, values })
  }

  /** An annotation becomes an alias and a property: it is an identifier, and never another thing's. */
  #checkAnnotation(name: string): void {
    if (!NAME.test(name) || name.includes('__')) {
      throw new ValueError(
        'Column aliases cannot contain whitespace characters, quotation marks, semicolons, or SQL comments.',
      )
    }
    if (this.meta.column(name) !== undefined || this.meta.relation(name) !== undefined || name === 'then') {
      throw new ValueError(`The annotation '${name}' conflicts with a field on the model.`)
    }
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
    const { annotations } = this.state
    const terms = names.length > 0 ? names.map((name) => this.#term(name)) : this.#everyTerm()
    const grouping = this.state.values?.grouping ?? ![...annotations.values()].some(containsAggregate)
    return this.derive<unknown>({ values: { as, terms, grouping }, related: new Map(), prefetch: [] })
  }

  #everyTerm(): ValueTerm[] {
    const columns = this.meta.ready().columns.map((column) => this.#term(column.attname))
    return [...columns, ...[...this.state.annotations].map(([name, of]) => annotationTerm(name, of))]
  }

  #term(name: string): ValueTerm {
    const of = this.state.annotations.get(name)
    if (of !== undefined) return annotationTerm(name, of)
    const path = requirePath(this.meta, name, this.state.annotations.keys())
    return { name, expression: { type: 'path', path, output: path.column } }
  }
}

const annotationTerm = (name: string, of: BoundExpression): ValueTerm => ({
  name,
  expression: { type: 'annotation', name, of, output: of.output },
})

const isIndex = (n: number): boolean => Number.isInteger(n) && n >= 0

function addRelated(meta: ModelMeta, tree: RelatedTree, [name, ...rest]: readonly string[]): RelatedTree {
  if (name === undefined) return tree
  const relation = meta.relation(name)
  if (relation === undefined || relation.multiple) {
    const choices = [...meta.relations.values(), ...meta.reverse.values()]
      .filter((r) => !r.multiple)
      .map((r) => r.name)
    const list = choices.length > 0 ? choices.join(', ') : '(none)'
    throw new FieldError(`Invalid field name(s) given in select_related: '${name}'. Choices are: ${list}`)
  }
  const child = addRelated(relation.target.ready(), tree.get(name) ?? new Map<string, RelatedTree>(), rest)
  return new Map([...tree, [name, child]])
}

function checkPrefetch(root: ModelMeta, path: string): void {
  let meta = root
  for (const name of path.split('__')) {
    const relation = findPrefetch(meta.ready(), name)
    if (relation === undefined) {
      throw new FieldError(
        `Cannot find '${name}' on ${meta.objectName} object, '${path}' is an invalid parameter to prefetchRelated()`,
      )
    }
    meta = relation.target
  }
}

/** By keyword or by property: `prefetchRelated('commentSet')` is Django's way of saying it. */
export const findPrefetch = (meta: ModelMeta, name: string): ReturnType<ModelMeta['relation']> =>
  meta.relation(name) ?? [...meta.reverse.values()].find((relation) => relation.accessor === name)
