import type { Cache } from '../cache/cache.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { newSessionKey } from './memory-store.ts'
import { isSessionKey, type SessionStore } from './session-store.ts'

const prefix = 'django.contrib.sessions.cache'

/** Sessions in a cache: fast, and gone when the cache forgets them. */
export class CacheSessionStore implements SessionStore {
  readonly #cache: Cache
  readonly #now: () => number

  constructor(cache: Cache, now: () => number = Date.now) {
    this.#cache = cache
    this.#now = now
  }

  load(key: string): MaybePromise<string | null> {
    if (!isSessionKey(key)) return null
    return chain(this.#cache.get(prefix + key), (payload) => (typeof payload === 'string' ? payload : null))
  }

  create(payload: string, expires: Date): MaybePromise<string> {
    const key = newSessionKey()
    return chain(this.#cache.add(prefix + key, payload, this.#until(expires)), (added) =>
      added ? key : this.create(payload, expires),
    )
  }

  update(key: string, payload: string, expires: Date): MaybePromise<string | null> {
    if (!isSessionKey(key)) return null
    return chain(this.#cache.has(prefix + key), (known) =>
      known ? chain(this.#cache.set(prefix + key, payload, this.#until(expires)), () => key) : null,
    )
  }

  delete(key: string): MaybePromise<void> {
    if (!isSessionKey(key)) return
    return chain(this.#cache.delete(prefix + key), () => undefined)
  }

  #until(expires: Date): { readonly timeout: number } {
    // What is over is kept for a moment: a session that vanishes while it is saved would look like one that was ended.
    return { timeout: Math.max(1, (expires.getTime() - this.#now()) / 1000) }
  }
}
