import { floatRepr } from './number.ts'
import { isTextLike } from './text-like.ts'

/** Deeper values are cut short: a cyclic or hostile value must not exhaust the stack. */
const MAX_DEPTH = 100

/**
 * The text of a value as Python's `str` would give it, because Django's templates show values that way: `None`,
 * `True`, and lists and mappings in Python's notation.
 */
export function pythonString(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return floatRepr(value)
    case 'object':
      return value instanceof Date ? isoDate(value, ' ') : (ownText(value) ?? containerRepr(value, 0))
    case 'undefined':
      return ''
    default:
      return scalarRepr(value)
  }
}

/** Python's `repr`: the form in which values appear inside of a list. */
export function pythonRepr(value: unknown, depth = 0): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'number') return floatRepr(value)
  if (typeof value !== 'object') return scalarRepr(value)
  if (value instanceof Date) return dateRepr(value)
  if (isTextLike(value)) return quoted(value.toHtml())
  return ownText(value) ?? containerRepr(value, depth)
}

function scalarRepr(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'True' : 'False'
    case 'bigint':
      return value.toString()
    case 'symbol':
      return value.description ?? ''
    case 'function':
      return `<function ${value.name}>`
    default:
      return 'None'
  }
}

const objectText: unknown = Reflect.get(Object.prototype, 'toString')

/** What an object's class says of itself, where it says anything. */
function ownText(value: object | null): string | undefined {
  if (value === null) return 'None'
  if (Array.isArray(value) || value instanceof Map || value instanceof Set) return undefined
  if (value instanceof Error) return value.message
  const toText: unknown = Reflect.get(value, 'toString')
  if (typeof toText !== 'function' || toText === objectText) return undefined
  const text: unknown = Reflect.apply(toText, value, [])
  return typeof text === 'string' ? text : undefined
}

function containerRepr(value: object | null, depth: number): string {
  if (value === null) return 'None'
  if (depth >= MAX_DEPTH) return '...'
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item, depth + 1)).join(', ')}]`
  if (value instanceof Set) {
    return value.size === 0
      ? 'set()'
      : `{${Array.from(value, (item) => pythonRepr(item, depth + 1)).join(', ')}}`
  }
  if (value instanceof Map) return mappingRepr(value, depth)
  if (isPlainObject(value)) return mappingRepr(Object.entries(value), depth)
  return `${className(value)} object`
}

function mappingRepr(entries: Iterable<[unknown, unknown]>, depth: number): string {
  const pairs = Array.from(
    entries,
    ([key, item]) => `${pythonRepr(key, depth + 1)}: ${pythonRepr(item, depth + 1)}`,
  )
  return `{${pairs.join(', ')}}`
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** The name of a value's class, without calling anything of the value's own. */
function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (typeof prototype !== 'object' || prototype === null || !Object.hasOwn(prototype, 'constructor'))
    return 'object'
  return typeof prototype.constructor === 'function' ? prototype.constructor.name : 'object'
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** Single quotes, unless the text holds some and no double ones. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\'\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (character) => {
    if (character === "'") return quote === "'" ? "\\'" : "'"
    return ESCAPES.get(character) ?? escapedCodePoint(character.codePointAt(0) ?? 0)
  })
  return quote + body + quote
}

function escapedCodePoint(codePoint: number): string {
  const hex = codePoint.toString(16)
  if (codePoint < 0x100) return `\\x${hex.padStart(2, '0')}`
  return codePoint < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}

/** A date in ISO form, in UTC, with the fraction left off where it is zero. */
export function isoDate(date: Date, separator: 'T' | ' '): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date'
  const [day = '', time = ''] = date.toISOString().split('T')
  const clock = time.endsWith('.000Z') ? time.slice(0, -5) : `${time.slice(0, -1)}000`
  return `${day}${separator}${clock}+00:00`
}

function dateRepr(date: Date): string {
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
  ]
  const micros = date.getUTCMilliseconds() * 1000
  if (date.getUTCSeconds() > 0 || micros > 0) parts.push(date.getUTCSeconds())
  if (micros > 0) parts.push(micros)
  return `datetime.datetime(${parts.join(', ')}, tzinfo=<UTC>)`
}
