import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { LOCK_KEY } from '../schema/create-tables.ts'
import type { LoadedMigration } from './migration.ts'
import { keyOf } from './migration.ts'

interface Rows {
  readonly portico_migrations: { app: string; name: string; applied: string }
}

/** The table of applied migrations. It has no migration of its own. */
export class MigrationRecorder {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async ensureTable(): Promise<void> {
    await this.#database.atomic(async () => {
      const db = this.#database.kysely<Rows>()
      if (this.#database.vendor === 'postgresql')
        await sql`select pg_advisory_xact_lock(${LOCK_KEY}::bigint)`.execute(db)
      await db.schema
        .createTable('portico_migrations')
        .ifNotExists()
        .addColumn('app', 'varchar(255)', (column) => column.notNull())
        .addColumn('name', 'varchar(255)', (column) => column.notNull())
        .addColumn('applied', 'varchar(40)', (column) => column.notNull())
        .addPrimaryKeyConstraint('portico_migrations_pk', ['app', 'name'])
        .execute()
    })
  }

  /** By `app.name`; nothing where the table is not there yet. */
  async applied(): Promise<ReadonlySet<string>> {
    if (!(await this.tables()).has('portico_migrations')) return new Set()
    const rows = await this.#database
      .kysely<Rows>()
      .selectFrom('portico_migrations')
      .select(['app', 'name'])
      .execute()
    return new Set(rows.map(({ app, name }) => keyOf(app, name)))
  }

  async record({ app, name }: LoadedMigration, isApplied: boolean): Promise<void> {
    const db = this.#database.kysely<Rows>()
    if (isApplied) {
      const row = { app, name, applied: new Date().toISOString() }
      await db.insertInto('portico_migrations').values(row).execute()
    } else {
      await db.deleteFrom('portico_migrations').where('app', '=', app).where('name', '=', name).execute()
    }
  }

  /** The names of all tables of the database. */
  async tables(): Promise<ReadonlySet<string>> {
    const text =
      this.#database.vendor === 'sqlite'
        ? "select name from sqlite_master where type = 'table'"
        : 'select tablename from pg_tables where schemaname = any(current_schemas(false))'
    const statement = { sql: text, write: false, returns: true, exactIntegers: false }
    const { rows } = await this.#database.query(statement, [])
    return new Set(rows.map(([name]) => String(name)))
  }
}
