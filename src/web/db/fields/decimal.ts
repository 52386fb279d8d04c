import { ValueError } from '../errors.ts'

/**
 * Decimals are strings in canonical form: an optional minus, digits, and exactly `places` digits after the point.
 * Arithmetic on them belongs to the database; what is here only checks and pads.
 */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** Canonical digits of `value`: sign, integer part without leading zeros, fraction as written. */
function parseDecimal(value: string): { negative: boolean; integer: string; fraction: string } | null {
  const match = DECIMAL.exec(value.trim())
  if (match === null) return null
  const [, sign, rawInteger = '', rawFraction = '', rawExponent] = match
  if (rawInteger === '' && rawFraction === '') return null
  const exponent = rawExponent === undefined ? 0 : Number(rawExponent)
  let digits = rawInteger + rawFraction
  let point = rawInteger.length + exponent
  if (point < 0) {
    digits = '0'.repeat(-point) + digits
    point = 0
  }
  if (point > digits.length) digits = digits.padEnd(point, '0')
  return {
    negative: sign === '-',
    integer: digits.slice(0, point).replace(/^0+(?=.)/, '') || '0',
    fraction: digits.slice(point),
  }
}

/** In one walk from the end: `/0+$/` tries again at every zero, and the text may be a visitor's. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end -= 1
  return digits.slice(0, end)
}

/**
 * `value` with exactly `places` digits after the point.
 *
 * @throws ValueError for what is no decimal, has more digits than the field holds, or would need rounding
 */
export function canonicalDecimal(value: string, maxDigits: number, places: number): string {
  const parsed = parseDecimal(value)
  if (parsed === null) throw new ValueError(`“${value}” value must be a decimal number.`)
  const fraction = withoutTrailingZeros(parsed.fraction)
  if (fraction.length > places) {
    throw new ValueError(`Ensure that there are no more than ${places} decimal places.`)
  }
  const integerDigits = parsed.integer === '0' ? 0 : parsed.integer.length
  if (integerDigits > maxDigits - places) {
    throw new ValueError(
      `Ensure that there are no more than ${maxDigits - places} digits before the decimal point.`,
    )
  }
  return formatDecimal(parsed.negative, parsed.integer, fraction.padEnd(places, '0'))
}

function formatDecimal(negative: boolean, integer: string, fraction: string): string {
  const digits = fraction === '' ? integer : `${integer}.${fraction}`
  return negative && /[1-9]/.test(digits) ? `-${digits}` : digits
}
