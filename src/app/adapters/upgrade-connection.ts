/**
 * A connection on a worker's private HTTP/1.1 socket, over which a front passes requests with `Upgrade`: FastCGI,
 * uwsgi and SCGI have no word for them. The messages are Node's, and so is the parser.
 *
 * Only our own front reaches the socket (its permissions say so): what it says of the client is believed.
 */
import { createServer } from '../../io/node-http.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from '../../io/socket.ts'
import type { AppConnection, AppConnectionOwner } from '../app-connection.ts'

/** The application's server: it gets `request` and `upgrade`. */
export type UpgradeTarget = Server

/** How long a draining worker waits for the request of a front that has just connected. */
const FAREWELL_MS = 1000

/** Reads requests off connections that it is given, and listens nowhere. */
export function upgradeServer(target: UpgradeTarget): Server {
  const server = createServer({
    // Without a listener of the application an upgrade is an ordinary request (RFC 9110 section 7.8).
    shouldUpgradeCallback: () => target.listenerCount('upgrade') > 0,
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    believe(request)
    if (!target.emit('request', request, response)) response.writeHead(404).end()
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    believe(request)
    target.emit('upgrade', request, socket, head)
  })
  return server
}

export class UpgradeConnection implements AppConnection {
  readonly #socket: Socket
  #farewell: NodeJS.Timeout | undefined

  constructor(socket: Socket, server: Server, owner: AppConnectionOwner) {
    this.#socket = socket
    socket.once('close', () => {
      clearTimeout(this.#farewell)
      owner.onConnectionClosed(this)
    })
    server.emit('connection', socket)
  }

  /** A tunnel stands until one side ends it, or the worker's time is over. */
  drain(): void {
    if (this.#socket.bytesRead > 0) return
    this.#farewell = setTimeout(() => {
      if (this.#socket.bytesRead === 0) this.#socket.destroy()
    }, FAREWELL_MS)
  }

  /** What was written still goes to the client. */
  cut(): void {
    this.#socket.destroySoon()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** The front's fields about the client become those of the socket, which frameworks read. */
function believe(request: IncomingMessage): void {
  const { socket } = request
  const address = request.headers['x-forwarded-for']
  if (typeof address === 'string')
    Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true })
  const encrypted = request.headers['x-forwarded-proto'] === 'https'
  Object.defineProperty(socket, 'encrypted', { value: encrypted, configurable: true })
}
