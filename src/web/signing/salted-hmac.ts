import { createHash, createHmac, randomInt, timingSafeEqual } from 'node:crypto'

/** The key that `salt` and `secret` give: one secret serves many purposes without their signatures being alike. */
export function saltedKey(salt: string, secret: string): Buffer {
  return createHash('sha256').update(salt).update(secret).digest()
}

/** HMAC-SHA256 under a key of `saltedKey`. */
export function hmac(key: Buffer, value: string): Buffer {
  return createHmac('sha256', key).update(value).digest()
}

/** Takes the same time wherever the two differ; their lengths are not hidden. */
export function constantTimeEqual(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}

const letters = 'abcdefghijklmnopqrstuvwxyz'
export const alphanumeric = `${letters}${letters.toUpperCase()}0123456789`

/** Characters picked by the system's cryptographic source, each equally likely. */
export function randomString(length: number, alphabet = alphanumeric): string {
  let text = ''
  for (let index = 0; index < length; index += 1) text += alphabet[randomInt(alphabet.length)] ?? ''
  return text
}
