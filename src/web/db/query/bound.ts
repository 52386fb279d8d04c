import type { FieldKind, FieldOptions } from '../fields/field.ts'
import type { ModelMeta } from '../model-meta.ts'
import type { Expression, Operator } from './expressions.ts'
import type { Lookup } from './lookups.ts'
import type { Path } from './path.ts'
import type { Condition } from './q.ts'
import type { SqlFunction } from './sql-function.ts'
import type { OrderTerm, QueryState } from './state.ts'

/**
 * Conditions and expressions whose every name has been found in the metadata. Only these reach the compiler, so
 * no identifier in SQL ever comes from a keyword.
 */

/** What a value's SQL gives: how to prepare what it is compared with, and how to read it. */
export interface OutputType {
  readonly kind: FieldKind
  readonly options: FieldOptions
}

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max'

export type BoundExpression =
  | BoundPath
  | {
      readonly type: 'annotation'
      readonly name: string
      readonly of: BoundExpression
      readonly output: OutputType
    }
  | BoundLiteral
  | {
      readonly type: 'combined'
      readonly operator: Operator
      readonly left: BoundExpression
      readonly right: BoundExpression
      readonly output: OutputType
    }
  | BoundCall
  | BoundCase
  | BoundSubquery
  | BoundOuter
  | BoundWindow
  | BoundAggregate

export interface BoundLiteral {
  readonly type: 'literal'
  readonly prepared: unknown
  readonly output: OutputType
}

export interface BoundPath {
  readonly type: 'path'
  readonly path: Path
  readonly output: OutputType
}

export interface BoundCall {
  readonly type: 'func'
  /** The one in UTC, where there is another in a zone. */
  readonly func: SqlFunction
  readonly args: readonly BoundExpression[]
  readonly output: OutputType
  readonly zoned?: ZonedCall
}

/** How a function of a moment's date is written where the zone is not UTC: with the zone as one argument more. */
export interface ZonedCall {
  readonly func: SqlFunction
  /** Null: the one that is current when the query runs. */
  readonly timeZone: string | null
}

export interface BoundCase {
  readonly type: 'case'
  readonly branches: readonly { readonly when: BoundGroup; readonly then: BoundExpression }[]
  readonly otherwise: BoundExpression | null
  readonly output: OutputType
}

/** A query inside another, and what its references to the rows around it mean there, by `outerKey`. */
export interface BoundQuery {
  readonly state: QueryState
  readonly outer: ReadonlyMap<string, BoundExpression>
}

export interface BoundSubquery extends BoundQuery {
  readonly type: 'subquery'
  readonly exists: boolean
  readonly negated: boolean
  readonly output: OutputType
}

/** A name of the query around; `level` 2 is the one around that. */
export interface BoundOuter {
  readonly type: 'outer'
  readonly name: string
  readonly level: number
  readonly output: OutputType
}

export const outerKey = (outer: BoundOuter): string => '^'.repeat(outer.level) + outer.name

export interface BoundWindow {
  readonly type: 'window'
  readonly of: BoundExpression
  readonly partition: readonly BoundExpression[]
  readonly order: readonly OrderTerm[]
  /** `ROWS BETWEEN ...`, made of numbers and keywords only; '' for the default. */
  readonly frame: string
  readonly output: OutputType
}

export interface BoundAggregate {
  readonly type: 'aggregate'
  readonly func: AggregateName
  readonly arg: BoundExpression | null
  readonly distinct: boolean
  readonly filter: BoundGroup | null
  readonly output: OutputType
}

/** What stands right of a lookup. */
export type RightSide =
  | { readonly type: 'values'; readonly values: readonly unknown[] }
  | { readonly type: 'expression'; readonly expression: BoundExpression }
  | ({ readonly type: 'query' } & BoundQuery)

export interface BoundCondition {
  readonly type: 'condition'
  readonly left: BoundExpression
  readonly lookup: Lookup
  readonly right: RightSide
  readonly aggregate: boolean
}

