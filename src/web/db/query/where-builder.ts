import { AggregateFunctionNode, OperatorNode, UnaryOperationNode } from 'kysely'
import type { OperationNode, ValueNode } from 'kysely'
import type { Vendor } from '../fields/field.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { BoundAggregate, BoundCondition, BoundExpression, BoundGroup, BoundNode } from './bound.ts'
import { Joins, aliased, reference } from './joins.ts'
import type { FunctionName } from './expressions.ts'
import { allOf, anyOf, list, never, parens, raw, slot, spaced, template } from './sql.ts'
import type { QueryState } from './state.ts'

/** What building one statement shares. */
export interface Environment {
  readonly vendor: Vendor
  /** Where the description put each holder's values. */
  readonly places: ReadonlyMap<object, number>
  /** Builds a subquery of one column; given from above, since it needs the whole SELECT. */
  readonly subquery: (state: QueryState, depth: number) => OperationNode
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

  constructor(env: Environment, meta: ModelMeta, depth: number) {
    this.env = env
    this.meta = meta
    this.depth = depth
    this.joins = new Joins(depth)
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
    if (left.type === 'path' && left.path.multiple && position.branchNegated) return this.#split(condition)
    const isNull = condition.lookup.name === 'isnull' && isTrue(condition)
    if (position.top && left.type === 'path' && !isNull) {
      this.joins.requireRow(this.joins.follow(left.path, position.reuse))
    }
    const column = this.expression(left, position.reuse)
    const sql = this.#render(condition, column, position)
    if (!position.negated || condition.lookup.name === 'isnull') return sql
    // NOT (NULL = 1) is NULL, but `exclude` keeps such rows: NOT (x = 1 AND x IS NOT NULL).
    const checks = [sql]
    if (isNullable(left)) checks.push(template('$ IS NOT NULL', column))
    if (condition.right.type === 'expression' && isNullable(condition.right.expression)) {
      checks.push(template('$ IS NOT NULL', this.expression(condition.right.expression, position.reuse)))
    }
    const all = allOf(checks) ?? sql
    return checks.length > 1 ? parens(all) : all
  }

  /** A negated condition on several rows is about none of them: `pk NOT IN (those that have one)`. */
  #split(condition: BoundCondition): OperationNode {
    const inner = new WhereBuilder(this.env, this.meta, this.depth + 1)
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

  #render(condition: BoundCondition, column: OperationNode, position: Position): OperationNode {
    const { vendor } = this.env
    const left = condition.transform === null ? column : template(condition.transform[vendor], column)
    const { lookup, right } = condition
    if (lookup.name === 'isnull') return template(isTrue(condition) ? '$ IS NULL' : '$ IS NOT NULL', left)
    if (lookup.name === 'in') return this.#in(condition, left)
    const text = lookup[vendor] ?? '$ = ?'
    if (right.type === 'query') {
      return template(text, left, [parens(this.env.subquery(right.state, this.depth + 1))])
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
      return template('$ IN (?)', left, [this.env.subquery(right.state, this.depth + 1)])
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
      case 'func':
        return this.#func(
          expression.func,
          expression.args.map((arg) => this.expression(arg, reuse)),
        )
      case 'aggregate':
        return this.#aggregate(expression)
    }
  }

  /** PostgreSQL guesses a bare parameter's type from beside it: an integer beside an integer, even for 2.5. */
  #literal(expression: Extract<BoundExpression, { type: 'literal' }>): OperationNode {
    const [value] = this.#slots(expression, 1)
    if (value === undefined) return raw('NULL')
    if (this.env.vendor === 'sqlite') return value
    const { kind, options } = expression.output
    return template(`$::${kind.codecs.postgresql.columnType(options)}`, value)
  }

  #func(func: FunctionName, args: readonly OperationNode[]): OperationNode {
    if (func !== 'concat') return list(`${func}(`, args, ')')
    const text = this.env.vendor === 'sqlite' ? "COALESCE($, '')" : "COALESCE($::text, '')"
    const parts = args.map((arg) => template(text, arg))
    return parts.length === 0 ? raw("''") : parens(parts.reduce((a, b) => template('$ || ?', a, [b])))
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
