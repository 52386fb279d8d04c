import type { SqlValue } from '../fields/field.ts'
import type { Database } from '../database.ts'
import { columnType } from './statements.ts'
import type { ColumnDefinition, TableDefinition } from './table.ts'

/** The tables before and after one operation, and what of the way from one to the other they cannot say. */
export interface SchemaChange {
  readonly before: readonly TableDefinition[]
  readonly after: readonly TableDefinition[]
  /** Old name to new one. */
  readonly renamedTables: ReadonlyMap<string, string>
  /** By the table's new name: old name of a column to its new one. */
  readonly renamedColumns: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** What rows that are there get in a column that may not be null: by the table's new name and the column. */
  readonly fills: ReadonlyMap<string, ReadonlyMap<string, SqlValue>>
}

/** Runs one statement. Under `sqlmigrate` it only writes it down, except for what is asked of the catalogue. */
export interface StatementRunner {
  readonly run: (sql: string) => Promise<void>
  readonly ask: (sql: string) => Promise<readonly (readonly SqlValue[])[]>
}

/** A table that is on both sides, renames already done. */
export interface TablePair {
  readonly before: TableDefinition
  readonly after: TableDefinition
}

/** What is to do, once tables and columns have their new names. */
export interface SchemaDifference {
  readonly dropped: readonly TableDefinition[]
  readonly created: readonly TableDefinition[]
  readonly pairs: readonly TablePair[]
}

export function differenceOf(change: SchemaChange): SchemaDifference {
  const before = change.before.map((table) => renamed(table, change))
  const after = new Map(change.after.map((table) => [table.name, table]))
  const known = new Set(before.map((table) => table.name))
  return {
    dropped: before.filter((table) => !after.has(table.name)),
    created: change.after.filter((table) => !known.has(table.name)),
    pairs: before.flatMap((one) => {
      const next = after.get(one.name)
      return next === undefined ? [] : [{ before: one, after: next }]
    }),
  }
}

function renamed(table: TableDefinition, change: SchemaChange): TableDefinition {
  const tableName = (name: string): string => change.renamedTables.get(name) ?? name
  const columnName = (of: string, name: string): string => change.renamedColumns.get(of)?.get(name) ?? name
  const name = tableName(table.name)
  const columns = table.columns.map((column) => {
    if (column.references === null) return { ...column, name: columnName(name, column.name) }
    const target = tableName(column.references.table)
    const references = { table: target, column: columnName(target, column.references.column) }
    return { ...column, name: columnName(name, column.name), references }
  })
  const group = <G extends { readonly columns: readonly string[] }>(one: G): G => ({
    ...one,
    columns: one.columns.map((column) => columnName(name, column)),
  })
  return { name, columns, uniques: table.uniques.map(group), indexes: table.indexes.map(group) }
}

export const columnNamed = (table: TableDefinition, name: string): ColumnDefinition | undefined =>
  table.columns.find((column) => column.name === name)

export const fillOf = (change: SchemaChange, table: string, column: string): SqlValue | undefined =>
  change.fills.get(table)?.get(column)

/** Equal for this database: what the options say beside is for forms and new rows. */
export const isSameColumn = (database: Database, a: ColumnDefinition, b: ColumnDefinition): boolean =>
  columnType(database, a) === columnType(database, b) &&
  a.kind.family === b.kind.family &&
  a.notNull === b.notNull &&
  a.primaryKey === b.primaryKey &&
  a.auto === b.auto &&
  a.unique === b.unique &&
  isSameReference(a, b)

export const isSameReference = (a: ColumnDefinition, b: ColumnDefinition): boolean =>
  a.references?.table === b.references?.table && a.references?.column === b.references?.column

interface Named {
  readonly name: string
  readonly columns: readonly string[]
}

/** Those of `some` that `others` do not have. */
export const missingFrom = (some: readonly Named[], others: readonly Named[]): Named[] =>
  some.filter((one) => !others.some((other) => isSameGroup(one, other)))

const isSameGroup = (a: Named, b: Named): boolean =>
  a.name === b.name && a.columns.join() === b.columns.join()
