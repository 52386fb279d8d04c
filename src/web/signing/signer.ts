/**
 * Text with a signature behind it, in Django's format: `value:signature`, `value:time:signature`. What Django signed
 * with the same key and salt verifies here, and the other way round.
 */
import { deflateSync, inflateSync } from 'node:zlib'
import { constantTimeEqual, hmac, saltedKey } from './salted-hmac.ts'

/** The signature does not fit the value: it was changed, cut, or signed with another key. */
export class BadSignature extends Error {
  override readonly name: string = 'BadSignature'
}

/** The signature fits but is older than allowed. */
export class SignatureExpired extends BadSignature {
  override readonly name = 'SignatureExpired'
}

export interface SigningKeys {
  readonly secretKey: string
  readonly secretKeyFallbacks: readonly string[]
}

/** @throws Error when there is no secret key to sign with */
export class Signer {
  readonly #keys: readonly Buffer[]
  readonly separator = ':'

  constructor(keys: SigningKeys, salt = 'django.core.signing.Signer') {
    if (keys.secretKey === '') throw new Error('Signing needs settings.secretKey, and it is empty')
    this.#keys = [keys.secretKey, ...keys.secretKeyFallbacks].map((key) => saltedKey(`${salt}signer`, key))
  }

  signature(value: string, key = this.#keys[0]): string {
    if (key === undefined) throw new Error('A signer without keys')
    return hmac(key, value).toString('base64url')
  }

  sign(value: string): string {
    return `${value}${this.separator}${this.signature(value)}`
  }

  /** @throws BadSignature */
  unsign(signed: string): string {
    const cut = signed.lastIndexOf(this.separator)
    if (cut < 0) throw new BadSignature(`No "${this.separator}" found in value`)
    const value = signed.slice(0, cut)
    const given = signed.slice(cut + 1)
    for (const key of this.#keys) {
      if (constantTimeEqual(given, this.signature(value, key))) return value
    }
    throw new BadSignature(`Signature "${given}" does not match`)
  }
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function toBase62(value: number): string {
  let text = ''
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = (base62[rest % 62] ?? '') + text
  return text === '' ? '0' : text
}

function fromBase62(text: string): number {
  let value = 0
  for (const character of text) {
    const digit = base62.indexOf(character)
    if (digit < 0 || text.length > 9) return Number.NaN
    value = value * 62 + digit
  }
  return value
}

/** Signs with the time of signing, in whole seconds. */
export class TimestampSigner {
  readonly #signer: Signer
  readonly #now: () => number

  /** @param now milliseconds since the epoch */
  constructor(keys: SigningKeys, salt = 'django.core.signing.TimestampSigner', now: () => number = Date.now) {
    this.#signer = new Signer(keys, salt)
    this.#now = now
  }

  sign(value: string): string {
    return this.#signer.sign(`${value}:${toBase62(Math.floor(this.#now() / 1000))}`)
  }

  /**
   * @param maxAge seconds; null takes any age
   * @throws BadSignature, SignatureExpired
   */
  unsign(signed: string, maxAge: number | null = null): string {
    const stamped = this.#signer.unsign(signed)
    const cut = stamped.lastIndexOf(':')
    const time = cut < 0 ? Number.NaN : fromBase62(stamped.slice(cut + 1))
    if (Number.isNaN(time)) throw new BadSignature('No time stamp in the value')
    const age = this.#now() / 1000 - time
    if (maxAge !== null && age > maxAge)
      throw new SignatureExpired(`Signature age ${age} > ${maxAge} seconds`)
    return stamped.slice(0, cut)
  }

  /** JSON, compressed when that is shorter, signed and safe in a URL or cookie. */
  signObject(value: unknown, compress = false): string {
    return this.signJson(JSON.stringify(value), compress)
  }

  /** As `signObject`, for what is JSON already. */
  signJson(text: string, compress = false): string {
    const json = Buffer.from(asciiJson(text))
    const small = compress ? deflateSync(json) : json
    if (compress && small.length < json.length - 1) return this.sign(`.${small.toString('base64url')}`)
    return this.sign(json.toString('base64url'))
  }

  /** @throws BadSignature, SignatureExpired */
  unsignObject(signed: string, maxAge: number | null = null): unknown {
    try {
      return JSON.parse(this.unsignJson(signed, maxAge)) as unknown
    } catch (error) {
      if (error instanceof BadSignature) throw error
      throw new BadSignature('The signed value is no JSON', { cause: error })
    }
  }

  /** @throws BadSignature, SignatureExpired */
  unsignJson(signed: string, maxAge: number | null = null): string {
    const value = this.unsign(signed, maxAge)
    const packed = value.startsWith('.')
    const bytes = Buffer.from(packed ? value.slice(1) : value, 'base64url')
    try {
      // What a signature of ours covers, we made; the cap is for a key that got out.
      return (packed ? inflateSync(bytes, { maxOutputLength: 16_777_216 }) : bytes).toString('utf8')
    } catch (error) {
      throw new BadSignature('The signed value cannot be unpacked', { cause: error })
    }
  }
}

/** As Django writes it, and the only form it reads right: what is outside ASCII is escaped. */
function asciiJson(text: string): string {
  return text.replace(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Signs one cookie's value; its name is part of the salt, so that no cookie's value serves as another's. */
export function cookieSigner(keys: SigningKeys, salt: string, now: () => number): TimestampSigner {
  const forCookies = (key: string): string => `django.http.cookies${key}`
  const cookieKeys = {
    secretKey: keys.secretKey === '' ? '' : forCookies(keys.secretKey),
    secretKeyFallbacks: keys.secretKeyFallbacks.map(forCookies),
  }
  return new TimestampSigner(cookieKeys, salt, now)
}
