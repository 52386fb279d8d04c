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
