/**
 * One front worker: takes sockets from its listeners, holds what its connections share, and drains. The compiled
 * conf is fixed for its life; a reload is another worker.
 */
import { FileCache } from '../io/files/file-cache.ts'
import type { StartedTransport } from '../io/transport.ts'
import type { Socket } from '../io/socket.ts'
import type { ProxyHeader } from '../protocol/proxy-protocol/proxy-header.ts'
import { AllFigures, type CollectedFigures } from './figures/all-figures.ts'
import { ServerFigures, type ConnectionStates, type FigureSources } from './figures/server-figures.ts'
import { monotonicMs } from '../io/clock.ts'
import { PasswordThread, type ThreadProgram } from './crypt/password-thread.ts'
import type { PeerGroup } from './upstream/peer-group.ts'
import { ClientConnection } from './client-connection.ts'
import { ProxyHeaderReader, type ProxyHeaderOwner } from './proxy-header-reader.ts'
import type { Request } from './request.ts'
import type { ListenPoint } from './server-config.ts'
import { handshakeRequest } from './tls/handshake-request.ts'
import type { NegotiatedServer } from './tls/negotiated-server.ts'
import { TlsHandshake, type TlsHandshakeOwner } from './tls/tls-handshake.ts'
import type { TlsSession } from './tls/tls-session.ts'

export interface HttpServerOptions {
  /** `worker_connections`. */
  readonly maxConnections: number
  /** Folder for request bodies that outgrow their buffer. */
  readonly tempFolder: string
  readonly hostname: string
  /** Where files are looked up, when it is not the server's own cache. */
  readonly files?: FileCache
  /** Figures of all workers; this one's own where it is alone. */
  readonly collect?: () => Promise<CollectedFigures>
  /** Upstream groups that are counted. */
  readonly groups?: readonly PeerGroup[]
  /** Log lines that could not be written. */
  readonly droppedLines?: () => number
  /** What runs in the thread that verifies passwords; without it the loop does. */
  readonly passwordProgram?: ThreadProgram
}

/** Most bytes of small files kept in memory by one worker. */
const FILE_CACHE_BYTES = 64 << 20

export class HttpServer implements ProxyHeaderOwner, TlsHandshakeOwner {
  readonly files: FileCache
  readonly tempFolder: string
  /** `$hostname`. */
  readonly hostname: string
  readonly passwords: PasswordThread
  draining = false
  readonly figures = new ServerFigures()
  /** Of all workers. */
  readonly all: AllFigures
  readonly figureSources: FigureSources
  readonly #maxConnections: number
  readonly #connections = new Set<ClientConnection>()
  /** Accepted, but not yet at the first byte of HTTP. */
  readonly #opening = new Set<ProxyHeaderReader | TlsHandshake>()
  #serial = 0
  #onEmpty: (() => void) | undefined

