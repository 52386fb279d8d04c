import { Cache, type CacheOptions } from './cache.ts'
import type { CacheStore } from './cache-store.ts'
import { valkeyAddress, type ValkeyTls } from './valkey-address.ts'
import { ValkeyConnection } from './valkey-connection.ts'

/** How long a cache's server is waited for, and how it is trusted. */
export interface ValkeyOptions {
  /** For a connection, and then for each answer; 5000 when left out. */
  readonly timeoutMs?: number
  readonly tls?: ValkeyTls
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

const DEFAULT_TIMEOUT_MS = 5000

/** INCRBY alone would make a key that is not there, without an end. The limits are those of `addedTo`. */
const INCREMENT = `
local payload = redis.call('GET', KEYS[1])
if not payload then return false end
local known = #payload <= 17 and string.find(payload, '^%-?%d+$') and tonumber(payload)
local sum = known and known + tonumber(ARGV[1])
if not sum or sum ~= math.floor(sum) or sum > 9007199254740991 or sum < -9007199254740991 then return 'none' end
redis.call('INCRBY', KEYS[1], ARGV[1])
return string.format('%.0f', sum)`

/**
 * A cache on a Valkey or Redis server, which all machines share. Ends are kept by the server's clock. Where the server
 * is full and evicts, or is restarted without its file, things vanish: it is a cache.
 */
export class ValkeyCacheStore implements CacheStore {
  readonly #connection: ValkeyConnection
  readonly #now: () => number

  /** @throws ImproperlyConfigured for a URL of something else; nothing is connected yet */
  constructor(url: string, options: ValkeyOptions = {}) {
    this.#connection = new ValkeyConnection(
      valkeyAddress(url, options.tls),
      options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    )
    this.#now = options.now ?? Date.now
  }

  get(key: string): Promise<string | null> {
    return this.#connection.run((client) => client.get(key))
  }

  async getMany(keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (keys.length === 0) return new Map()
    const payloads = await this.#connection.run((client) => client.mGet([...keys]))
    return new Map(
      keys.flatMap((key, i) => {
        const payload = payloads[i]
        return typeof payload === 'string' ? [[key, payload] as const] : []
      }),
    )
  }

  async set(key: string, payload: string, expiresMs: number | null): Promise<void> {
    await this.#connection.run((client) => client.set(key, payload, this.#ending(expiresMs)))
  }

  async add(key: string, payload: string, expiresMs: number | null): Promise<boolean> {
    const options = { ...this.#ending(expiresMs), condition: 'NX' } as const
    return (await this.#connection.run((client) => client.set(key, payload, options))) !== null
  }

  async touch(key: string, expiresMs: number | null): Promise<boolean> {
    if (expiresMs !== null)
      return (await this.#connection.run((client) => client.pExpire(key, this.#leftMs(expiresMs)))) === 1
    // PERSIST says 0 also for a key that has no end.
    const [, there] = await this.#connection.run((client) =>
      Promise.all([client.persist(key), client.exists(key)]),
    )
    return there === 1
  }

  async delete(key: string): Promise<boolean> {
    return (await this.#connection.run((client) => client.del(key))) > 0
  }

  async increment(key: string, delta: number): Promise<number | null> {
    const sum = await this.#connection.run((client) =>
      client.eval(INCREMENT, { keys: [key], arguments: [String(delta)] }),
    )
    if (sum === null) return null
    if (sum === 'none') throw new TypeError('The cached value is not a whole number')
    return Number(sum)
  }

  /** FLUSHDB, as Django: all of the database, with any other prefix too. */
  async clear(): Promise<void> {
    await this.#connection.run((client) => client.flushDb())
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  #ending(expiresMs: number | null): {
    readonly expiration?: { readonly type: 'PX'; readonly value: number }
  } {
    return expiresMs === null ? {} : { expiration: { type: 'PX', value: this.#leftMs(expiresMs) } }
  }

  /** The server takes whole milliseconds, at least one, and no date past its 64 bits. */
  #leftMs(expiresMs: number): number {
    return Math.min(Math.max(Math.ceil(expiresMs - this.#now()), 1), Number.MAX_SAFE_INTEGER)
  }
}

/** A cache on a Valkey or Redis server: `redis://user:password@host:6379/0`, `rediss:`, `unix:///path?db=1`. */
export function valkeyCache(url: string, options: CacheOptions & ValkeyOptions = {}): Cache {
  return new Cache(new ValkeyCacheStore(url, options), options)
}
