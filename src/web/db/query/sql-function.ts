import { RawNode } from 'kysely'
import type { OperationNode } from 'kysely'
import type { Vendor } from '../fields/field.ts'
import type { BoundCall, BoundExpression, OutputType } from './bound.ts'

/**
 * One function of SQL as each database writes it. `{0}` is the first argument, `{*}` are all of them with commas
 * between; `each` is put around every argument first. The name is part of a plan's key: two rows with one name are
 * one function.
 */
export interface SqlFunction {
  readonly name: string
  readonly sqlite: string
  readonly postgresql: string
  /** Null for a null argument (PostgreSQL's word). */
  readonly strict?: true
  readonly each?: { readonly sqlite: string; readonly postgresql: string; readonly between: string }
}

/** The same text for both. */
export const sqlFunction = (name: string, text = `${name}({*})`): SqlFunction => ({
  name,
  sqlite: text,
  postgresql: text,
})

export const call = (func: SqlFunction, args: readonly BoundExpression[], output: OutputType): BoundCall => ({
  type: 'func',
  func,
  args,
  output,
})

const PLACE = /\{(\d|\*)\}/g

export function renderCall(func: SqlFunction, vendor: Vendor, args: readonly OperationNode[]): RawNode {
  const { each } = func
  const nodes = each === undefined ? args : args.map((arg) => fill(each[vendor], [arg], ', '))
  return fill(func[vendor], nodes, each?.between ?? ', ')
}

function fill(text: string, args: readonly OperationNode[], between: string): RawNode {
  const fragments: string[] = []
  const nodes: OperationNode[] = []
  let from = 0
  let pending = ''
  const push = (node: OperationNode): void => {
    fragments.push(pending)
    nodes.push(node)
    pending = ''
  }
  for (const match of text.matchAll(PLACE)) {
    pending += text.slice(from, match.index)
    from = match.index + match[0].length
    const chosen = match[1] === '*' ? args : args.slice(Number(match[1]), Number(match[1]) + 1)
    for (const [i, arg] of chosen.entries()) {
      if (i > 0) pending += between
      push(arg)
    }
  }
  fragments.push(pending + text.slice(from))
  return RawNode.create(fragments, nodes)
}
