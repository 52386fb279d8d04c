/**
 * Answers one request by an upstream: peer after peer until one gives a response. This is where a 502 or a 504 is
 * born. The body to the upstream is `upstream-body.ts`, the response to the client `response-relay.ts`.
 */
import type { HeaderTable } from '../../http/header-table.ts'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'
import type { Transport } from '../../io/transport.ts'
import { ScgiError } from '../../protocol/scgi/scgi-error.ts'
import { UwsgiError } from '../../protocol/uwsgi/uwsgi-error.ts'
import { failRequest, finishWithStatus } from '../phases.ts'
import type { Request } from '../request.ts'
import { hasBody } from '../response.ts'
import { sendEarlyHints } from './early-hints.ts'
import type {
  BodySource,
  Exchange,
  ExchangeFault,
  ExchangeListener,
  SendState,
  TunnelListener,
  UpstreamHead,
  UpstreamTarget,
} from './exchange.ts'
import { forceRange } from './forced-range.ts'
import type { Peer } from './peer.ts'
import { PeerSearch, type PeerSeeker } from './peer-search.ts'
import { applyUpstreamHead, otherAnswer, wantsBuffering } from './response-fields.ts'
import { ResponseRelay, type RelaySource } from './response-relay.ts'
import { UpstreamTrail, newAttempt, type UpstreamAttempt } from './trail.ts'
import { openTunnel } from './tunnel.ts'
import { prepareBody, sendsNoBody } from './upstream-body.ts'
import { statusCondition, type UpstreamSettings } from './upstream-settings.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])
const TIMED_OUT = 'upstream timed out (110: Connection timed out) while'
const CONNECTING = `${TIMED_OUT} connecting to upstream`
const READING_HEAD = `${TIMED_OUT} reading response header from upstream`
const READING = `${TIMED_OUT} reading upstream`

/** The status of what the protocol cannot carry: 431 where fields are too large, which fewer of them mend (nginx: 500). */
function uncarried(error: unknown): number {
  return error instanceof UwsgiError || error instanceof ScgiError ? error.status : 400
}

