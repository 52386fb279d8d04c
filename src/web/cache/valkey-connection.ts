import type { createClient, ErrorReply, RedisClientOptions } from '@redis/client'
import { CacheUnavailable } from './cache-unavailable.ts'
import type { ValkeyAddress } from './valkey-address.ts'

/** The package's client, connected. */
export type ValkeyClient = ReturnType<typeof createClient>

/** Commands that may wait for answers at a time; more are refused at once. */
const MOST_WAITING = 20_000
/** So long nobody tries again after a connection could not be made: each try could take the whole time-out. */
const PAUSE_MS = 1000
/** Replies that say "not now"; the rest are faults of the command or of the settings. */
const NOT_NOW =
  /^(?:LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|OOM|READONLY|MISCONF|NOREPLICAS|ERR max number of clients)/

/**
 * One connection for one process, made by the first command that needs it and made again by the next one after it is
 * lost. Nothing waits longer than the time-out, for the connection and then for the answer.
 */
export class ValkeyConnection {
  readonly #address: ValkeyAddress
  readonly #timeoutMs: number
  #client: ValkeyClient | null = null
  #connecting: Promise<ValkeyClient> | null = null
  #failure: CacheUnavailable | null = null
  #failedMs = 0
  /** What the server's own words are instances of, once the package is there. */
  #ErrorReply: typeof ErrorReply | null = null

  constructor(address: ValkeyAddress, timeoutMs: number) {
    this.#address = address
    this.#timeoutMs = timeoutMs
  }

  /** @throws CacheUnavailable; what else the server says against the command as the package's ErrorReply */
  async run<T>(command: (client: ValkeyClient) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#connected())
    try {
      return await this.#inTime(client, command(client))
    } catch (error) {
      throw this.#converted(error)
    }
  }

  /** Lets the answers that are on their way arrive. */
  async close(): Promise<void> {
    const client = await this.#connecting?.catch(() => null)
    const open = this.#client ?? client ?? null
    this.#client = null
    if (open?.isOpen === true) await this.#inTime(open, open.close()).catch(ignore)
  }

  #connected(): Promise<ValkeyClient> {
    if (this.#failure !== null && performance.now() - this.#failedMs < PAUSE_MS)
      return Promise.reject(this.#failure)
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  async #connect(): Promise<ValkeyClient> {
    // Loaded by whoever uses such a cache, and by nobody else.
    const { createClient, ErrorReply } = await import('@redis/client')
    this.#ErrorReply = ErrorReply
    const client: ValkeyClient = createClient(this.#options())
    const forget = (): void => {
      if (this.#client === client) this.#client = null
    }
    // A lost connection says so here; who waits for an answer is told by the command's own error.
    client.on('error', forget).on('end', forget)
    // Not kept alive by a connection nobody waits on: the command's own timer keeps the process.
    client.unref()
    try {
      await this.#inTime(client, client.connect())
    } catch (error) {
      client.destroy()
      throw this.#failed(error)
    }
    this.#failure = null
    if (client.isReady) this.#client = client
    return client
  }

  #options(): RedisClientOptions {
    const { shown: _shown, socket, ...rest } = this.#address
    const bounds = { connectTimeout: this.#timeoutMs, reconnectStrategy: false } as const
    return { ...rest, socket: { ...socket, ...bounds }, commandsQueueMaxLength: MOST_WAITING }
  }

  #failed(error: unknown): unknown {
    const converted = this.#converted(error)
    if (converted instanceof CacheUnavailable) {
      this.#failure = converted
      this.#failedMs = performance.now()
    }
    return converted
  }

  /** A server that says nothing has lost the connection: whoever else waits on it is told too. */
  #inTime<T>(client: ValkeyClient, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (this.#client === client) this.#client = null
        reject(
          new CacheUnavailable(`The cache at ${this.#address.shown} did not answer in ${this.#timeoutMs} ms`),
        )
        client.destroy()
      }, this.#timeoutMs)
      answer.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  #converted(error: unknown): unknown {
    if (error instanceof CacheUnavailable || error instanceof TypeError || !(error instanceof Error))
      return error
    if (this.#ErrorReply !== null && error instanceof this.#ErrorReply && !NOT_NOW.test(error.message))
      return error
    const words = error.message === '' ? ((error as NodeJS.ErrnoException).code ?? error.name) : error.message
    return new CacheUnavailable(`The cache at ${this.#address.shown} cannot be reached: ${words}`, {
      cause: error,
    })
  }
}

const ignore = (): void => undefined
