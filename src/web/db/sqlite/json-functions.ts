import type { SqlValue } from '../fields/field.ts'
import { canonicalJson } from '../fields/canonical-json.ts'

/** What PostgreSQL does with `jsonb`, for SQLite, which keeps JSON as text. Null for null, as any operator. */

/** One text for all that are equal as `jsonb`. */
export const jsonText = (json: SqlValue): string | null => (json === null ? null : canonicalJson(parse(json)))

/** `outer @> inner` (PostgreSQL manual, 8.14.3). */
export function jsonContains(outer: SqlValue, inner: SqlValue): number | null {
  if (outer === null || inner === null) return null
  const [whole, part] = [parse(outer), parse(inner)]
  // At the top only, an array contains a bare value that is one of its elements.
  if (Array.isArray(whole) && !isCompound(part)) return Number(whole.some((item) => contains(item, part)))
  return Number(contains(whole, part))
}

/** `json ?& keys` or `json ?| keys`: keys of an object, or texts in an array. */
export function jsonKeys(json: SqlValue, keys: SqlValue, which: SqlValue): number | null {
  if (json === null || keys === null) return null
  const value = parse(json)
  const present = new Set(Array.isArray(value) ? value : isCompound(value) ? Object.keys(value) : [value])
  const wanted = parse(keys) as readonly string[]
  const has = (key: string): boolean => present.has(key)
  return Number(which === 'all' ? wanted.every(has) : wanted.some(has))
}

const parse = (json: SqlValue): unknown => JSON.parse(String(json)) as unknown

const isCompound = (value: unknown): value is object => typeof value === 'object' && value !== null

function contains(whole: unknown, part: unknown): boolean {
  if (!isCompound(whole) || !isCompound(part)) return whole === part
  if (Array.isArray(whole) || Array.isArray(part)) {
    if (!Array.isArray(whole) || !Array.isArray(part)) return false
    return part.every((wanted) => whole.some((item) => contains(item, wanted)))
  }
  const known = new Map<string, unknown>(Object.entries(whole))
  return Object.entries(part).every(([key, value]) => known.has(key) && contains(known.get(key), value))
}
