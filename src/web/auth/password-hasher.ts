import { timingSafeEqual } from 'node:crypto'
import { pbkdf2Hash, scryptHash } from './hashing-queue.ts'

/** One way of keeping passwords, in Django's text format: `algorithm$parameters$salt$hash`. */
export interface PasswordHasher {
  readonly algorithm: string
  encode(password: string, salt: string): Promise<string>
  /** False too for what this hasher did not make. */
  verify(password: string, encoded: string): Promise<boolean>
  /** Made with other parameters than today's. */
  mustUpdate(encoded: string): boolean
}

function sameBytes(encoded: string, hash: Buffer): boolean {
  const expected = Buffer.from(encoded, 'base64')
  return expected.length === hash.length && timingSafeEqual(expected, hash)
}

const positive = (text: string | undefined): number =>
  text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0

/** A stored hash may ask for no more work than this; what asks for more was not written by a hasher. */
const SCRYPT_WORK_LIMIT = 2 ** 24
const PBKDF2_ITERATION_LIMIT = 10_000_000
const SCRYPT_BYTES = 64

/** RFC 7914. Cost: 16 MiB of memory, five times over (OWASP's and Django's figures). */
export class ScryptHasher implements PasswordHasher {
  readonly algorithm = 'scrypt'
  readonly #n: number
  readonly #r: number
  readonly #p: number

  constructor(n = 2 ** 14, r = 8, p = 5) {
    this.#n = n
    this.#r = r
    this.#p = p
  }

  async encode(password: string, salt: string): Promise<string> {
    const hash = await scryptHash(password, salt, { n: this.#n, r: this.#r, p: this.#p }, SCRYPT_BYTES)
    return ['scrypt', this.#n, salt, this.#r, this.#p, hash.toString('base64')].join('$')
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const parts = this.#parse(encoded)
    if (parts === null) return false
    return sameBytes(parts.hash, await scryptHash(password, parts.salt, parts, SCRYPT_BYTES))
  }

  mustUpdate(encoded: string): boolean {
    const parts = this.#parse(encoded)
    return parts === null || parts.n !== this.#n || parts.r !== this.#r || parts.p !== this.#p
  }

  #parse(encoded: string): { n: number; r: number; p: number; salt: string; hash: string } | null {
    const [algorithm, rawN, salt, rawR, rawP, hash, ...rest] = encoded.split('$')
    const [n, r, p] = [positive(rawN), positive(rawR), positive(rawP)]
    const valid = n > 1 && (n & (n - 1)) === 0 && r > 0 && p > 0 && n * r * p <= SCRYPT_WORK_LIMIT
    if (algorithm !== 'scrypt' || !valid || salt === undefined || hash === undefined || rest.length > 0)
      return null
    return { n, r, p, salt, hash }
  }
}

/** Django's default hasher, and its older one with SHA-1. */
export class Pbkdf2Hasher implements PasswordHasher {
  readonly algorithm: string
  readonly #digest: 'sha1' | 'sha256'
  readonly #iterations: number

  constructor(digest: 'sha1' | 'sha256' = 'sha256', iterations = 1_000_000) {
    this.#digest = digest
    this.algorithm = `pbkdf2_${digest}`
    this.#iterations = iterations
  }

  async encode(password: string, salt: string): Promise<string> {
    const hash = await pbkdf2Hash(password, salt, this.#iterations, this.#digest)
    return [this.algorithm, this.#iterations, salt, hash.toString('base64')].join('$')
  }

  async verify(password: string, encoded: string): Promise<boolean> {
    const parts = this.#parse(encoded)
    if (parts === null) return false
    return sameBytes(parts.hash, await pbkdf2Hash(password, parts.salt, parts.iterations, this.#digest))
  }

  mustUpdate(encoded: string): boolean {
    return this.#parse(encoded)?.iterations !== this.#iterations
  }

  #parse(encoded: string): { iterations: number; salt: string; hash: string } | null {
    const [algorithm, rawIterations, salt, hash, ...rest] = encoded.split('$')
    const iterations = positive(rawIterations)
    const valid = iterations > 0 && iterations <= PBKDF2_ITERATION_LIMIT && rest.length === 0
    if (algorithm !== this.algorithm || !valid || salt === undefined || hash === undefined) return null
    return { iterations, salt, hash }
  }
}
