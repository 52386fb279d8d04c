import type { Database } from '../database.ts'
import type { SchemaChange, SchemaDifference, StatementRunner, TablePair } from './schema-change.ts'
import { columnNamed, differenceOf, fillOf, isSameReference, missingFrom } from './schema-change.ts'
import {
  addColumnStatement,
  columnType,
  createIndexStatement,
  createTableStatements,
  literal,
  quoted,
} from './statements.ts'
import { inOrder } from './table.ts'
import type { ColumnDefinition, TableDefinition } from './table.ts'

/** Changes tables of PostgreSQL in place; all of it can be rolled back. */
export async function changePostgres(
  database: Database,
  change: SchemaChange,
  runner: StatementRunner,
): Promise<void> {
  await new PostgresChange(database, change, runner).apply()
}

/** Said aloud, a cast cuts text off that is too long; unsaid it is refused, and every type can be text without. */
const castTo = ({ kind }: ColumnDefinition, name: string, type: string): string =>
  kind.family === 'text' ? '' : ` USING ${name}::${type}`

type Constraint = 'f' | 'u' | 'p'
const SUFFIX: Readonly<Record<Constraint, string>> = { f: 'fkey', u: 'key', p: 'pkey' }

class PostgresChange {
  readonly #database: Database
  readonly #change: SchemaChange
  readonly #runner: StatementRunner
  readonly #difference: SchemaDifference

  constructor(database: Database, change: SchemaChange, runner: StatementRunner) {
    this.#database = database
    this.#change = change
    this.#runner = runner
    this.#difference = differenceOf(change)
  }

  async apply(): Promise<void> {
    const { dropped, created, pairs } = this.#difference
    await this.#rename()
    for (const pair of pairs) await this.#dropConstraints(pair)
    for (const table of dropped) await this.#run(`DROP TABLE ${quoted(table.name)} CASCADE`)
    for (const table of inOrder(created)) {
      for (const statement of createTableStatements(this.#database, table)) await this.#run(statement)
    }
    for (const pair of pairs) await this.#changeColumns(pair)
    for (const pair of pairs) await this.#addConstraints(pair)
  }

  #run(sql: string): Promise<void> {
    return this.#runner.run(sql)
  }

  #alter(table: TableDefinition, what: string): Promise<void> {
    return this.#run(`ALTER TABLE ${quoted(table.name)} ${what}`)
  }

  async #rename(): Promise<void> {
    for (const [from, to] of this.#change.renamedTables)
      await this.#run(`ALTER TABLE ${quoted(from)} RENAME TO ${quoted(to)}`)
    for (const [table, columns] of this.#change.renamedColumns) {
      for (const [from, to] of columns)
        await this.#run(`ALTER TABLE ${quoted(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`)
    }
  }

