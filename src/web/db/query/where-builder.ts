import { AggregateFunctionNode, OperatorNode, UnaryOperationNode } from 'kysely'
import type { OperationNode, ValueNode } from 'kysely'
import type { Vendor } from '../fields/field.ts'
import type { ModelMeta } from '../model-meta.ts'
import type {
  BoundAggregate,
  BoundCase,
  BoundCondition,
  BoundExpression,
  BoundGroup,
  BoundLiteral,
  BoundNode,
  BoundOuter,
  BoundPath,
  BoundQuery,
  BoundSubquery,
  BoundWindow,
} from './bound.ts'
import { outerKey } from './bound.ts'
import { ValueError } from '../errors.ts'
import { Joins, aliased, reference } from './joins.ts'
import { renderCall } from './sql-function.ts'
import { allOf, anyOf, list, never, parens, raw, slot, spaced, template } from './sql.ts'
import type { OrderTerm, QueryState } from './state.ts'

/** What building one statement shares. */
export interface Environment {
  readonly vendor: Vendor
  /** Where the description put each holder's values. */
  readonly places: ReadonlyMap<object, number>
  /** Builds a subquery of one column; given from above, since it needs the whole SELECT. */
  readonly subquery: (state: QueryState, depth: number, outer: Outer | null) => OperationNode
}

/** The query around: its builder, and what the names that the inner one asks it for mean. */
export interface Outer {
  readonly builder: WhereBuilder
  readonly meanings: ReadonlyMap<string, BoundExpression>
}

/** Where in the tree of conditions the builder is. */
interface Position {
  /** Aliases of to-many joins that this filter may share; null: any. */
  readonly reuse: Set<string> | null
  /** An odd number of negations above. */
  readonly negated: boolean
  /** Any negation above. */
  readonly branchNegated: boolean
  /** Only ANDs above: a row that fails here is not in the result. */
  readonly top: boolean
}

export const positive = (reuse: Set<string> | null): Position => ({
  reuse,
  negated: false,
  branchNegated: false,
  top: true,
})

/** Expressions and conditions of one SELECT, over its joins. */
export class WhereBuilder {
  readonly env: Environment
  readonly meta: ModelMeta
  readonly depth: number
  readonly joins: Joins
  readonly annotations = new Map<string, OperationNode>()
  readonly #outer: Outer | null
  /** Set while aggregates are taken over a subquery's columns: gives the column instead. */
  overSubquery: ((aggregate: BoundAggregate) => OperationNode) | null = null

  constructor(env: Environment, meta: ModelMeta, depth: number, outer: Outer | null = null) {
    this.env = env
    this.meta = meta
    this.depth = depth
    this.joins = new Joins(depth)
    this.#outer = outer
  }

  /** Null when the group says nothing. */
  group(group: BoundGroup, position: Position): OperationNode | null {
    const inner: Position = {
      reuse: position.reuse,
      negated: position.negated !== group.negated,
      branchNegated: position.branchNegated || group.negated,
      top: position.top && !group.negated && (group.connector === 'and' || group.children.length === 1),
    }
    const parts = group.children.map((child) => this.node(child, inner)).filter((part) => part !== null)
    const joined = group.connector === 'and' ? allOf(parts) : anyOf(parts)
    if (joined === null) return null
    if (group.negated) return UnaryOperationNode.create(OperatorNode.create('not'), parens(joined))
    return parts.length > 1 ? parens(joined) : joined
  }

  node(node: BoundNode, position: Position): OperationNode | null {
    return node.type === 'group' ? this.group(node, position) : this.#condition(node, position)
  }

