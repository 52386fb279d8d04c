import { BadSignature, TimestampSigner, type SigningKeys } from '../signing/signer.ts'
import type { SessionStore } from './session-store.ts'

/** What browsers keep of one cookie, its name and attributes included (RFC 6265 section 6.1). */
const maxCookieBytes = 4096 - 256

/**
 * Sessions inside their cookie: signed, not secret, and valid until they expire even after they were ended. Django's
 * `signed_cookies` sessions under the same key are these.
 */
export class SignedCookieStore implements SessionStore {
  readonly #signer: TimestampSigner
  readonly #maxAge: number

  /** @param maxAge seconds */
  constructor(keys: SigningKeys, maxAge: number, now: () => number = Date.now) {
    this.#signer = new TimestampSigner(keys, 'django.contrib.sessions.backends.signed_cookies', now)
    this.#maxAge = maxAge
  }

  load(key: string): string | null {
    try {
      return this.#signer.unsignJson(key, this.#maxAge)
    } catch (error) {
      if (error instanceof BadSignature) return null
      throw error
    }
  }

  /** @throws RangeError for more than a cookie holds */
  create(payload: string): string {
    const key = this.#signer.signJson(payload, true)
    if (key.length > maxCookieBytes) {
      throw new RangeError(
        `A session of ${key.length} bytes does not fit into a cookie: use another sessionStore`,
      )
    }
    return key
  }

  update(_key: string, payload: string): string {
    return this.create(payload)
  }

  delete(_key: string): void {
    // The cookie goes; nothing else was kept.
  }
}
