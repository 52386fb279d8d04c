import type { MaybePromise } from '../maybe-promise.ts'

/**
 * Where sessions are kept. A store answers at once or by a promise; `payload` is JSON that it does not look into.
 * Implementations are plain objects or classes; one serves all requests.
 */
export interface SessionStore {
  /** What is kept under the key; null when there is nothing, or when it has expired or was tampered with. */
  load(key: string): MaybePromise<string | null>

  /** Keeps a new session until `expires` and gives its key, which nobody can guess. */
  create(payload: string, expires: Date): MaybePromise<string>

  /**
   * Replaces what is kept under the key. Gives the key to use from now on (a store whose key is the data gives
   * another), or null when the session was ended meanwhile, and then stores nothing.
   */
  update(key: string, payload: string, expires: Date): MaybePromise<string | null>

  /** Ends the session. One that is not there is no error. */
  delete(key: string): MaybePromise<void>

  /** Removes what has expired; gives how many. */
  clearExpired?(): MaybePromise<number>
}

const keyForm = /^[a-z0-9]{32}$/

/** The form of a key that `create` of our stores makes: anything else never reaches a store's medium. */
export function isSessionKey(key: string): boolean {
  return keyForm.test(key)
}
