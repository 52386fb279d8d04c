/**
 * A client's connection: feeds the codec, makes requests one after the other (pipelined ones wait), owns the time-outs
 * and the end of the connection. States: `head` (waiting for or reading a request), `request` (one is being answered),
 * `discard` (its body is read away), `linger` (answered and closed by us, waiting for the client), `closed`.
 */
import { Connection, type ConnectionOwner } from '../io/connection.ts'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../io/clock.ts'
import type { Socket } from '../io/socket.ts'
import { Http1Error } from '../protocol/http1/http1-error.ts'
import { RequestDecoder } from '../protocol/http1/request-decoder.ts'
import type { RequestHead } from '../protocol/http1/message.ts'
import { HeaderTable } from '../http/header-table.ts'
import { prepareRequest } from './prepare-request.ts'
import { finishWithStatus } from './phases.ts'
import { logRequest } from './access-log.ts'
import { STATUS_CLIENT_CLOSED } from './outcome.ts'
import { Request } from './request.ts'
import type { HttpServer } from './http-server.ts'
import type { ListenPoint } from './server-config.ts'

/** How long an idle connection of a draining worker waits for a request that is on its way (`keepalive_min_timeout`). */
const DRAIN_IDLE_MS = 1000

type State = 'head' | 'request' | 'discard' | 'linger' | 'closed'

/** Who waits for the socket to take more: the writer of the current response. */
export interface DrainListener {
  onDrain(): void
  /** The connection is gone; nothing more can be written. */
  onGone(): void
}

export class ClientConnection implements ConnectionOwner, Deadlined {
  readonly io: Connection
  readonly server: HttpServer
  readonly point: ListenPoint
  /** Sequence number of the connection in this worker: `*17` in the error log, `$connection`. */
  readonly serial: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  deadlineMs = Infinity
  /** Requests begun on this connection: `$connection_requests`. */
  requestCount = 0
  bytesReceived = 0
  readonly #decoder: RequestDecoder
  readonly #openedTick: number
  #state: State = 'head'
  #request: Request | undefined
  #drainListener: DrainListener | undefined
  #lingerUntil = 0
  #ended = false
  #reading = false

  constructor(server: HttpServer, point: ListenPoint, socket: Socket, serial: number) {
    this.server = server
    this.point = point
    this.serial = serial
    this.remoteAddress = socket.remoteAddress ?? 'unix:'
    this.remotePort = socket.remotePort ?? 0
    this.localAddress = socket.localAddress ?? point.key
    this.localPort = socket.localPort ?? 0
    this.io = new Connection(socket, this)
    this.#decoder = new RequestDecoder(point.defaultServer.limits)
    this.#openedTick = monotonicMs()
    this.deadlineMs = this.#openedTick + point.defaultServer.headerTimeoutMs
    watchDeadline(this)
  }

  /** Address part of the local end as a URL shows it. */
  get localAddressText(): string {
    return this.localAddress.includes(':') ? `[${this.localAddress}]` : this.localAddress
  }

  get decoder(): RequestDecoder {
    return this.#decoder
  }

  get ageMs(): number {
    return monotonicMs() - this.#openedTick
  }

  /** No request is being read or answered: such a connection may be closed without loss. */
  get idle(): boolean {
    return this.#state === 'head' && this.#decoder.buffered === 0
  }

  get closed(): boolean {
    return this.#state === 'closed'
  }

