import { createHash } from 'node:crypto'
import type { SettingValues } from '../conf/setting-values.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import { chain, isPromise, type MaybePromise } from '../maybe-promise.ts'
import type { CacheStore } from './cache-store.ts'
import { MemoryCacheStore } from './memory-cache-store.ts'

/** What a cache can keep: what JSON can. */
export type CacheValue =
  | string
  | number
  | boolean
  | null
  | readonly CacheValue[]
  | { readonly [key: string]: CacheValue | undefined }

/** What holds for all keys of one cache. */
export interface CacheOptions {
  /** Seconds that values are kept when a call does not say; null is for ever. 300 when left out. */
  readonly timeout?: number | null
  /** Before every key: sites that share a server keep apart by it. */
  readonly keyPrefix?: string
  /** The version that keys have when a call does not say. */
  readonly version?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** Keys of another version are other keys. */
export interface VersionOption {
  readonly version?: number
}

/** How long a value is kept. */
export interface StoreOptions extends VersionOption {
  /** Seconds; null is for ever, 0 and less is not at all. */
  readonly timeout?: number | null
}

const DEFAULT_TIMEOUT_SECONDS = 300

/** Longer keys, and those with other characters than these, are hashed: no back end has to refuse one. */
const PLAIN_KEY = /^[\x21-\x7e]{1,200}$/
/** What looks like the hash of another key is hashed too: a visitor's text in a key must not lead to that. */
const HASHED_KEY = /^:[^:]*:[0-9a-f]{64}$/

/** A cache: Django's API over a back end. What is not there is `undefined`; `null` is a value. */
export class Cache {
  readonly store: CacheStore
  readonly #timeout: number | null
  readonly #prefix: string
  readonly #version: number
  readonly #now: () => number

  constructor(store: CacheStore, options: CacheOptions = {}) {
    this.store = store
    this.#timeout = options.timeout === undefined ? DEFAULT_TIMEOUT_SECONDS : options.timeout
    this.#prefix = options.keyPrefix ?? ''
    this.#version = options.version ?? 1
    this.#now = options.now ?? Date.now
  }

  /** The key as the back end sees it: `prefix:version:key`. */
  makeKey(key: string, version: number = this.#version): string {
    const full = `${this.#prefix}:${version}:${key}`
    return PLAIN_KEY.test(full) && !HASHED_KEY.test(full)
      ? full
      : `:${version}:${createHash('sha256').update(full).digest('hex')}`
  }

  /** The value, or `undefined` (or what `fallback` says) when it is not there. */
  get<T extends CacheValue = CacheValue>(
    key: string,
    options?: VersionOption & { readonly fallback?: undefined },
  ): MaybePromise<T | undefined>
  get<T extends CacheValue>(key: string, options: VersionOption & { readonly fallback: T }): MaybePromise<T>
  get(
    key: string,
    options: VersionOption & { readonly fallback?: CacheValue | undefined } = {},
  ): MaybePromise<CacheValue | undefined> {
    const payload = this.store.get(this.makeKey(key, options.version))
    return chain(payload, (text) => (text === null ? options.fallback : parsed(text)))
  }

  /** @throws TypeError for a value that JSON has no form for */
  set(key: string, value: CacheValue, options: StoreOptions = {}): MaybePromise<void> {
    const expires = this.#expires(options)
    const full = this.makeKey(key, options.version)
    const payload = encoded(value)
    if (expires === 0) return chain(this.store.delete(full), () => undefined)
    return this.store.set(full, payload, expires)
  }

  /** Stores the value unless one is there; false when one is. */
  add(key: string, value: CacheValue, options: StoreOptions = {}): MaybePromise<boolean> {
    const expires = this.#expires(options)
    const full = this.makeKey(key, options.version)
    const payload = encoded(value)
    if (expires === 0) return chain(this.store.get(full), (known) => known === null)
    return this.store.add(full, payload, expires)
  }

  /** The value; where there is none, `make` makes it. Whoever else stored one meanwhile wins. */
  getOrSet<T extends CacheValue>(
    key: string,
    make: T | (() => MaybePromise<T>),
    options: StoreOptions = {},
  ): MaybePromise<T> {
    return chain<T | undefined, T>(this.get<T>(key, versionOf(options)), (known) => {
      if (known !== undefined) return known
      return chain(typeof make === 'function' ? make() : make, (value: T) =>
        chain(this.add(key, value, options), () =>
          this.get<T>(key, { ...versionOf(options), fallback: value }),
        ),
      )
    })
  }

  /** Adds to a whole number. @throws RangeError where there is none, TypeError where something else is */
  incr(key: string, delta = 1, options: VersionOption = {}): MaybePromise<number> {
    return chain(this.store.increment(this.makeKey(key, options.version), delta), (sum) => {
      if (sum === null) throw new RangeError(`Key '${key}' not found`)
      return sum
    })
  }

  /** @throws RangeError, TypeError as `incr` */
  decr(key: string, delta = 1, options: VersionOption = {}): MaybePromise<number> {
    return this.incr(key, -delta, options)
  }

  /** False when nothing was there. */
  delete(key: string, options: VersionOption = {}): MaybePromise<boolean> {
    return this.store.delete(this.makeKey(key, options.version))
  }

