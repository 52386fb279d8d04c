/**
 * An entry that calls `listen()` itself, as it does under `node`, is taken at its word: the server that it names gets
 * the requests, without a port. What Passenger does for Node applications.
 *
 * Rules of this file: the first server of `node:http` that listens is the one; a later one listens nowhere either,
 * since a port of its own would be wanted by every worker at once. `close()` and `address()` answer as after a real
 * `listen()`.
 */
import { Server } from '../../io/node-http.ts'

export class CapturedListen {
  readonly #first = Promise.withResolvers<Server>()
  #server: Server | undefined
  #others = 0

  /** Undefined until then. */
  get server(): Server | undefined {
    return this.#server
  }

  /** Servers that listened after the first, and get nothing. */
  get others(): number {
    return this.#others
  }

  /** The server, or undefined when none listens within the time. */
  async wait(timeoutMs: number): Promise<Server | undefined> {
    const late = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => late.resolve(undefined), timeoutMs)
    const server = await Promise.race([this.#first.promise, late.promise])
    clearTimeout(timer)
    return server
  }

  /** From here on no server of `node:http` listens in this process. Answers what undoes it. */
  install(): () => void {
    const take = (server: Server): void => {
      if (this.#server !== undefined) this.#others += this.#server === server ? 0 : 1
      this.#server ??= server
      this.#first.resolve(this.#server)
    }
    Server.prototype.listen = function listen(this: Server, ...args: unknown[]): Server {
      pretendToListen(this, args)
      take(this)
      return this
    }
    // What is inherited from net.Server comes to light again.
    return () => void Reflect.deleteProperty(Server.prototype, 'listen')
  }
}

function pretendToListen(server: Server, args: readonly unknown[]): void {
  const callback = args.findLast((arg) => typeof arg === 'function')
  if (callback !== undefined) server.once('listening', callback as () => void)
  const port = portOf(args[0])
  let listening = true
  define(server, 'listening', { get: () => listening })
  define(server, 'address', {
    value: () => (listening ? { address: '127.0.0.1', family: 'IPv4', port } : null),
  })
  define(server, 'close', {
    value: (whenClosed?: (error?: Error) => void) => {
      listening = false
      process.nextTick(() => {
        whenClosed?.()
        server.emit('close')
      })
      return server
    },
  })
  process.nextTick(() => server.emit('listening'))
}

function define(server: Server, name: string, descriptor: PropertyDescriptor): void {
  Object.defineProperty(server, name, { configurable: true, ...descriptor })
}

/** As the application wrote it; it goes into its own log at the most. */
function portOf(first: unknown): number {
  if (typeof first === 'object' && first !== null && 'port' in first) return portOf(first.port)
  return Number(first) || 0
}
