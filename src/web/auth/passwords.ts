import { randomString } from '../signing/salted-hmac.ts'
import { HashingQueue } from './hashing-queue.ts'
import type { PasswordHasher } from './password-hasher.ts'
import { Pbkdf2Hasher, ScryptHasher } from './password-hasher.ts'

/** In characters. Longer ones are refused before any work is done for them. */
const PASSWORD_MAX_LENGTH = 4096

/** Before what no password can match: the account has none (Django's mark). */
const UNUSABLE = '!'
const UNUSABLE_SUFFIX_LENGTH = 40
/** 22 letters and digits are 131 bits. */
const SALT_LENGTH = 22

/** The hashers of a site: the first makes new hashes, all verify what they made. */
export class Passwords {
  readonly #hashers: readonly [PasswordHasher, ...PasswordHasher[]]
  readonly #queue: HashingQueue

  constructor(
    hashers: readonly [PasswordHasher, ...PasswordHasher[]] = [
      new ScryptHasher(),
      new Pbkdf2Hasher('sha256'),
      new Pbkdf2Hasher('sha1'),
    ],
    queue: HashingQueue = new HashingQueue(),
  ) {
    this.#hashers = hashers
    this.#queue = queue
  }

  /** The text to keep. Null makes a password that nothing matches. @throws RangeError for one that is too long */
  async make(password: string | null): Promise<string> {
    if (password === null) return UNUSABLE + randomString(UNUSABLE_SUFFIX_LENGTH)
    if (password.length > PASSWORD_MAX_LENGTH) {
      throw new RangeError(`A password has at most ${PASSWORD_MAX_LENGTH} characters.`)
    }
    const [hasher] = this.#hashers
    return this.#queue.run(() => hasher.encode(password, randomString(SALT_LENGTH)))
  }

  /**
   * Whether `password` is the one kept. Costs a hashing whatever is kept, so that the time does not tell an account
   * with a password from one without, or from none (`encoded` null). `upgrade` gets a new hash when the kept one was
   * made by another hasher or with other parameters.
   */
  async check(
    password: string,
    encoded: string | null,
    upgrade?: (encoded: string) => Promise<void>,
  ): Promise<boolean> {
    // Nothing is that long: no hash of such a password was ever made.
    if (password.length > PASSWORD_MAX_LENGTH) return false
    const [preferred] = this.#hashers
    const algorithm = encoded?.slice(0, encoded.indexOf('$'))
    const hasher = this.#hashers.find((known) => known.algorithm === algorithm)
    if (encoded === null || !isUsable(encoded) || hasher === undefined) {
      await this.make(password)
      return false
    }
    const correct = await this.#queue.run(() => hasher.verify(password, encoded))
    if (correct && upgrade !== undefined && (hasher !== preferred || hasher.mustUpdate(encoded))) {
      await upgrade(await this.make(password))
    }
    return correct
  }
}

export const isUsable = (encoded: string): boolean => !encoded.startsWith(UNUSABLE)

/** Scrypt for new passwords; Django's PBKDF2 hashes verify. */
export const passwords = new Passwords()
