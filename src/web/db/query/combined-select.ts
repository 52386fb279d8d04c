import { OrderByItemNode, SelectQueryNode, SetOperationNode, LimitNode, OffsetNode } from 'kysely'
import type { OperationNode } from 'kysely'
import { DatabaseError } from '../errors.ts'
import { raw, slot } from './sql.ts'
import { SelectBuilder, selectFrom, subColumn } from './select.ts'
import type { BuiltSelect, Layout, Purpose } from './select.ts'
import type { Combination, OrderTerm, QueryState } from './state.ts'
import { isSliced } from './state.ts'
import type { Environment, Outer } from './where-builder.ts'

/** `UNION` and its kin: SQLite takes neither brackets nor an order inside, so what needs them becomes a subquery. */

interface Setting {
  readonly env: Environment
  readonly depth: number
  readonly outer: Outer | null
}

/** One SELECT for any queryset. */
export function buildSelect(
  env: Environment,
  state: QueryState,
  purpose: Purpose,
  depth = 0,
  outer: Outer | null = null,
): BuiltSelect {
  if (state.combined === null) return new SelectBuilder(env, state, depth, outer).build(purpose)
  const { node, layout } = compound({ env, depth, outer }, state.combined)
  if (purpose === 'exists') {
    const all = isSliced(state) ? withRange(selectFrom(node, [raw('1')]), env, state) : node
    const one = selectFrom(all, [raw('1')])
    return { node: SelectQueryNode.cloneWithLimit(one, LimitNode.create(raw('1'))), layout }
  }
  const columns = purpose === 'rows' ? columnsOf(layout) : [keyOf(layout)]
  const ordered = withOrder(selectFrom(node, columns.map(subColumn)), state, layout)
  return { node: withRange(ordered, env, state), layout }
}

/** How many rows there are together. */
export function countCombined(env: Environment, state: QueryState): BuiltSelect {
  const { node, layout } = buildSelect(env, state, 'rows')
  return { node: selectFrom(node, [raw('count(*)')]), layout }
}

function compound(setting: Setting, { operator, parts }: Combination): BuiltSelect {
  const [first, ...rest] = parts.map((part) => selectPart(setting, part))
  if (first === undefined) throw new DatabaseError('There is nothing to combine.')
  const [word, all] = operator === 'union all' ? (['union', true] as const) : ([operator, false] as const)
  const operations = rest.map(({ node }) => SetOperationNode.create(word, node, all))
  return { node: SelectQueryNode.cloneWithSetOperations(first.node, operations), layout: first.layout }
}

function selectPart({ env, depth, outer }: Setting, part: QueryState): BuiltSelect {
  if (part.combined !== null) return buildSelect(env, part, 'rows', depth, outer)
  const built = new SelectBuilder(env, part, depth, outer).part()
  if (!isSliced(part) && part.distinctOn.length === 0) return built
  return { ...built, node: selectFrom(built.node, columnsOf(built.layout).map(subColumn)) }
}

function widthOf(layout: Layout): number {
  const related = (all: Layout['related']): number =>
    all.reduce((sum, { columns, children }) => sum + columns.length + related(children), 0)
  return layout.columns.length + related(layout.related) + layout.extra.length
}

const columnsOf = (layout: Layout): string[] => Array.from({ length: widthOf(layout) }, (_, i) => `c${i}`)

/** Of rows their primary key, of values the one column that they have. */
const keyOf = ({ columns, meta }: Layout): string => `c${Math.max(0, columns.indexOf(meta.pk))}`

function withOrder(node: SelectQueryNode, state: QueryState, layout: Layout): SelectQueryNode {
  const items = (state.order ?? []).map((term) => orderItem(term, state.reversed, layout))
  return items.length === 0 ? node : SelectQueryNode.cloneWithOrderByItems(node, items)
}

function orderItem(term: OrderTerm, reversed: boolean, layout: Layout): OrderByItemNode {
  if (term.type === 'random') return OrderByItemNode.create(raw('RANDOM()'))
  const descending = term.descending !== reversed
  const column: OperationNode = subColumn(`c${indexOf(term, layout)}`)
  const item = OrderByItemNode.create(column, descending ? raw('desc') : undefined)
  const said = term.nulls !== undefined && reversed ? opposite(term.nulls) : term.nulls
  return OrderByItemNode.cloneWith(item, { nulls: said ?? (descending ? 'last' : 'first') })
}

const opposite = (nulls: 'first' | 'last'): 'first' | 'last' => (nulls === 'first' ? 'last' : 'first')

/** Only what is selected can be ordered by. @throws DatabaseError in Django's words */
function indexOf(term: Extract<OrderTerm, { type: 'expression' }>, layout: Layout): number {
  const { expression } = term
  const name =
    expression.type === 'path'
      ? expression.path.name
      : expression.type === 'annotation'
        ? expression.name
        : ''
  const extra = layout.extra.find((one) => one.name === name)
  if (extra !== undefined) return extra.offset
  const own = expression.type === 'path' && expression.path.steps.length === 0 ? expression.path.column : null
  const at = own === null ? -1 : layout.columns.indexOf(own)
  if (at < 0) throw new DatabaseError('ORDER BY term does not match any column in the result set.')
  return at
}

function withRange(select: SelectQueryNode, env: Environment, state: QueryState): SelectQueryNode {
  let node = select
  let place = env.places.get(state) ?? 0
  const { low, high } = state
  if (high !== null) node = SelectQueryNode.cloneWithLimit(node, LimitNode.create(slot(place++)))
  else if (low > 0 && env.vendor === 'sqlite') {
    node = SelectQueryNode.cloneWithLimit(node, LimitNode.create(raw('-1')))
  }
  return low > 0 ? SelectQueryNode.cloneWithOffset(node, OffsetNode.create(slot(place))) : node
}
