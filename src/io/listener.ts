/** Accepts connections on a socket that is bound already: one inherited from a master, or bound in this process. */
import { createServer } from 'node:net'
import type { ListenOptions as NetListenOptions, Server } from 'node:net'
import { HandleTransport } from './handle-transport.ts'
import type { Socket } from './socket.ts'
import type { SocketAddress } from './socket-address.ts'
import { acceptHandles } from './stream-handle.ts'

/** nginx's NGX_LISTEN_BACKLOG on Linux. */
const DEFAULT_BACKLOG = 511

export interface ListenOptions {
  /** Length of the accept queue; listen(2) caps it at net.core.somaxconn. */
  readonly backlog?: number | undefined
  /** Connections above it are accepted and closed; `onDrop` hears of each. */
  readonly maxConnections?: number | undefined
  readonly onDrop?: (() => void) | undefined
  /** accept(2) failed (EMFILE, ENFILE, ENOBUFS): the listener lives on. */
  readonly onError?: ((error: NodeJS.ErrnoException) => void) | undefined
  /** Takes connections without a socket around them, where the runtime can give them so; `maxConnections` counts none. */
  readonly onTransport?: ((transport: HandleTransport) => void) | undefined
}

export class Listener {
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
  }

  /** Accepts no more. Connections that were accepted live on. */
  close(): void {
    if (this.#server.listening) this.#server.close()
  }

  /** Undefined where it is no port that is listened on. */
  get port(): number | undefined {
    const address = this.#server.address()
    return typeof address === 'object' ? address?.port : undefined
  }

  /** Connections accepted and still open. */
  get connections(): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
    return promise
  }
}

/**
 * `fd` belongs to the listener from here on. Rejects with the system's error, EADDRINUSE among them: two sockets
 * bound to one address before either listened collide only now.
 */
export function listenFd(
  fd: number,
  onConnection: (socket: Socket) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  return listen({ fd }, onConnection, options)
}

/** Binds the address in this process. Port 0 is one that the system chooses. Rejects with the system's error. */
export function listenAt(
  address: SocketAddress,
  onConnection: (socket: Socket) => void,
  options: ListenOptions = {},
): Promise<Listener> {
  const where = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port }
  return listen(where, onConnection, options)
}

function listen(
  where: NetListenOptions | { readonly fd: number },
  onConnection: (socket: Socket) => void,
  options: ListenOptions,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<Listener>()
  // A half-open peer still wants its answer; the owner of the connection decides when our side ends.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, onConnection)
  if (options.maxConnections !== undefined) server.maxConnections = options.maxConnections
  if (options.onDrop) server.on('drop', options.onDrop)
  server.once('error', reject)
  server.listen({ ...where, backlog: options.backlog ?? DEFAULT_BACKLOG }, () => {
    server.off('error', reject)
    server.on('error', (error) => options.onError?.(error))
    const { onTransport } = options
    if (onTransport) acceptHandles(server, (handle) => onTransport(new HandleTransport(handle)))
    resolve(new Listener(server))
  })
  return promise
}
