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

/** Written out with exactly `places` digits after the point, half rounded away from zero; never `-0`. */
export function toFixed(number: Decimal, places: number): string {
  const scaled = scale(number, places)
  const digits = scaled.toString().padStart(places + 1, '0')
  const sign = number.isNegative && scaled !== 0n ? '-' : ''
  if (places === 0) return sign + digits
  return `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

function scale({ coefficient, exponent }: Decimal, places: number): bigint {
  const shift = exponent + places
  if (shift >= 0) return coefficient * 10n ** BigInt(shift)
  const divisor = 10n ** BigInt(-shift)
  const quotient = coefficient / divisor
  return 2n * (coefficient % divisor) >= divisor ? quotient + 1n : quotient
}
