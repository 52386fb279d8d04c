import type { Database } from './database.ts'
import { ProtectedError } from './errors.ts'
import type { Column, ModelMeta, RelationMeta } from './model-meta.ts'
import { bindFilters } from './query/bind.ts'
import type { BoundExpression } from './query/bound.ts'
import { fetchRows } from './query/run.ts'
import type { QueryState } from './query/state.ts'
import { emptyState } from './query/state.ts'
import { deleteRows, updateRows } from './query/write.ts'
import { rowState } from './row-state.ts'
import type { RowState } from './row-state.ts'
import { postDelete, preDelete } from './signals.ts'

/** How many rows went, in all and by model. */
export interface DeletionResult {
  readonly total: number
  readonly byModel: Readonly<Record<string, number>>
}

const BATCH = 10_000

export function deleteRow(state: RowState, database: Database): Promise<DeletionResult> {
  return new Deletion(database).run(state.meta, [state.row])
}

/** A model that nothing refers to and nobody listens for is deleted in one statement. */
export async function deleteSelected(database: Database, state: QueryState): Promise<DeletionResult> {
  const meta = state.meta.ready()
  if (state.empty) return { total: 0, byModel: {} }
  if (isFast(meta)) {
    const total = await deleteRows(database, state)
    return { total, byModel: total > 0 ? { [meta.name]: total } : {} }
  }
  return database.atomic(async () => {
    const rows = await fetchRows(database, state)
    return new Deletion(database).run(meta, rows as object[])
  })
}

const isFast = (meta: ModelMeta): boolean =>
  meta.dependents.every((relation) => relation.onDelete === 'doNothing') &&
  !preDelete.hasReceivers(meta.model) &&
  !postDelete.hasReceivers(meta.model)

/** One deletion: first everything that goes with it is found, then all of it goes in one transaction. */
class Deletion {
  readonly #database: Database
  /** In the order found: those that refer come after those referred to. */
  readonly #rows = new Map<ModelMeta, Map<unknown, object>>()
  readonly #fast: { meta: ModelMeta; state: QueryState }[] = []
  readonly #updates: { column: Column; state: QueryState; value: unknown }[] = []
  readonly #restricted: { relation: RelationMeta; rows: object[] }[] = []

  constructor(database: Database) {
    this.#database = database
  }

