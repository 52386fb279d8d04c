import { ImproperlyConfigured, SessionInterrupted } from '../exceptions.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import type { SessionStore } from './session-store.ts'

/** What a session can keep: what JSON can. */
export type SessionValue =
  string | number | boolean | null | readonly SessionValue[] | { readonly [key: string]: SessionValue }

const expiryKey = '_session_expiry'

/** Characters: a shorter key was made by no store. */
const minKeyLength = 8

/**
 * The session of one request. It is loaded when it is first read; `set` and `delete` wait for nothing, they are
 * kept until the session is loaded or saved. `await session.get('key')` costs nothing once it is loaded.
 */
export class Session {
  readonly #store: SessionStore
  readonly #now: () => number
  readonly #cookieAge: number
  readonly #closesWithBrowser: boolean
  #key: string | null
  #data: Map<string, SessionValue> | null = null
  #loading: Promise<Map<string, SessionValue>> | null = null
  /** Changes made before the data was there; undefined stands for a deleted value. */
  #pending = new Map<string, SessionValue | undefined>()
  /** True once anything was read or written: the response then differs by cookie. */
  accessed = false
  /** True once anything was written; set it after changing a value in place. */
  modified = false

  /**
   * @param key from the cookie, as the client sent it; null for none
   * @param options age in seconds
   */
  constructor(
    store: SessionStore,
    key: string | null,
    options: {
      readonly cookieAge: number
      readonly expireAtBrowserClose: boolean
      readonly now: () => number
    },
  ) {
    this.#store = store
    this.#key = key === null || key.length < minKeyLength ? null : key
    this.#cookieAge = options.cookieAge
    this.#closesWithBrowser = options.expireAtBrowserClose
    this.#now = options.now
  }

  /** Null until the session is saved for the first time. */
  get key(): string | null {
    return this.#key
  }

  /** Gets the data here, so that reading needs no waiting. */
  load(): MaybePromise<ReadonlyMap<string, SessionValue>> {
    this.accessed = true
    return this.#load()
  }

