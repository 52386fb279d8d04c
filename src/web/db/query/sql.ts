import { AndNode, OrNode, ParensNode, RawNode, ValueNode, createQueryId } from 'kysely'
import type { CompiledQuery, OperationNode, QueryCompiler, RootOperationNode } from 'kysely'
import type { SqlValue } from '../fields/field.ts'

/** Small pieces of SQL that every builder needs. */

/** Stands in a compiled query for the nth value of its description. */
class Slot {
  readonly index: number

  constructor(index: number) {
    this.index = index
  }
}

const slots: ValueNode[] = []

/** One node for each place: PostgreSQL takes two expressions for the same only if their parameters are. */
export const slot = (index: number): ValueNode => (slots[index] ??= ValueNode.create(new Slot(index)))

/** `$` is `left`, each `?` the next of `values`: the way lookups and transforms are written in their tables. */
export function template(text: string, left: OperationNode, values: readonly OperationNode[] = []): RawNode {
  const nodes: OperationNode[] = []
  const fragments: string[] = []
  let from = 0
  let next = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (c !== '$' && c !== '?') continue
    fragments.push(text.slice(from, i))
    const value = c === '$' ? left : values[next++]
    if (value === undefined) throw new Error(`Too few values for ${text}`)
    nodes.push(value)
    from = i + 1
  }
  fragments.push(text.slice(from))
  return RawNode.create(fragments, nodes)
}

export const raw = (sql: string): RawNode => RawNode.createWithSql(sql)
export const never = (): RawNode => raw('0 = 1')

/** `a, b, c`, as one node. */
export function list(before: string, nodes: readonly OperationNode[], after: string): RawNode {
  const fragments = [before, ...nodes.slice(1).map(() => ', '), after]
  return nodes.length === 0 ? raw(before + after) : RawNode.create(fragments, nodes)
}

export function allOf(nodes: readonly OperationNode[]): OperationNode | null {
  return nodes.length === 0 ? null : nodes.reduce((left, right) => AndNode.create(left, right))
}

export function anyOf(nodes: readonly OperationNode[]): OperationNode | null {
  return nodes.length === 0 ? null : nodes.reduce((left, right) => OrNode.create(left, right))
}

export const parens = (node: OperationNode): ParensNode => ParensNode.create(node)

export interface Compiled {
  readonly sql: string
  /** A number is the place in the description's values; the rest are constants. */
  readonly parameters: readonly (number | { readonly constant: SqlValue })[]
  /** The parameters are the values as they stand. */
  readonly inOrder: boolean
}

export function compile(compiler: QueryCompiler, node: RootOperationNode): Compiled {
  const query: CompiledQuery = compiler.compileQuery(node, createQueryId())
  const parameters = query.parameters.map((parameter) =>
    parameter instanceof Slot ? parameter.index : { constant: parameter as SqlValue },
  )
  return { sql: query.sql, parameters, inOrder: parameters.every((p, i) => p === i) }
}

export function parametersOf(compiled: Compiled, values: readonly SqlValue[]): readonly SqlValue[] {
  if (compiled.inOrder && compiled.parameters.length === values.length) return values
  return compiled.parameters.map((p) => (typeof p === 'number' ? (values[p] ?? null) : p.constant))
}

/** Parts one after the other. */
export function spaced(nodes: readonly OperationNode[]): RawNode {
  return RawNode.create(['', ...nodes.slice(1).map(() => ' '), ''], nodes)
}