  /** A new end for what is there; false when nothing is. */
  touch(key: string, options: StoreOptions = {}): MaybePromise<boolean> {
    const full = this.makeKey(key, options.version)
    const expires = this.#expires(options)
    return expires === 0 ? this.store.delete(full) : this.store.touch(full, expires)
  }

  /** Whether something is there. */
  has(key: string, options: VersionOption = {}): MaybePromise<boolean> {
    return chain(this.store.get(this.makeKey(key, options.version)), (payload) => payload !== null)
  }

  /** The values that are there, by key. */
  getMany<T extends CacheValue = CacheValue>(
    keys: readonly string[],
    options: VersionOption = {},
  ): MaybePromise<Map<string, T>> {
    const names = new Map(keys.map((key) => [this.makeKey(key, options.version), key]))
    return chain(this.#payloads([...names.keys()]), (found) => {
      const values = new Map<string, T>()
      for (const [full, key] of names) {
        const payload = found.get(full)
        // The caller says what the key holds, as with `get`.
        if (payload !== undefined) values.set(key, parsed(payload) as T)
      }
      return values
    })
  }

  #payloads(keys: readonly string[]): MaybePromise<ReadonlyMap<string, string>> {
    if (this.store.getMany !== undefined) return this.store.getMany(keys)
    return Promise.all(keys.map(async (key) => [key, await this.store.get(key)] as const)).then(
      (pairs) =>
        new Map(pairs.flatMap(([key, payload]) => (payload === null ? [] : [[key, payload] as const]))),
    )
  }

  async setMany(values: Readonly<Record<string, CacheValue>>, options: StoreOptions = {}): Promise<void> {
    await Promise.all(Object.entries(values).map(async ([key, value]) => this.set(key, value, options)))
  }

  async deleteMany(keys: readonly string[], options: VersionOption = {}): Promise<void> {
    await Promise.all(keys.map(async (key) => this.delete(key, options)))
  }

  /** Moves a value to another version. @throws RangeError where there is none */
  async incrVersion(key: string, delta = 1, options: VersionOption = {}): Promise<number> {
    const version = options.version ?? this.#version
    const value = await this.get(key, { version })
    if (value === undefined) throw new RangeError(`Key '${key}' not found`)
    await this.set(key, value, { version: version + delta })
    await this.delete(key, { version })
    return version + delta
  }

  decrVersion(key: string, delta = 1, options: VersionOption = {}): Promise<number> {
    return this.incrVersion(key, -delta, options)
  }

  /** Empties the back end: what others keep there goes too. */
  clear(): MaybePromise<void> {
    return this.store.clear()
  }

  /** 0 says that it is over already. */
  #expires({ timeout = this.#timeout }: StoreOptions): number | null {
    if (timeout === null) return null
    return timeout <= 0 ? 0 : this.#now() + timeout * 1000
  }
}

const versionOf = ({ version }: VersionOption): VersionOption => (version === undefined ? {} : { version })

/** What is no JSON was not ours: it counts as missing. */
function parsed<T>(payload: string): T | undefined {
  try {
    return JSON.parse(payload) as T
  } catch {
    return undefined
  }
}

function encoded(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError('A cache keeps what JSON can: this value has no form in it')
  return text
}

/** The caches of a site, by alias. */
export class Caches {
  readonly #caches: ReadonlyMap<string, Cache>

  constructor(caches: Readonly<Record<string, Cache>>) {
    this.#caches = new Map(Object.entries(caches))
  }

  /** The cache called `default`. @throws ImproperlyConfigured */
  get default(): Cache {
    return this.get('default')
  }

  /** Undefined where there is none of that name. */
  find(alias: string): Cache | undefined {
    return this.#caches.get(alias)
  }

  /** @throws ImproperlyConfigured */
  get(alias: string): Cache {
    const cache = this.#caches.get(alias)
    if (cache === undefined) throw new ImproperlyConfigured(`The connection '${alias}' doesn't exist.`)
    return cache
  }

  async close(): Promise<void> {
    for (const { store } of this.#caches.values()) {
      const closed = store.close?.()
      if (isPromise(closed)) await closed
    }
  }
}

/** `settings.caches`: `export const caches = defineCaches({ default: memoryCache() })`. */
export function defineCaches(caches: Readonly<Record<string, Cache>>): Caches {
  return new Caches(caches)
}

/** A cache in this process. See `MemoryCacheStore` for its bounds. */
export function memoryCache(
  options: CacheOptions & { readonly maxEntries?: number; readonly maxCharacters?: number } = {},
): Cache {
  return new Cache(new MemoryCacheStore(options), options)
}

const byDefault = new WeakMap<Pick<SettingValues, 'caches'>, Caches>()

/** The caches of these settings; one in memory, called `default`, where they name none. */
export function cachesOf(settings: Pick<SettingValues, 'caches' | 'now'>): Caches {
  if (settings.caches !== null) return settings.caches
  const known = byDefault.get(settings) ?? new Caches({ default: memoryCache({ now: settings.now }) })
  byDefault.set(settings, known)
  return known
}
