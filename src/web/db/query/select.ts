import {
  AggregateFunctionNode,
  AliasNode,
  ColumnNode,
  GroupByItemNode,
  IdentifierNode,
  LimitNode,
  OffsetNode,
  OrderByItemNode,
  QueryNode,
  ReferenceNode,
  SelectModifierNode,
  SelectQueryNode,
  SelectionNode,
  TableNode,
} from 'kysely'
import type { OperationNode } from 'kysely'
import type { Column, ModelMeta, RelationMeta } from '../model-meta.ts'
import { FieldError, NotSupportedError } from '../errors.ts'
import type { BoundAggregate, BoundExpression, BoundGroup, OutputType } from './bound.ts'
import { containsAggregate, nodeHasAggregate, pathsOfNode } from './bound.ts'
import { Grouping } from './grouping.ts'
import { aliased, reference } from './joins.ts'
import { loadedColumns } from './loading.ts'
import { defaultOrder } from './ordering.ts'
import { lockClause } from './row-lock.ts'
import { allOf, never, parens, raw, slot, template } from './sql.ts'
import type { OrderTerm, QueryState, RelatedTree } from './state.ts'
import { isSliced } from './state.ts'
import type { Environment, Outer } from './where-builder.ts'
import { WhereBuilder, positive } from './where-builder.ts'

/** A related row in the same result row: its columns begin at `offset`. */
export interface RelatedLayout {
  readonly relation: RelationMeta
  readonly columns: readonly Column[]
  readonly offset: number
  readonly children: readonly RelatedLayout[]
}

/** What the columns of a result row are. */
export interface Layout {
  readonly meta: ModelMeta
  readonly columns: readonly Column[]
  readonly related: readonly RelatedLayout[]
  /** After the columns: annotations; or, for `values`, everything. */
  readonly extra: readonly { readonly name: string; readonly output: OutputType; readonly offset: number }[]
}

export interface BuiltSelect {
  readonly node: SelectQueryNode
  readonly layout: Layout
}

/** What the SELECT is for. */
export type Purpose = 'rows' | 'exists' | 'pk' | 'subquery'

/** One SELECT from a queryset's state. */
export class SelectBuilder {
  readonly #state: QueryState
  readonly #builder: WhereBuilder
  readonly #where: OperationNode[] = []
  readonly #having: OperationNode[] = []
  readonly #grouping: Grouping
  readonly #selections: SelectionNode[] = []

  constructor(env: Environment, state: QueryState, depth = 0, outer: Outer | null = null) {
    this.#state = state
    this.#builder = new WhereBuilder(env, state.meta, depth, outer)
    this.#grouping = new Grouping(state, this.#builder)
    for (const step of state.steps) {
      if (step.type === 'filter') this.#filter(step.where)
      else this.#annotate(step.name, step.expression)
    }
    if (state.empty) this.#where.push(never())
  }

  get grouped(): boolean {
    return this.#grouping.isGrouped
  }

  get isJoined(): boolean {
    return this.#builder.joins.size > 0
  }

  get root(): string {
    return this.#builder.joins.root
  }

  /** The conditions without their SELECT. */
  get where(): OperationNode | null {
    return allOf(this.#where)
  }

  expression(expression: BoundExpression): OperationNode {
    return this.#builder.expression(expression, null)
  }

  #filter(where: BoundGroup): void {
    const position = positive(new Set())
    // The members of a plain conjunction can stand on either side of GROUP BY, each where it belongs.
    const parts = where.negated || where.connector === 'or' ? [where] : where.children
    for (const part of parts) {
      const node = this.#builder.node(part, position)
      if (node === null) continue
      if (nodeHasAggregate(part)) {
        this.#having.push(node)
        this.#grouping.include(...pathsOfNode(part))
      } else this.#where.push(node)
    }
  }

