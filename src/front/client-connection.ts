/**
 * A client's connection: feeds the codec, makes requests one after the other (pipelined ones wait), owns the time-outs
 * and the end of the connection. States: `head` (waiting for or reading a request), `request` (one is being answered),
 * `discard` (its body is read away), `linger` (answered and closed by us, waiting for the client), `closed`.
 */
import { Connection, type ConnectionOwner } from '../io/connection.ts'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../io/clock.ts'
import type { Socket } from '../io/socket.ts'
import type { StartedTransport, Transport } from '../io/transport.ts'
import { Http1Error } from '../protocol/http1/http1-error.ts'
import type { RequestDecoder } from '../protocol/http1/request-decoder.ts'
import type { ProxyHeader } from '../protocol/proxy-protocol/proxy-header.ts'
import type { RequestHead } from '../protocol/http1/message.ts'
import { HeadWait } from './head-wait.ts'
import { refusedRequest } from './headless-request.ts'
import { prepareRequest } from './prepare-request.ts'
import { finishWithStatus } from './phases.ts'
import { logRequest } from './access-log.ts'
import {
  logBug,
  logCutHead,
  logLateHead,
  logLateRequest,
  logRefused,
  logSocketFault,
  logUnanswered,
} from './client-connection-log.ts'
import { ClientInput } from './client-input.ts'
import { ConnectionEnding } from './connection-ending.ts'
import { Request } from './request.ts'
import { resumeFilters, type DrainListener } from './response-output.ts'
import { SendProgress } from './send-progress.ts'
import type { HttpServer } from './http-server.ts'
import type { ListenPoint, Server } from './server-config.ts'
import type { TlsSession } from './tls/tls-session.ts'

type State = 'head' | 'request' | 'tunnel' | 'discard' | 'linger' | 'closed'

export class ClientConnection implements ConnectionOwner, Deadlined {
  readonly io: Transport
  readonly server: HttpServer
  readonly point: ListenPoint
  /** Sequence number of the connection in this worker: `*17` in the error log, `$connection`. */
  readonly serial: number
  readonly remoteAddress: string
  readonly remotePort: number
  /** What the PROXY protocol says of the client; undefined without it. */
  readonly proxied: ProxyHeader | undefined
  /** Undefined for a connection without TLS. */
  readonly tls: TlsSession | undefined
  /** What holds before a request names a server: the one of the TLS handshake, or the default of the address. */
  readonly baseServer: Server
  deadlineMs = Infinity
  deadlineSlot = -1
  /** Requests begun on this connection: `$connection_requests`. */
  requestCount = 0
  bytesReceived = 0
  readonly #socket: Socket | StartedTransport
  readonly #input: ClientInput
  readonly #decoder: RequestDecoder
  readonly #progress: SendProgress
  readonly #ending: ConnectionEnding
  readonly #headWait: HeadWait
  #state: State = 'head'
  #request: Request | undefined
  #drainListener: DrainListener | undefined
  /** Who hears a connection that switched protocols. */
  #tunnel: ConnectionOwner | undefined
  /** Until when more of the request under way has to come, and more of its answer be taken; `Infinity` for no wait. */
  #bodyUntilMs = Infinity
  #sendUntilMs = Infinity
  /** Until when the body of an answered request is read away. */
  #discardUntilMs = 0
  #refused = false
  #aborted = false
  #ended = false
  #reading = false

  constructor(
    server: HttpServer,
    point: ListenPoint,
    socket: Socket | StartedTransport,
    serial: number,
    proxied: ProxyHeader | undefined,
    tls: TlsSession | undefined,
  ) {
    this.proxied = proxied
    this.tls = tls
    this.baseServer = tls?.negotiated.server ?? point.defaultServer
    this.server = server
    this.point = point
    this.serial = serial
    this.remoteAddress = socket.remoteAddress ?? 'unix:'
    this.remotePort = socket.remotePort ?? 0
    this.#socket = socket
    const started = 'start' in socket ? socket : undefined
    if (!started) void socket.localAddress // kept by the socket, also when it is closed
    this.io = 'start' in socket ? socket : new Connection(socket, this)
    this.#progress = new SendProgress(this.io)
    this.#ending = new ConnectionEnding(this, this.io)
    this.#input = new ClientInput(this.io, this.baseServer.limits)
    this.#decoder = this.#input.decoder
    this.#headWait = new HeadWait(this.baseServer)
    this.deadlineMs = this.#headWait.first()
    watchDeadline(this)
    started?.start(this)
  }

  get localAddress(): string {
    return this.#socket.localAddress ?? this.point.key
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0
  }

  /** Address part of the local end as a URL shows it. */
  get localAddressText(): string {
    return this.localAddress.includes(':') ? `[${this.localAddress}]` : this.localAddress
  }

  get decoder(): RequestDecoder {
    return this.#decoder
  }

  get ageMs(): number {
    return this.#headWait.ageMs
  }

  /** No request is being read or answered: such a connection may be closed without loss. */
  get idle(): boolean {
    return this.#state === 'head' && this.#decoder.buffered === 0
  }

