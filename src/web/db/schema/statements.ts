import { sql } from 'kysely'
import type { ColumnDefinitionBuilder, CreateTableBuilder } from 'kysely'
import type { Database } from '../database.ts'
import type { SqlValue, Vendor } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { ColumnDefinition, TableDefinition } from './table.ts'

/** DDL as text, in the words of one database. What a table is stands in table.ts. */

type AnySchema = Record<string, Record<string, unknown>>
type TableBuilder = CreateTableBuilder<string, string>

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A value in the text of a statement: DDL takes no parameters. Its source is a migration, never a request. */
export function literal(value: SqlValue, vendor: Vendor): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value).toString('hex')
    return vendor === 'sqlite' ? `X'${hex}'` : `'\\x${hex}'::bytea`
  }
  return String(value)
}

export const columnType = (database: Database, column: ColumnDefinition): string =>
  column.kind.codecs[database.vendor].columnType(column.options)

/** The table and its indexes. */
export function createTableStatements(
  database: Database,
  table: TableDefinition,
  ifNotExists = false,
): string[] {
  let builder: TableBuilder = database.kysely<AnySchema>().schema.createTable(table.name)
  if (ifNotExists) builder = builder.ifNotExists()
  for (const column of table.columns) {
    builder = builder.addColumn(column.name, sql.raw(columnType(database, column)), (one) =>
      describeColumn(one, database, column),
    )
  }
  for (const unique of table.uniques) builder = builder.addUniqueConstraint(unique.name, [...unique.columns])
  return [
    builder.compile().sql,
    ...table.indexes.map((index) => createIndexStatement(database, table.name, index, ifNotExists)),
  ]
}

export function createIndexStatement(
  database: Database,
  table: string,
  index: { readonly name: string; readonly columns: readonly string[] },
  ifNotExists = false,
): string {
  // Kysely's builder reads a blank in a column's name as the start of its direction.
  const columns = sql.join(index.columns.map((column) => sql.id(column)))
  const create = ifNotExists ? sql`create index if not exists` : sql`create index`
  const statement = sql`${create} ${sql.id(index.name)} on ${sql.id(table)} (${columns})`
  return statement.compile(database.kysely<AnySchema>()).sql
}

/** @param fill what the rows that are there get; the column itself keeps no default */
export function addColumnStatement(
  database: Database,
  table: string,
  column: ColumnDefinition,
  fill?: SqlValue,
): string {
  return database
    .kysely<AnySchema>()
    .schema.alterTable(table)
    .addColumn(column.name, sql.raw(columnType(database, column)), (one) => {
      const described = describeColumn(one, database, column)
      return fill === undefined ? described : described.defaultTo(sql.raw(literal(fill, database.vendor)))
    })
    .compile().sql
}

function describeColumn(
  definition: ColumnDefinitionBuilder,
  database: Database,
  column: ColumnDefinition,
): ColumnDefinitionBuilder {
  const sqlite = database.vendor === 'sqlite'
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
}