  constructor(options: HttpServerOptions) {
    this.tempFolder = options.tempFolder
    this.hostname = options.hostname
    this.files = options.files ?? new FileCache(FILE_CACHE_BYTES)
    this.passwords = new PasswordThread(options.passwordProgram)
    this.#maxConnections = options.maxConnections
    const { groups = [], droppedLines = () => 0, collect } = options
    const receivedBytes = (): number => this.#receivedBytes()
    this.figureSources = { states: () => this.#states(), receivedBytes, groups, droppedLines }
    this.all = new AllFigures({
      collect: collect ?? (() => Promise.resolve(this.#ownFigures())),
      ownGauges: () => this.figures.gauges(this.figureSources),
      nowMs: monotonicMs,
    })
  }

  #ownFigures(): CollectedFigures {
    const { figures, figureSources } = this
    return { counters: figures.totals(figureSources), gauges: figures.gauges(figureSources) }
  }

  #receivedBytes(): number {
    let bytes = 0
    for (const connection of this.#connections) bytes += connection.bytesReceived
    return bytes
  }

  #states(): ConnectionStates {
    const states = { reading: this.#opening.size, writing: 0, waiting: 0, ending: 0 }
    for (const { activity } of this.#connections) states[activity] += 1
    return { ...states, active: this.connectionCount - states.ending }
  }

  /** Connections open now. */
  get connectionCount(): number {
    return this.#connections.size + this.#opening.size
  }

  /** Takes an accepted socket. At the limit the longest idle connection gives way; without one the new one is closed. */
  accept(point: ListenPoint, socket: Socket): void {
    if (!this.#admit(point, socket)) return
    socket.setNoDelay(true)
    if (point.keepaliveIdleSeconds !== undefined) socket.setKeepAlive(true, point.keepaliveIdleSeconds * 1000)
    if (point.proxyProtocol) this.#opening.add(new ProxyHeaderReader(this, point, socket, this.#serial))
    else this.#begin(point, socket, this.#serial, undefined)
  }

  /** The same for one without a socket around it, on a point where HTTP comes first. */
  acceptTransport(point: ListenPoint, transport: StartedTransport): void {
    if (!this.#admit(point, transport)) return
    this.#serve(new ClientConnection(this, point, transport, this.#serial, undefined, undefined))
  }

  #admit(point: ListenPoint, socket: Socket | StartedTransport): boolean {
    this.figures.accepted += 1
    if (this.connectionCount >= this.#maxConnections && !this.#closeOldestIdle()) {
      point.defaultServer.settings.errorLog.plain(
        'alert',
        `${this.#maxConnections} worker_connections are not enough`,
      )
      socket.destroy()
      return false
    }
    this.figures.handled += 1
    this.#serial += 1
    if (socket.remoteAddress !== undefined || point.address.kind === 'unix') return true
    // Reset before it was accepted. What came first can still be read, and no rule for addresses would be asked.
    socket.destroy()
    return false
  }

  /** The next byte of the socket is the client's own. `proxied`: who that is, where a proxy says so. */
  #begin(point: ListenPoint, socket: Socket, serial: number, proxied: ProxyHeader | undefined): void {
    if (!point.ssl) this.#serve(new ClientConnection(this, point, socket, serial, proxied, undefined))
    else {
      const handshake = new TlsHandshake(this, point, socket, serial, proxied)
      this.#opening.add(handshake)
      if (this.draining) handshake.drain()
    }
  }

  #serve(connection: ClientConnection): void {
    this.#connections.add(connection)
    if (this.draining) connection.drain() // it was opening when the others were told
  }

  onHandshake(handshake: TlsHandshake, socket: Socket, tls: TlsSession | undefined): void {
    this.#opening.delete(handshake)
    const { point, serial, proxied } = handshake
    this.#serve(new ClientConnection(this, point, socket, serial, proxied, tls))
  }

  onHandshakeFailed(handshake: TlsHandshake): void {
    this.#opening.delete(handshake)
    this.#checkEmpty()
  }

  handshakeRequest(handshake: TlsHandshake, negotiated: NegotiatedServer): Request {
    return handshakeRequest(this, handshake, negotiated)
  }

  onProxyHeader(reader: ProxyHeaderReader, header: ProxyHeader | undefined): void {
    this.#opening.delete(reader)
    this.#begin(reader.point, reader.socket, reader.serial, header)
    reader.socket.resume()
  }

  onProxyHeaderFailed(reader: ProxyHeaderReader): void {
    this.#opening.delete(reader)
    this.#checkEmpty()
  }

  #checkEmpty(): void {
    if (this.draining && this.connectionCount === 0) this.#onEmpty?.()
  }

  #closeOldestIdle(): boolean {
    for (const connection of this.#connections) {
      if (!connection.idle || connection.requestCount === 0) continue
      this.#connections.delete(connection)
      connection.evict()
      return true
    }
    return false
  }

  forget(connection: ClientConnection): void {
    this.figures.receivedBytes += connection.bytesReceived
    this.#connections.delete(connection)
    this.#checkEmpty()
  }

  /** Closes idle connections and resolves when the others have had their answers. */
  drain(): Promise<void> {
    this.draining = true
    for (const connection of [...this.#connections]) connection.drain()
    for (const opening of this.#opening) opening.drain()
    if (this.connectionCount === 0) return Promise.resolve()
    return new Promise((resolve) => (this.#onEmpty = resolve))
  }
}
