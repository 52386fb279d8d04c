import { type Decimal, exactDecimal, toExponential, toFixed } from './decimal.ts'
import { floatRepr, isPythonInteger, toFloat } from './number.ts'
import { codePointLength, codePointSlice } from './sequence.ts'
import { pythonRepr, pythonString } from './string.ts'

const SPECIFIER = /^([#0\- +]*)(\d*)(?:\.(\d*))?[hlL]?([diouxXeEfFgGcrsa%])/

/** Wider or more precise than this is refused: the width is often a template's, but its cost should be bounded. */
const MAX_WIDTH = 10_000

interface Specifier {
  readonly flags: string
  readonly width: number
  readonly precision: number | undefined
  readonly type: string
}

/** Python's `('%' + format) % value`; `undefined` where Python raises. */
export function printf(format: string, value: unknown): string | undefined {
  const match = SPECIFIER.exec(format)
  if (!match) return undefined
  const [whole, flags = '', width = '', precision, type = ''] = match
  const rest = format.slice(whole.length)
  if (type === '%' || rest.replaceAll('%%', '').includes('%')) return undefined
  const specifier: Specifier = {
    flags,
    width: Number(width),
    precision: precision === undefined ? undefined : Number(precision),
    type,
  }
  if (specifier.width > MAX_WIDTH || (specifier.precision ?? 0) > MAX_WIDTH) return undefined
  const text = convert(specifier, value)
  return text === undefined ? undefined : text + rest.replaceAll('%%', '%')
}

function convert(specifier: Specifier, value: unknown): string | undefined {
  switch (specifier.type) {
    case 's':
      return padText(specifier, cut(specifier, pythonString(value ?? null)))
    case 'r':
      return padText(specifier, cut(specifier, pythonRepr(value)))
    case 'a':
      return padText(specifier, cut(specifier, asciiRepr(value)))
    case 'c':
      return character(specifier, value)
    case 'd':
    case 'i':
    case 'u':
      return integer(specifier, value)
    case 'o':
    case 'x':
    case 'X':
      return typeof value === 'number' && !isPythonInteger(value) ? undefined : integer(specifier, value)
    default:
      return float(specifier, value)
  }
}

function cut({ precision }: Specifier, text: string): string {
  return precision === undefined ? text : codePointSlice(text, 0, precision)
}

function asciiRepr(value: unknown): string {
  return pythonRepr(value).replace(/[^\0-\x7f]/gu, (character) => {
    const codePoint = character.codePointAt(0) ?? 0
    if (codePoint < 0x100) return `\\x${codePoint.toString(16)}`
    if (codePoint < 0x10000) return `\\u${codePoint.toString(16).padStart(4, '0')}`
    return `\\U${codePoint.toString(16).padStart(8, '0')}`
  })
}

function character(specifier: Specifier, value: unknown): string | undefined {
  if (typeof value === 'string') return codePointLength(value) === 1 ? padText(specifier, value) : undefined
  const codePoint = typeof value === 'boolean' ? Number(value) : value
  const isCodePoint = typeof codePoint === 'number' && Number.isInteger(codePoint)
  if (!isCodePoint || codePoint < 0 || codePoint > 0x10ffff) return undefined
  return padText(specifier, String.fromCodePoint(codePoint))
}

const RADIX: ReadonlyMap<string, readonly [radix: number, prefix: string]> = new Map([
  ['o', [8, '0o']],
  ['x', [16, '0x']],
  ['X', [16, '0X']],
])

function integer(specifier: Specifier, value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') return undefined
  if (typeof value === 'number' && !Number.isFinite(value)) return undefined
  const number = typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)))
  const [radix, prefix] = RADIX.get(specifier.type) ?? [10, '']
  const magnitude = (number < 0n ? -number : number).toString(radix).padStart(specifier.precision ?? 0, '0')
  const digits = specifier.type === 'X' ? magnitude.toUpperCase() : magnitude
  return padNumber(specifier, number < 0n, digits, specifier.flags.includes('#') ? prefix : '')
}

function float(specifier: Specifier, value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean' && typeof value !== 'bigint') return undefined
  const number = toFloat(value) ?? Number.NaN
  const isNegative = number < 0 || Object.is(number, -0)
  const text = Number.isFinite(number) ? finite(specifier, Math.abs(number)) : floatRepr(Math.abs(number))
  const isUpper = specifier.type === specifier.type.toUpperCase()
  return padNumber(specifier, isNegative, isUpper ? text.toUpperCase() : text, '')
}

function finite({ type, precision = 6, flags }: Specifier, number: number): string {
  const decimal = exactDecimal(number)
  switch (type.toLowerCase()) {
    case 'e':
      return withPoint(toExponential(decimal, precision), flags)
    case 'f':
      return withPoint(toFixed(decimal, precision, 'half-even'), flags)
    default:
      return general(decimal, precision || 1, flags)
  }
}

/** The flag `#` asks for a decimal point even when nothing comes after it. */
function withPoint(text: string, flags: string): string {
  return flags.includes('#') && !text.includes('.') ? text.replace(/^\d+/, '$&.') : text
}

/** C's `%g`: so many significant digits, with an exponent where it is small or large, and without zeros at the end. */
function general(decimal: Decimal, precision: number, flags: string): string {
  const scientific = toExponential(decimal, precision - 1)
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1))
  const isLarge = exponent < -4 || exponent >= precision
  const text = isLarge ? scientific : toFixed(decimal, precision - 1 - exponent, 'half-even')
  if (flags.includes('#')) return withPoint(text, flags)
  if (!text.includes('.')) return text
  const [mantissa = '', power] = text.split('e')
  const short = mantissa.replace(/0+$/, '').replace(/\.$/, '')
  return power === undefined ? short : `${short}e${power}`
}

function padText({ flags, width }: Specifier, text: string): string {
  const padding = ' '.repeat(Math.max(0, width - codePointLength(text)))
  return flags.includes('-') ? text + padding : padding + text
}

function padNumber({ flags, width }: Specifier, isNegative: boolean, digits: string, prefix: string): string {
  const sign = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const missing = Math.max(0, width - sign.length - prefix.length - digits.length)
  if (flags.includes('-')) return sign + prefix + digits + ' '.repeat(missing)
  if (flags.includes('0')) return sign + prefix + '0'.repeat(missing) + digits
  return ' '.repeat(missing) + sign + prefix + digits
}
