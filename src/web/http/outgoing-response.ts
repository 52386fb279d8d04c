import { cookieSigner, type SigningKeys } from '../signing/signer.ts'
import type { HeaderPair, ResponseBody } from '../../gateway/application.ts'
import { SetCookie, type CookieOptions } from './cookies.ts'
import { ResponseHeaders } from './response-headers.ts'
import { reasonOf } from './status-reasons.ts'
import { BadHeaderError } from '../exceptions.ts'

/**
 * What a response can be given when it is made; the status is 200 and the type `text/html; charset=utf-8`
 * otherwise.
 */
export interface ResponseInit {
  readonly status?: number
  readonly reason?: string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string | number>>
}

/** What ends with the response: an uploaded file, an open source. What it throws is logged and stops nothing. */
export type Closer = () => void | Promise<void>

const htmlType = 'text/html; charset=utf-8'

/** Status, headers and cookies of a response; its kin add a body. */
export abstract class OutgoingResponse {
  status: number
  readonly headers = new ResponseHeaders()
  /** False until `render` ran, for the one kind of response that is rendered late. */
  isRendered = true
  /** Set by `xframeOptionsExempt`: this response may stand in any frame. */
  xframeOptionsExempt = false
  /** An error is logged once, by whoever knows most about it. */
  logged = false
  abstract readonly streaming: boolean
  #reason: string | undefined
  #cookies: Map<string, SetCookie> | undefined
  #cookieTexts: string[] | undefined
  #closers: Closer[] | undefined

  constructor(init: ResponseInit = {}) {
    this.status = init.status ?? 200
    if (!Number.isInteger(this.status) || this.status < 100 || this.status > 599) {
      throw new RangeError('HTTP status code must be an integer from 100 to 599.')
    }
    if (init.reason !== undefined) this.reasonPhrase = init.reason
    if (init.headers !== undefined) {
      for (const [name, value] of Object.entries(init.headers)) this.headers.set(name, value)
    }
    this.#setContentType(init)
  }

  #setContentType(init: ResponseInit): void {
    const inHeaders = init.headers !== undefined && this.headers.has('Content-Type')
    if (init.contentType !== undefined && inHeaders) {
      throw new TypeError("'headers' must not contain 'Content-Type' when 'contentType' is given")
    }
    if (!inHeaders) this.headers.set('Content-Type', init.contentType ?? htmlType)
  }

  /** The number of the status, under its Django name. */
  get statusCode(): number {
    return this.status
  }

  get reasonPhrase(): string {
    return this.#reason ?? reasonOf(this.status)
  }

  /** @throws BadHeaderError for a reason that would break out of its line */
  set reasonPhrase(reason: string) {
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(reason)) {
      throw new BadHeaderError(`Invalid reason phrase ${JSON.stringify(reason)}`)
    }
    this.#reason = reason
  }

  /** `'200 OK'`, for `startResponse`. */
  get statusLine(): string {
    return `${this.status} ${this.reasonPhrase}`
  }

  /** The cookies this response sets, by name. */
  get cookies(): ReadonlyMap<string, SetCookie> {
    return this.#cookies ?? noCookies
  }

  /** @throws TypeError for a name, value or attribute that a Set-Cookie field cannot carry */
  setCookie(name: string, value = '', options: CookieOptions = {}, nowMs = Date.now()): void {
    this.#cookies ??= new Map()
    this.#cookies.set(name, new SetCookie(name, value, options, nowMs))
  }

  /** `request.getSignedCookie` with the same salt reads it back. */
  setSignedCookie(
    keys: SigningKeys & { readonly now?: () => number },
    name: string,
    value: string,
    options: CookieOptions & { readonly salt?: string } = {},
  ): void {
    const { salt = '', ...rest } = options
    const now = keys.now ?? Date.now
    this.setCookie(name, cookieSigner(keys, name + salt, now).sign(value), rest, now())
  }

  /** Path, domain and SameSite have to be those it was set with. */
  deleteCookie(name: string, options: Pick<CookieOptions, 'path' | 'domain' | 'sameSite'> = {}): void {
    // Browsers refuse to delete these without the Secure attribute.
    const secure = name.startsWith('__Secure-') || name.startsWith('__Host-') || options.sameSite === 'None'
    this.setCookie(name, '', { ...options, maxAge: 0, expires: 'Thu, 01 Jan 1970 00:00:00 GMT', secure })
  }

  /** Takes the cookies of another response, as when an error page replaces it. */
  adoptCookies(other: OutgoingResponse): void {
    for (const [name, cookie] of other.cookies) {
      this.#cookies ??= new Map()
      this.#cookies.set(name, cookie)
    }
  }

  /** A Set-Cookie field as another response had it, for one that was kept. A cookie set by name comes after it. */
  adoptCookieText(field: string): void {
    this.#cookieTexts ??= []
    this.#cookieTexts.push(field)
  }

  /** Headers and cookies as they go out. */
  headerPairs(): HeaderPair[] {
    const pairs = this.headers.toPairs()
    if (this.#cookieTexts !== undefined) {
      for (const field of this.#cookieTexts) pairs.push(['Set-Cookie', field])
    }
    if (this.#cookies !== undefined) {
      for (const cookie of this.#cookies.values()) pairs.push(['Set-Cookie', cookie.toString()])
    }
    return pairs
  }

  /** Adds to what `close` will call. */
  onClose(closer: Closer): void {
    this.#closers ??= []
    this.#closers.push(closer)
  }

  get hasClosers(): boolean {
    return this.#closers !== undefined
  }

  /** Called once by the server, however the request ended. Rejects with the first error after all have run. */
  async close(): Promise<void> {
    const closers = this.#closers?.splice(0) ?? []
    const results = await Promise.allSettled(closers.map(async (closer) => closer()))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /** The chunks to send. Taken once. */
  abstract body(): ResponseBody
}

const noCookies: ReadonlyMap<string, SetCookie> = new Map()
