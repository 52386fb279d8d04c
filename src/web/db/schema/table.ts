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
  const groups = (all: readonly (readonly string[])[] = []): string[][] =>
    all.map((names) => names.map(columnName))
  const single = meta.columns
    .filter((column) => column.options.index === true && column.options.unique !== true && column !== meta.pk)
    .map((column) => [column.column])
  return {
    name: meta.table,
    columns: meta.columns.map((column) => columnOf(meta, column)),
    uniques: named(meta.table, groups(meta.options.uniqueTogether), 'uniq'),
    indexes: named(meta.table, [...single, ...groups(meta.options.indexes)], 'idx'),
  }
}

/** Each group once, and each under a name of its own: `a_b` and `c` are spelled as `a` and `b_c` are. */
function named(
  table: string,
  groups: readonly (readonly string[])[],
  suffix: string,
): { name: string; columns: readonly string[] }[] {
  const names = new Set<string>()
  const all = new Map(groups.map((columns) => [columns.join(), columns]))
  return [...all].map(([key, columns]) => {
    const plain = `${table}_${columns.join('_')}`
    const usual = constraintName(plain, suffix)
    const name = names.has(usual) ? hashedName(plain, key, suffix) : usual
    names.add(name)
    return { name, columns }
  })
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

function constraintName(plain: string, suffix: string): string {
  const name = `${plain}_${suffix}`
  return name.length <= NAME_LIMIT ? name : hashedName(plain, name, suffix)
}

/** @param whole what the hash is of */
function hashedName(plain: string, whole: string, suffix: string): string {
  const hash = fnv1a(whole).toString(16).padStart(8, '0')
  return `${plain.slice(0, NAME_LIMIT - hash.length - suffix.length - 2)}_${hash}_${suffix}`
}

/** FNV-1a, 32 bits: names need telling apart, nothing more. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
