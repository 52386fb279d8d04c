import type { MaybePromise } from '../maybe-promise.ts'

/** What a cache back end does. Keys are printable ASCII of at most 250 characters; payloads are text it does not read. */
export interface CacheStore {
  /** Null for what is not there, or has expired. */
  get(key: string): MaybePromise<string | null>
  /** As `get`, for several at once; what is missing is left out. */
  getMany?(keys: readonly string[]): MaybePromise<ReadonlyMap<string, string>>
  /** @param expiresMs milliseconds since the epoch; null is never */
  set(key: string, payload: string, expiresMs: number | null): MaybePromise<void>
  /** Stores it where nothing is; false where something is. */
  add(key: string, payload: string, expiresMs: number | null): MaybePromise<boolean>
  /** Another end for what is there; false where nothing is. */
  touch(key: string, expiresMs: number | null): MaybePromise<boolean>
  /** False where nothing was. */
  delete(key: string): MaybePromise<boolean>
  /**
   * Adds to a whole number and gives the sum; its end stays as it is. Null where nothing is.
   *
   * @throws TypeError where something else than a whole number is
   */
  increment(key: string, delta: number): MaybePromise<number | null>
  /** Empties it, whoever else keeps something in it. */
  clear(): MaybePromise<void>
  close?(): MaybePromise<void>
}

/** The sum, as every back end makes it. @throws TypeError unless the payload is a whole number */
export function addedTo(payload: string, delta: number): number {
  const sum = Number(payload) + delta
  if (/^-?\d{1,16}$/.test(payload) && Number.isSafeInteger(sum)) return sum
  throw new TypeError('The cached value is not a whole number')
}
