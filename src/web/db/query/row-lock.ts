import { IdentifierNode } from 'kysely'
import type { OperationNode } from 'kysely'
import { FieldError, ValueError } from '../errors.ts'
import type { ModelMeta, RelationMeta } from '../model-meta.ts'
import type { Joins } from './joins.ts'
import { list, raw, spaced } from './sql.ts'
import type { QueryState, RelatedTree, RowLock } from './state.ts'

/** Locking rows as they are read: `SELECT ... FOR UPDATE` of PostgreSQL. */

export interface LockOptions {
  /** An error at once for a row that is locked, instead of waiting. */
  readonly nowait?: boolean
  /** Leaves out rows that are locked. */
  readonly skipLocked?: boolean
  readonly of?: readonly string[]
  /** Rows that refer to these may still be written. */
  readonly noKey?: boolean
}

/** @throws ValueError for what cannot be both */
export function rowLock({
  nowait = false,
  skipLocked = false,
  of = [],
  noKey = false,
}: LockOptions): RowLock {
  if (nowait && skipLocked) throw new ValueError('The nowait option cannot be used with skipLocked.')
  return { wait: nowait ? 'nowait' : skipLocked ? 'skipLocked' : 'wait', of, noKey }
}

export function lockClause({ wait, of, noKey }: RowLock, state: QueryState, joins: Joins): OperationNode {
  const tables = of.map((name) => IdentifierNode.create(tableOf(name, state, joins)))
  const parts = [raw(noKey ? 'FOR NO KEY UPDATE' : 'FOR UPDATE')]
  if (tables.length > 0) parts.push(list('OF ', tables, ''))
  if (wait !== 'wait') parts.push(raw(wait === 'nowait' ? 'NOWAIT' : 'SKIP LOCKED'))
  return spaced(parts)
}

/** The alias of a relation's table, which `selectRelated` has joined already. @throws FieldError */
function tableOf(name: string, state: QueryState, joins: Joins): string {
  if (name === 'self') return joins.root
  let meta: ModelMeta = state.meta
  let related: RelatedTree | undefined = state.related
  const steps: RelationMeta['steps'][number][] = []
  for (const part of name.split('__')) {
    const relation = meta.relation(part)
    related = related.get(part)
    if (relation === undefined || related === undefined) {
      throw new FieldError(
        `Invalid field name(s) given in select_for_update(of=(...)): ${name}. Only relational fields followed in the query are allowed.`,
      )
    }
    steps.push(...relation.steps)
    meta = relation.target
  }
  return joins.follow({ steps }, null)
}
