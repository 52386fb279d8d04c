/**
 * The listeners of `portico dev`: servers of node:http, whose requests run through the phases of the compiled conf. A
 * conf that is read anew takes the place of the old one for the next request.
 */
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import type { Duplex } from 'node:stream'
import { HttpServer } from '../front/http-server.ts'
import type { ThreadProgram } from '../front/crypt/password-thread.ts'
import type { ListenPoint } from '../front/server-config.ts'
import type { SocketAddress } from '../io/socket-address.ts'
import type { Socket } from '../io/socket.ts'
import type { DevLog } from './dev-log.ts'
import { ResponseTransport } from './response-transport.ts'
import { UpgradeTransport } from './upgrade-transport.ts'

export interface DevServerOptions {
  readonly log: DevLog
  readonly tempFolder: string
  readonly hostname: string
  readonly passwordProgram?: ThreadProgram
}

/** What the front takes heads of; node refuses larger ones itself. */
const MAX_HEAD_BYTES = 64 * 1024

export class DevServer {
  readonly #options: DevServerOptions
  readonly #front: HttpServer
  readonly #servers = new Map<string, Server>()
  #points: readonly ListenPoint[] = []

  constructor(options: DevServerOptions) {
    const { tempFolder, hostname, passwordProgram } = options
    this.#options = options
    this.#front = new HttpServer({
      maxConnections: Infinity,
      tempFolder,
      hostname,
      ...(passwordProgram && { passwordProgram }),
    })
  }

  /** The conf that requests from now on are answered by. */
  serve(points: readonly ListenPoint[]): void {
    this.#points = points.map((point) => (point.ssl ? { ...point, ssl: false } : point)) // TLS is left to the front
  }

  /** Answers requests as the listening address `key` of the conf would. */
  readonly answer = (key: string, message: IncomingMessage, response: ServerResponse): void => {
    const point = this.#point(key)
    if (!point) {
      response.writeHead(503).end()
      return
    }
    this.#logEnd(message, response)
    const transport = new ResponseTransport(message, response)
    this.#front.acceptTransport(point, transport)
    transport.begin()
  }

  /** After a change of the conf the first address stands for one that is gone. */
  #point(key: string): ListenPoint | undefined {
    return this.#points.find((point) => point.key === key) ?? this.#points[0]
  }

  #logEnd(message: IncomingMessage, response: ServerResponse): void {
    const startMs = performance.now()
    const { method = '', url = '' } = message
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499
      this.#options.log.request(method, url, status, performance.now() - startMs)
    })
  }

  #upgrade(key: string, message: IncomingMessage, socket: Socket, rest: Buffer): void {
    const point = this.#point(key)
    if (!point) {
      socket.destroy()
      return
    }
    const { method = '', url = '' } = message
    this.#options.log.line('info', `${method} ${url} upgrade to ${message.headers.upgrade ?? ''}`)
    const transport = new UpgradeTransport(message, socket, rest)
    this.#front.acceptTransport(point, transport)
    transport.begin()
  }

  /** `key` names the point of the conf, which `address` may stand for. Answers where it listens. */
  listen(key: string, address: SocketAddress): Promise<SocketAddress> {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEAD_BYTES,
        requireHostHeader: false, // the front refuses it, with its own page
        keepAliveTimeout: 75_000,
        requestTimeout: 0,
        shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() !== 'h2c',
      },
      (message, response) => this.answer(key, message, response),
    )
    server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) =>
      this.answer(key, message, response),
    )
    server.on('checkExpectation', (message: IncomingMessage, response: ServerResponse) =>
      this.answer(key, message, response),
    )
    server.on('upgrade', (message: IncomingMessage, socket: Duplex, rest: Buffer) =>
      this.#upgrade(key, message, socket as Socket, rest),
    )
    const { promise, resolve, reject } = Promise.withResolvers<SocketAddress>()
    server.once('error', reject)
    const listening = (): void => {
      server.off('error', reject)
      this.#servers.set(key, server)
      resolve(addressOf(server, address))
    }
    if (address.kind === 'unix') {
      mkdirSync(dirname(address.path), { recursive: true }) // `run` of a project that has not run yet
      server.listen(address.path, listening)
    } else server.listen(address.port, address.host, listening)
    return promise
  }

  get listening(): readonly string[] {
    return [...this.#servers.keys()]
  }

  /** Connections are cut: who develops does not wait for them. */
  async close(key?: string): Promise<void> {
    for (const [name, server] of this.#servers) {
      if (key !== undefined && name !== key) continue
      this.#servers.delete(name)
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      server.closeAllConnections()
      await promise
    }
  }
}

function addressOf(server: Server, asked: SocketAddress): SocketAddress {
  const address = server.address()
  return asked.kind === 'tcp' && typeof address === 'object' && address !== null
    ? { ...asked, port: address.port }
    : asked
}
