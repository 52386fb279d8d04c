import { exactDecimal, toFixed } from './decimal.ts'
import { isTextLike } from './text-like.ts'

/**
 * A number as Python's `repr` writes it. A JavaScript number without a fraction counts as Python's int, until it is so
 * large that JavaScript itself writes it with an exponent.
 */
export function floatRepr(value: number): string {
  if (Number.isInteger(value)) return String(value === 0 ? 0 : value)
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Math.abs(value) < 1e-4 ? exponentRepr(value.toExponential()) : String(value)
}

/** Whether a number is one of Python's int here; see `floatRepr`. */
export function isPythonInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 1e21
}

/** Python writes exponents with a sign and at least two digits. */
function exponentRepr(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

/**
 * A number as a template shows it: never with an exponent, unless it would take more than 200 digits, which is
 * Django's guard against a short input with a very long output.
 */
export function displayNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || isPythonInteger(value)) return value.toString()
  const text = floatRepr(value)
  const mark = text.indexOf('e')
  if (mark < 0) return text
  const exponent = Number(text.slice(mark + 1))
  const [whole = '', fraction = ''] = text.slice(0, mark).replace('-', '').split('.')
  const digits = whole + fraction
  const cost = digits.length + Math.abs(exponent - fraction.length)
  if (cost > 200) return text.replace(/e([+-])0+/, 'e$1')
  const sign = value < 0 ? '-' : ''
  if (exponent > 0) return sign + digits.padEnd(exponent + 1, '0')
  return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
}

const INTEGER = /^\s*([+-]?)(\d+(?:_\d+)*)\s*$/
/** Unambiguous at every character, so that matching stays linear. */
const FLOAT = /^\s*[+-]?(?:(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?|inf|infinity|nan)\s*$/i

/** Python's `int(value)`; `undefined` where Python raises. */
export function toInteger(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.trunc(value) + 0 : undefined
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  const text = textOf(value)
  if (text === undefined) return undefined
  if (isDigits(text)) return Number(text)
  const match = INTEGER.exec(text)
  if (!match?.[2]) return undefined
  const magnitude = Number(match[2].replaceAll('_', ''))
  return match[1] === '-' ? 0 - magnitude : magnitude
}

/** Whether the text is what most integers are written as: ASCII digits alone. */
function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x30 || unit > 0x39) return false
  }
  return text !== ''
}

/** Python's `float(value)`; `undefined` where Python raises. */
export function toFloat(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  const text = textOf(value)
  if (text === undefined || !FLOAT.test(text)) return undefined
  const plain = text.trim().replaceAll('_', '').toLowerCase()
  const word = /^([+-]?)(inf|nan)/.exec(plain)
  if (word) return word[2] === 'nan' ? Number.NaN : word[1] === '-' ? -Infinity : Infinity
  const number = Number(plain)
  return Number.isNaN(number) ? undefined : number
}

/** Strings, and safe ones, which are objects of their own here. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return isTextLike(value) ? value.toHtml() : undefined
}

/** Python's `round`: to the even neighbour when exactly between two. */
export function roundHalfEven(value: number, digits = 0): number {
  return Number.isFinite(value) ? Number(toFixed(exactDecimal(value), digits, 'half-even')) : value
}
