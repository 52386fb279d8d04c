import { createHash } from 'node:crypto'
import { KeyedFiles } from '../../io/files/keyed-files.ts'
import { Cache, type CacheOptions } from './cache.ts'
import { addedTo, type CacheStore } from './cache-store.ts'

interface Entry {
  readonly payload: string
  readonly expiresMs: number | null
}

/** One of so many writes looks whether there are too many files; reading the folder each time would cost more. */
const WRITES_PER_COUNT = 100

/** A cache in a folder, which processes of one machine share. Its names are hashes: no key reaches the disk. */
export class FileCacheStore implements CacheStore {
  readonly #files: KeyedFiles
  readonly #maxEntries: number
  readonly #now: () => number
  /** Changes that look first follow each other; between processes the last one wins. */
  #turn: Promise<unknown> = Promise.resolve()
  #writes = 0

  /** @param options `maxEntries`: a third of the files, picked by chance, goes when there are more (10,000) */
  constructor(folder: string, options: { readonly maxEntries?: number; readonly now?: () => number } = {}) {
    this.#files = new KeyedFiles(folder, '.cache')
    this.#maxEntries = options.maxEntries ?? 10_000
    this.#now = options.now ?? Date.now
  }

  async get(key: string): Promise<string | null> {
    return (await this.#live(key))?.payload ?? null
  }

  async set(key: string, payload: string, expiresMs: number | null): Promise<void> {
    if (this.#writes++ % WRITES_PER_COUNT === 0) await this.#cull()
    await this.#files.write(nameOf(key), written(payload, expiresMs))
  }

  async add(key: string, payload: string, expiresMs: number | null): Promise<boolean> {
    if (this.#writes++ % WRITES_PER_COUNT === 0) await this.#cull()
    // What has expired was taken away; of two who then make it, the file system lets one.
    if ((await this.#live(key)) !== null) return false
    return this.#files.create(nameOf(key), written(payload, expiresMs))
  }

  touch(key: string, expiresMs: number | null): Promise<boolean> {
    return this.#changed(key, async ({ payload }) => {
      await this.set(key, payload, expiresMs)
      return true
    }).then((touched) => touched ?? false)
  }

  async delete(key: string): Promise<boolean> {
    const there = (await this.#live(key)) !== null
    await this.#files.remove(nameOf(key))
    return there
  }

  increment(key: string, delta: number): Promise<number | null> {
    return this.#changed(key, async ({ payload, expiresMs }) => {
      const sum = addedTo(payload, delta)
      await this.set(key, String(sum), expiresMs)
      return sum
    })
  }

  async clear(): Promise<void> {
    for (const name of await this.#files.names()) await this.#files.remove(name)
  }

  #changed<T>(key: string, change: (entry: Entry) => Promise<T>): Promise<T | null> {
    const result = this.#turn.then(async () => {
      const entry = await this.#live(key)
      return entry === null ? null : change(entry)
    })
    this.#turn = result.catch(() => undefined)
    return result
  }

  async #live(key: string): Promise<Entry | null> {
    const text = await this.#files.read(nameOf(key))
    const entry = text === null ? null : parsed(text)
    if (entry === null) return null
    if (!this.#isOver(entry)) return entry
    // Not simply removed: another may have put a new one there since.
    await this.#files.removeIf(nameOf(key), (now) => this.#isOver(parsed(now)))
    return null
  }

  #isOver(entry: Entry | null): boolean {
    return entry !== null && entry.expiresMs !== null && entry.expiresMs <= this.#now()
  }

  async #cull(): Promise<void> {
    const names = await this.#files.names()
    if (names.length < this.#maxEntries) return
    for (const name of names) if (Math.random() < 1 / 3) await this.#files.remove(name)
  }
}

const nameOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/** First line: milliseconds since the epoch, or nothing. */
const written = (payload: string, expiresMs: number | null): string => `${expiresMs ?? ''}\n${payload}`

/** Null for what is none of ours. */
function parsed(text: string): Entry | null {
  const end = text.indexOf('\n')
  const expires = text.slice(0, end)
  if (end < 0 || !/^\d{0,16}(?:\.\d+)?$/.test(expires)) return null
  return { payload: text.slice(end + 1), expiresMs: expires === '' ? null : Number(expires) }
}

/** A cache in a folder. */
export function fileCache(
  folder: string,
  options: CacheOptions & { readonly maxEntries?: number } = {},
): Cache {
  return new Cache(new FileCacheStore(folder, options), options)
}
