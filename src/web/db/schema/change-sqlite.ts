import type { Database } from '../database.ts'
import { castOf } from './cast-value.ts'
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
  { run, ask }: StatementRunner,
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
    const { statements, isRebuild } = pairStatements(database, change, pair)
    const kept = isRebuild ? await ask(declaredElsewhere(pair)) : []
    for (const statement of statements) await run(statement)
    for (const [statement] of kept) await run(String(statement))
  }
}

const isKeptAsItIs = (database: Database, old: ColumnDefinition, column: ColumnDefinition): boolean =>
  isSameColumn(database, old, column) && castOf(old, column) === null

interface PairStatements {
  readonly statements: readonly string[]
  readonly isRebuild: boolean
}

function pairStatements(database: Database, change: SchemaChange, pair: TablePair): PairStatements {
  const { before, after } = pair
  const added = after.columns.filter((column) => columnNamed(before, column.name) === undefined)
  const kept = after.columns.filter((column) => columnNamed(before, column.name) !== undefined)
  const isRebuild =
    kept.length < before.columns.length ||
    kept.some((column) => !isKeptAsItIs(database, columnNamed(before, column.name) ?? column, column)) ||
    missingFrom(before.uniques, after.uniques).length > 0 ||
    missingFrom(after.uniques, before.uniques).length > 0 ||
    added.some((column) => !isAddable(change, after, column))
  if (isRebuild) return { isRebuild, statements: rebuild(database, change, pair) }
  const statements = [
    ...missingFrom(before.indexes, after.indexes).map((index) => `DROP INDEX ${quoted(index.name)}`),
    ...added.map((column) => addColumnStatement(database, after.name, column)),
    ...missingFrom(after.indexes, before.indexes).map((index) =>
      createIndexStatement(database, after.name, index),
    ),
  ]
  return { isRebuild, statements }
}

/** Indexes and triggers that somebody made with SQL go with the old table. An index of a column that goes does, too. */
function declaredElsewhere({ before, after }: TablePair): string {
  const list = (names: readonly string[]): string => names.map((name) => literal(name, 'sqlite')).join()
  const gone = before.columns.map(({ name }) => name).filter((name) => columnNamed(after, name) === undefined)
  return `SELECT sql FROM sqlite_master m WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
    AND lower(tbl_name) = lower(${literal(before.name, 'sqlite')}) AND name NOT IN (${list(before.indexes.map(({ name }) => name))})
    AND NOT EXISTS (SELECT 1 FROM pragma_index_info(m.name) i WHERE i.name IN (${list(gone)}))`
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
    const cast = castOf(old, column)
    const kept =
      cast === null ? quoted(column.name) : `portico_cast(${quoted(column.name)}, ${literal(cast, 'sqlite')})`
    return fill === undefined || old.notNull ? kept : `coalesce(${kept}, ${value})`
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