export class UpstreamRequest
  extends UpstreamTrail
  implements ExchangeListener, PeerSeeker, RelaySource, Deadlined
{
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly #request: Request
  readonly #settings: UpstreamSettings
  #target: UpstreamTarget | undefined
  #body: BodySource | undefined
  #search: PeerSearch | undefined
  #peer: Peer | undefined
  #exchange: Exchange | undefined
  #attempt: UpstreamAttempt | undefined
  #relay: ResponseRelay | undefined
  /** Of an exchange whose response nobody wants any more, read to its end. */
  #rest: Exchange | undefined
  #startTick = 0
  #timeoutMessage = ''
  #over = false
  /** A session that the response begins is still to be learned. */
  #learns = false

  constructor(request: Request, settings: UpstreamSettings) {
    super()
    this.#request = request
    this.#settings = settings
  }

  get peerText(): string | undefined {
    return this.#peer ? `${this.#settings.scheme}://${this.#peer.text}` : undefined
  }

  get targetHost(): string | undefined {
    return this.#target?.host
  }

  get targetPort(): string | undefined {
    return this.#target?.port
  }

  start(): void {
    const request = this.#request
    this.before = request.upstream
    request.upstream = this
    this.#startTick = monotonicMs()
    this.#target = this.#settings.target(request)
    if (!this.#target) {
      this.#finishWith(500)
      return
    }
    const search = new PeerSearch(this.#target.group, request, this)
    this.#search = search
    watchDeadline(this)
    if (sendsNoBody(request, this.#settings)) {
      search.begin()
      return
    }
    prepareBody(request, this.#settings, this.#target, {
      onReady: (body) => {
        this.#body = body
        search.begin()
      },
      onFault: (status) => this.#bodyFailed(status),
    })
  }

  #learn(): void {
    this.#learns = false
    if (!this.#peer || !this.#search) return
    this.#target?.group.sticky?.learned?.learn(this.#request, this.#peer, this.#search.bound)
  }

  /** The client's body is refused or broken, before the upstream was asked or in the middle. */
  #bodyFailed(status: number): void {
    if (this.#over) return
    this.#exchange?.abort()
    if (!this.#request.headSent) {
      this.#finishWith(status)
      return
    }
    this.#leave()
    this.#relay?.stop()
    this.#request.connection.abort()
  }

  #log(level: 'error' | 'warn' | 'info', message: string): void {
    this.#request.location.settings.errorLog.request(level, this.#request, message)
  }

  onQueued(timeoutMs: number): void {
    this.#peer = undefined
    this.#arm(timeoutMs, '')
  }

  onNoPeer(message: string): void {
    this.#peer = undefined
    this.#log('error', message)
    this.attempts.push({ ...newAttempt(this.#target?.group.name ?? ''), status: 502, responseMs: 0 })
    this.#finishWith(502)
  }

  onPeer(peer: Peer): void {
    this.#peer = peer
    peer.began()
    const attempt = newAttempt(peer.text)
    this.#attempt = attempt
    this.attempts.push(attempt)
    this.deadlineMs = attempt.startTick + this.#settings.connectTimeoutMs
    this.#timeoutMessage = CONNECTING
    const dialling = this.#settings.dialling(this.#request)
    try {
      this.#exchange = this.#target?.begin(this.#request, peer, {
        body: this.#body,
        dialling,
        listener: this,
      })
    } catch (error) {
      this.#releasePeer()
      this.#log('error', error instanceof Error ? error.message : String(error))
      this.#finishWith(uncarried(error))
    }
  }

  #arm(timeoutMs: number, message: string): void {
    this.deadlineMs = monotonicMs() + timeoutMs
    this.#timeoutMessage = message
  }

  #armRead(nowMs = monotonicMs()): void {
    this.deadlineMs = nowMs + this.#settings.readTimeoutMs
    this.#timeoutMessage = this.#relay ? READING : READING_HEAD
  }

  onConnected(): void {
    const nowMs = monotonicMs()
    if (this.#attempt) this.#attempt.connectMs = nowMs - this.#attempt.startTick
    this.#armRead(nowMs)
  }

  /** A client that is slow to send is no fault of the upstream: the client's own time-out runs. */
  onSendProgress(state: SendState): void {
    if (this.#over || this.#relay) return
    if (state === 'whole') this.#armRead()
    else if (state === 'starved') this.deadlineMs = Infinity
    else this.#arm(this.#settings.sendTimeoutMs, `${TIMED_OUT} sending request to upstream`)
  }

  onWarning(message: string): void {
    this.#log('warn', message)
  }

  onDeadline(): void {
    if (this.#rest) {
      this.#rest.abort()
      this.#restRead()
      return
    }
    if (this.#search?.giveUp() === true) return
    this.#exchange?.abort()
    const sent = this.#attempt?.connectMs !== undefined
    this.onFault({ kind: 'timeout', message: this.#timeoutMessage, sent })
  }

  onEarlyHints(headers: HeaderTable): void {
    if (!this.#over && this.#settings.earlyHints?.(this.#request) === true)
      sendEarlyHints(this.#request, headers, this.#settings)
  }

  onHead(head: UpstreamHead): void {
    const attempt = this.#attempt
    if (attempt) {
      attempt.status = head.status
      attempt.headerMs = monotonicMs() - attempt.startTick
    }
    this.responseHeaders = head.headers
    if (this.#triesAnother(head.status)) return
    this.#peer?.succeeded()
    const learned = this.#target?.group.sticky?.learned
    this.#learns = learned !== undefined
    if (learned?.atHead === true) this.#learn()
    if (this.#settings.logServerErrors && head.status >= 500) {
      this.#log('error', `application answered ${head.status} while reading response header from upstream`)
    }
    const request = this.#request
    const other = otherAnswer(request, head, this.#settings)
    if (other) {
      this.#leaveRest()
      other(request)
      return
    }
    const declared = applyUpstreamHead(request, head, this.#settings)
    this.#bind(request)
    if (head.status === 101) return
    if (request.errorStatus > 0) request.status = request.errorStatus
    const buffered = wantsBuffering(head, this.#settings)
    const range = this.#settings.forceRanges ? forceRange(request, declared) : 'ignore'
    if (range === 'unsatisfiable') {
      this.#leaveRest()
      finishWithStatus(request, 416)
      return
    }
    const bodyless = !hasBody(request)
    const part = range === 'ignore' ? undefined : range
    this.#relay = new ResponseRelay(request, this.#settings, this, { declared, bodyless, buffered, part })
    if (!bodyless) return
    this.#leaveRest()
    this.#relay.end(undefined)
  }

  /** The next requests of this client go to the same peer. */
  #bind(request: Request): void {
    const cookie = this.#peer && this.#target?.group.sticky?.cookieFor(request, this.#peer)
    if (cookie !== undefined) request.addHeader('Set-Cookie', cookie)
  }

  /** Nobody wants the rest of the response: it is read away, or not even that. */
  #leaveRest(): void {
    const exchange = this.#exchange
    this.#leave()
    if (!this.#settings.readsRest) exchange?.abort()
    else if (exchange) {
      this.#rest = exchange
      watchDeadline(this)
      this.#arm(this.#settings.readTimeoutMs, '')
    }
  }

  #restRead(): void {
    if (!this.#rest) return
    this.#rest = undefined
    this.deadlineMs = Infinity
    unwatchDeadline(this)
  }

  #triesAnother(status: number): boolean {
    const condition = statusCondition(status)
    if (!condition || !this.#settings.nextUpstream.has(condition) || !this.#mayRetry(true)) return false
    this.#exchange?.abort()
    // a page that is missing or forbidden says nothing about the health of the peer
    if (status !== 403 && status !== 404) this.#peer?.failed()
    this.#releasePeer()
    this.#search?.next()
    return true
  }

  onBody(chunk: Buffer): void {
    if (this.#over) return
    this.#relay?.take(chunk)
    if (this.#attempt && this.#relay) this.#attempt.length = this.#relay.received
  }

  onReadComplete(): void {
    if (this.#over) return
    this.#relay?.flush()
    if (this.deadlineMs !== Infinity) this.#armRead()
  }

  onHold(held: boolean): void {
    if (this.#over) return
    if (held) {
      this.deadlineMs = Infinity
      this.#exchange?.pause()
    } else {
      this.#armRead()
      this.#exchange?.resume()
    }
  }

  onRelayFault(error: unknown): void {
    this.#exchange?.abort()
    this.#leave()
    failRequest(this.#request, error)
  }

  onStderr(text: string): void {
    this.#log(
      'error',
      `FastCGI sent in stderr: "${text.trimEnd()}" while reading response header from upstream`,
    )
    if (this.#over || this.#relay || !this.#settings.catchStderr?.some((part) => text.includes(part))) return
    this.#exchange?.abort()
    this.onFault({
      kind: 'invalid',
      message: 'upstream sent text that fastcgi_catch_stderr names',
      sent: true,
    })
  }

  onUpgrade(upstream: Transport, rest: Buffer): TunnelListener {
    const request = this.#request
    const attempt = this.#attempt
    this.#exchange = undefined
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    this.#over = true
    return openTunnel(request, upstream, rest, {
      readTimeoutMs: this.#settings.readTimeoutMs,
      sendTimeoutMs: this.#settings.sendTimeoutMs,
      onTimeout: (side) =>
        this.#log(side === 'client' ? 'info' : 'error', `${TIMED_OUT} proxying upgraded connection`),
      onOver: (bytes) => {
        if (this.#learns) this.#learn()
        if (attempt) attempt.length = bytes
        this.#releasePeer()
      },
    })
  }

  onEnd(trailers?: HeaderTable): void {
    if (this.#over) {
      this.#restRead()
      return
    }
    const relay = this.#relay
    this.responseTrailers = trailers
    this.#leave()
    if (!relay?.short) {
      relay?.end(trailers)
      return
    }
    this.#log('error', 'upstream prematurely closed connection while reading upstream')
    if (relay.begun) relay.cut()
    else {
      relay.stop()
      if (!this.#request.connection.closed) this.#finishWith(502)
    }
  }

  onFault(fault: ExchangeFault): void {
    if (this.#over) {
      this.#restRead()
      return
    }
    const request = this.#request
    if (this.#attempt && !request.headSent) this.#attempt.status = fault.kind === 'timeout' ? 504 : 502
    this.#log('error', fault.message)
    if (fault.stale && this.#peer) this.#search?.forgive(this.#peer)
    else this.#peer?.failed()
    if (request.headSent) {
      this.#leave()
      this.#relay?.cut()
      return
    }
    this.#relay?.stop()
    this.#relay = undefined
    this.#learns = false
    this.#releasePeer()
    const condition =
      fault.kind === 'timeout' ? 'timeout' : fault.kind === 'invalid' ? 'invalid_header' : 'error'
    if (this.#settings.nextUpstream.has(condition) && this.#mayRetry(fault.sent)) {
      request.resetResponse()
      this.#search?.next()
      return
    }
    this.#finishWith(fault.kind === 'timeout' ? 504 : fault.kind === 'overloaded' ? 503 : 502)
  }

  /** A request that may have been seen is repeated only when repeating is harmless (RFC 9110 section 9.2.2). */
  #mayRetry(sent: boolean): boolean {
    const { nextUpstream, nextUpstreamTries, nextUpstreamTimeoutMs } = this.#settings
    if (this.#body?.live?.taken) return false
    if (sent && !IDEMPOTENT.has(this.#request.method) && !nextUpstream.has('non_idempotent')) return false
    if (nextUpstreamTries > 0 && (this.#search?.tries ?? 0) >= nextUpstreamTries) return false
    if (nextUpstreamTimeoutMs > 0 && monotonicMs() - this.#startTick >= nextUpstreamTimeoutMs) return false
    return this.#search?.hasOther === true
  }

  onClientGone(): void {
    const { closed, aborted } = this.#request.connection
    if (this.#over) {
      if (closed) this.#relay?.stop()
      return
    }
    if (this.#settings.ignoreClientAbort) {
      if (closed) this.#goOnWithoutClient()
      return
    }
    const wasSent = this.#request.headSent
    this.#exchange?.abort()
    this.#leave()
    this.#relay?.stop()
    if (!aborted) this.#log('info', 'client prematurely closed connection')
    if (closed) return
    if (wasSent) this.#request.connection.abort()
    else finishWithStatus(this.#request, 499)
  }

  /** The response is read to its end, so that the application ends its work, and dropped. */
  #goOnWithoutClient(): void {
    this.#relay?.discard()
    if (this.#exchange === undefined) {
      this.#leave() // its body never came whole
      return
    }
    this.#armRead()
    this.#exchange.resume()
  }

  #finishWith(status: number): void {
    this.#leave()
    this.#request.resetResponse()
    finishWithStatus(this.#request, status)
  }

  #releasePeer(): void {
    this.#account()
    this.#peer?.ended(this.#attempt?.responseMs ?? 0)
    if (this.#attempt && this.#relay) this.#peer?.measured(this.#attempt.headerMs, this.#attempt.responseMs)
    this.#exchange = undefined
    this.#target?.group.queue?.wake()
  }

  #account(): void {
    const attempt = this.#attempt
    if (!attempt) return
    attempt.responseMs ??= monotonicMs() - attempt.startTick
    attempt.bytesSent = this.#exchange?.bytesSent ?? attempt.bytesSent
    attempt.bytesReceived = this.#exchange?.bytesReceived ?? attempt.bytesReceived
  }

  /** No further call of the exchange or the clock concerns this request. */
  #leave(): void {
    if (this.#over) return
    this.#over = true
    if (this.#learns) this.#learn()
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    this.#search?.end()
    if (this.#attempt && this.#attempt.responseMs === undefined) this.#releasePeer()
  }
}
