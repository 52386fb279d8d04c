/** A decimal number: `coefficient * 10 ** exponent`, exactly. */
export interface Decimal {
  readonly isNegative: boolean
  readonly coefficient: bigint
  readonly exponent: number
}

const PATTERN = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/

/** `undefined` for what is no finite number in Python's or JavaScript's notation. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = PATTERN.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  return {
    isNegative: sign === '-',
    coefficient: BigInt(whole + fraction),
    exponent: Number(exponent) - fraction.length,
  }
}

/** What writing the number out would take, which is how Django keeps `1e1000` from filling the memory. */
export function digitCost({ coefficient, exponent }: Decimal): number {
  return coefficient.toString().length + Math.abs(exponent)
}

export function isWhole({ coefficient, exponent }: Decimal): boolean {
  return exponent >= 0 || coefficient % 10n ** BigInt(-exponent) === 0n
}

export type Rounding = 'half-up' | 'half-even'

/** Written out with exactly `places` digits after the point; never `-0`. */
export function toFixed(number: Decimal, places: number, rounding: Rounding = 'half-up'): string {
  const scaled = scale(number, places, rounding)
  const digits = scaled.toString().padStart(places + 1, '0')
  const sign = number.isNegative && scaled !== 0n ? '-' : ''
  if (places === 0) return sign + digits
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

/** In scientific notation, with `places` digits after the point, half rounded to even: `1.50e+07`. */
export function toExponential(number: Decimal, places: number): string {
  const { coefficient } = number
  let power = coefficient === 0n ? 0 : coefficient.toString().length - 1 + number.exponent
  let digits = scale(number, places - power, 'half-even')
    .toString()
    .padStart(places + 1, '0')
  if (digits.length > places + 1) {
    power++
    digits = digits.slice(0, -1)
  }
  const fraction = places === 0 ? '' : `.${digits.slice(1)}`
  const exponent = String(Math.abs(power)).padStart(2, '0')
  return `${number.isNegative ? '-' : ''}${digits.charAt(0)}${fraction}e${power < 0 ? '-' : '+'}${exponent}`
}

/** The number times `10 ** places`, rounded to a whole one. */
function scale({ coefficient, exponent }: Decimal, places: number, rounding: Rounding): bigint {
  const shift = exponent + places
  if (shift >= 0) return coefficient * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const quotient = coefficient / divisor
  const twice = 2n * (coefficient % divisor)
  const isUp = twice > divisor || (twice === divisor && (rounding === 'half-up' || quotient % 2n === 1n))
  return isUp ? quotient + 1n : quotient
}

/** What a finite number's 64 bits stand for, exactly: every binary fraction is a decimal one too. IEEE 754. */
export function exactDecimal(value: number): Decimal {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const fraction = raw & 0xfffffffffffffn
  const biased = Number((raw >> 52n) & 0x7ffn)
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n
  const power = Math.max(biased, 1) - 1075
  const isNegative = raw >> 63n === 1n
  if (power >= 0) return { isNegative, coefficient: mantissa << BigInt(power), exponent: 0 }
  return { isNegative, coefficient: mantissa * 5n ** BigInt(-power), exponent: power }
}
