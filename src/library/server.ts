/** A server in a program's own process: no master, one front worker, and applications that are called here. */
import type { Application } from '../gateway/application.ts'
import { formatSocketAddress } from '../io/socket-address.ts'
import { compileFor, type Front } from './front.ts'
import type { LogLine } from './log-line.ts'
import type { ConfSource } from './conf.ts'
import { InProcessApps } from './in-process-apps.ts'
import { Listeners } from './listeners.ts'
import { loadSource } from './load-source.ts'

/** What `startServer` starts. */
export interface ServerOptions extends ConfSource {
  /** By the names of `app_pass`. One stands in the place of an `app { }` of that name, whose workers are not started. */
  readonly applications?: Readonly<Record<string, Application>>
  /** Listens on ports that the system chooses, at the addresses of the conf: `addresses` says on which. */
  readonly anyPort?: boolean
  /** Hears what the applications and the listeners have to say; the logs of the conf are written as ever. */
  readonly onLog?: LogLine
}

/** A server that runs. `await using` stops it. */
export class PorticoServer {
  readonly #options: ServerOptions
  readonly #apps: InProcessApps
  readonly #listeners: Listeners
  #front: Front
  #source: ConfSource
  /** Of reloads and of the stop: one after the other. */
  #last: Promise<void> = Promise.resolve()
  #isStopped = false

  /** @internal */
  constructor(options: ServerOptions, apps: InProcessApps, listeners: Listeners, front: Front) {
    this.#options = options
    this.#source = options
    this.#apps = apps
    this.#listeners = listeners
    this.#front = front
  }

  /** Where it listens, by the addresses of the conf: `127.0.0.1:8080`, `unix:/run/web.sock`. */
  get addresses(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#listeners.addresses].map(([key, address]) => [key, formatSocketAddress(address)]),
    )
  }

  /**
   * Takes the conf anew, or another one. Requests that run are answered by the conf they began with; sockets of
   * addresses that stay are not closed. What is wrong with the new conf leaves the old one as it is.
   *
   * @throws ConfigError
   */
  reload(source: ConfSource = this.#source): Promise<void> {
    return this.#after(async () => {
      if (this.#isStopped) throw new Error('The server has been stopped.')
      const next = compileFor(loadSource({ ...this.#options, ...source }), this.#apps, this.#options.onLog)
      try {
        await this.#listeners.follow(next)
      } catch (error) {
        await next.close()
        throw error
      }
      const previous = this.#front
      this.#front = next
      this.#source = source
      void previous.close()
    })
  }

  /** Accepts no more, and resolves when the requests that run have been answered. */
  stop(): Promise<void> {
    return this.#after(async () => {
      if (this.#isStopped) return
      this.#isStopped = true
      this.#listeners.close()
      await this.#front.close()
      await this.#apps.close()
    })
  }

  #after(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step)
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Stops it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/**
 * Starts a server with a conf in this process and resolves when it listens. `worker_processes`, `user` and `daemon`
 * concern processes and do nothing here.
 *
 *     const server = await startServer({ text, prefix, applications: { shop: application } })
 *     await server.reload()
 *     await server.stop()
 *
 * @throws ConfigError, and the system's error for an address that cannot be bound
 */
export async function startServer(options: ServerOptions): Promise<PorticoServer> {
  const loaded = loadSource(options)
  const apps = await InProcessApps.start(options.applications ?? {}, loaded.places, options.onLog)
  const listeners = new Listeners(options.anyPort === true)
  let front: Front | undefined
  try {
    front = compileFor(loaded, apps, options.onLog)
    await listeners.follow(front)
    return new PorticoServer(options, apps, listeners, front)
  } catch (error) {
    listeners.close()
    await front?.close()
    await apps.close()
    throw error
  }
}
