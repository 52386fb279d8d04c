import { SafeString } from '../safe-string.ts'
import { isPlainObject } from './string.ts'

const SURROGATES = /[\ud800-\udfff]/

/** Python's strings are sequences of code points, JavaScript's of UTF-16 units. */
export function codePoints(text: string): string[] {
  return SURROGATES.test(text) ? Array.from(text) : text.split('')
}

export function codePointLength(text: string): number {
  return SURROGATES.test(text) ? Array.from(text).length : text.length
}

/** Python's `text[start:end]` for bounds that are not negative. */
export function codePointSlice(text: string, start: number, end?: number): string {
  return SURROGATES.test(text) ? Array.from(text).slice(start, end).join('') : text.slice(start, end)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function'
}

/** What iterating over a value gives in Python, where a mapping gives its keys; `undefined` where it gives nothing. */
export function toList(value: unknown): readonly unknown[] | undefined {
  if (isList(value)) return value
  if (typeof value === 'string') return codePoints(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (value instanceof SafeString) return codePoints(value.value)
  if (value instanceof Map) return Array.from<unknown>(value.keys())
  if (isIterable(value)) return Array.from(value)
  return isPlainObject(value) ? Object.keys(value) : undefined
}

/** Python's `len`; `undefined` for what has none. */
export function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return codePointLength(value)
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return value.length
  if (value instanceof SafeString) return codePointLength(value.value)
  if (value instanceof Map || value instanceof Set) return value.size
  if ('length' in value && typeof value.length === 'number') return value.length
  return isPlainObject(value) ? Object.keys(value).length : undefined
}

/** A name for a value's type as Python's messages have it. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'int' : 'float'
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'str'
    case 'object':
      return value === null
        ? 'NoneType'
        : Array.isArray(value)
          ? 'list'
          : value instanceof Date
            ? 'datetime'
            : 'object'
    default:
      return typeof value
  }
}
