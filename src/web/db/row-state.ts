import type { Database } from './database.ts'
import type { Column, ModelMeta } from './model-meta.ts'

const STATE = Symbol('portico.row')

/** What a row knows beside its columns. */
export class RowState {
  readonly meta: ModelMeta
  readonly row: Record<string, unknown>
  /** Not in the database yet. */
  adding = true
  /** Where it was read from or saved to. */
  database: Database | null = null
  /** Loaded relations by accessor. */
  related: Map<string, unknown> | null = null
  /** Single relations that were assigned a row without a key: they take it when this row is saved. */
  awaited: Set<string> | null = null

  constructor(meta: ModelMeta, row: object) {
    this.meta = meta
    this.row = row as Record<string, unknown>
  }

  read(column: Column): unknown {
    return this.row[column.attname]
  }

  /** False for what `only` or `defer` left out, until it is assigned. */
  isLoaded(column: Column): boolean {
    return Object.hasOwn(this.row, column.attname)
  }

  write(column: Column, value: unknown): void {
    this.row[column.attname] = value
  }

  remember(accessor: string, value: unknown): void {
    this.related ??= new Map()
    this.related.set(accessor, value)
  }
}

/** A row's base: the state hangs on a symbol, so that no column name, loop or JSON meets it. */
export class StatefulRow {
  readonly [STATE]: RowState

  constructor(meta: ModelMeta) {
    const state = new RowState(meta, this)
    this[STATE] = state
  }
}

/** Null for what is no row. */
export function rowState(value: unknown): RowState | null {
  return value instanceof StatefulRow ? value[STATE] : null
}
