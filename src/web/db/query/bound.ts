import type { FieldKind, FieldOptions } from '../fields/field.ts'
import type { AggregateName, FunctionName, Operator } from './expressions.ts'
import type { Lookup, Transform } from './lookups.ts'
import type { Path } from './path.ts'
import type { QueryState } from './state.ts'

/**
 * Conditions and expressions whose every name has been found in the metadata. Only these reach the compiler, so
 * no identifier in SQL ever comes from a keyword.
 */

/** What a value's SQL gives: how to prepare what it is compared with, and how to read it. */
export interface OutputType {
  readonly kind: FieldKind
  readonly options: FieldOptions
}

export type BoundExpression =
  | { readonly type: 'path'; readonly path: Path; readonly output: OutputType }
  | {
      readonly type: 'annotation'
      readonly name: string
      readonly of: BoundExpression
      readonly output: OutputType
    }
  | { readonly type: 'literal'; readonly prepared: unknown; readonly output: OutputType }
  | {
      readonly type: 'combined'
      readonly operator: Operator
      readonly left: BoundExpression
      readonly right: BoundExpression
      readonly output: OutputType
    }
  | {
      readonly type: 'func'
      readonly func: FunctionName
      readonly args: readonly BoundExpression[]
      readonly output: OutputType
    }
  | BoundAggregate

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
  | { readonly type: 'query'; readonly state: QueryState }

export interface BoundCondition {
  readonly type: 'condition'
  readonly left: BoundExpression
  readonly transform: Transform | null
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

export function containsAggregate(expression: BoundExpression): boolean {
  switch (expression.type) {
    case 'aggregate':
      return true
    case 'annotation':
      return containsAggregate(expression.of)
    case 'combined':
      return containsAggregate(expression.left) || containsAggregate(expression.right)
    case 'func':
      return expression.args.some(containsAggregate)
    default:
      return false
  }
}

export function nodeHasAggregate(node: BoundNode): boolean {
  return node.type === 'condition' ? node.aggregate : node.children.some(nodeHasAggregate)
}

/** The paths that a condition walks: its joins. */
export function* pathsOf(expression: BoundExpression): Generator<Path> {
  switch (expression.type) {
    case 'path':
      yield expression.path
      break
    case 'annotation':
      yield* pathsOf(expression.of)
      break
    case 'combined':
      yield* pathsOf(expression.left)
      yield* pathsOf(expression.right)
      break
    case 'func':
      for (const arg of expression.args) yield* pathsOf(arg)
      break
    default:
  }
}