  async #dropConstraints({ before, after }: TablePair): Promise<void> {
    for (const index of missingFrom(before.indexes, after.indexes))
      await this.#run(`DROP INDEX ${quoted(index.name)}`)
    for (const unique of missingFrom(before.uniques, after.uniques))
      await this.#alter(before, `DROP CONSTRAINT ${quoted(unique.name)}`)
    for (const column of before.columns) {
      const next = columnNamed(after, column.name)
      if (column.references !== null && (next === undefined || this.#isLoose(column, next)))
        await this.#dropConstraint(before, column, 'f')
      if (next === undefined) continue
      if (column.unique && !next.unique) await this.#dropConstraint(before, column, 'u')
      if (column.primaryKey && !next.primaryKey) await this.#dropConstraint(before, column, 'p')
    }
  }

  /** Whether the reference has to be taken off while columns change: it, its column or its target will be another. */
  #isLoose(column: ColumnDefinition, next: ColumnDefinition): boolean {
    if (column.references === null || next.references === null) return column.references !== next.references
    return (
      !isSameReference(column, next) ||
      columnType(this.#database, column) !== columnType(this.#database, next) ||
      this.#isTargetChanged(column.references)
    )
  }

  #isTargetChanged(target: { readonly table: string; readonly column: string }): boolean {
    const pair = this.#difference.pairs.find(({ after }) => after.name === target.table)
    const before = pair && columnNamed(pair.before, target.column)
    const after = pair && columnNamed(pair.after, target.column)
    if (before === undefined || after === undefined) return true
    return (
      columnType(this.#database, before) !== columnType(this.#database, after) ||
      before.primaryKey !== after.primaryKey ||
      before.unique !== after.unique
    )
  }

  /** Its name is PostgreSQL's, and older than the last renaming perhaps. */
  async #dropConstraint(table: TableDefinition, column: ColumnDefinition, type: Constraint): Promise<void> {
    const rows = await this.#runner.ask(
      `SELECT c.conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.conrelid = to_regclass(${literal(quoted(table.name), 'postgresql')}) AND c.contype = '${type}'
          AND a.attname = ${literal(column.name, 'postgresql')}`,
    )
    const guess = type === 'p' ? `${table.name}_pkey` : `${table.name}_${column.name}_${SUFFIX[type]}`
    const names = rows.length === 0 ? [guess] : rows.map(([name]) => String(name))
    for (const name of names) await this.#alter(table, `DROP CONSTRAINT ${quoted(name)}`)
  }

  async #changeColumns({ before, after }: TablePair): Promise<void> {
    for (const column of before.columns) {
      if (columnNamed(after, column.name) === undefined)
        await this.#alter(after, `DROP COLUMN ${quoted(column.name)} CASCADE`)
    }
    for (const column of after.columns) {
      const old = columnNamed(before, column.name)
      if (old === undefined) await this.#addColumn(after, column)
      else await this.#changeColumn(after, old, column)
    }
  }

  async #addColumn(table: TableDefinition, column: ColumnDefinition): Promise<void> {
    const fill = fillOf(this.#change, table.name, column.name)
    await this.#run(addColumnStatement(this.#database, table.name, column, fill))
    if (fill !== undefined) await this.#alter(table, `ALTER COLUMN ${quoted(column.name)} DROP DEFAULT`)
  }

  async #changeColumn(
    table: TableDefinition,
    old: ColumnDefinition,
    column: ColumnDefinition,
  ): Promise<void> {
    const name = quoted(column.name)
    const type = columnType(this.#database, column)
    if (old.auto && !column.auto) await this.#alter(table, `ALTER COLUMN ${name} DROP IDENTITY IF EXISTS`)
    if (columnType(this.#database, old) !== type)
      await this.#alter(table, `ALTER COLUMN ${name} TYPE ${type}${castTo(column, name, type)}`)
    const fill = fillOf(this.#change, table.name, column.name)
    if (column.notNull && !old.notNull) {
      if (fill !== undefined) {
        const value = literal(fill, 'postgresql')
        await this.#run(`UPDATE ${quoted(table.name)} SET ${name} = ${value} WHERE ${name} IS NULL`)
      }
      await this.#alter(table, `ALTER COLUMN ${name} SET NOT NULL`)
    }
    if (!column.notNull && old.notNull) await this.#alter(table, `ALTER COLUMN ${name} DROP NOT NULL`)
    if (column.primaryKey && !old.primaryKey) await this.#alter(table, `ADD PRIMARY KEY (${name})`)
    if (column.unique && !old.unique) await this.#alter(table, `ADD UNIQUE (${name})`)
    if (column.auto && !old.auto) {
      await this.#alter(table, `ALTER COLUMN ${name} ADD GENERATED BY DEFAULT AS IDENTITY`)
      const sequence = `pg_get_serial_sequence(${literal(quoted(table.name), 'postgresql')}, ${literal(column.name, 'postgresql')})`
      await this.#run(
        `SELECT setval(${sequence}, coalesce(max(${name}), 0) + 1, false) FROM ${quoted(table.name)}`,
      )
    }
  }

  async #addConstraints({ before, after }: TablePair): Promise<void> {
    for (const column of after.columns) {
      const old = columnNamed(before, column.name)
      const { references } = column
      // A new column came with its reference.
      if (references === null || old === undefined) continue
      if (old.references !== null && !this.#isLoose(old, column)) continue
      await this.#alter(
        after,
        `ADD FOREIGN KEY (${quoted(column.name)}) REFERENCES ${quoted(references.table)} (${quoted(references.column)}) DEFERRABLE INITIALLY DEFERRED`,
      )
    }
    for (const { name, columns } of missingFrom(after.uniques, before.uniques))
      await this.#alter(after, `ADD CONSTRAINT ${quoted(name)} UNIQUE (${columns.map(quoted).join(', ')})`)
    for (const index of missingFrom(after.indexes, before.indexes))
      await this.#run(createIndexStatement(this.#database, after.name, index))
  }
}
