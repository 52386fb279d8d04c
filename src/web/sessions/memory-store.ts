import { randomString } from '../signing/salted-hmac.ts'
import { isSessionKey, type SessionStore } from './session-store.ts'

const keyAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A key that nobody can guess: 165 bits. */
export function newSessionKey(): string {
  return randomString(32, keyAlphabet)
}

interface Kept {
  readonly payload: string
  readonly expiresMs: number
}

/** Sessions in this process: for tests, and for a site with one worker that may forget. */
export class MemorySessionStore implements SessionStore {
  readonly #sessions = new Map<string, Kept>()
  readonly #maxSessions: number
  readonly #now: () => number

  /** @param maxSessions the oldest goes when there are more */
  constructor(maxSessions = 100_000, now: () => number = Date.now) {
    this.#maxSessions = maxSessions
    this.#now = now
  }

  load(key: string): string | null {
    const kept = isSessionKey(key) ? this.#sessions.get(key) : undefined
    if (kept === undefined) return null
    if (kept.expiresMs > this.#now()) return kept.payload
    this.#sessions.delete(key)
    return null
  }

  create(payload: string, expires: Date): string {
    const key = newSessionKey()
    this.#keep(key, payload, expires)
    return key
  }

  update(key: string, payload: string, expires: Date): string | null {
    if (!this.#sessions.has(key)) return null
    this.#keep(key, payload, expires)
    return key
  }

  #keep(key: string, payload: string, expires: Date): void {
    this.#sessions.delete(key)
    this.#sessions.set(key, { payload, expiresMs: expires.getTime() })
    if (this.#sessions.size <= this.#maxSessions) return
    const [oldest] = this.#sessions.keys()
    if (oldest !== undefined) this.#sessions.delete(oldest)
  }

  delete(key: string): void {
    this.#sessions.delete(key)
  }

  clearExpired(): number {
    const before = this.#sessions.size
    for (const [key, { expiresMs }] of this.#sessions) {
      if (expiresMs <= this.#now()) this.#sessions.delete(key)
    }
    return before - this.#sessions.size
  }
}
