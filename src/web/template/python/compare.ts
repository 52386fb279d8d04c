import { SafeString } from '../safe-string.ts'
import { isPlainObject } from './string.ts'

const MAX_DEPTH = 100

/** Python's truth: None, zero and whatever is empty are false. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'object') return value !== null && !isEmptyObject(value)
  if (typeof value === 'number') return value !== 0
  return Boolean(value)
}

function isEmptyObject(value: object): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (value instanceof SafeString) return value.value === ''
  if (value instanceof Map || value instanceof Set) return value.size === 0
  if (isPlainObject(value)) return Object.keys(value).length === 0
  return 'length' in value && value.length === 0 && Symbol.iterator in value
}

/** Python's `==`: by value, lists and mappings too; True equals 1. */
export function isEqual(left: unknown, right: unknown, depth = 0): boolean {
  const a = primitive(left)
  const b = primitive(right)
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return isEqualScalar(a, b)
  if (depth > MAX_DEPTH) return false
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i], depth + 1))
  }
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime()
  if (a instanceof Set) return b instanceof Set && a.size === b.size && [...a].every((item) => b.has(item))
  const [mine, theirs] = [mappingOf(a), mappingOf(b)]
  if (!mine || !theirs || mine.size !== theirs.size) return false
  return [...mine].every(([key, item]) => theirs.has(key) && isEqual(item, theirs.get(key), depth + 1))
}

function isEqualScalar(a: unknown, b: unknown): boolean {
  if (typeof a === 'boolean' && typeof b === 'number') return Number(a) === b
  if (typeof a === 'number' && typeof b === 'boolean') return a === Number(b)
  if (typeof a === 'bigint' && typeof b === 'number')
    return a === BigInt(Number.isInteger(b) ? b : 0) && Number.isInteger(b)
  if (typeof a === 'number' && typeof b === 'bigint') return isEqualScalar(b, a)
  return a === undefined && b === null ? true : a === null && b === undefined
}

function mappingOf(value: object): Map<unknown, unknown> | undefined {
  if (value instanceof Map) return value
  return isPlainObject(value) ? new Map(Object.entries(value)) : undefined
}

function primitive(value: unknown): unknown {
  return value instanceof SafeString ? value.value : value
}

/**
 * Python's ordering: negative, zero or positive.
 * @throws TypeError where Python has no order, such as between a number and a string.
 */
export function compare(left: unknown, right: unknown): number {
  const a = primitive(left)
  const b = primitive(right)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime()
  const [x, y] = [numeric(a), numeric(b)]
  if (x === undefined || y === undefined) throw new TypeError('values have no order')
  return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN
}

function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return typeof value === 'boolean' ? Number(value) : undefined
}

/** By code point: JavaScript's own order is by UTF-16 unit, which sorts U+FF5E after an emoji. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0)
  }
  return a.length - b.length
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (!isEqual(a[i], b[i])) return compare(a[i], b[i])
  }
  return a.length - b.length
}

/**
 * Python's `in`.
 * @throws TypeError where the container is none.
 */
export function isIn(item: unknown, container: unknown): boolean {
  const needle = primitive(item)
  const haystack = primitive(container)
  if (typeof haystack === 'string') {
    if (typeof needle !== 'string') throw new TypeError("'in <string>' requires string as left operand")
    return haystack.includes(needle)
  }
  if (
    isUnhashable(needle) &&
    (isPlainObject(haystack) || haystack instanceof Map || haystack instanceof Set)
  ) {
    throw new TypeError('unhashable type')
  }
  if (haystack instanceof Map) return haystack.has(needle)
  if (haystack instanceof Set && haystack.has(needle)) return true
  if (isPlainObject(haystack)) return typeof needle === 'string' && Object.hasOwn(haystack, needle)
  if (typeof haystack !== 'object' || haystack === null || !isIterable(haystack)) {
    throw new TypeError('argument is not iterable')
  }
  for (const candidate of haystack) if (isEqual(candidate, needle)) return true
  return false
}

/** What Python does not take for a key or an element of a set, not even to look for it. */
function isUnhashable(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || value instanceof Set || isPlainObject(value)
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function'
}
