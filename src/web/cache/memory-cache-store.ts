import { addedTo, type CacheStore } from './cache-store.ts'

interface Entry {
  readonly payload: string
  readonly expiresMs: number | null
}

/** A cache in this process: what was used longest ago goes first. Each worker has its own. */
export class MemoryCacheStore implements CacheStore {
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #maxCharacters: number
  readonly #now: () => number
  #characters = 0

  /** @param options bounds: entries (10,000), and characters of all keys and values (32 million) */
  constructor(
    options: {
      readonly maxEntries?: number
      readonly maxCharacters?: number
      readonly now?: () => number
    } = {},
  ) {
    this.#maxEntries = options.maxEntries ?? 10_000
    this.#maxCharacters = options.maxCharacters ?? 32_000_000
    this.#now = options.now ?? Date.now
  }

  /** Entries, the expired ones that nobody asked for since included. */
  get size(): number {
    return this.#entries.size
  }

  get(key: string): string | null {
    const entry = this.#live(key)
    if (entry === undefined) return null
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.payload
  }

  getMany(keys: readonly string[]): ReadonlyMap<string, string> {
    const found = new Map<string, string>()
    for (const key of keys) {
      const payload = this.get(key)
      if (payload !== null) found.set(key, payload)
    }
    return found
  }

  set(key: string, payload: string, expiresMs: number | null): void {
    this.#drop(key)
    const size = key.length + payload.length
    // It would push out everything else and then itself.
    if (size > this.#maxCharacters) return
    this.#entries.set(key, { payload, expiresMs })
    this.#characters += size
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#characters <= this.#maxCharacters) return
      this.#drop(oldest)
    }
  }

  add(key: string, payload: string, expiresMs: number | null): boolean {
    if (this.#live(key) !== undefined) return false
    this.set(key, payload, expiresMs)
    return true
  }

  touch(key: string, expiresMs: number | null): boolean {
    const entry = this.#live(key)
    if (entry === undefined) return false
    this.set(key, entry.payload, expiresMs)
    return true
  }

  delete(key: string): boolean {
    const there = this.#live(key) !== undefined
    this.#drop(key)
    return there
  }

  increment(key: string, delta: number): number | null {
    const entry = this.#live(key)
    if (entry === undefined) return null
    const sum = addedTo(entry.payload, delta)
    this.set(key, String(sum), entry.expiresMs)
    return sum
  }

  clear(): void {
    this.#entries.clear()
    this.#characters = 0
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.expiresMs === null || entry.expiresMs > this.#now()) return entry
    this.#drop(key)
    return undefined
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#characters -= key.length + entry.payload.length
  }
}
