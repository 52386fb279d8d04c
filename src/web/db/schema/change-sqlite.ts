import type { Database } from '../database.ts'
import type { SchemaChange, StatementRunner, TablePair } from './schema-change.ts'
import { columnNamed, differenceOf, fillOf, isSameColumn, missingFrom } from './schema-change.ts'
import {
  addColumnStatement,
  createIndexStatement,
  createTableStatements,
  literal,
  quoted,
} from './statements.ts'
import { inOrder } from './table.ts'
import type { ColumnDefinition, TableDefinition } from './table.ts'

/**
 * SQLite changes little of a table in place: names, and columns at its end. The rest is a new table with the rows of
 * the old one (https://sqlite.org/lang_altertable.html, section 7), which needs a transaction that began without
 * foreign keys (`Database.changeSchema`).
 */
export async function changeSqlite(
  database: Database,
  change: SchemaChange,
  { run }: StatementRunner,
): Promise<void> {
  for (const [from, to] of change.renamedTables)
    await run(`ALTER TABLE ${quoted(from)} RENAME TO ${quoted(to)}`)
  for (const [table, columns] of change.renamedColumns) {
    for (const [from, to] of columns)
      await run(`ALTER TABLE ${quoted(table)} RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`)
  }
  const { dropped, created, pairs } = differenceOf(change)
  for (const table of dropped) await run(`DROP TABLE ${quoted(table.name)}`)
  for (const table of inOrder(created)) {
    for (const statement of createTableStatements(database, table)) await run(statement)
  }
  for (const pair of pairs) {
    for (const statement of pairStatements(database, change, pair)) await run(statement)
  }
}

function pairStatements(database: Database, change: SchemaChange, pair: TablePair): string[] {
  const { before, after } = pair
  const added = after.columns.filter((column) => columnNamed(before, column.name) === undefined)
  const kept = after.columns.filter((column) => columnNamed(before, column.name) !== undefined)
  const isRebuild =
    kept.length < before.columns.length ||
    kept.some((column) => !isSameColumn(database, columnNamed(before, column.name) ?? column, column)) ||
    missingFrom(before.uniques, after.uniques).length > 0 ||
    missingFrom(after.uniques, before.uniques).length > 0 ||
    added.some((column) => !isAddable(change, after, column))
  if (isRebuild) return rebuild(database, change, pair)
  return [
    ...missingFrom(before.indexes, after.indexes).map((index) => `DROP INDEX ${quoted(index.name)}`),
    ...added.map((column) => addColumnStatement(database, after.name, column)),
    ...missingFrom(after.indexes, before.indexes).map((index) =>
      createIndexStatement(database, after.name, index),
    ),
  ]
}

const isAddable = (change: SchemaChange, table: TableDefinition, column: ColumnDefinition): boolean =>
  !column.notNull &&
  !column.unique &&
  !column.primaryKey &&
  fillOf(change, table.name, column.name) === undefined

function rebuild(database: Database, change: SchemaChange, { before, after }: TablePair): string[] {
  const name = `new__${after.name}`
  const source = (column: ColumnDefinition): string => {
    const old = columnNamed(before, column.name)
    const fill = fillOf(change, after.name, column.name)
    const value = literal(fill ?? null, 'sqlite')
    if (old === undefined) return value
    return fill === undefined || old.notNull
      ? quoted(column.name)
      : `coalesce(${quoted(column.name)}, ${value})`
  }
  const into = after.columns.map((column) => quoted(column.name)).join(', ')
  const from = after.columns.map(source).join(', ')
  const [create = '', ...indexes] = createTableStatements(database, after)
  const [createNew = ''] = createTableStatements(database, { ...after, name, indexes: [] })
  return [
    createNew,
    `INSERT INTO ${quoted(name)} (${into}) SELECT ${from} FROM ${quoted(before.name)}`,
    ...(create.includes(' autoincrement') && before.columns.some((column) => column.auto)
      ? keepSequence(before.name, name)
      : []),
    `DROP TABLE ${quoted(before.name)}`,
    `ALTER TABLE ${quoted(name)} RENAME TO ${quoted(after.name)}`,
    ...indexes,
  ]
}

/** A number that a deleted row had is not given again. */
const keepSequence = (from: string, to: string): string[] => [
  `DELETE FROM sqlite_sequence WHERE name = ${literal(to, 'sqlite')}`,
  `INSERT INTO sqlite_sequence (name, seq) SELECT ${literal(to, 'sqlite')}, seq FROM sqlite_sequence WHERE name = ${literal(from, 'sqlite')}`,
]
