import type { Database } from '../database.ts'
import { ValueError } from '../errors.ts'
import type { Column, ModelMeta } from '../model-meta.ts'
import type { RowState } from '../row-state.ts'
import { adoptRelatedKeys, valueToSave } from '../save.ts'
import { insertRows } from './write.ts'

/** Parameters of one INSERT: under the limits of both databases. */
const BATCH_PARAMETERS = 30_000

/** How `bulkCreate` goes about it. */
export interface BatchOptions {
  readonly batchSize?: number
  readonly ignoreConflicts?: boolean
}

/**
 * Inserts rows with few statements, all of them or none: those that have keys, then those that get them.
 *
 * @throws ValueError
 */
export async function insertBatches(
  database: Database,
  meta: ModelMeta,
  states: readonly RowState[],
  options: BatchOptions,
): Promise<void> {
  const { batchSize = 1 } = options
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new ValueError('Batch size must be a positive integer.')
  for (const state of states) adoptRelatedKeys(state)
  const hasKey = (state: RowState): boolean => (state.read(meta.pk) ?? null) !== null
  const keyed = states.filter(hasKey)
  const keyless = states.filter((state) => !hasKey(state))
  await database.atomic(async () => {
    for (const isKeyed of [true, false]) {
      const columns = meta.columns.filter((column) => isKeyed || column !== meta.pk)
      for (const batch of batchesOf(isKeyed ? keyed : keyless, columns.length, options))
        await insertBatch(database, meta, columns, batch, options)
    }
  })
}

/** A row without columns is `DEFAULT VALUES`, which is one row. */
function* batchesOf(
  states: readonly RowState[],
  columns: number,
  { batchSize = BATCH_PARAMETERS }: BatchOptions,
): Generator<readonly RowState[]> {
  const most = columns === 0 ? 1 : Math.max(1, Math.floor(BATCH_PARAMETERS / columns))
  const size = Math.min(batchSize, most)
  for (let i = 0; i < states.length; i += size) yield states.slice(i, i + size)
}

async function insertBatch(
  database: Database,
  meta: ModelMeta,
  columns: readonly Column[],
  batch: readonly RowState[],
  { ignoreConflicts = false }: BatchOptions,
): Promise<void> {
  const rows = batch.map((state) => columns.map((column) => valueToSave(state, column, true)))
  const keys = await insertRows(database, { meta, columns, rows, ignoreConflicts })
  // With conflicts ignored nobody knows whose keys came back.
  if (ignoreConflicts) return
  for (const [n, state] of batch.entries()) {
    if (!columns.includes(meta.pk)) state.write(meta.pk, keys[n])
    state.adding = false
    state.database = database
  }
}