export interface BoundGroup {
  readonly type: 'group'
  readonly connector: 'and' | 'or'
  readonly negated: boolean
  readonly children: readonly BoundNode[]
}

export type BoundNode = BoundCondition | BoundGroup

/** What an expression finds its names with; bind.ts makes it. */
export interface Binder {
  readonly meta: ModelMeta
  readonly annotations: ReadonlyMap<string, BoundExpression>
  /** @throws FieldError for a name that is none */
  reference(name: string): BoundExpression
  expression(expression: Expression): BoundExpression
  condition(condition: Condition): BoundGroup
  query(state: QueryState): BoundQuery
}

/** What stands in an expression, but for the inside of subqueries. */
function parts(expression: BoundExpression): readonly BoundExpression[] {
  switch (expression.type) {
    case 'annotation':
      return [expression.of]
    case 'combined':
      return [expression.left, expression.right]
    case 'func':
      return expression.args
    case 'case':
      return [
        ...expression.branches.flatMap(({ when, then }) => [...sidesOf(when), then]),
        ...(expression.otherwise === null ? [] : [expression.otherwise]),
      ]
    case 'subquery':
      return [...expression.outer.values()]
    case 'window':
      return [
        ...(expression.of.type === 'aggregate' ? aggregateParts(expression.of) : parts(expression.of)),
        ...expression.partition,
        ...expression.order.flatMap((term) => (term.type === 'expression' ? [term.expression] : [])),
      ]
    default:
      return []
  }
}

const aggregateParts = ({ arg, filter }: BoundAggregate): BoundExpression[] => [
  ...(arg === null ? [] : [arg]),
  ...(filter === null ? [] : sidesOf(filter)),
]

/** Both sides of every condition. */
function sidesOf(node: BoundNode): BoundExpression[] {
  if (node.type === 'group') return node.children.flatMap(sidesOf)
  const { left, right } = node
  return right.type === 'expression' ? [left, right.expression] : [left]
}

/** An aggregate over a window is no aggregate of the query. */
export const containsAggregate = (expression: BoundExpression): boolean =>
  expression.type === 'aggregate' || parts(expression).some(containsAggregate)

export const containsWindow = (expression: BoundExpression): boolean =>
  expression.type === 'window' || parts(expression).some(containsWindow)

export function nodeHasAggregate(node: BoundNode): boolean {
  return node.type === 'condition' ? node.aggregate : node.children.some(nodeHasAggregate)
}

/** The paths that an expression walks outside aggregates: its joins. */
export function* pathsOf(expression: BoundExpression): Generator<Path> {
  if (expression.type === 'path') yield expression.path
  else for (const part of parts(expression)) yield* pathsOf(part)
}

/** The same of a condition. */
export const pathsOfNode = (node: BoundNode): BoundPath[] =>
  sidesOf(node).flatMap((side) =>
    [...pathsOf(side)].map((path): BoundPath => ({ type: 'path', path, output: path.column })),
  )

/** The references to rows of queries around that `state` makes, its inner queries' further ones too. */
export function outerReferences(state: QueryState): BoundOuter[] {
  const found: BoundOuter[] = []
  const visit = (expression: BoundExpression): void => {
    if (expression.type === 'outer') found.push(expression)
    else if (expression.type === 'aggregate') aggregateParts(expression).forEach(visit)
    else parts(expression).forEach(visit)
  }
  const visitNode = (node: BoundNode): void => {
    if (node.type === 'group') node.children.forEach(visitNode)
    else {
      sidesOf(node).forEach(visit)
      if (node.right.type === 'query') for (const outer of node.right.outer.values()) visit(outer)
    }
  }
  for (const step of state.steps) {
    if (step.type === 'filter') visitNode(step.where)
    else visit(step.expression)
  }
  for (const term of state.order ?? []) if (term.type === 'expression') visit(term.expression)
  for (const { expression } of state.values?.terms ?? []) visit(expression)
  for (const part of state.combined?.parts ?? []) found.push(...outerReferences(part))
  return found
}