  #condition(condition: BoundCondition, position: Position): OperationNode {
    const { left } = condition
    const base = pathOf(left)
    if (base?.path.multiple === true && position.branchNegated) return this.#split(condition)
    const isNull = condition.lookup.name === 'isnull' && isTrue(condition)
    if (position.top && base !== null && !isNull) {
      this.joins.requireRow(this.joins.follow(base.path, position.reuse))
    }
    const value = this.expression(left, position.reuse)
    const sql = this.#render(condition, value, position)
    if (!position.negated || condition.lookup.name === 'isnull') return sql
    // NOT (NULL = 1) is NULL, but `exclude` keeps such rows: NOT (x = 1 AND x IS NOT NULL).
    const checks = [sql]
    if (isNullable(base ?? left)) {
      checks.push(template('$ IS NOT NULL', base === null ? value : this.expression(base, position.reuse)))
    }
    if (condition.right.type === 'expression' && isNullable(condition.right.expression)) {
      checks.push(template('$ IS NOT NULL', this.expression(condition.right.expression, position.reuse)))
    }
    const all = allOf(checks) ?? sql
    return checks.length > 1 ? parens(all) : all
  }

  /** A negated condition on several rows is about none of them: `pk NOT IN (those that have one)`. */
  #split(condition: BoundCondition): OperationNode {
    const inner = new WhereBuilder(this.env, this.meta, this.depth + 1, this.#outer)
    const group: BoundGroup = { type: 'group', connector: 'and', negated: false, children: [condition] }
    const where = inner.group(group, positive(new Set())) ?? never()
    const { pk } = this.meta
    const from = inner.from()
    return template('$ IN (SELECT ? FROM ? WHERE ?)', reference(this.joins.root, pk), [
      reference(inner.joins.root, pk),
      from,
      where,
    ])
  }

  /** FROM with its joins, for the hand-made subqueries here. */
  from(): OperationNode {
    const { table } = this.meta
    const first = aliased(table, this.joins.root)
    const joins = this.joins.nodes()
    return joins.length === 0 ? first : spaced([first, ...joins])
  }

  #render(condition: BoundCondition, left: OperationNode, position: Position): OperationNode {
    const { vendor } = this.env
    const { lookup, right } = condition
    if (lookup.name === 'isnull') return template(isTrue(condition) ? '$ IS NULL' : '$ IS NOT NULL', left)
    if (lookup.name === 'in') return this.#in(condition, left)
    const text = lookup[vendor] ?? '$ = ?'
    if (right.type === 'query') {
      return template(text, left, [this.#subselect(right)])
    }
    if (right.type === 'expression') {
      const value = this.expression(right.expression, position.reuse)
      return template(lookup.pattern === true ? patternOf(lookup.name, vendor) : text, left, [value])
    }
    return template(text, left, this.#slots(condition, right.values.length))
  }

  #in(condition: BoundCondition, left: OperationNode): OperationNode {
    const { right } = condition
    if (right.type === 'query') {
      return template('$ IN ?', left, [this.#subselect(right)])
    }
    if (right.type === 'expression') return template('$ = ?', left, [this.expression(right.expression, null)])
    if (right.values.length === 0) return never()
    return template('$ IN ?', left, [list('(', this.#slots(condition, right.values.length), ')')])
  }

  #slots(holder: object, count: number): ValueNode[] {
    const place = this.env.places.get(holder)
    if (place === undefined) throw new Error('A value has no place in the description.')
    return Array.from({ length: count }, (_, i) => slot(place + i))
  }

  expression(expression: BoundExpression, reuse: Set<string> | null): OperationNode {
    switch (expression.type) {
      case 'path':
        return reference(this.joins.follow(expression.path, reuse), expression.path.column)
      case 'annotation':
        return this.annotations.get(expression.name) ?? this.expression(expression.of, reuse)
      case 'literal':
        return this.#literal(expression)
      case 'combined': {
        const left = this.expression(expression.left, reuse)
        return template(`($ ${expression.operator} ?)`, left, [this.expression(expression.right, reuse)])
      }
      case 'func': {
        const args = expression.args.map((arg) => this.expression(arg, reuse))
        const zone = this.env.places.get(expression)
        // The description gave the zone a place unless it is UTC.
        if (expression.zoned === undefined || zone === undefined)
          return renderCall(expression.func, this.env.vendor, args)
        return renderCall(expression.zoned.func, this.env.vendor, [...args, slot(zone)])
      }
      case 'case':
        return this.#case(expression, reuse)
      case 'subquery':
        return this.#subquery(expression)
      case 'outer':
        return this.#meaning(expression)
      case 'window':
        return this.#window(expression)
      case 'aggregate':
        return this.overSubquery === null ? this.#aggregate(expression) : this.overSubquery(expression)
    }
  }

  /** In its own brackets. */
  #subselect(query: BoundQuery): OperationNode {
    return this.env.subquery(query.state, this.depth + 1, { builder: this, meanings: query.outer })
  }

  #subquery(query: BoundSubquery): OperationNode {
    const select = this.#subselect(query)
    if (!query.exists) return select
    return template(query.negated ? 'NOT EXISTS $' : 'EXISTS $', select)
  }

  #meaning(outer: BoundOuter): OperationNode {
    const meaning = this.#outer?.meanings.get(outerKey(outer))
    if (meaning === undefined || this.#outer === null) {
      throw new ValueError(
        'This queryset contains a reference to an outer query and may only be used in a subquery.',
      )
    }
    return this.#outer.builder.expression(meaning, null)
  }

  #case({ branches, otherwise }: BoundCase, reuse: Set<string> | null): OperationNode {
    const inner = { ...positive(reuse), top: false }
    const nodes = branches.map(({ when, then }) =>
      template('WHEN $ THEN ?', this.group(when, inner) ?? raw('1 = 1'), [this.expression(then, reuse)]),
    )
    const rest = otherwise === null ? [] : [template('ELSE $', this.expression(otherwise, reuse))]
    return spaced([raw('CASE'), ...nodes, ...rest, raw('END')])
  }

  #window({ of, partition, order, frame }: BoundWindow): OperationNode {
    const over: OperationNode[] = []
    if (partition.length > 0) {
      const by = partition.map((one) => this.expression(one, null))
      over.push(list('PARTITION BY ', by, ''))
    }
    const terms = order.flatMap((term) => (term.type === 'expression' ? [this.#windowOrder(term)] : []))
    if (terms.length > 0) over.push(list('ORDER BY ', terms, ''))
    if (frame !== '') over.push(raw(frame))
    const inside = over.length === 0 ? raw('') : spaced(over)
    const value = of.type === 'aggregate' ? this.#aggregate(of) : this.expression(of, null)
    return template('$ OVER (?)', value, [inside])
  }

  #windowOrder(term: Extract<OrderTerm, { type: 'expression' }>): OperationNode {
    const nulls = term.nulls ?? (term.descending ? 'last' : 'first')
    const text = `$${term.descending ? ' DESC' : ''} NULLS ${nulls === 'first' ? 'FIRST' : 'LAST'}`
    return template(text, this.expression(term.expression, null))
  }

  /** PostgreSQL guesses a bare parameter's type from beside it: an integer beside an integer, even for 2.5. */
  #literal(expression: BoundLiteral): OperationNode {
    if (expression.prepared === null) return raw('NULL')
    const [value] = this.#slots(expression, 1)
    if (value === undefined) return raw('NULL')
    if (this.env.vendor === 'sqlite') return value
    const { kind, options } = expression.output
    return template(`$::${kind.codecs.postgresql.columnType(options)}`, value)
  }

  #aggregate(aggregate: BoundAggregate): OperationNode {
    const arg = aggregate.arg === null ? raw('*') : this.expression(aggregate.arg, null)
    let node = AggregateFunctionNode.create(aggregate.func, [arg])
    if (aggregate.distinct) node = AggregateFunctionNode.cloneWithDistinct(node)
    const filter =
      aggregate.filter === null ? null : this.group(aggregate.filter, { ...positive(null), top: false })
    if (filter !== null) node = AggregateFunctionNode.cloneWithFilter(node, filter)
    return node
  }
}

