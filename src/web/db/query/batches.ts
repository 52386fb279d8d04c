import type { Database } from '../database.ts'
import { ValueError } from '../errors.ts'
import type { ModelMeta } from '../model-meta.ts'
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
  const isKeyed = (state: RowState): boolean => (state.read(meta.pk) ?? null) !== null
  const keyed = states.filter(isKeyed)
  const keyless = states.filter((state) => !isKeyed(state))
  await database.atomic(async () => {
    for (const batch of batchesOf(meta, keyed, options))
      await insertBatch(database, meta, batch, true, options)
    for (const batch of batchesOf(meta, keyless, options))
      await insertBatch(database, meta, batch, false, options)
  })
}

function* batchesOf(
  meta: ModelMeta,
  states: readonly RowState[],
  { batchSize }: BatchOptions,
): Generator<readonly RowState[]> {
  const size = batchSize ?? Math.max(1, Math.floor(BATCH_PARAMETERS / meta.columns.length))
  for (let i = 0; i < states.length; i += size) yield states.slice(i, i + size)
}

async function insertBatch(
  database: Database,
  meta: ModelMeta,
  batch: readonly RowState[],
  isKeyed: boolean,
  { ignoreConflicts = false }: BatchOptions,
): Promise<void> {
  const columns = meta.columns.filter((column) => isKeyed || column !== meta.pk)
  const rows = batch.map((state) => columns.map((column) => valueToSave(state, column, true)))
  const keys = await insertRows(database, { meta, columns, rows, ignoreConflicts })
  // With conflicts ignored nobody knows whose keys came back.
  if (ignoreConflicts) return
  for (const [n, state] of batch.entries()) {
    if (!isKeyed) state.write(meta.pk, keys[n])
    state.adding = false
    state.database = database
  }
}
