import { DataError, ValueError } from '../errors.ts'
import type { FieldKind, FieldOptions, SqlValue } from '../fields/field.ts'
import { isKept, kinds } from '../fields/kinds.ts'
import type { ColumnDefinition } from './table.ts'

/**
 * Values of a column that becomes another kind. PostgreSQL's ALTER COLUMN casts them; SQLite would keep them as they
 * were, and a column of dates would hold times of day. What cannot be the new kind is refused, and with it the
 * migration.
 */

/** A kind by its key in `kinds`, and those of its options that say how a value is kept. */
type Side = readonly [key: string, options: Pick<FieldOptions, 'maxDigits' | 'places'>]

const keyOf = (kind: FieldKind): string =>
  Object.entries(kinds).find(([, known]) => known.codecs === kind.codecs)?.[0] ?? ''

const kindOf = (key: string): FieldKind | undefined =>
  Object.entries(kinds).find(([known]) => known === key)?.[1]

function sideOf({ kind, options }: ColumnDefinition): Side {
  const { maxDigits = 0, places = 0 } = options
  return [keyOf(kind), kind === kinds.decimal ? { maxDigits, places } : {}]
}

/** Texts are texts, and a key's integers are integers. */
const groups = [
  ['char', 'slug', 'email', 'text'],
  ['int', 'auto'],
]

/** The cast as text, for `castValue`. Null: the values may stay as they are. */
export function castOf(from: ColumnDefinition, to: ColumnDefinition): string | null {
  const [source, target] = [sideOf(from), sideOf(to)]
  const keys = [source[0], target[0]]
  if (keys.includes('') || groups.some((group) => keys.every((key) => group.includes(key)))) return null
  if (source[0] === target[0] && !isNarrower(source[1], target[1])) return null
  return JSON.stringify([source, target])
}

function isNarrower(from: Side[1], to: Side[1]): boolean {
  const [before, after] = [from.places ?? 0, to.places ?? 0]
  return after < before || (to.maxDigits ?? 0) - after < (from.maxDigits ?? 0) - before
}

/** @throws DataError for a value that cannot be of the new kind */
export function castValue(raw: SqlValue, cast: SqlValue): Exclude<SqlValue, boolean> {
  if (raw === null) return null
  const [from, to] = JSON.parse(String(cast)) as readonly [Side, Side]
  const [source, target] = [kindOf(from[0]), kindOf(to[0])]
  if (source === undefined || target === undefined)
    throw new DataError('This cast is none that a migration makes.')
  try {
    const value = target.prepare(softened(raw, source, from[1], target, to[1]), to[1])
    if (!isKept(target, value)) throw new ValueError(`${String(value)} is out of range.`)
    const { encode } = target.codecs.sqlite
    // Without an encoder the prepared value is what the database takes (kinds.ts).
    const encoded = encode === undefined ? (value as SqlValue) : encode(value, to[1])
    return typeof encoded === 'boolean' ? Number(encoded) : encoded
  } catch (error) {
    if (!(error instanceof ValueError) && !(error instanceof SyntaxError)) throw error
    throw new DataError(`'${String(raw)}' cannot become a ${target.name}: ${error.message}`, { cause: error })
  }
}

/** A value of the old kind as the new one takes it: numbers rounded, as PostgreSQL does. */
function softened(
  raw: SqlValue,
  source: FieldKind,
  options: FieldOptions,
  target: FieldKind,
  { places = 0 }: FieldOptions,
): unknown {
  const { decode } = source.codecs.sqlite
  if (target.family === 'text' && (source.family === 'json' || source.family === 'dateTime')) return raw
  if (target.family === 'json') return JSON.parse(String(raw))
  const value = decode === undefined ? raw : decode(raw, options)
  if (source.family !== 'number' || target.family === 'text') return value
  if (target.family === 'boolean') return Number(value) !== 0
  if (target === kinds.decimal) return rounded(String(value), places)
  if (target === kinds.float) return Number(value)
  return typeof value === 'bigint' ? value : rounded(String(value), 0)
}

/** Halves away from zero, by the digits that are written. */
function rounded(number: string, places: number): string {
  if (number.includes('e')) return Number(number).toFixed(places)
  const [integer = '', fraction = ''] = number.replace('-', '').split('.')
  const digits = BigInt(integer + fraction.slice(0, places).padEnd(places, '0'))
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n
  const all = String(digits + up).padStart(places + 1, '0')
  const text = places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`
  return number.startsWith('-') ? `-${text}` : text
}
