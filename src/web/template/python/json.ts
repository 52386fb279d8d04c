import { isoDate, isPlainObject } from './string.ts'
import { floatRepr } from './number.ts'

const MAX_DEPTH = 200

/**
 * JSON in the notation of Python's `json.dumps`: a space after commas and colons, and ASCII only. Not-a-number and
 * the infinities, which Python writes in a way that no JSON parser reads, become null.
 * @throws TypeError for what JSON has no form for, and for values that contain themselves.
 */
export function pythonJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TypeError('Value is nested too deep for JSON')
  switch (typeof value) {
    case 'string':
      return jsonString(value)
    case 'number':
      return Number.isFinite(value) ? floatRepr(value) : 'null'
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : jsonObject(value, depth)
    case 'undefined':
      return 'null'
    default:
      throw new TypeError(`A ${typeof value} has no form in JSON`)
  }
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function jsonObject(value: object, depth: number): string {
  if (value instanceof Date) return jsonString(jsonDate(value))
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, depth + 1)).join(', ')}]`
  if (value instanceof Map) return mapping(value, depth)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const replacement: unknown = Reflect.apply(value.toJSON, value, [])
    return pythonJson(replacement, depth + 1)
  }
  if (isPlainObject(value)) return mapping(Object.entries(value), depth)
  throw new TypeError('An object of a class without toJSON has no form in JSON')
}

function mapping(entries: Iterable<[unknown, unknown]>, depth: number): string {
  const pairs = Array.from(entries).filter(([, item]) => item !== undefined && typeof item !== 'function')
  return `{${pairs.map(([key, item]) => `${jsonString(keyText(key))}: ${pythonJson(item, depth + 1)}`).join(', ')}}`
}

function keyText(key: unknown): string {
  return typeof key === 'string' ? key : pythonJson(key)
}

/** ECMAScript's form, as Django's encoder writes it: milliseconds only where there are some. */
function jsonDate(date: Date): string {
  const text = isoDate(date, 'T').replace('+00:00', 'Z')
  return text.replace(/(\.\d{3})\d{3}Z$/, '$1Z')
}