  async run(meta: ModelMeta, rows: readonly object[]): Promise<DeletionResult> {
    const result = await this.#database.atomic(async () => {
      await this.#collect(meta.ready(), rows)
      await this.#checkRestricted()
      return this.#execute()
    })
    this.#forgetKeys()
    return result
  }

  /** Only what is gone: a deferred constraint may have refused the end of the transaction. */
  #forgetKeys(): void {
    for (const [meta, rows] of this.#rows) {
      for (const row of rows.values()) {
        const state = rowState(row)
        if (state === null) continue
        state.write(meta.pk, null)
        state.adding = true
      }
    }
  }

  async #collect(meta: ModelMeta, rows: readonly object[]): Promise<void> {
    let known = this.#rows.get(meta)
    if (known === undefined) this.#rows.set(meta, (known = new Map<unknown, object>()))
    const keys: unknown[] = []
    for (const row of rows) {
      const key = rowState(row)?.read(meta.pk)
      if (known.has(key)) continue
      known.set(key, row)
      keys.push(key)
    }
    // A model found again later must stand after the one that led to it.
    this.#rows.delete(meta)
    this.#rows.set(meta, known)
    for (const relation of meta.dependents) {
      for (let i = 0; i < keys.length; i += BATCH) await this.#follow(relation, keys.slice(i, i + BATCH))
    }
  }

  async #follow(relation: RelationMeta, keys: readonly unknown[]): Promise<void> {
    const { onDelete, column } = relation
    const state = referring(relation, keys)
    if (onDelete === 'doNothing') return
    if (onDelete === 'setNull' || onDelete === 'setDefault') {
      const value = onDelete === 'setNull' ? null : column.field.initial()
      this.#updates.push({ column, state, value })
      return
    }
    if (onDelete === 'cascade' && isFast(relation.target)) {
      this.#fast.push({ meta: relation.target, state })
      return
    }
    const rows = (await fetchRows(this.#database, state)) as object[]
    if (rows.length === 0) return
    if (onDelete === 'protect') throw protectedBy(relation, rows)
    if (onDelete === 'restrict') this.#restricted.push({ relation, rows })
    else await this.#collect(relation.target, rows)
  }

  /** `restrict` allows what goes in the same deletion by another way. */
  async #checkRestricted(): Promise<void> {
    for (const { relation, rows } of this.#restricted) {
      const { target } = relation
      const going = this.#rows.get(target)
      const others = rows.filter((row) => going?.has(rowState(row)?.read(target.pk)) !== true)
      const unread = others.length === 0 ? new Set() : await this.#unread(target)
      const staying = others.filter((row) => !unread.has(rowState(row)?.read(target.pk)))
      if (staying.length > 0) throw protectedBy(relation, staying)
    }
  }

  /** Keys of the rows that go without having been read. */
  async #unread(meta: ModelMeta): Promise<Set<unknown>> {
    const keys = new Set<unknown>()
    for (const fast of this.#fast) {
      if (fast.meta !== meta) continue
      for (const row of await fetchRows(this.#database, fast.state)) keys.add(rowState(row)?.read(meta.pk))
    }
    return keys
  }

  async #execute(): Promise<DeletionResult> {
    const byModel: Record<string, number> = {}
    const count = (meta: ModelMeta, n: number): void => {
      if (n > 0) byModel[meta.name] = (byModel[meta.name] ?? 0) + n
    }
    const models = [...this.#rows].reverse()
    await this.#signal(preDelete, models)
    for (const { meta, state } of this.#fast) count(meta, await deleteRows(this.#database, state))
    for (const { column, state, value } of this.#updates) {
      const change: BoundExpression = { type: 'literal', prepared: value, output: column }
      await updateRows(this.#database, state, new Map([[column, change]]))
    }
    for (const [meta, rows] of models) {
      const keys = [...rows.keys()]
      for (let i = 0; i < keys.length; i += BATCH) {
        count(meta, await deleteRows(this.#database, withKeys(meta, 'pk__in', keys.slice(i, i + BATCH))))
      }
    }
    await this.#signal(postDelete, models)
    return { total: Object.values(byModel).reduce((a, b) => a + b, 0), byModel }
  }

  async #signal(
    signal: typeof preDelete,
    models: readonly (readonly [ModelMeta, ReadonlyMap<unknown, object>])[],
  ): Promise<void> {
    for (const [meta, rows] of models) {
      if (!signal.hasReceivers(meta.model)) continue
      for (const instance of rows.values()) await signal.send({ sender: meta.model, instance })
    }
  }
}

function protectedBy(relation: RelationMeta, rows: readonly object[]): ProtectedError {
  const how = relation.onDelete === 'restrict' ? 'restricted' : 'protected'
  return new ProtectedError(
    `Cannot delete some instances of model '${relation.source.objectName}' because they are referenced through ` +
      `${how} foreign keys: '${relation.target.objectName}.${relation.column.name}'.`,
    rows,
  )
}

const referring = (relation: RelationMeta, keys: readonly unknown[]): QueryState =>
  withKeys(relation.target, `${relation.column.name}__in`, keys)

function withKeys(meta: ModelMeta, keyword: string, keys: readonly unknown[]): QueryState {
  const state = { ...emptyState(meta.ready()), order: [] }
  const where = bindFilters({ meta, annotations: state.annotations }, [{ [keyword]: keys }], false)
  return { ...state, steps: [{ type: 'filter', where }] }
}
