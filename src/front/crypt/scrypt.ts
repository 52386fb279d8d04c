/** scrypt as crypt(3) writes it: `$7$`, the logarithm of N in one digit, r and p in five each, the salt as it stands. */
import { scryptSync } from 'node:crypto'
import { encodeBytes, radix64Value } from './radix64.ts'

/** Memory of one computation; crypt(3) takes 64 MiB by default. */
const MAX_BYTES = 256 << 20
const MAX_WORK_BYTES = 4 * MAX_BYTES

/** The whole text for a password, with parameters and salt of `stored`; undefined when those are none. */
export function scrypt(password: Buffer, stored: string): string | undefined {
  const match = /^\$7\$([./0-9A-Za-z])([./0-9A-Za-z]{5})([./0-9A-Za-z]{5})/.exec(stored)
  if (!match) return undefined
  const [head, logN = '', blockSize = '', parallel = ''] = match
  const N = 2 ** radix64Value(logN)
  const r = radix64Value(blockSize)
  const p = radix64Value(parallel)
  if (N < 2 || r < 1 || p < 1 || 128 * N * r > MAX_BYTES || 128 * N * r * p > MAX_WORK_BYTES) return undefined
  const end = stored.lastIndexOf('$')
  const salt = end < head.length ? stored.slice(head.length) : stored.slice(head.length, end)
  const maxmem = 128 * r * (N + p) + (1 << 20)
  const digest = scryptSync(password, Buffer.from(salt, 'latin1'), 32, { N, r, p, maxmem })
  return `${head}${salt}$${encodeBytes(digest)}`
}
