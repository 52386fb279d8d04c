import { atomic } from '../db/databases.ts'
import { IntegrityError } from '../db/errors.ts'
import { f } from '../db/fields/f.ts'
import { model } from '../db/model.ts'
import { F } from '../db/query/expressions.ts'
import { Q } from '../db/query/q.ts'
import { Cache, type CacheOptions } from './cache.ts'
import { addedTo, type CacheStore } from './cache-store.ts'

/** The rows of `DatabaseCacheStore`. */
export const CacheRow = model(
  'cache.Entry',
  {
    key: f.char({ max: 255, primaryKey: true, column: 'cache_key' }),
    value: f.text(),
    /** Null is never. */
    expires: f.dateTime({ null: true, index: true }),
  },
  { table: 'portico_cache' },
)

/** One of so many writes looks whether there are too many rows. */
const WRITES_PER_COUNT = 100
/** Two that change the same number at once: the one that comes late tries again. */
const INCREMENT_TRIES = 50

/** A cache in a table, which all workers share. */
export class DatabaseCacheStore implements CacheStore {
  readonly #using: string
  readonly #maxEntries: number
  readonly #now: () => number
  #writes = 0

  /** @param options `using`: the alias of the database; `maxEntries`: what ends soonest goes when there are more */
  constructor(
    options: { readonly using?: string; readonly maxEntries?: number; readonly now?: () => number } = {},
  ) {
    this.#using = options.using ?? 'default'
    this.#maxEntries = options.maxEntries ?? 100_000
    this.#now = options.now ?? Date.now
  }

  get #rows(): typeof CacheRow.objects {
    return CacheRow.objects.using(this.#using)
  }

  #live(): ReturnType<typeof CacheRow.objects.filter> {
    return this.#rows.filter(Q({ expires__isnull: true }).or(Q({ expires__gt: new Date(this.#now()) })))
  }

  async get(key: string): Promise<string | null> {
    const [value] = await this.#live().filter({ key }).valuesList('value', { flat: true })
    return value ?? null
  }

  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#live().filter({ key__in: keys }).valuesList('key', 'value')
    return new Map(rows)
  }

  async set(key: string, value: string, expiresMs: number | null): Promise<void> {
    await this.#makeRoom()
    const expires = dateOf(expiresMs)
    const write = (): Promise<number> => this.#rows.filter({ key }).update({ value, expires })
    if ((await write()) === 0 && !(await this.#insert(key, value, expires))) await write()
  }

  async add(key: string, value: string, expiresMs: number | null): Promise<boolean> {
    await this.#makeRoom()
    const expires = dateOf(expiresMs)
    if (await this.#insert(key, value, expires)) return true
    const over = this.#rows.filter({ key, expires__lte: new Date(this.#now()) })
    return (await over.update({ value, expires })) > 0
  }

  /** False where the key is taken. In a transaction of its own, so that the caller's goes on after a refusal. */
  async #insert(key: string, value: string, expires: Date | null): Promise<boolean> {
    try {
      await atomic(() => this.#rows.create({ key, value, expires }), { using: this.#using })
      return true
    } catch (error) {
      if (error instanceof IntegrityError) return false
      throw error
    }
  }

  async touch(key: string, expiresMs: number | null): Promise<boolean> {
    return (
      (await this.#live()
        .filter({ key })
        .update({ expires: dateOf(expiresMs) })) > 0
    )
  }

  async delete(key: string): Promise<boolean> {
    const live = await this.#live().filter({ key }).count()
    await this.#rows.filter({ key }).delete()
    return live > 0
  }

  async increment(key: string, delta: number): Promise<number | null> {
    for (let tries = 0; tries < INCREMENT_TRIES; tries++) {
      const value = await this.get(key)
      if (value === null) return null
      const sum = addedTo(value, delta)
      const changed = await this.#rows.filter({ key, value }).update({ value: String(sum) })
      if (changed > 0) return sum
    }
    throw new Error(`The cached number was changed by others ${INCREMENT_TRIES} times in a row`)
  }

  async clear(): Promise<void> {
    await this.#rows.all().delete()
  }

  async #makeRoom(): Promise<void> {
    if (this.#writes++ % WRITES_PER_COUNT > 0 || (await this.#rows.count()) < this.#maxEntries) return
    await this.#rows.filter({ expires__lte: new Date(this.#now()) }).delete()
    const excess = (await this.#rows.count()) - Math.floor((this.#maxEntries * 2) / 3)
    if (excess <= 0) return
    // Found by the database: their keys are more than a query takes.
    const soonest = this.#rows.orderBy(F('expires').asc({ nulls: 'last' })).slice(0, excess)
    await this.#rows.filter({ key__in: soonest.valuesList('key', { flat: true }) }).delete()
  }
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))

/** A cache in a table of the database that `using` names. */
export function databaseCache(
  options: CacheOptions & { readonly using?: string; readonly maxEntries?: number } = {},
): Cache {
  return new Cache(new DatabaseCacheStore(options), options)
}
