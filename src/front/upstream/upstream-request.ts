/**
 * Answers one request by an upstream: peer after peer until one gives a response. This is where a 502 or a 504 is
 * born. The body to the upstream is `upstream-body.ts`, the response to the client `response-relay.ts`.
 */
import type { HeaderTable } from '../../http/header-table.ts'
import { monotonicMs } from '../../io/clock.ts'
import type { ConnectionOwner } from '../../io/connection.ts'
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
  UpstreamHead,
  UpstreamTarget,
} from './exchange.ts'
import { forceRange } from './forced-range.ts'
import { NextUpstream, faultStatus } from './next-upstream.ts'
import type { Peer } from './peer.ts'
import { PeerSearch, type PeerSeeker } from './peer-search.ts'
import { applyUpstreamHead, otherAnswer, wantsBuffering } from './response-fields.ts'
import { ResponseRelay, type RelaySource } from './response-relay.ts'
import { UpstreamTrail } from './trail.ts'
import { openTunnel } from './tunnel.ts'
import { UpstreamAttempt } from './upstream-attempt.ts'
import { prepareBody, sendsNoBody } from './upstream-body.ts'
import type { UpstreamSettings } from './upstream-settings.ts'
import { TIMED_OUT, UpstreamTimeout, type UpstreamTimeoutOwner } from './upstream-timeout.ts'

/** The status of what the protocol cannot carry: 431 where fields are too large, which fewer of them mend (nginx: 500). */
function uncarried(error: unknown): number {
  return error instanceof UwsgiError || error instanceof ScgiError ? error.status : 400
}

export class UpstreamRequest
  extends UpstreamTrail
  implements ExchangeListener, PeerSeeker, RelaySource, UpstreamTimeoutOwner
{
  readonly #request: Request
  readonly #settings: UpstreamSettings
  readonly #timeout: UpstreamTimeout
  #target: UpstreamTarget | undefined
  #body: BodySource | undefined
  #search: PeerSearch | undefined
  #next: NextUpstream | undefined
  #peer: Peer | undefined
  #exchange: Exchange | undefined
  #attempt: UpstreamAttempt | undefined
  #relay: ResponseRelay | undefined
  /** Of an exchange whose response nobody wants any more, read to its end. */
  #rest: Exchange | undefined
  #over = false
  /** A session that the response begins is still to be learned. */
  #learns = false

  constructor(request: Request, settings: UpstreamSettings) {
    super()
    this.#request = request
    this.#settings = settings
    this.#timeout = new UpstreamTimeout(settings, this)
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
    this.#target = this.#settings.target(request)
    if (!this.#target) {
      this.#finishWith(500)
      return
    }
    const search = new PeerSearch(this.#target.group, request, this)
    this.#search = search
    this.#next = new NextUpstream(request, this.#settings, search)
    this.#timeout.watch()
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
    this.#timeout.queued(timeoutMs)
  }

  onNoPeer(message: string): void {
    this.#peer = undefined
    this.#log('error', message)
    const attempt = new UpstreamAttempt(this.#target?.group.name ?? '')
    attempt.status = 502
    attempt.responseMs = 0
    this.attempts.push(attempt)
    this.#finishWith(502)
  }

  onPeer(peer: Peer): void {
    this.#peer = peer
    peer.began()
    const attempt = new UpstreamAttempt(peer.text)
    this.#attempt = attempt
    this.attempts.push(attempt)
    this.#timeout.connecting(attempt.startTick)
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

  #awaitUpstream(): void {
    this.#timeout.reading(this.#relay !== undefined)
  }

  onConnected(): void {
    const nowMs = monotonicMs()
    this.#attempt?.connected(nowMs)
    this.#timeout.reading(false, nowMs)
  }

  /** A client that is slow to send is no fault of the upstream: the client's own time-out runs. */
  onSendProgress(state: SendState): void {
    if (this.#over || this.#relay) return
    if (state === 'whole') this.#awaitUpstream()
    else if (state === 'starved') this.#timeout.pause()
    else this.#timeout.sending()
  }

  onWarning(message: string): void {
    this.#log('warn', message)
  }

  onTimeout(message: string): void {
    if (this.#rest) {
      this.#rest.abort()
      this.#restRead()
      return
    }
    if (this.#search?.giveUp() === true) return
    this.#exchange?.abort()
    const sent = this.#attempt?.connectMs !== undefined
    this.onFault({ kind: 'timeout', message, sent })
  }

  onEarlyHints(headers: HeaderTable): void {
    if (!this.#over && this.#settings.earlyHints?.(this.#request) === true)
      sendEarlyHints(this.#request, headers, this.#settings)
  }

  onHead(head: UpstreamHead): void {
    this.#attempt?.answered(head.status)
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
      this.#timeout.watch()
      this.#awaitUpstream()
    }
  }

  #restRead(): void {
    if (!this.#rest) return
    this.#rest = undefined
    this.#timeout.stop()
  }

  #triesAnother(status: number): boolean {
    if (!this.#next?.afterStatus(status, this.#body)) return false
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
    if (!this.#timeout.paused) this.#awaitUpstream()
  }

  onHold(held: boolean): void {
    if (this.#over) return
    if (held) {
      this.#timeout.pause()
      this.#exchange?.pause()
    } else {
      this.#awaitUpstream()
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

  onUpgrade(upstream: Transport, rest: Buffer): ConnectionOwner {
    const request = this.#request
    const attempt = this.#attempt
    this.#exchange = undefined
    this.#timeout.stop()
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
    if (!this.#next?.afterFault(fault, this.#body)) {
      this.#finishWith(faultStatus(fault))
      return
    }
    request.resetResponse()
    this.#search?.next()
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
    this.#awaitUpstream()
    this.#exchange.resume()
  }

  #finishWith(status: number): void {
    this.#leave()
    this.#request.resetResponse()
    finishWithStatus(this.#request, status)
  }

  #releasePeer(): void {
    const attempt = this.#attempt
    this.#peer?.ended(attempt?.ended(this.#exchange) ?? 0)
    if (attempt && this.#relay) this.#peer?.measured(attempt.headerMs, attempt.responseMs)
    this.#exchange = undefined
    this.#target?.group.queue?.wake()
  }

  /** No further call of the exchange or the clock concerns this request. */
  #leave(): void {
    if (this.#over) return
    this.#over = true
    if (this.#learns) this.#learn()
    this.#timeout.stop()
    this.#search?.end()
    if (this.#attempt && this.#attempt.responseMs === undefined) this.#releasePeer()
  }
}
