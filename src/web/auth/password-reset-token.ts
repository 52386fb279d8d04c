import type { SettingValues } from '../conf/setting-values.ts'
import { constantTimeEqual, hmac, saltedKey } from '../signing/salted-hmac.ts'

/** What a token is bound to: it dies with any change of these. */
export interface TokenHolder {
  readonly pk: unknown
  readonly password: string
  readonly lastLogin: Date | null
  readonly email?: string
}

type TokenSettings = Pick<SettingValues, 'secretKey' | 'secretKeyFallbacks' | 'passwordResetTimeout' | 'now'>

const KEY_SALT = 'django.contrib.auth.tokens.PasswordResetTokenGenerator'

/** Tokens count their seconds from 2001, as Django's do. */
const EPOCH_SECONDS = Date.UTC(2001, 0, 1) / 1000

/**
 * Tokens that let somebody set a new password. Nothing is stored: a token is good once, because the password and the
 * time of the last sign-in, which using it changes, are in it. Django's tokens under the same key are these.
 */
export class PasswordResetTokens {
  readonly #settings: TokenSettings

  constructor(settings: TokenSettings) {
    this.#settings = settings
  }

  make(user: TokenHolder): string {
    return tokenOf(user, Math.floor(this.#settings.now() / 1000) - EPOCH_SECONDS, this.#settings.secretKey)
  }

  /** False for one that was changed, has expired, was used, or is another user's. */
  check(user: TokenHolder | null, token: string): boolean {
    const stamp = /^([0-9a-z]{1,13})-[0-9a-f]{32}$/.exec(token)?.[1]
    if (user === null || stamp === undefined) return false
    const seconds = Number.parseInt(stamp, 36)
    const { secretKey, secretKeyFallbacks, now, passwordResetTimeout } = this.#settings
    const fits = [secretKey, ...secretKeyFallbacks]
      .map((secret) => constantTimeEqual(tokenOf(user, seconds, secret), token))
      .some(Boolean)
    return fits && Math.floor(now() / 1000) - EPOCH_SECONDS - seconds <= passwordResetTimeout
  }
}

function tokenOf(user: TokenHolder, seconds: number, secret: string): string {
  const lastLogin = user.lastLogin === null ? '' : user.lastLogin.toISOString().slice(0, 19).replace('T', ' ')
  const value = `${String(user.pk)}${user.password}${lastLogin}${seconds}${user.email ?? ''}`
  const hash = hmac(saltedKey(KEY_SALT, secret), value).toString('hex')
  // Every other digit: half of SHA-256 is as much as anybody could guess at.
  const half = Array.from({ length: hash.length / 2 }, (_, index) => hash[index * 2]).join('')
  return `${seconds.toString(36)}-${half}`
}
