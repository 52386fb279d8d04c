import type { Database } from '../database.ts'
import { ProgrammingError, ValueError } from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import type { Column, ModelMeta } from '../model-meta.ts'
import { isRead } from '../is-read.ts'
import { rowState } from '../row-state.ts'
import { decoderOf, isExact } from './decode.ts'
import type { Decoder } from './decode.ts'
import { encode } from './describe.ts'
import { bindLiteral } from './expressions.ts'

/**
 * Rows by SQL that somebody wrote: `%s` for a parameter, `%%` for a percent sign. Columns are known by their names in
 * the table; one that the SQL leaves out is as after `defer()`, and one that the model has not comes along as it is.
 */
export async function fetchRaw(
  database: Database,
  meta: ModelMeta,
  sql: string,
  values: readonly unknown[],
): Promise<object[]> {
  const { vendor } = database
  const exactIntegers = meta.columns.some((column) => isExact(column, vendor))
  const text = placed(sql, vendor, values.length)
  const statement = { sql: text, write: !isRead(text), returns: true, exactIntegers }
  const result = await database.describe(
    statement,
    values.map((value) => parameter(database, value)),
  )
  const byColumn = new Map(meta.columns.map((column) => [column.column, column]))
  const cells = result.columns.map((name, i) =>
    cellOf(database, byColumn.get(name) ?? name, exactIntegers, result.types?.[i]),
  )
  const read = new Set(cells.map(({ column }) => column))
  if (!read.has(meta.pk)) throw new ValueError('Raw query must include the primary key')
  const missing = meta.columns.filter((column) => !read.has(column))
  const blank = missing.length === 0 ? meta.blank : meta.blankWithout(missing)
  return result.rows.map((raw) => {
    const row = blank()
    for (const [i, cell] of cells.entries()) {
      const value = raw[i] ?? null
      row[cell.name] = value === null || cell.decode === null ? value : cell.decode(value)
    }
    const state = rowState(row)
    if (state !== null) {
      state.adding = false
      state.database = database
    }
    return row
  })
}

interface Cell {
  readonly name: string
  readonly column: Column | null
  readonly decode: Decoder
}

function cellOf(database: Database, column: Column | string, exact: boolean, type: number | undefined): Cell {
  if (typeof column !== 'string') {
    return { name: column.attname, column, decode: decoderOf(column, database.vendor, exact) }
  }
  if (database.vendor === 'postgresql')
    return { name: column, column: null, decode: byType.get(type ?? 0) ?? null }
  return { name: column, column: null, decode: exact ? toNumber : null }
}

/** Past 2^53 a number would be another one. */
function toNumber(raw: SqlValue): SqlValue {
  if (typeof raw !== 'bigint') return raw
  return raw >= Number.MIN_SAFE_INTEGER && raw <= Number.MAX_SAFE_INTEGER ? Number(raw) : raw
}

/** PostgreSQL's text by its type's OID (pg_type.dat): bool, int8, int2, int4, float4, float8. */
const byType: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [16, (raw) => raw === 't'],
  [20, (raw) => toNumber(BigInt(String(raw)))],
  [21, Number],
  [23, Number],
  [700, Number],
  [701, Number],
])

function placed(sql: string, vendor: Database['vendor'], count: number): string {
  let next = 0
  const text = sql.replace(/%(.?)/gs, (_all, mark: string) => {
    if (mark === '%') return '%'
    if (mark !== 's')
      throw new ProgrammingError(`unsupported format character '${mark}' in raw SQL: write %% for %.`)
    next++
    return vendor === 'sqlite' ? '?' : `$${next}`
  })
  if (next !== count) throw new ProgrammingError(`The SQL has ${next} places for ${count} parameters.`)
  return text
}

/** As the database keeps such a value; a row stands for its key. */
function parameter(database: Database, value: unknown): SqlValue {
  if (value === null) return null
  if (value instanceof Uint8Array) return value
  const state = rowState(value)
  if (state !== null) return encode(database.vendor, state.meta.pk, state.read(state.meta.pk))
  const { output, prepared } = bindLiteral(value)
  return encode(database.vendor, output, prepared)
}