  /**
   * As `stub_status` sees it: whether a head is read, a request answered, or one waited for. One that was answered and
   * only waits for the client's FIN is none of these: nginx does not wait.
   */
  get activity(): 'reading' | 'writing' | 'waiting' | 'ending' {
    if (this.#state === 'linger') return 'ending'
    if (this.#state !== 'head') return 'writing'
    return this.#decoder.isBetweenRequests ? 'waiting' : 'reading'
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  onData(bytes: Buffer): void {
    this.bytesReceived += bytes.length
    if (this.#tunnel) {
      this.#tunnel.onData(bytes)
      return
    }
    if (this.#state === 'linger') {
      this.#ending.heard(this.#lingerTimeoutMs())
      return
    }
    this.#input.receive(bytes)
    this.#advance()
    this.#input.settle(this.#state === 'request')
  }

  /** The body of the request under way is taken on: a client that was held back may send again. */
  readOn(): void {
    if (this.#state === 'request') this.#input.readOn()
  }

  /**
   * The connection is a tunnel's from now on (101): it hears everything, its end included. Gives what came behind the
   * request.
   */
  takeOver(tunnel: ConnectionOwner): Buffer {
    this.#state = 'tunnel'
    this.#tunnel = tunnel
    this.deadlineMs = Infinity
    this.#input.letGo()
    return this.#decoder.takeRest()
  }

  /** Logs the request that became a tunnel, and closes once what was written has left. */
  endTunnel(): void {
    const request = this.#request
    if (request && !request.finished) {
      request.finished = request.completed = true
      logRequest(request)
    }
    this.io.destroySoon()
  }

  /** Goes on with what the codec holds: the current body or the next head. Not re-entrant. */
  #advance(): void {
    if (this.#reading) return
    this.#reading = true
    try {
      if (this.#state === 'request') {
        this.#request?.body?.pump()
        this.readOn()
      }
      while (this.#step());
    } finally {
      this.#reading = false
    }
  }

  #step(): boolean {
    if (this.#state === 'head') return this.#readHead()
    return this.#state === 'discard' && this.#discard()
  }

  /** Whether a request was begun. */
  #readHead(): boolean {
    let head: RequestHead | undefined
    try {
      head = this.#decoder.nextHead()
    } catch (error) {
      this.#refuse(error)
      return false
    }
    if (!head) {
      this.#awaitHead()
      return false
    }
    const request = new Request(this, head, this.baseServer, Date.now(), monotonicMs())
    this.#begin(request)
    prepareRequest(request)
    return true
  }

  #begin(request: Request): void {
    this.requestCount += 1
    this.server.figures.requests += 1
    this.#request = request
    this.#state = 'request'
    this.deadlineMs = this.#bodyUntilMs = this.#sendUntilMs = Infinity
  }

  #armRequest(): void {
    if (this.#state === 'request') this.deadlineMs = Math.min(this.#bodyUntilMs, this.#sendUntilMs)
  }

  #awaitHead(): void {
    if (this.#ended) this.#close()
    else if (this.#decoder.buffered > 0) this.deadlineMs = this.#headWait.headBegan() ?? this.deadlineMs
  }

  /** A head that the codec refuses: answered by the default server, then closed (never re-read). */
  #refuse(error: unknown): void {
    if (!(error instanceof Http1Error)) throw error
    this.#refused = true
    const request = refusedRequest(this, error)
    this.#begin(request)
    logRefused(request, error)
    finishWithStatus(request, error.page)
  }

  /** Whether the client has closed its side: no more of it will come. */
  get hasEnded(): boolean {
    return this.#ended
  }

  onEnd(): void {
    this.#ended = true
    switch (this.#state) {
      case 'head':
        if (this.#decoder.buffered > 0 && this.#request === undefined) logCutHead(this)
        this.#close()
        break
      case 'request':
        if (this.#request?.body && !this.#request.body.complete) this.#request.body.fail(400)
        else this.#request?.clientGone()
        break
      case 'tunnel':
        this.#tunnel?.onEnd()
        break
      default:
        this.#close()
    }
  }

  onDrain(): void {
    if (this.#tunnel) {
      this.#tunnel.onDrain()
      return
    }
    const listener = this.#drainListener
    this.#drainListener = undefined
    this.#sendUntilMs = Infinity
    this.#armRequest()
    if (this.#request?.holders) resumeFilters(this.#request) // which may fill the socket again
    listener?.onDrain()
  }

  /** Calls `listener` once the socket takes more; the send time-out runs until then. */
  waitForDrain(listener: DrainListener): void {
    this.#drainListener = listener
    this.armSendTimeout()
  }

  /** The client has to take something before the body goes on, whoever waits for that. */
  armSendTimeout(): void {
    this.#sendUntilMs = this.#progress.begin(this.#sendTimeoutMs())
    this.#armRequest()
  }

  #sendTimeoutMs(): number {
    return (this.#request?.location ?? this.baseServer).settings.sendTimeoutMs
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    const request = this.#request
    this.#state = 'closed'
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    this.server.forget(this)
    this.#tunnel?.onClose(error)
    if (error && error.syscall === undefined) logBug(this, error)
    const listener = this.#drainListener
    this.#drainListener = undefined
    if (!request || request.completed) return
    if (error && !request.finished) logSocketFault(request, error)
    // also of one that `abort` ended: whoever writes or waits for it, and for what it includes, still holds something
    request.body?.fail(0)
    listener?.onGone()
    request.clientGone()
    if (!request.finished) logUnanswered(request)
  }

  onDeadline(): void {
    switch (this.#state) {
      case 'head':
        if (this.#decoder.buffered > 0 || this.requestCount === 0) logLateHead(this, this.#decoder.buffered)
        this.#close()
        break
      case 'request':
        this.#sendUntilMs = this.#progress.extend() ?? Infinity
        if (this.#sendUntilMs === Infinity || monotonicMs() >= this.#bodyUntilMs) this.#requestTimedOut()
        else this.#armRequest()
        break
      default:
        this.#ending.waited()
    }
  }

  #requestTimedOut(): void {
    const request = this.#request
    if (!request) return
    logLateRequest(request)
    if (request.location.settings.resetTimedout) this.io.reset()
    else this.io.destroy()
  }

  /** Arms the time between two reads of a body (`client_body_timeout`), 0 disarms. */
  armBodyTimeout(timeoutMs: number): void {
    this.#bodyUntilMs = timeoutMs === 0 ? Infinity : monotonicMs() + timeoutMs
    this.#armRequest()
  }

  /** Before a head says keep-alive: whether the connection can be kept is known only when the body is well framed. */
  discardReceived(request: Request): void {
    try {
      this.#decoder.discardBody()
    } catch {
      this.#refused = true
      request.keepAlive = false
    }
  }

  /** The response is written whole. Logs it, then reads on, drains or closes. */
  requestFinished(request: Request): void {
    if (request.finished) return
    if (request.children && request.children.size > 0) {
      // mirrors are part of the request: the next one waits for them (nginx)
      request.whenAlone = () => this.requestFinished(request)
      return
    }
    request.finished = request.completed = true
    logRequest(request)
    if (this.#state === 'closed') return
    const bodyPending = request.head.framing.kind !== 'none' && !this.#decoder.bodyDone
    if (bodyPending && request.keepAlive) {
      this.#state = 'discard'
      this.#discardUntilMs = monotonicMs() + request.location.settings.lingeringTimeMs
      this.deadlineMs = this.#discardUntilMs
      this.#input.letGo()
      if (!this.#reading) this.#advance()
      return
    }
    if (!request.keepAlive) {
      this.#closeAfter(request, bodyPending)
      return
    }
    this.#nextRequest(request)
  }

  #nextRequest(request: Request): void {
    this.#request = undefined
    this.#state = 'head'
    this.#input.letGo()
    this.deadlineMs = this.#headWait.next(request.location.settings)
    if (this.#decoder.buffered > 0) {
      if (!this.#reading) queueMicrotask(this.#resumeReading)
    } else if (this.#ended) this.#close()
    else if (this.server.draining) this.drain()
  }

  readonly #resumeReading = (): void => {
    if (this.#state === 'head') this.#advance()
  }

  /** Reads away the body of an answered request. Whether that was all of it. */
  #discard(): boolean {
    const request = this.#request as Request
    try {
      while (this.#decoder.nextBody() !== undefined);
    } catch {
      this.#closeAfter(request, true)
      return false
    }
    if (this.#decoder.bodyDone) this.#nextRequest(request)
    else if (this.#ended) this.#close()
    else this.deadlineMs = Math.min(this.#discardUntilMs, monotonicMs() + this.#lingerTimeoutMs())
    return this.#decoder.bodyDone
  }

  #lingerTimeoutMs(): number {
    return this.#request?.location.settings.lingeringTimeoutMs ?? 5_000
  }

  #closeAfter(request: Request, bodyPending: boolean): void {
    const { settings } = request.location
    if (this.#ended || settings.lingeringClose === 'off') {
      this.#close()
      return
    }
    this.#state = 'linger'
    this.#input.letGo()
    this.#ending.linger(settings, bodyPending || this.#refused || this.#decoder.buffered > 0)
  }

  #close(): void {
    if (this.#state === 'closed') return
    this.#state = 'linger'
    this.#ending.close(this.#lingerTimeoutMs(), this.#sendTimeoutMs())
  }

  /** Ends the connection now, in the middle of an answer: the client sees that it is not whole. */
  abort(): void {
    const request = this.#request
    if (request && !request.finished) {
      request.finished = this.#aborted = true
      logRequest(request)
    }
    this.io.destroy()
  }

  /** It was we who ended it, in the middle of an answer. */
  get aborted(): boolean {
    return this.#aborted
  }

  /**
   * Called when the worker begins to drain. An idle connection stays for a moment; a request that comes is answered with
   * `Connection: close`, like the one in progress.
   */
  drain(): void {
    if (this.#request && !this.#request.headSent) this.#request.keepAlive = false
    if (this.idle) this.deadlineMs = Math.min(this.deadlineMs, this.#headWait.drain())
  }

  /** Gives way to a new connection at the limit of connections. */
  evict(): void {
    this.#close()
  }
}
