/**
 * Whether a password is the one that a line of a user file was made from: `{PLAIN}`, `{SHA}`, `{SSHA}`, `$apr1$`, and
 * of crypt(3) DES, `$1$`, `$5$`, `$6$`, bcrypt, scrypt and yescrypt.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { bcrypt } from './bcrypt.ts'
import { desCrypt } from './des-crypt.ts'
import { md5Crypt } from './md5-crypt.ts'
import { scrypt } from './scrypt.ts'
import { shaCrypt } from './sha-crypt.ts'
import { yescrypt } from './yescrypt.ts'

/** `unsupported`: nobody can be let in or turned away by this line. */
export type PasswordVerdict = 'match' | 'mismatch' | 'unsupported'

export function verifyPassword(password: Buffer, stored: string): PasswordVerdict {
  const computed = encode(password, stored)
  if (computed === undefined) return 'unsupported'
  return computed !== '' && equal(computed, stored) ? 'match' : 'mismatch'
}

/** Whether the scheme takes so long that an event loop has no time for it. */
export function isCostly(stored: string): boolean {
  return stored.startsWith('$')
}

/** The password under the scheme and salt of `stored`. */
function encode(password: Buffer, stored: string): string | undefined {
  if (stored.startsWith('$apr1$') || stored.startsWith('$1$')) return md5Crypt(password, stored)
  if (stored.startsWith('$5$') || stored.startsWith('$6$')) return shaCrypt(password, stored)
  if (stored.startsWith('$2')) return bcrypt(password, stored)
  if (stored.startsWith('{PLAIN}')) return `{PLAIN}${password.toString('latin1')}`
  if (stored.startsWith('{SHA}')) return `{SHA}${createHash('sha1').update(password).digest('base64')}`
  if (stored.startsWith('{SSHA}')) return saltedSha(password, stored)
  if (stored.startsWith('$y$')) return yescrypt(password, stored)
  if (stored.startsWith('$7$')) return scrypt(password, stored)
  if (stored.startsWith('$')) return undefined
  return desCrypt(password, stored) ?? ''
}

/** 20 bytes of digest, then the salt; what is shorter matches nothing. */
function saltedSha(password: Buffer, stored: string): string {
  const decoded = Buffer.from(stored.slice(6), 'base64')
  if (decoded.length < 20) return ''
  const salt = decoded.subarray(20)
  const digest = createHash('sha1').update(password).update(salt).digest()
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1')]
  return a.length === b.length && timingSafeEqual(a, b)
}