  onData(bytes: Buffer): void {
    this.bytesReceived += bytes.length
    if (this.#state === 'linger') {
      this.deadlineMs = Math.min(this.#lingerUntil, monotonicMs() + this.#lingerTimeoutMs())
      return
    }
    this.#decoder.receive(bytes)
    this.#advance()
  }

  /** Goes on with what the codec holds: the current body or the next head. Not re-entrant. */
  #advance(): void {
    if (this.#reading) return
    this.#reading = true
    try {
      if (this.#state === 'request') this.#request?.body?.pump()
      if (this.#state === 'discard') this.#discard()
      while (this.#state === 'head' && this.#readHead());
    } finally {
      this.#reading = false
    }
  }

  /** Whether a request was begun and also ended, so that the next may be read. */
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
    this.requestCount += 1
    const request = new Request(this, head, this.point.defaultServer, Date.now(), monotonicMs())
    this.#request = request
    this.#state = 'request'
    this.deadlineMs = Infinity
    prepareRequest(request)
    return (this.#state as State) === 'head'
  }

  /** Before the first byte of a further request the keep-alive time runs, after it the header time, in total. */
  #awaitHead(): void {
    if (this.#ended) {
      this.#close()
      return
    }
    const { headerTimeoutMs } = this.point.defaultServer
    if (this.#decoder.buffered > 0 && this.requestCount > 0 && !this.#headStarted) {
      this.#headStarted = true
      this.deadlineMs = monotonicMs() + headerTimeoutMs
    }
  }

  #headStarted = false

  /** A head that the codec refuses: answered by the default server, then closed (never re-read). */
  #refuse(error: unknown): void {
    if (!(error instanceof Http1Error)) throw error
    const request = this.#headless(this.#decoder.requestLine)
    this.requestCount += 1
    this.#request = request
    this.#state = 'request'
    this.deadlineMs = Infinity
    request.location.settings.errorLog.request('info', request, error.message)
    finishWithStatus(request, error.page)
  }

  /** A request of which no head could be read: something to log and to answer with an error. */
  #headless(requestLine: string): Request {
    const head: RequestHead = {
      method: '',
      target: '',
      version: 11,
      requestLine,
      headers: new HeaderTable(),
      framing: { kind: 'none' },
      host: '',
      hostPort: 0,
      keepAlive: false,
      expectContinue: false,
      headLength: this.#decoder.buffered,
      ignored: [],
    }
    return new Request(this, head, this.point.defaultServer, Date.now(), monotonicMs())
  }

  onEnd(): void {
    this.#ended = true
    switch (this.#state) {
      case 'head':
        if (this.#decoder.buffered > 0 && this.#request === undefined) {
          this.point.defaultServer.settings.errorLog.connection(
            'info',
            this,
            'client prematurely closed connection while reading client request headers',
          )
        }
        this.#close()
        break
      case 'request':
        if (this.#request?.body && !this.#request.body.complete) this.#request.body.fail(400)
        else if (this.#request?.upstream) this.#request.upstream.onClientGone()
        break
      default:
        this.#close()
    }
  }

  onDrain(): void {
    this.deadlineMs = Infinity
    const listener = this.#drainListener
    this.#drainListener = undefined
    listener?.onDrain()
  }

  /** Calls `listener` once the socket takes more; the send time-out runs until then. */
  waitForDrain(listener: DrainListener): void {
    this.#drainListener = listener
    const timeout = this.#request?.location.settings.sendTimeoutMs ?? 60_000
    this.deadlineMs = monotonicMs() + timeout
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    const request = this.#request
    this.#state = 'closed'
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    this.server.forget(this)
    const listener = this.#drainListener
    this.#drainListener = undefined
    if (!request || request.finished) return
    if (error && error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
      request.location.settings.errorLog.request(
        'info',
        request,
        `connection failed (${error.code ?? error.message})`,
      )
    }
    request.body?.fail(0)
    listener?.onGone()
    request.upstream?.onClientGone()
    if (!request.finished) this.#logClosed(request)
  }

  /** A request whose client left before its answer was complete: 499, unless a status was already sent. */
  #logClosed(request: Request): void {
    request.finished = true
    if (!request.headSent) request.status = STATUS_CLIENT_CLOSED
    logRequest(request)
  }

  onDeadline(): void {
    const { settings } = this.point.defaultServer
    switch (this.#state) {
      case 'head':
        if (this.#decoder.buffered > 0 || this.requestCount === 0) {
          settings.errorLog.connection('info', this, 'client timed out (110: Connection timed out)')
          if (this.#decoder.buffered > 0) this.#logTimedOutHead()
        }
        this.#close()
        break
      case 'request':
        this.#requestTimedOut()
        break
      default:
        this.#destroy()
    }
  }

  #logTimedOutHead(): void {
    const request = this.#headless('')
    request.status = 408
    request.finished = true
    logRequest(request)
  }

  #requestTimedOut(): void {
    const request = this.#request
    if (!request) return
    request.location.settings.errorLog.request(
      'info',
      request,
      'client timed out (110: Connection timed out)',
    )
    if (!request.headSent) request.status = 408
    if (request.body && !request.body.complete) {
      request.finished = true
      logRequest(request)
    }
    if (request.location.settings.resetTimedout) this.io.reset()
    else this.#destroy()
  }

  /** Arms the time between two reads of a body (`client_body_timeout`), 0 disarms. */
  armBodyTimeout(timeoutMs: number): void {
    this.deadlineMs = timeoutMs === 0 ? Infinity : monotonicMs() + timeoutMs
  }

  /** The response is written whole. Logs it, then reads on, drains or closes. */
  requestFinished(request: Request): void {
    if (request.finished) return
    request.finished = true
    logRequest(request)
    if (this.#state === 'closed') return
    const bodyPending = request.head.framing.kind !== 'none' && !this.#decoder.bodyDone
    if (bodyPending && request.keepAlive && !request.head.expectContinue) {
      this.#state = 'discard'
      this.#lingerUntil = monotonicMs() + request.location.settings.lingeringTimeMs
      this.deadlineMs = this.#lingerUntil
      this.io.resume()
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
    this.#headStarted = false
    this.deadlineMs = monotonicMs() + request.location.settings.keepaliveTimeoutMs
    if (this.#decoder.buffered > 0) {
      if (!this.#reading) queueMicrotask(this.#resumeReading)
    } else if (this.#ended) this.#close()
    else if (this.server.draining) this.drain()
  }

  readonly #resumeReading = (): void => {
    if (this.#state === 'head') this.#advance()
  }

  #discard(): void {
    const request = this.#request as Request
    try {
      while (this.#decoder.nextBody() !== undefined);
    } catch {
      this.#closeAfter(request, true)
      return
    }
    if (this.#decoder.bodyDone) this.#nextRequest(request)
  }

  #lingerTimeoutMs(): number {
    return this.#request?.location.settings.lingeringTimeoutMs ?? 5_000
  }

  /** Sends our FIN and, while the client may still be sending, reads its bytes away so that no RST cuts the answer. */
  #closeAfter(request: Request, unread: boolean): void {
    const { lingeringClose, lingeringTimeMs } = request.location.settings
    const linger =
      lingeringClose === 'always' || (lingeringClose === 'on' && (unread || this.#decoder.buffered > 0))
    if (!linger || this.#ended) {
      this.#close()
      return
    }
    const now = monotonicMs()
    this.#state = 'linger'
    this.#lingerUntil = now + lingeringTimeMs
    this.deadlineMs = Math.min(this.#lingerUntil, now + this.#lingerTimeoutMs())
    this.io.resume()
    this.io.end()
  }

  /** FIN after what was written; the socket is destroyed when the client's FIN comes or the time is over. */
  #close(): void {
    if (this.#state === 'closed') return
    this.#state = 'linger'
    this.#lingerUntil = monotonicMs() + this.#lingerTimeoutMs()
    this.deadlineMs = this.#lingerUntil
    if (this.io.pendingBytes === 0) this.io.destroySoon()
    else this.io.end()
  }

  #destroy(): void {
    this.io.destroy()
  }

  /** Ends the connection now, in the middle of an answer: the client sees that it is not whole. */
  abort(): void {
    const request = this.#request
    if (request && !request.finished) {
      request.finished = true
      logRequest(request)
    }
    this.io.destroy()
  }

  /**
   * Called when the worker begins to drain. An idle connection stays for a moment: a request may be on its way that
   * was sent before our FIN could be seen. It is answered with `Connection: close`, like the one in progress.
   */
  drain(): void {
    if (this.#request && !this.#request.headSent) this.#request.keepAlive = false
    if (this.idle) this.deadlineMs = Math.min(this.deadlineMs, monotonicMs() + DRAIN_IDLE_MS)
  }

  /** Gives way to a new connection at the limit of connections. */
  evict(): void {
    this.#close()
  }
}
