import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { ImproperlyConfigured } from '../../exceptions.ts'
import { kinds } from '../fields/kinds.ts'
import type { ModelMeta } from '../model-meta.ts'
import { models } from '../model-registry.ts'
import type { AnyModel } from '../types.ts'
import { createTableStatements } from './statements.ts'
import type { TableDefinition } from './table.ts'
import { inOrder, tableOf } from './table.ts'

type AnySchema = Record<string, Record<string, unknown>>

/** Any number that nobody else locks by: who makes or changes tables holds it. */
export const LOCK_KEY = 0x706f7274

/** What SQLite's floating point keeps of a decimal. */
const SQLITE_DECIMAL_DIGITS = 15

/**
 * Makes the tables that are missing, as `migrate --run-syncdb` does: nothing that is there is changed. Without a
 * list: every model. Tables between models come along.
 */
export async function createTables(database: Database, list?: readonly AnyModel[]): Promise<void> {
  const tables = inOrder(metasOf(list).map(tableOf))
  for (const table of tables) checkTable(database, table)
  await database.atomic(async () => {
    const db = database.kysely<AnySchema>()
    // Workers start together, and two CREATE TABLE IF NOT EXISTS of one name can fail on each other there.
    if (database.vendor === 'postgresql')
      await sql`select pg_advisory_xact_lock(${LOCK_KEY}::bigint)`.execute(db)
    for (const table of tables) {
      for (const statement of createTableStatements(database, table, true))
        await sql.raw(statement).execute(db)
    }
  })
}

function metasOf(list: readonly AnyModel[] | undefined): ModelMeta[] {
  if (list === undefined) return models.all().filter(isManaged)
  const metas = new Set(list.map((model) => model.meta.ready()))
  for (const meta of [...metas]) {
    for (const relation of meta.relations.values()) {
      if (relation.through?.autoCreated === true) metas.add(relation.through)
    }
  }
  return [...metas].filter(isManaged)
}

const isManaged = (meta: ModelMeta): boolean => meta.options.managed !== false

/** @throws ImproperlyConfigured for a column that this database cannot keep exactly */
export function checkTable(database: Database, table: TableDefinition): void {
  for (const column of table.columns) {
    if (database.vendor !== 'sqlite' || column.kind !== kinds.decimal) continue
    if ((column.options.maxDigits ?? 0) > SQLITE_DECIMAL_DIGITS) {
      throw new ImproperlyConfigured(
        `${table.name}.${column.name}: SQLite keeps ${SQLITE_DECIMAL_DIGITS} digits of a decimal exactly, not ${column.options.maxDigits}.`,
      )
    }
  }
}
