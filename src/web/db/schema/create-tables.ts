import { sql } from 'kysely'
import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Database } from '../database.ts'
import { ImproperlyConfigured } from '../../exceptions.ts'
import { kinds } from '../fields/kinds.ts'
import type { ModelMeta } from '../model-meta.ts'
import { models } from '../model-registry.ts'
import type { AnyModel } from '../types.ts'
import type { ColumnDefinition, TableDefinition } from './table.ts'
import { tableOf } from './table.ts'

type AnySchema = Record<string, Record<string, unknown>>

/** Any number that nobody else locks by. */
const LOCK_KEY = 0x706f7274

/** What SQLite's floating point keeps of a decimal. */
const SQLITE_DECIMAL_DIGITS = 15

/**
 * Makes the tables that are missing, as `migrate --run-syncdb` does: nothing that is there is changed. Without a
 * list: every model. Tables between models come along.
 */
export async function createTables(database: Database, list?: readonly AnyModel[]): Promise<void> {
  const tables = inOrder(metasOf(list)).map(tableOf)
  for (const table of tables) checkTable(database, table)
  await database.atomic(async () => {
    const db = database.kysely<AnySchema>()
    // Workers start together, and two CREATE TABLE IF NOT EXISTS of one name can fail on each other there.
    if (database.vendor === 'postgresql')
      await sql`select pg_advisory_xact_lock(${LOCK_KEY}::bigint)`.execute(db)
    for (const table of tables) await createTable(db, database, table)
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

/** A table after those it refers to, circles apart (PostgreSQL wants them there; SQLite does not care). */
function inOrder(metas: readonly ModelMeta[]): ModelMeta[] {
  const done = new Set<ModelMeta>()
  const visit = (meta: ModelMeta, above: ReadonlySet<ModelMeta>): void => {
    if (done.has(meta) || above.has(meta)) return
    for (const { relation } of meta.ready().columns) {
      if (relation !== null && metas.includes(relation.target))
        visit(relation.target, new Set([...above, meta]))
    }
    done.add(meta)
  }
  for (const meta of metas) visit(meta, new Set())
  return [...done]
}

function checkTable(database: Database, table: TableDefinition): void {
  for (const column of table.columns) {
    if (database.vendor !== 'sqlite' || column.kind !== kinds.decimal) continue
    if ((column.options.maxDigits ?? 0) > SQLITE_DECIMAL_DIGITS) {
      throw new ImproperlyConfigured(
        `${table.name}.${column.name}: SQLite keeps ${SQLITE_DECIMAL_DIGITS} digits of a decimal exactly, not ${column.options.maxDigits}.`,
      )
    }
  }
}

async function createTable(db: Kysely<AnySchema>, database: Database, table: TableDefinition): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(table.name).ifNotExists()
  for (const column of table.columns) builder = addColumn(builder, database, column)
  for (const unique of table.uniques) builder = builder.addUniqueConstraint(unique.name, [...unique.columns])
  await builder.execute()
  for (const index of table.indexes) {
    let builder = db.schema.createIndex(index.name).ifNotExists().on(table.name)
    for (const column of index.columns) builder = builder.column(column)
    await builder.execute()
  }
}

type TableBuilder = CreateTableBuilder<string, string>

function addColumn(builder: TableBuilder, database: Database, column: ColumnDefinition): TableBuilder {
  const sqlite = database.vendor === 'sqlite'
  // The type is from the tables of kinds.ts, with numbers of the field's options in it.
  const type = sql.raw(column.kind.codecs[database.vendor].columnType(column.options))
  return builder.addColumn(column.name, type, (definition) => {
    let one = definition
    if (column.notNull) one = one.notNull()
    if (column.primaryKey) one = one.primaryKey()
    if (column.auto) one = sqlite ? one.autoIncrement() : one.generatedByDefaultAsIdentity()
    if (column.unique) one = one.unique()
    if (column.kind === kinds.json && sqlite) {
      one = one.check(sql`json_valid(${sql.ref(column.name)}) OR ${sql.ref(column.name)} IS NULL`)
    }
    if (column.references !== null) {
      // Checked at commit: rows that refer to each other can be written in any order, as in Django.
      one = one
        .references(`${column.references.table}.${column.references.column}`)
        .modifyEnd(sql`DEFERRABLE INITIALLY DEFERRED`)
    }
    return one
  })
}
