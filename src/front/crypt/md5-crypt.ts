/** MD5 passwords: `$apr1$salt$hash` as htpasswd writes them, and `$1$salt$hash` of crypt(3). */
import { createHash } from 'node:crypto'
import { encodeDigest } from './radix64.ts'

const ROUNDS = 1000
const GROUPS = [
  [0, 6, 12, 4],
  [1, 7, 13, 4],
  [2, 8, 14, 4],
  [3, 9, 15, 4],
  [4, 10, 5, 4],
  [-1, -1, 11, 2],
] as const

function md5(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('md5')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The whole text for a password, with the magic and salt of `stored`. */
export function md5Crypt(password: Buffer, stored: string): string {
  const magic = stored.startsWith('$apr1$') ? '$apr1$' : '$1$'
  const salt = (stored.slice(magic.length).split('$', 1)[0] ?? '').slice(0, 8)
  const saltBytes = Buffer.from(salt, 'latin1')
  let final = md5(password, saltBytes, password)
  const parts: Uint8Array[] = [password, Buffer.from(magic), saltBytes]
  for (let left = password.length; left > 0; left -= 16) parts.push(final.subarray(0, Math.min(16, left)))
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  final = md5(...parts)
  for (let round = 0; round < ROUNDS; round += 1) {
    const odd = (round & 1) === 1
    const pieces: Uint8Array[] = [odd ? password : final]
    if (round % 3 !== 0) pieces.push(saltBytes)
    if (round % 7 !== 0) pieces.push(password)
    pieces.push(odd ? final : password)
    final = md5(...pieces)
  }
  return `${magic}${salt}$${encodeDigest(final, GROUPS)}`
}
