import type { Database } from './database.ts'
import { DatabaseError, ValueError } from './errors.ts'
import type { Column } from './model-meta.ts'
import { prepareColumn } from './query/bind.ts'
import { insertRows, updateByPk } from './query/write.ts'
import { rowState } from './row-state.ts'
import type { RowState } from './row-state.ts'
import { postSave, preSave } from './signals.ts'

export interface SaveOptions {
  /** Only these columns, by field name; the row must exist. */
  readonly updateFields?: readonly string[]
  readonly forceInsert?: boolean
  readonly forceUpdate?: boolean
  readonly using?: Database
}

/** Writes a row: an UPDATE where it can be there already, an INSERT otherwise (Django's order of trying). */
export async function saveRow(state: RowState, database: Database, options: SaveOptions): Promise<void> {
  const { meta, row } = state
  const updateFields = options.updateFields ?? loadedOnly(state, database, options)
  const event = { sender: meta.model, instance: row, created: false, updateFields: updateFields ?? null }
  if (preSave.hasReceivers(meta.model)) await preSave.send(event)
  adoptRelatedKeys(state)
  const created = await writeRow(state, database, {
    ...options,
    ...(updateFields === undefined ? {} : { updateFields }),
  })
  state.adding = false
  state.database = database
  if (postSave.hasReceivers(meta.model)) await postSave.send({ ...event, created })
}

/** A row that was read in part is saved in that part (Django's rule). Undefined: all of it. */
function loadedOnly(state: RowState, database: Database, options: SaveOptions): string[] | undefined {
  if (state.adding || options.forceInsert === true || state.database !== database) return undefined
  const { columns } = state.meta
  const loaded = columns.filter((column) => state.isLoaded(column))
  return loaded.length === columns.length ? undefined : loaded.map(({ name }) => name)
}

/** True when it was inserted. */
async function writeRow(state: RowState, database: Database, options: SaveOptions): Promise<boolean> {
  const { meta } = state
  const pk = state.read(meta.pk)
  const hasPk = pk !== null && pk !== undefined
  const mustUpdate = options.forceUpdate === true || options.updateFields !== undefined
  if (mustUpdate && !hasPk) throw new ValueError('Cannot force an update in save() with no primary key.')
  // A key that was made by its default is new: asking the database for it first would be in vain.
  const freshKey = state.adding && meta.pk.field.hasDefault
  if (hasPk && options.forceInsert !== true && (mustUpdate || !freshKey)) {
    const changes = changesOf(state, options.updateFields ?? null)
    if (await update(database, state, changes, pk)) return false
    if (mustUpdate) throw new DatabaseError('Forced update did not affect any rows.')
  }
  await insert(database, state, hasPk)
  return true
}

async function update(
  database: Database,
  state: RowState,
  changes: [Column, unknown][],
  pk: unknown,
): Promise<boolean> {
  const { meta } = state
  const key = prepareColumn(meta.pk, pk)
  if (changes.length > 0) return (await updateByPk(database, meta, changes, key)) > 0
  // Nothing but a key: it is enough that the row is there.
  return (await updateByPk(database, meta, [[meta.pk, key]], key)) > 0
}

async function insert(database: Database, state: RowState, hasPk: boolean): Promise<void> {
  const { meta } = state
  const columns = meta.columns.filter((column) => column !== meta.pk || hasPk)
  const values = columns.map((column) => valueToSave(state, column, true))
  const [pk] = await insertRows(database, { meta, columns, rows: [values] })
  if (!hasPk) state.write(meta.pk, pk)
}

function changesOf(state: RowState, names: readonly string[] | null): [Column, unknown][] {
  const { meta } = state
  const chosen = names === null ? meta.columns : [...new Set(names.map((name) => meta.requireColumn(name)))]
  return chosen
    .filter((column) => column !== meta.pk)
    .map((column) => [column, valueToSave(state, column, false)])
}

/** Prepared; time stamps are set on the row too. */
export function valueToSave(state: RowState, column: Column, adding: boolean): unknown {
  const { options } = column
  if (options.autoNow === true || (options.autoNowAdd === true && adding)) {
    const now = column.kind.prepare(new Date(), options)
    state.write(column, now)
    return now
  }
  return prepareColumn(column, state.read(column))
}

/**
 * A related row that was saved after it was assigned has its key only now. A key that somebody set by hand since stays,
 * null or not, whatever row was assigned or loaded before.
 *
 * @throws ValueError for a related row that is not saved yet
 */
export function adoptRelatedKeys(state: RowState): void {
  for (const [accessor, related] of state.related ?? []) {
    const column = state.meta.byName.get(accessor)
    const other = rowState(related)
    if (column?.relation?.reverse !== false || other === null) continue
    const own = state.read(column) ?? null
    const isAwaited = state.awaited?.has(accessor) === true
    if ((own === null) !== isAwaited) {
      state.awaited?.delete(accessor)
      continue
    }
    const pk = other.read(other.meta.pk)
    if (pk === null || pk === undefined) {
      throw new ValueError(
        `save() prohibited to prevent data loss due to unsaved related object '${column.name}'.`,
      )
    }
    if (own === null) state.write(column, pk)
    state.awaited?.delete(accessor)
  }
}