const isTrue = (condition: BoundCondition): boolean =>
  condition.right.type === 'values' && condition.right.values[0] === true

/** The one column that a strict function, or several of them, is about. */
function pathOf(expression: BoundExpression): BoundPath | null {
  if (expression.type === 'path') return expression
  if (expression.type !== 'func' || expression.func.strict !== true) return null
  const [only, another] = expression.args.filter((arg) => arg.type !== 'literal')
  return only === undefined || another !== undefined ? null : pathOf(only)
}

function isNullable(expression: BoundExpression): boolean {
  switch (expression.type) {
    case 'path':
      return expression.path.nullable
    case 'annotation':
      return isNullable(expression.of)
    case 'aggregate':
      return expression.func !== 'count'
    case 'literal':
      return expression.prepared === null
    case 'subquery':
      return !expression.exists
    // Django's rule: what the query around gives is not looked at.
    case 'outer':
      return false
    default:
      return true
  }
}

/** A pattern made from another column: its wildcards are not escaped beforehand but in SQL. */
function patternOf(lookup: string, vendor: Vendor): string {
  const position = vendor === 'sqlite' ? 'instr($, ?)' : 'strpos($, ?)'
  const folded = vendor === 'sqlite' ? 'instr(lower($), lower(?))' : 'strpos(lower($), lower(?))'
  switch (lookup) {
    case 'contains':
      return `${position} > 0`
    case 'icontains':
      return `${folded} > 0`
    case 'startswith':
      return `${position} = 1`
    case 'istartswith':
      return `${folded} = 1`
    case 'iexact':
      return 'lower($) = lower(?)'
    default:
      throw new Error(`${lookup} does not take an expression.`)
  }
}