  #load(): MaybePromise<Map<string, SessionValue>> {
    if (this.#data !== null) return this.#data
    if (this.#loading !== null) return this.#loading
    const key = this.#key
    const payload = key === null ? null : this.#store.load(key)
    const data = chain(payload, (text) => this.#loaded(text))
    if (data instanceof Promise) this.#loading = data
    return data
  }

  #loaded(payload: string | null): Map<string, SessionValue> {
    // Ended while it was on its way: what comes now is not to come back to life.
    if (this.#data !== null) return this.#data
    // An unknown key is not taken over: who sent it may want another to use it (session fixation).
    if (payload === null) this.#key = null
    const data = parsePayload(payload)
    for (const [key, value] of this.#pending) {
      if (value === undefined) data.delete(key)
      else data.set(key, value)
    }
    this.#pending.clear()
    this.#loading = null
    this.#data = data
    return data
  }

  get<T extends SessionValue = SessionValue>(key: string): MaybePromise<T | undefined>
  get<T extends SessionValue>(key: string, fallback: T): MaybePromise<T>
  get(key: string, fallback?: SessionValue): MaybePromise<SessionValue | undefined> {
    this.accessed = true
    return chain(this.#load(), (data) => data.get(key) ?? fallback)
  }

  has(key: string): MaybePromise<boolean> {
    this.accessed = true
    return chain(this.#load(), (data) => data.has(key))
  }

  keys(): MaybePromise<string[]> {
    this.accessed = true
    return chain(this.#load(), (data) => [...data.keys()])
  }

  set(key: string, value: SessionValue): void {
    this.accessed = true
    this.modified = true
    if (this.#data === null) this.#pending.set(key, value)
    else this.#data.set(key, value)
  }

  delete(key: string): void {
    this.accessed = true
    this.modified = true
    if (this.#data === null) this.#pending.set(key, undefined)
    else this.#data.delete(key)
  }

  /** The value, which is then gone. */
  pop<T extends SessionValue = SessionValue>(key: string): MaybePromise<T | undefined>
  pop(key: string): MaybePromise<SessionValue | undefined> {
    this.accessed = true
    return chain(this.#load(), (data) => {
      const value = data.get(key)
      if (data.delete(key)) this.modified = true
      return value
    })
  }

  /** True when there is nothing to keep and no cookie that says there was. */
  isEmpty(): MaybePromise<boolean> {
    if (this.#data === null && this.#pending.size === 0) return this.#key === null
    return chain(this.#load(), (data) => this.#key === null && data.size === 0)
  }

  /** A new key for the same data: after sign-in, so that a key known before it is worth nothing. */
  cycleKey(): MaybePromise<void> {
    return chain(this.load(), () => {
      const old = this.#key
      this.#key = null
      this.modified = true
      return old === null ? undefined : this.#store.delete(old)
    })
  }

  /** Ends the session: data and key are gone. */
  flush(): MaybePromise<void> {
    const old = this.#key
    this.#key = null
    this.#loading = null
    this.#data = new Map()
    this.#pending.clear()
    this.accessed = true
    this.modified = true
    return old === null ? undefined : this.#store.delete(old)
  }

  /**
   * How long it lasts: seconds from its last change, a point in time, 0 for until the browser closes, null for the
   * setting's.
   */
  setExpiry(expiry: number | Date | null): void {
    if (expiry === null) this.delete(expiryKey)
    else this.set(expiryKey, expiry instanceof Date ? expiry.toISOString() : expiry)
  }

  /** Seconds. Until the browser closes counts as the setting's age. */
  getExpiryAge(): MaybePromise<number> {
    return chain(this.#load(), (data) => this.#ageOf(data))
  }

  #ageOf(data: ReadonlyMap<string, SessionValue>): number {
    const expiry = data.get(expiryKey)
    if (typeof expiry === 'string') return Math.round((Date.parse(expiry) - this.#now()) / 1000)
    return typeof expiry === 'number' && expiry !== 0 ? expiry : this.#cookieAge
  }

  getExpireAtBrowserClose(): MaybePromise<boolean> {
    return chain(this.#load(), (data) => {
      const expiry = data.get(expiryKey)
      return expiry === undefined ? this.#closesWithBrowser : expiry === 0
    })
  }

  /**
   * Stores the data and gives the key for the cookie.
   *
   * @throws SessionInterrupted when the session was ended elsewhere since this request loaded it
   */
  save(): MaybePromise<string> {
    return chain(this.#load(), (data) => {
      const payload = JSON.stringify(Object.fromEntries(data))
      const expires = new Date(this.#now() + this.#ageOf(data) * 1000)
      const key = this.#key
      const saved =
        key === null ? this.#store.create(payload, expires) : this.#store.update(key, payload, expires)
      return chain<string | null, string>(saved, (stored) => this.#saved(stored))
    })
  }

  #saved(key: string | null): string {
    if (key === null) {
      throw new SessionInterrupted(
        "The request's session was deleted before the request completed. The user may have logged out in a " +
          'concurrent request, for example.',
      )
    }
    this.#key = key
    return key
  }
}

/** What a store gave back. A payload that is no object counts as none: it was not ours. */
function parsePayload(payload: string | null): Map<string, SessionValue> {
  if (payload === null) return new Map()
  try {
    const value = JSON.parse(payload) as SessionValue
    if (typeof value !== 'object' || value === null || value instanceof Array) return new Map()
    return new Map<string, SessionValue>(Object.entries(value))
  } catch {
    return new Map()
  }
}

/** What `request.session` is while no middleware has put one there. */
export function missingSession(): never {
  throw new ImproperlyConfigured(
    'request.session needs SessionMiddleware: put it into settings.middleware before whatever uses the session.',
  )
}
