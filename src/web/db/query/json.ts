import { canonicalJson } from '../fields/canonical-json.ts'
import { kinds } from '../fields/kinds.ts'
import type { BoundCall, BoundExpression, BoundLiteral, OutputType } from './bound.ts'
import { boolean, float, text } from './outputs.ts'
import type { SqlFunction } from './sql-function.ts'
import { call } from './sql-function.ts'

/**
 * JSON columns by key: `meta__author__name`, `meta__tags__0`. PostgreSQL's `jsonb` says what is equal and what is
 * contained; SQLite keeps text, and sqlite/json-functions.ts brings it to the same answers.
 */

const isIndex = (key: string): boolean => /^-?\d+$/.test(key)

/** `$."a"[0]`; from the end `[#-1]` (sqlite.org/json1.html, path arguments). */
function sqlitePath(keys: readonly string[]): string {
  const step = (key: string): string => {
    if (!isIndex(key)) return `.${JSON.stringify(key)}`
    return key.startsWith('-') ? `[#${key}]` : `[${key}]`
  }
  return `$${keys.map(step).join('')}`
}

/** An array literal of PostgreSQL (manual, 8.15.2). */
const textArray = (items: readonly string[]): string =>
  `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`

/** Keys prepared as they came; each database writes the way to them in its own form. */
const listKind = (name: string, sqlite: (items: readonly string[]) => string): OutputType => ({
  options: {},
  kind: {
    name,
    family: 'opaque',
    prepare: (value) => value,
    codecs: {
      sqlite: { columnType: () => 'text', encode: (value) => sqlite(value as readonly string[]) },
      postgresql: { columnType: () => 'text[]', encode: (value) => textArray(value as readonly string[]) },
    },
  },
})

const pathOutput = listKind('JSONPath', sqlitePath)
const keysOutput = listKind('JSONKeys', (keys) => JSON.stringify(keys))
const jsonOutput: OutputType = { kind: kinds.json, options: {} }

const canonicalOutput: OutputType = {
  options: {},
  kind: {
    ...kinds.json,
    name: 'CanonicalJSON',
    codecs: {
      sqlite: { ...kinds.json.codecs.sqlite, encode: canonicalJson },
      postgresql: kinds.json.codecs.postgresql,
    },
  },
}

const func = (name: string, sqlite: string, postgresql: string): SqlFunction => ({
  name,
  sqlite,
  postgresql,
  strict: true,
})

const at = func('jsonAt', '({0} -> {1})', '({0} #> {1})')
const canonical = func('jsonCanonical', 'portico_json({0})', '{0}')
const number = func(
  'jsonNumber',
  "CASE WHEN json_type({0}) IN ('integer', 'real') THEN {0} ->> '$' END",
  "CASE jsonb_typeof({0}) WHEN 'number' THEN ({0} #>> '{}')::double precision END",
)
const string = func(
  'jsonString',
  "CASE WHEN json_type({0}) = 'text' THEN {0} ->> '$' END",
  "CASE jsonb_typeof({0}) WHEN 'string' THEN {0} #>> '{}' END",
)
const asText = func(
  'jsonText',
  "CASE json_type({0}) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE {0} ->> '$' END",
  "({0} #>> '{}')",
)
const isNull = func('jsonIsNull', "(json_type({0}) = 'null')", "(jsonb_typeof({0}) = 'null')")
const sortable = func('jsonSortable', "({0} ->> '$')", '{0}')
const within = func('jsonContains', 'portico_json_contains({0}, {1})', '({0} @> {1})')
const hasAll = func('jsonHasAll', "portico_json_keys({0}, {1}, 'all')", '({0} ?& {1})')
const hasAny = func('jsonHasAny', "portico_json_keys({0}, {1}, 'any')", '({0} ?| {1})')

const literal = (prepared: unknown, output: OutputType): BoundLiteral => ({
  type: 'literal',
  prepared,
  output,
})

/**
 * Whether it is the way to a place in JSON. That is one parameter of a query, however often the query goes it: else no
 * GROUP BY would know it again.
 */
export const isWay = (of: BoundLiteral): boolean => of.output === pathOutput

export function jsonAt(of: BoundExpression, keys: readonly string[]): BoundExpression {
  return keys.length === 0 ? of : call(at, [of, literal(keys, pathOutput)], jsonOutput)
}

export const jsonCanonical = (of: BoundExpression): BoundCall => call(canonical, [of], canonicalOutput)
export const jsonNumber = (of: BoundExpression): BoundCall => call(number, [of], float)
export const jsonString = (of: BoundExpression): BoundCall => call(string, [of], text)
export const jsonText = (of: BoundExpression): BoundCall => call(asText, [of], text)
const jsonSortable = (of: BoundExpression): BoundCall => call(sortable, [of], of.output)

export const jsonIsNull = (of: BoundExpression): BoundCall => call(isNull, [of], boolean)

export const jsonContains = (outer: BoundExpression, inner: unknown): BoundCall =>
  call(within, [outer, literal(inner, jsonOutput)], boolean)
export const jsonContainedBy = (inner: BoundExpression, outer: unknown): BoundCall =>
  call(within, [literal(outer, jsonOutput), inner], boolean)
export const jsonHasKeys = (of: BoundExpression, keys: readonly string[], which: 'all' | 'any'): BoundCall =>
  call(which === 'all' ? hasAll : hasAny, [of, literal(keys, keysOutput)], boolean)

/** Lookups that only JSON has, or has in a sense of its own. */
export const jsonLookups: ReadonlySet<string> = new Set([
  'contains',
  'containedBy',
  'hasKey',
  'hasKeys',
  'hasAnyKeys',
])

export const isJson = (output: OutputType): boolean => output.kind.family === 'json'

/** SQLite orders JSON by the values inside. */
export const orderable = (of: BoundExpression): BoundExpression => (isJson(of.output) ? jsonSortable(of) : of)
