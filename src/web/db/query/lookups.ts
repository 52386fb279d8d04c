import { FieldError, ValueError } from '../errors.ts'
import type { FieldKind } from '../fields/field.ts'
import { kinds } from '../fields/kinds.ts'
import type { OutputType } from './bound.ts'
import { transforms } from './transforms.ts'

/**
 * The lookups and transforms, one row each. `render` gives SQL fragments around the left side and the values;
 * `*` in a key of `vendor` means both. Text matching is case-sensitive where its name says so, on both databases:
 * SQLite's LIKE is not, so GLOB does it there.
 */

export type LookupShape = 'one' | 'many' | 'two' | 'boolean'

export interface Lookup {
  readonly name: string
  readonly shape: LookupShape
  /** The value as a parameter; the default is the left side's own preparation. */
  readonly prepare?: (value: unknown, output: OutputType) => unknown
  /** Parameters are text patterns, not values of the column's kind. */
  readonly pattern?: true
  /** `$` is the left side, `?` the right. Not for `in` and `isnull`, which the compiler writes. */
  readonly sqlite?: string
  readonly postgresql?: string
}

function patternText(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  throw new ValueError('A text lookup takes a string.')
}

const like = (value: string): string => value.replace(/[\\%_]/g, '\\$&')
const glob = (value: string): string => value.replace(/[*?[]/g, '[$&]')

/** Both databases' patterns differ, so the parameter carries what it is made from. */
export class Pattern {
  readonly text: string
  readonly before: boolean
  readonly after: boolean
  readonly caseSensitive: boolean
  /** SQLite gets the bare text, and no wildcards. */
  readonly bare: boolean
  /** SQLite keeps UUIDs without dashes. */
  readonly sqliteText: string

  constructor(
    text: string,
    before: boolean,
    after: boolean,
    caseSensitive: boolean,
    sqliteText = text,
    bare = false,
  ) {
    this.text = text
    this.sqliteText = sqliteText
    this.before = before
    this.after = after
    this.caseSensitive = caseSensitive
    this.bare = bare
  }

  for(vendor: 'sqlite' | 'postgresql'): string {
    const text = vendor === 'sqlite' ? this.sqliteText : this.text
    if (vendor === 'sqlite' && this.bare) return text
    if (vendor === 'sqlite' && this.caseSensitive) {
      return `${this.before ? '*' : ''}${glob(text)}${this.after ? '*' : ''}`
    }
    return `${this.before ? '%' : ''}${like(text)}${this.after ? '%' : ''}`
  }
}

function patternOf(
  value: unknown,
  output: OutputType,
  before: boolean,
  after: boolean,
  caseSensitive: boolean,
): Pattern {
  const text = patternText(value)
  const sqliteText = output.kind === kinds.uuid ? text.replaceAll('-', '') : text
  return new Pattern(text, before, after, caseSensitive, sqliteText)
}

/**
 * SQLite plans a query again for each bare pattern, in case an index can serve its beginning. Only a prefix gains by
 * that; the others hide the parameter in an expression (6 microseconds become 2 for one row).
 */
const sensitive = (name: string, before: boolean, after: boolean): Lookup => ({
  name,
  shape: 'one',
  pattern: true,
  prepare: (value, output) => patternOf(value, output, before, after, true),
  sqlite: before ? "$ GLOB ('' || ?)" : '$ GLOB ?',
  postgresql: '$::text LIKE ?',
})

/** SQLite folds ASCII letters only; for others see `lookupFor`. */
const insensitive = (name: string, before: boolean, after: boolean): Lookup => ({
  name,
  shape: 'one',
  pattern: true,
  prepare: (value, output) => patternOf(value, output, before, after, false),
  sqlite: "$ LIKE ('' || ?) ESCAPE '\\'",
  postgresql: '$::text ILIKE ?',
})

function wholePattern(row: Lookup): NonNullable<Lookup['prepare']> {
  return (value, output) => {
    const pattern = row.prepare?.(value, output)
    if (!(pattern instanceof Pattern)) return pattern
    const { text, before, after, caseSensitive, sqliteText } = pattern
    return new Pattern(text, before, after, caseSensitive, sqliteText, true)
  }
}

const compare = (name: string, operator: string): Lookup => ({
  name,
  shape: 'one',
  sqlite: `$ ${operator} ?`,
  postgresql: `$ ${operator} ?`,
})

const regex = (name: string, flags: string, postgresql: string): Lookup => ({
  name,
  shape: 'one',
  pattern: true,
  prepare: (value) => patternText(value),
  sqlite: `portico_regexp(?, '${flags}', $)`,
  postgresql,
})

const table: readonly Lookup[] = [
  compare('exact', '='),
  compare('gt', '>'),
  compare('gte', '>='),
  compare('lt', '<'),
  compare('lte', '<='),
  { name: 'in', shape: 'many' },
  { name: 'range', shape: 'two', sqlite: '$ BETWEEN ? AND ?', postgresql: '$ BETWEEN ? AND ?' },
  { name: 'isnull', shape: 'boolean' },
  insensitive('iexact', false, false),
  insensitive('icontains', true, true),
  insensitive('istartswith', false, true),
  insensitive('iendswith', true, false),
  sensitive('contains', true, true),
  sensitive('startswith', false, true),
  sensitive('endswith', true, false),
  regex('regex', '', '$::text ~ ?'),
  regex('iregex', 'i', '$::text ~* ?'),
]

export const lookups: ReadonlyMap<string, Lookup> = new Map(table.map((row) => [row.name, row]))

/** Matched by a function of our own on SQLite (sqlite/text-match.ts); the same as before on PostgreSQL. */
const byFunction: ReadonlyMap<string, Lookup> = new Map(
  table
    .filter((row) => row.prepare !== undefined && !row.name.endsWith('regex'))
    .map((row): [string, Lookup] => [
      row.name,
      {
        ...row,
        name: `${row.name}:function`,
        prepare: wholePattern(row),
        sqlite: `portico_match('${row.name}', $, ?)`,
      },
    ]),
)

/** SQLite gives up on patterns of 50,000 bytes; UTF-8 has up to three for a UTF-16 unit, escapes double them. */
const PATTERN_LIMIT = 8000

/**
 * The lookup for this very value: SQLite's LIKE and GLOB end at a NUL (and would match everything then), know no
 * letters beyond ASCII, and refuse long patterns.
 */
export function lookupFor(lookup: Lookup, value: unknown): Lookup {
  const special = byFunction.get(lookup.name)
  if (special === undefined || typeof value !== 'string') return lookup
  const folds = lookup.name.startsWith('i') && /[^\x00-\x7f]/.test(value)
  return folds || value.length > PATTERN_LIMIT || value.includes('\0') ? special : lookup
}

/** @throws FieldError in Django's words, with the nearest name where one is near */
export function unsupportedLookup(name: string, kind: FieldKind): FieldError {
  const near = [...lookups.keys(), ...transforms.keys()].find((known) => isNear(known, name))
  const suggestion = near === undefined ? '.' : `, perhaps you meant ${near}?`
  return new FieldError(
    `Unsupported lookup '${name}' for ${kind.name} or join on the field not permitted${suggestion}`,
  )
}

/** One letter more, less or other: enough for a typing mistake. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return a.slice(i + 1) === b.slice(i + 1) || a.slice(i) === b.slice(i + 1) || a.slice(i + 1) === b.slice(i)
}
