/** The alphabet of crypt(3), least significant six bits first. */
const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function radix64(value: number, digits: number): string {
  let text = ''
  for (let rest = value, left = digits; left > 0; left -= 1, rest >>>= 6) text += ALPHABET[rest & 63]
  return text
}

/** Value of one digit, -1 for none. */
export function radix64Digit(char: string): number {
  return char === '' ? -1 : ALPHABET.indexOf(char)
}

/** Three bytes of a digest at a time, by their indexes from the most significant; -1 stands for zero bits. */
export function encodeDigest(
  digest: Buffer,
  groups: readonly (readonly [number, number, number, number])[],
): string {
  let text = ''
  for (const [high, middle, low, digits] of groups) {
    const value = (byteAt(digest, high) << 16) | (byteAt(digest, middle) << 8) | byteAt(digest, low)
    text += radix64(value, digits)
  }
  return text
}

function byteAt(digest: Buffer, index: number): number {
  return index < 0 ? 0 : (digest[index] ?? 0)
}

/** Digits, the least significant first; -1 where one is none. */
export function radix64Value(text: string): number {
  let value = 0
  for (let at = text.length - 1; at >= 0; at -= 1) {
    const digit = radix64Digit(text.charAt(at))
    if (digit < 0) return -1
    value = value * 64 + digit
  }
  return value
}

/** Three bytes at a time in four digits, least significant bits first; the rest in as few as hold it. */
export function encodeBytes(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const group = bytes.subarray(at, at + 3)
    const value = (group[0] ?? 0) | ((group[1] ?? 0) << 8) | ((group[2] ?? 0) << 16)
    text += radix64(value, group.length + 1)
  }
  return text
}

/** What `encodeBytes` made; undefined when it made no such text. */
export function decodeBytes(text: string): Buffer | undefined {
  const bytes: number[] = []
  for (let at = 0; at < text.length; at += 4) {
    const group = text.slice(at, at + 4)
    let value = radix64Value(group)
    if (value < 0 || group.length === 1) return undefined
    for (let left = group.length - 1; left > 0; left -= 1, value >>>= 8) bytes.push(value & 255)
    if (value !== 0) return undefined
  }
  return Buffer.from(bytes)
}

/** Numbers of one to six digits, whose first digit says how many follow, as yescrypt writes its parameters. */
export class NumberReader {
  failed = false
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get ended(): boolean {
    return this.#at >= this.#text.length
  }

  /** The number after this one's, which counts from `least`; after a fault always `least`. */
  next(least: number): number {
    let first = 0
    let last = 47
    let weight = 1
    let value = least
    const digit = this.#digit()
    while (digit > last) {
      value += (last + 1 - first) * weight
      first = last + 1
      last = first + ((62 - last) >> 1)
      weight *= 64
    }
    value += (digit - first) * weight
    while (weight > 1) {
      weight /= 64
      value += this.#digit() * weight
    }
    return this.failed ? least : value
  }

  #digit(): number {
    const digit = radix64Digit(this.#text.charAt(this.#at))
    this.#at += 1
    if (digit < 0) this.failed = true
    return Math.max(0, digit)
  }
}