  #annotate(name: string, expression: BoundExpression): void {
    if (containsAggregate(expression)) this.#grouping.isGrouped = true
    this.#builder.annotations.set(name, this.#builder.expression(expression, null))
  }

  build(purpose: Purpose): BuiltSelect {
    if (purpose !== 'rows' && this.#state.distinct && isSliced(this.#state)) return this.#ofRows(purpose)
    const layout = this.#select(purpose)
    const order = purpose === 'rows' || isSliced(this.#state) ? this.#order() : []
    if (this.#state.distinct && purpose === 'rows') this.#selectOrdering(order)
    return { node: this.#finish(order, purpose), layout }
  }

  /** Which rows of distinct ones are in a part depends on all that makes them distinct, the order's columns too. */
  #ofRows(purpose: Purpose): BuiltSelect {
    const { meta, values } = this.#state
    if (values === null) this.#selectDistinguishing()
    else this.#selectValues(values)
    const order = this.#order()
    this.#selectOrdering(order)
    const column = purpose === 'exists' ? raw('1') : subColumn('c0')
    const node = selectFrom(this.#finish(order), [column])
    return { node, layout: { meta, columns: [], related: [], extra: [] } }
  }

  /**
   * Aggregates over the whole result. Where that is cut, distinct or grouped, it becomes a subquery with a column
   * for each argument.
   */
  aggregates(aggregates: ReadonlyMap<string, BoundExpression>): BuiltSelect {
    const { meta } = this.#state
    const extra = [...aggregates].map(([name, { output }], offset) => ({ name, output, offset }))
    const layout: Layout = { meta, columns: [], related: [], extra }
    if (!this.grouped && !this.#isDistinct && !isSliced(this.#state)) {
      for (const aggregate of aggregates.values())
        this.#pushExpression(this.#builder.expression(aggregate, null))
      return { node: this.#finish([]), layout }
    }
    if (this.#state.values === null) this.#selectDistinguishing()
    else this.#selectValues(this.#state.values)
    this.#builder.overSubquery = (aggregate) => this.#overSubquery(aggregate)
    const outer = [...aggregates.values()].map((aggregate) => this.#builder.expression(aggregate, null))
    this.#builder.overSubquery = null
    const order = isSliced(this.#state) || this.#state.distinctOn.length > 0 ? this.#order() : []
    // What is cut off depends on how many rows there are: as many as would be read.
    if (this.#state.distinct) this.#selectOrdering(order)
    return { node: selectFrom(this.#finish(order), outer), layout }
  }

  /** What tells rows apart where each is to be counted once: the key, and annotations over several related rows. */
  #selectDistinguishing(): void {
    const { annotations, hidden, distinct, meta } = this.#state
    this.#pushExpression(reference(this.#builder.joins.root, meta.pk))
    if (!distinct) return
    for (const [name, of] of annotations) {
      if (hidden.has(name)) continue
      const { output } = of
      this.#pushExpression(this.#builder.expression({ type: 'annotation', name, of, output }, null))
    }
  }

  get #isDistinct(): boolean {
    return this.#state.distinct || this.#state.distinctOn.length > 0
  }

  /** As one of several whose rows are put together: each column has a name, and there is no order of its own. */
  part(): BuiltSelect {
    const layout = this.#select('rows')
    const selections = this.#selections.splice(0)
    for (const { selection } of selections)
      this.#pushExpression(AliasNode.is(selection) ? selection.node : selection)
    const order = isSliced(this.#state) ? this.#order() : []
    if (this.#state.distinct) this.#selectOrdering(order)
    return { node: this.#finish(order, 'subquery'), layout }
  }

  /** The aggregate over a column of the subquery, which is made here. */
  #overSubquery(aggregate: BoundAggregate): OperationNode {
    const { arg, filter } = aggregate
    if (arg === null && filter === null) return raw('COUNT(*)')
    const known = arg?.type === 'annotation' ? this.#builder.annotations.get(arg.name) : undefined
    const value = arg === null ? raw('1') : (known ?? this.#builder.expression(arg, null))
    this.#grouping.include(...(arg === null ? [] : [arg]), ...(filter === null ? [] : pathsOfNode(filter)))
    const condition = filter === null ? null : this.#builder.group(filter, { ...positive(null), top: false })
    const name = this.#pushExpression(
      condition === null ? value : template('CASE WHEN $ THEN ? END', condition, [value]),
    )
    const node = AggregateFunctionNode.create(aggregate.func, [subColumn(name)])
    return aggregate.distinct ? AggregateFunctionNode.cloneWithDistinct(node) : node
  }

  /** Joins are made by what the expressions ask for, so FROM is written when all of those are there. */
  #finish(order: readonly OrderTerm[], purpose: Purpose = 'subquery'): SelectQueryNode {
    const ordering = order.map((term) => this.#orderItem(term))
    const groups = this.#grouping.items(order)
    const on = this.#distinctOn()
    let node = SelectQueryNode.createFrom([aliased(this.#state.meta.table, this.#builder.joins.root)])
    node = SelectQueryNode.cloneWithSelections(node, this.#selections)
    for (const join of this.#builder.joins.nodes()) node = QueryNode.cloneWithJoin(node, join)
    node = this.#withConditions(node, groups, on)
    if (ordering.length > 0) node = SelectQueryNode.cloneWithOrderByItems(node, ordering)
    return this.#withRange(node, purpose)
  }

  #distinctOn(): OperationNode[] {
    const { distinctOn } = this.#state
    if (distinctOn.length > 0 && this.#builder.env.vendor === 'sqlite')
      throw new NotSupportedError('DISTINCT ON fields is not supported by this database backend')
    return distinctOn.map((one) => this.#builder.expression(one, null))
  }

  #withConditions(
    select: SelectQueryNode,
    groups: readonly OperationNode[],
    on: readonly OperationNode[],
  ): SelectQueryNode {
    let node = select
    if (on.length > 0) {
      node = SelectQueryNode.cloneWithDistinctOn(node, on)
    } else if (this.#state.distinct) {
      node = SelectQueryNode.cloneWithFrontModifier(node, SelectModifierNode.create('Distinct'))
    }
    const where = allOf(this.#where)
    if (where !== null) node = QueryNode.cloneWithWhere(node, where)
    if (groups.length > 0) {
      const items = groups.map((item) => GroupByItemNode.create(item))
      node = SelectQueryNode.cloneWithGroupByItems(node, items)
    }
    const having = allOf(this.#having)
    return having === null ? node : SelectQueryNode.cloneWithHaving(node, having)
  }

  #withRange(select: SelectQueryNode, purpose: Purpose): SelectQueryNode {
    let node = select
    const { low, high } = this.#state
    let place = this.#builder.env.places.get(this.#state) ?? 0
    if (high !== null)
      node = SelectQueryNode.cloneWithLimit(node, LimitNode.create(this.#bound(slot(place++))))
    else if (purpose === 'exists') node = SelectQueryNode.cloneWithLimit(node, LimitNode.create(raw('1')))
    else if (low > 0 && this.#builder.env.vendor === 'sqlite') {
      // SQLite has no OFFSET without LIMIT.
      node = SelectQueryNode.cloneWithLimit(node, LimitNode.create(raw('-1')))
    }
    if (low > 0) node = SelectQueryNode.cloneWithOffset(node, OffsetNode.create(slot(place)))
    const { lock } = this.#state
    if (lock === null || purpose !== 'rows' || this.#builder.env.vendor === 'sqlite') return node
    return QueryNode.cloneWithEndModifier(
      node,
      SelectModifierNode.createWithExpression(lockClause(lock, this.#state, this.#builder.joins)),
    )
  }

  /**
   * SQLite looks at a bare parameter of LIMIT when it plans, and plans again at each new value: 25 microseconds
   * instead of 16 for 20 joined rows. It does not look into an expression.
   */
  #bound(limit: OperationNode): OperationNode {
    return this.#builder.env.vendor === 'sqlite' ? template('($ + 0)', limit) : limit
  }

  // --- what is selected ---

  #select(purpose: Purpose): Layout {
    const { meta, values } = this.#state
    if (purpose === 'exists') {
      this.#pushExpression(raw('1'))
    } else if (values !== null) {
      return this.#selectValues(values)
    } else if (purpose !== 'rows') {
      this.#pushColumn(this.#builder.joins.root, meta.pk)
    } else {
      return this.#selectRows()
    }
    return { meta, columns: [], related: [], extra: [] }
  }

  #selectRows(): Layout {
    const { meta, loading } = this.#state
    const columns = loading === null ? meta.columns : loadedColumns(meta, loading, '', this.#state.related)
    for (const column of columns) this.#pushColumn(this.#builder.joins.root, column)
    const extra: { name: string; output: OutputType; offset: number }[] = []
    for (const [name, expression] of this.#state.annotations) {
      if (this.#state.hidden.has(name)) continue
      extra.push({ name, output: expression.output, offset: this.#selections.length })
      this.#pushExpression(
        this.#builder.expression(
          { type: 'annotation', name, of: expression, output: expression.output },
          null,
        ),
      )
    }
    const related = this.#selectRelated(meta, this.#state.related, [], '')
    return { meta, columns, related, extra }
  }

  #selectRelated(
    meta: ModelMeta,
    tree: RelatedTree,
    above: RelationMeta['steps'],
    prefix: string,
  ): RelatedLayout[] {
    const { loading } = this.#state
    return [...tree].map(([name, children]) => {
      const relation = meta.relation(name)
      if (relation === undefined) throw new FieldError(`Invalid field name in selectRelated: '${name}'`)
      const steps = [...above, ...relation.steps]
      const alias = this.#builder.joins.follow({ steps }, null)
      const target = relation.target.ready()
      const path = `${prefix}${name}__`
      const columns = loading === null ? target.columns : loadedColumns(target, loading, path, children)
      const offset = this.#selections.length
      for (const column of columns) this.#pushColumn(alias, column)
      return { relation, columns, offset, children: this.#selectRelated(target, children, steps, path) }
    })
  }

  #selectValues(values: NonNullable<QueryState['values']>): Layout {
    const extra = values.terms.map(({ name, expression }, offset) => {
      this.#pushExpression(this.#builder.expression(expression, null))
      return { name, output: expression.output, offset }
    })
    return { meta: this.#state.meta, columns: [], related: [], extra }
  }

  #pushColumn(alias: string, column: Column): void {
    this.#selections.push(SelectionNode.create(reference(alias, column)))
  }

  #pushExpression(node: OperationNode): string {
    const name = `c${this.#selections.length}`
    this.#selections.push(SelectionNode.create(AliasNode.create(node, IdentifierNode.create(name))))
    return name
  }

  // --- ORDER BY ---

  /** A model's own ordering does not apply to grouped queries (Django since 3.1). */
  #order(): readonly OrderTerm[] {
    const { order, meta } = this.#state
    if (order !== null) return order
    return this.grouped ? [] : defaultOrder(meta)
  }

  #orderItem(term: OrderTerm): OrderByItemNode {
    if (term.type === 'random') return OrderByItemNode.create(raw('RANDOM()'))
    const node = this.#builder.expression(term.expression, null)
    const descending = term.descending !== this.#state.reversed
    const item = OrderByItemNode.create(node, descending ? raw('desc') : undefined)
    const nulls = nullsOf(term, this.#state.reversed)
    if (nulls !== undefined) return OrderByItemNode.cloneWith(item, { nulls })
    // SQLite counts NULL as the least of values; PostgreSQL is told to.
    if (this.#builder.env.vendor === 'sqlite') return item
    return OrderByItemNode.cloneWith(item, { nulls: descending ? 'last' : 'first' })
  }

  /** SELECT DISTINCT may be ordered only by what it selects. */
  #selectOrdering(order: readonly OrderTerm[]): void {
    for (const term of order) {
      if (term.type === 'expression') this.#pushExpression(this.#builder.expression(term.expression, null))
    }
  }
}

export const subColumn = (name: string): ReferenceNode =>
  ReferenceNode.create(ColumnNode.create(name), TableNode.create('sub'))

/** `SELECT a, b FROM (inner) AS sub`, for what is computed of a whole result. */
export function selectFrom(inner: SelectQueryNode, columns: readonly OperationNode[]): SelectQueryNode {
  const from = AliasNode.create(parens(inner), IdentifierNode.create('sub'))
  return SelectQueryNode.cloneWithSelections(
    SelectQueryNode.createFrom([from]),
    columns.map((one, i) => SelectionNode.create(AliasNode.create(one, IdentifierNode.create(`c${i}`)))),
  )
}

function nullsOf(
  term: Extract<OrderTerm, { type: 'expression' }>,
  reversed: boolean,
): 'first' | 'last' | undefined {
  if (term.nulls === undefined || !reversed) return term.nulls
  return term.nulls === 'first' ? 'last' : 'first'
}
