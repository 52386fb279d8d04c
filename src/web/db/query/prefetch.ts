import type { Database } from '../database.ts'
import type { ModelMeta, RelationMeta } from '../model-meta.ts'
import { NotSupportedError } from '../errors.ts'
import { rowState } from '../row-state.ts'
import type { HasState } from './bind.ts'
import { bindFilters } from './bind.ts'
import { requirePath } from './path.ts'
import { fetchRows } from './run.ts'
import { findPrefetch } from './related-tree.ts'
import type { QueryState } from './state.ts'
import { emptyState } from './state.ts'

/** Keys of one IN list. */
const BATCH = 10_000

/** Loads relations of rows already read, one query for each, and remembers them on the rows. */
export async function prefetch(
  database: Database,
  state: QueryState,
  rows: readonly unknown[],
): Promise<void> {
  const done = new Map<string, readonly unknown[]>()
  for (const path of state.prefetch) {
    let meta: ModelMeta = state.meta
    let level = rows
    let name = ''
    for (const part of path.split('__')) {
      const relation = findPrefetch(meta, part)
      if (relation === undefined) break
      name += `__${part}`
      const known = done.get(name)
      level = known ?? (await loadRelation(database, relation, level))
      done.set(name, level)
      meta = relation.target
    }
  }
}

async function loadRelation(
  database: Database,
  relation: RelationMeta,
  rows: readonly unknown[],
): Promise<unknown[]> {
  const own = relation.reverse || relation.type === 'manyToMany' ? relation.source.pk : relation.column
  const keys = [
    ...new Set(
      rows.map((row) => rowState(row)?.read(own)).filter((key) => key !== null && key !== undefined),
    ),
  ]
  const byKey = new Map<unknown, unknown[]>()
  for (let i = 0; i < keys.length; i += BATCH) {
    await collect(database, relation, keys.slice(i, i + BATCH), byKey)
  }
  const all = new Set<unknown>()
  for (const row of rows) {
    const state = rowState(row)
    if (state === null) continue
    const found = byKey.get(state.read(own)) ?? []
    for (const one of found) all.add(one)
    state.remember(relation.accessor, relation.multiple ? found : (found[0] ?? null))
    if (relation.reverse && relation.type !== 'manyToMany') {
      for (const one of found) rowState(one)?.remember(relation.column.name, row)
    }
  }
  return [...all]
}

async function collect(
  database: Database,
  relation: RelationMeta,
  keys: readonly unknown[],
  byKey: Map<unknown, unknown[]>,
): Promise<void> {
  const add = (key: unknown, row: unknown): void => {
    const list = byKey.get(key)
    if (list === undefined) byKey.set(key, [row])
    else list.push(row)
  }
  const { target } = relation
  if (relation.type === 'manyToMany') {
    const links = await linksOf(database, relation, keys)
    if (links.length === 0) return
    // Not by their keys: there may be more of them than a statement has places.
    const linked: HasState = { isQuerySet: true, state: linkState(relation, keys, 'flat', ['far']) }
    const found = await fetchRows(database, filtered(target, 'pk__in', linked))
    // The target's order decides, not the table between.
    const nearByFar = new Map<unknown, unknown[]>()
    for (const [near, far] of links) nearByFar.set(far, [...(nearByFar.get(far) ?? []), near])
    for (const row of found) {
      for (const near of nearByFar.get(rowState(row)?.read(target.pk)) ?? []) add(near, row)
    }
    return
  }
  const column = relation.reverse ? relation.column : target.pk
  const found = await fetchRows(database, filtered(target, `${column.name}__in`, keys))
  for (const row of found) add(rowState(row)?.read(column), row)
}

/** Pairs of keys from the table between. */
async function linksOf(
  database: Database,
  relation: RelationMeta,
  keys: readonly unknown[],
): Promise<[unknown, unknown][]> {
  const rows = await fetchRows(database, linkState(relation, keys, 'array', ['near', 'far']))
  return rows as [unknown, unknown][]
}

/** Which rows `keys` are linked with: the keys of either side. */
function linkState(
  relation: RelationMeta,
  keys: readonly unknown[],
  as: 'array' | 'flat',
  sides: readonly ('near' | 'far')[],
): QueryState {
  const [first, second] = relation.steps
  if (first === undefined || second === undefined)
    throw new NotSupportedError(`${relation.name} is not a many-to-many relation.`)
  const columns = { near: first.to, far: second.from }
  const state = filtered(columns.near.meta, `${columns.near.name}__in`, keys)
  const terms = sides.map((side) => {
    const column = columns[side]
    const path = requirePath(column.meta, column.attname)
    return { name: column.attname, expression: { type: 'path', path, output: column } as const }
  })
  return { ...state, order: [], values: { as, terms, groups: null } }
}

function filtered(meta: ModelMeta, key: string, value: unknown): QueryState {
  const state = emptyState(meta.ready())
  const where = bindFilters({ meta, annotations: state.annotations }, [{ [key]: value }], false)
  return { ...state, steps: [{ type: 'filter', where }] }
}
