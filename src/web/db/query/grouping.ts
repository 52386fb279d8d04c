import type { OperationNode } from 'kysely'
import type { ModelMeta, RelationMeta } from '../model-meta.ts'
import type { BoundExpression } from './bound.ts'
import { containsAggregate, containsWindow, pathsOf } from './bound.ts'
import { reference } from './joins.ts'
import type { OrderTerm, QueryState, RelatedTree } from './state.ts'
import type { WhereBuilder } from './where-builder.ts'

/** GROUP BY of one SELECT: everything that is asked of single rows must be alike in a group. */
export class Grouping {
  isGrouped = false
  readonly #state: QueryState
  readonly #builder: WhereBuilder
  readonly #included: BoundExpression[] = []

  constructor(state: QueryState, builder: WhereBuilder) {
    this.#state = state
    this.#builder = builder
  }

  /** What HAVING looks at of single rows, or aggregates over groups do. */
  include(...expressions: readonly BoundExpression[]): void {
    this.#included.push(...expressions)
  }

  /** Nothing where rows are not grouped. */
  items(order: readonly OrderTerm[]): OperationNode[] {
    if (!this.isGrouped) return []
    const ordering = order.flatMap((term) => (term.type === 'expression' ? [term.expression] : []))
    const groups = this.#groups
    return [
      ...(groups === null ? this.#ofRows() : this.#ofValues(groups)),
      ...[...this.#included, ...ordering].flatMap((one) => this.#item(one)),
    ]
  }

  get #groups(): readonly BoundExpression[] | null {
    return this.#state.values?.groups?.map(({ expression }) => expression) ?? null
  }

  #ofValues(groups: readonly BoundExpression[]): OperationNode[] {
    return groups
      .filter((expression) => !containsAggregate(expression))
      .map((expression) => this.#builder.expression(expression, null))
  }

  #ofRows(): OperationNode[] {
    const { values, meta, related, annotations } = this.#state
    const looked = [...annotations.values(), ...(values?.terms ?? []).map(({ expression }) => expression)]
    return [
      reference(this.#builder.joins.root, meta.pk),
      ...this.#relatedKeys(meta, related, []),
      ...looked.flatMap((expression) => this.#item(expression)),
    ]
  }

  #item(expression: BoundExpression): OperationNode[] {
    if (containsAggregate(expression) || containsWindow(expression) || expression.type === 'literal')
      return []
    // What hangs on the row alone is decided by its key, which is grouped by already.
    const isOwn = [...pathsOf(expression)].every((path) => path.steps.length === 0)
    return isOwn && this.#groups === null ? [] : [this.#builder.expression(expression, null)]
  }

  #relatedKeys(meta: ModelMeta, tree: RelatedTree, above: RelationMeta['steps']): OperationNode[] {
    return [...tree].flatMap(([name, children]) => {
      const relation = meta.relation(name)
      if (relation === undefined) return []
      const steps = [...above, ...relation.steps]
      const key = reference(this.#builder.joins.follow({ steps }, null), relation.target.pk)
      return [key, ...this.#relatedKeys(relation.target, children, steps)]
    })
  }
}
