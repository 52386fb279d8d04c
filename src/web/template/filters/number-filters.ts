import type { Library } from '../library.ts'
import { digitCost, isWhole, parseDecimal, toFixed } from '../python/decimal.ts'
import { floatRepr, roundHalfEven, toFloat, toInteger } from '../python/number.ts'
import { lengthOf } from '../python/sequence.ts'
import { pythonRepr, pythonString } from '../python/string.ts'
import { SafeString } from '../safe-string.ts'
import { requireInteger } from './arguments.ts'

export function addNumberFilters(library: Library): void {
  library
    .registerFilter('add', add)
    .registerFilter('divisibleby', divisibleBy)
    .registerFilter('get_digit', getDigit)
    .registerFilter('floatformat', floatFormat, { isSafe: true, argument: 'optional' })
    .registerFilter('filesizeformat', fileSizeFormat, { isSafe: true, argument: 'none' })
    .registerFilter('pluralize', pluralize, { argument: 'optional' })
}

/** Integers are added, then lists, then texts joined: safe only when both are. */
function add(value: unknown, argument: unknown): unknown {
  const total = sum(value, argument)
  if (total !== undefined) return total
  if (Array.isArray(value) && Array.isArray(argument))
    return [...(value as unknown[]), ...(argument as unknown[])]
  if (isText(value) && isText(argument)) {
    const joined = pythonString(value) + pythonString(argument)
    return value instanceof SafeString && argument instanceof SafeString ? new SafeString(joined) : joined
  }
  return typeof value === 'number' && typeof argument === 'number' ? value + argument : ''
}

/** Exact also where a number is not. */
function sum(left: unknown, right: unknown): number | bigint | undefined {
  const [a, b] = [toInteger(left), toInteger(right)]
  if (a === undefined || b === undefined) return undefined
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && Number.isSafeInteger(a + b)
    ? a + b
    : exactInteger(left, a) + exactInteger(right, b)
}

function exactInteger(value: unknown, rounded: number): bigint {
  if (typeof value === 'bigint') return value
  return isText(value) ? BigInt(pythonString(value).replace(/[\s_+]/g, '')) : BigInt(rounded)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || value instanceof SafeString
}

function divisibleBy(value: unknown, argument: unknown): boolean {
  const divisor = requireInteger(argument)
  if (divisor === 0) throw new RangeError('integer division or modulo by zero')
  const number = requireInteger(value)
  if (Number.isSafeInteger(number) && Number.isSafeInteger(divisor)) return number % divisor === 0
  return exactInteger(value, number) % exactInteger(argument, divisor) === 0n
}

function getDigit(value: unknown, argument: unknown): unknown {
  const [number, position] = [toInteger(value), toInteger(argument)]
  if (number === undefined || position === undefined) return value
  const exact = Number.isSafeInteger(number) ? number : exactInteger(value, number)
  if (position < 1) return exact
  const digits = exact.toString()
  const digit = Number(digits.charAt(digits.length - position) || '0')
  return Number.isNaN(digit) ? value : digit
}

/** Numbers that would take more digits than this to write out are shown as they are. */
const MAX_DIGITS = 200

function floatFormat(value: unknown, argument: unknown = -1): string | SafeString {
  if (typeof value === 'number' && typeof argument === 'number') {
    const text = fixedText(value, argument)
    if (text !== undefined) return new SafeString(text)
  }
  const places = toInteger(pythonString(argument).replace(/g$/, '') || -1)
  const text = typeof value === 'number' || typeof value === 'bigint' ? pythonString(value) : floatText(value)
  if (text === undefined) return ''
  const decimal = parseDecimal(text)
  if (places === undefined || !decimal || digitCost(decimal) > MAX_DIGITS || Math.abs(places) > MAX_DIGITS) {
    return pythonRepr(value)
  }
  return new SafeString(toFixed(decimal, isWhole(decimal) && places < 0 ? 0 : Math.abs(places)))
}

/** A number whose shortest digits need no rounding, written with `places`; `undefined` for all others. */
function fixedText(value: number, places: number): string | undefined {
  const width = Math.abs(places)
  if (!Number.isInteger(places) || width > MAX_DIGITS || !(Math.abs(value) < 1e15)) return undefined
  const text = floatRepr(value)
  const dot = text.indexOf('.')
  if (dot < 0) {
    if (!Number.isInteger(value)) return undefined
    return places <= 0 ? text : `${text}.${'0'.repeat(width)}`
  }
  const missing = width - (text.length - dot - 1)
  return missing < 0 || text.includes('e') ? undefined : text + '0'.repeat(missing)
}

/** Decimals come from the database as text, with more digits than a float holds. */
function floatText(value: unknown): string | undefined {
  const text = isText(value) ? pythonString(value).trim() : ''
  if (parseDecimal(text)) return text
  const number = toFloat(value)
  return number === undefined ? undefined : floatRepr(number)
}

const UNITS = ['KB', 'MB', 'GB', 'TB', 'PB']

/** With spaces that do not break. */
function fileSizeFormat(value: unknown): string {
  const bytes = toInteger(value) ?? 0
  const size = Math.abs(bytes)
  const sign = bytes < 0 ? '-' : ''
  if (size < 1024) return `${sign}${size}\u00a0byte${size === 1 ? '' : 's'}`
  const power = Math.min(UNITS.length, Math.floor(Math.log2(size) / 10))
  return `${sign}${roundHalfEven(size / 1024 ** power, 1).toFixed(1)}\u00a0${UNITS[power - 1] ?? ''}`
}

/** The suffix for one, and for any other number, from `plural` or `singular,plural`. */
function pluralize(value: unknown, argument: unknown = 's'): string {
  const text = pythonString(argument)
  const [singular = '', plural = '', ...rest] = (text.includes(',') ? text : `,${text}`).split(',')
  if (rest.length > 0) return ''
  const number = toFloat(value)
  const amount = number ?? (isText(value) ? undefined : lengthOf(value))
  if (amount === undefined) return ''
  return amount === 1 ? singular : plural
}
