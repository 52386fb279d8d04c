import type { FieldOptions, FieldKind } from '../fields/field.ts'
import type { Column, ModelMeta } from '../model-meta.ts'

/**
 * A model's table, in no dialect: what `createTables` writes down and what migrations will compare. Plain data.
 */
export interface TableDefinition {
  readonly name: string
  readonly columns: readonly ColumnDefinition[]
  readonly uniques: readonly { readonly name: string; readonly columns: readonly string[] }[]
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[]
}

export interface ColumnDefinition {
  readonly name: string
  readonly kind: FieldKind
  readonly options: FieldOptions
  readonly primaryKey: boolean
  readonly auto: boolean
  readonly notNull: boolean
  readonly unique: boolean
  readonly references: { readonly table: string; readonly column: string } | null
}

export function tableOf(meta: ModelMeta): TableDefinition {
  meta.ready()
  const columnName = (name: string): string => meta.requireColumn(name).column
  const groups = (
    all: readonly (readonly string[])[] | undefined,
    suffix: string,
  ): { name: string; columns: string[] }[] =>
    (all ?? []).map((names) => {
      const columns = names.map(columnName)
      return { name: constraintName(meta.table, columns, suffix), columns }
    })
  const single = meta.columns
    .filter((column) => column.options.index === true && column.options.unique !== true && column !== meta.pk)
    .map((column) => ({ name: constraintName(meta.table, [column.column], 'idx'), columns: [column.column] }))
  return {
    name: meta.table,
    columns: meta.columns.map((column) => columnOf(meta, column)),
    uniques: groups(meta.options.uniqueTogether, 'uniq'),
    indexes: [...single, ...groups(meta.options.indexes, 'idx')],
  }
}

/** A table after those it refers to, circles apart (PostgreSQL wants them there; SQLite does not care). */
export function inOrder(tables: readonly TableDefinition[]): TableDefinition[] {
  const done = new Set<TableDefinition>()
  const visit = (table: TableDefinition, above: ReadonlySet<TableDefinition>): void => {
    if (done.has(table) || above.has(table)) return
    for (const { references } of table.columns) {
      const target = references && tables.find((one) => one.name === references.table)
      if (target) visit(target, new Set([...above, table]))
    }
    done.add(table)
  }
  for (const table of tables) visit(table, new Set())
  return [...done]
}

function columnOf(meta: ModelMeta, column: Column): ColumnDefinition {
  const target = column.relation?.target
  const primaryKey = column === meta.pk
  return {
    name: column.column,
    kind: column.kind,
    options: column.options,
    primaryKey,
    auto: column.options.auto === true,
    notNull: column.options.null !== true,
    unique: column.options.unique === true && !primaryKey,
    references: target === undefined ? null : { table: target.table, column: target.pk.column },
  }
}

/** PostgreSQL keeps 63 bytes of a name: longer ones end in a hash of the whole. */
const NAME_LIMIT = 63

function constraintName(table: string, columns: readonly string[], suffix: string): string {
  const full = `${table}_${columns.join('_')}_${suffix}`
  if (full.length <= NAME_LIMIT) return full
  const hash = fnv1a(full).toString(16).padStart(8, '0')
  return `${full.slice(0, NAME_LIMIT - hash.length - suffix.length - 2)}_${hash}_${suffix}`
}

/** FNV-1a, 32 bits: names need telling apart, nothing more. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
