/**
 * Answers one request by an upstream: body first, then peer after peer until one gives a response. This is where a
 * 502 or a 504 is born.
 */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'
import type { DrainListener } from '../client-connection.ts'
import { failRequest, finishWithStatus } from '../phases.ts'
import { RequestBody } from '../request-body.ts'
import type { Request } from '../request.ts'
import { waitForRoom } from '../response-output.ts'
import { beginStream, endStream, hasBody, sendHeadOnly, sendText, writeChunk } from '../response.ts'
import type {
  BodySource,
  Exchange,
  ExchangeFault,
  ExchangeListener,
  UpstreamHead,
  UpstreamTarget,
} from './exchange.ts'
import type { Peer } from './peer.ts'
import { applyUpstreamHead, redirectTarget } from './response-fields.ts'
import { UpstreamTrail, type UpstreamAttempt } from './trail.ts'
import type { NextUpstreamCondition, UpstreamSettings } from './upstream-settings.ts'

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])

/** Largest body that is gathered to leave in one write with its head, bytes: beyond it text costs more than buffers. */
const MAX_GATHERED_BYTES = 16 * 1024

export class UpstreamRequest extends UpstreamTrail implements ExchangeListener, DrainListener, Deadlined {
  deadlineMs = Infinity
  readonly #request: Request
  readonly #settings: UpstreamSettings
  #target: UpstreamTarget | undefined
  #body: BodySource | undefined
  readonly #tried = new Set<Peer>()
  #peer: Peer | undefined
  #exchange: Exchange | undefined
  #attempt: UpstreamAttempt | undefined
  #startTick = 0
  #timeoutMessage = ''
  /** Body that came with the head, as Latin-1 text so that one write takes both, until the read is over or the response whole. */
  #gathered: string | undefined
  /** Whether body bytes are dropped: HEAD, 304, or a redirect that replaced the response. */
  #discard = false
  #declared = -1
  #passed = 0
  #over = false

  constructor(request: Request, settings: UpstreamSettings) {
    super()
    this.#request = request
    this.#settings = settings
  }

  get peerText(): string | undefined {
    return this.#peer ? `${this.#settings.scheme}://${this.#peer.text}` : undefined
  }

  start(): void {
    const request = this.#request
    request.upstream = this
    this.#startTick = monotonicMs()
    watchDeadline(this)
    if (request.head.framing.kind === 'none' || request.bodyRefused || !this.#settings.passRequestBody) {
      this.#begin()
      return
    }
    if (request.body?.complete) {
      this.#body = request.body
      this.#begin()
      return
    }
    const body = (request.body = new RequestBody(request))
    body.read((status) => {
      if (status !== 0) {
        this.#finishWith(status)
        return
      }
      this.#body = body
      this.#begin()
    })
  }

  #begin(): void {
    this.#target = this.#settings.target(this.#request)
    if (this.#target) this.#connect()
    else this.#finishWith(500)
  }

  #log(level: 'error' | 'warn' | 'info', message: string): void {
    this.#request.location.settings.errorLog.request(level, this.#request, message)
  }

  get targetHost(): string | undefined {
    return this.#target?.host
  }

  get targetPort(): string | undefined {
    return this.#target?.port
  }

  #connect(): void {
    const target = this.#target
    const peer = target?.group.pick(this.#tried)
    if (!target || !peer) {
      this.#peer = undefined
      this.#log('error', 'no live upstreams while connecting to upstream')
      this.attempts.push({ ...newAttempt(target?.group.name ?? ''), status: 502 })
      this.#finishWith(502)
      return
    }
    this.#peer = peer
    this.#tried.add(peer)
    peer.active += 1
    this.#attempt = newAttempt(peer.text)
    this.attempts.push(this.#attempt)
    this.#arm(
      this.#settings.connectTimeoutMs,
      'upstream timed out (110: Connection timed out) while connecting to upstream',
    )
    try {
      this.#exchange = target.begin(this.#request, peer, this.#body, this)
    } catch (error) {
      this.#releasePeer()
      this.#log('error', error instanceof Error ? error.message : String(error))
      this.#finishWith(400)
    }
  }

  #arm(timeoutMs: number, message: string): void {
    this.deadlineMs = monotonicMs() + timeoutMs
    this.#timeoutMessage = message
  }

  #armRead(): void {
    const where =
      this.#gathered !== undefined || this.#request.headSent ? 'upstream' : 'response header from upstream'
    this.#arm(
      this.#settings.readTimeoutMs,
      `upstream timed out (110: Connection timed out) while reading ${where}`,
    )
  }

  onConnected(): void {
    if (this.#attempt) this.#attempt.connectMs = monotonicMs() - this.#attempt.startTick
    this.#armRead()
  }

  onSendProgress(whole: boolean): void {
    if (this.#over) return
    if (whole) this.#armRead()
    else
      this.#arm(
        this.#settings.sendTimeoutMs,
        'upstream timed out (110: Connection timed out) while sending request to upstream',
      )
  }

  onWarning(message: string): void {
    this.#log('warn', message)
  }

  onDeadline(): void {
    this.#exchange?.abort()
    this.onFault({ kind: 'timeout', message: this.#timeoutMessage, sent: true })
  }

  onHead(head: UpstreamHead): void {
    const attempt = this.#attempt
    if (attempt) {
      attempt.status = head.status
      attempt.headerMs = monotonicMs() - attempt.startTick
    }
    this.responseHeaders = head.headers
    const condition = statusCondition(head.status)
    if (condition && this.#settings.nextUpstream.has(condition) && this.#mayRetry(true)) {
      this.#exchange?.abort()
      // a page that is missing or forbidden says nothing about the health of the peer
      if (head.status !== 403 && head.status !== 404) this.#peer?.failed()
      this.#releasePeer()
      this.#connect()
      return
    }
    this.#peer?.succeeded()
    if (this.#settings.logServerErrors && head.status >= 500) {
      this.#log('error', `application answered ${head.status} while reading response header from upstream`)
    }
    const request = this.#request
    const target = this.#settings.ignoredHeaders.has('x-accel-redirect') ? undefined : redirectTarget(head)
    if (target !== undefined) {
      this.#leave()
      target(request)
      return
    }
    if (
      this.#settings.interceptErrors &&
      head.status >= 300 &&
      request.location.settings.errorPages.has(head.status)
    ) {
      this.#leave()
      for (const challenge of head.headers.all('www-authenticate'))
        request.addHeader('WWW-Authenticate', challenge)
      finishWithStatus(request, head.status)
      return
    }
    this.#declared = applyUpstreamHead(request, head, this.#settings)
    if (request.errorStatus > 0) request.status = request.errorStatus
    this.#discard = !hasBody(request)
    this.#gathered = ''
  }

  onBody(chunk: Buffer): void {
    if (this.#over) return
    this.#passed += chunk.length
    if (this.#attempt) this.#attempt.length = this.#passed
    if (this.#discard) return
    let piece = chunk
    if (this.#declared >= 0 && this.#passed > this.#declared) {
      const excess = this.#passed - this.#declared
      if (excess >= chunk.length) return
      this.#log(
        'warn',
        'upstream sent more data than specified in "Content-Length" header while reading upstream',
      )
      piece = chunk.subarray(0, chunk.length - excess)
    }
    const gathered = this.#gathered
    if (gathered === undefined) {
      this.#pass(piece)
    } else if (gathered.length + piece.length <= MAX_GATHERED_BYTES) {
      this.#gathered = gathered + piece.latin1Slice(0, piece.length)
    } else {
      this.#startStreaming()
      if (!this.#over) this.#pass(piece)
    }
  }

  #pass(piece: Buffer): void {
    if (!writeChunk(this.#request, piece)) this.#waitForClient()
  }

  #waitForClient(): void {
    this.#exchange?.pause()
    this.deadlineMs = Infinity
    waitForRoom(this.#request, this)
  }

  onDrain(): void {
    if (this.#over) return
    this.#armRead()
    this.#exchange?.resume()
  }

  onGone(): void {
    this.onClientGone()
  }

  onReadComplete(): void {
    if (this.#over) return
    if (this.#gathered !== undefined && !this.#discard) this.#startStreaming()
    if (this.deadlineMs !== Infinity) this.#armRead()
  }

  #startStreaming(): void {
    const gathered = this.#gathered ?? ''
    this.#gathered = undefined
    try {
      if (!beginStream(this.#request, gathered)) this.#waitForClient()
    } catch (error) {
      this.#leave()
      failRequest(this.#request, error)
    }
  }

  onStderr(text: string): void {
    this.#log(
      'error',
      `FastCGI sent in stderr: "${text.trimEnd()}" while reading response header from upstream`,
    )
  }

  onEnd(): void {
    if (this.#over) return
    const gathered = this.#gathered
    const short = !this.#discard && this.#declared >= 0 && this.#passed < this.#declared
    this.#leave()
    if (this.#request.connection.closed) return
    if (short) {
      this.#log('error', 'upstream prematurely closed connection while reading upstream')
      if (gathered !== undefined) this.#finishWith(502)
      else this.#request.connection.abort()
      return
    }
    try {
      if (this.#discard) sendHeadOnly(this.#request)
      else if (gathered !== undefined) sendText(this.#request, gathered)
      else endStream(this.#request)
    } catch (error) {
      failRequest(this.#request, error)
    }
  }

  onFault(fault: ExchangeFault): void {
    if (this.#over) return
    const request = this.#request
    if (this.#attempt && !request.headSent) this.#attempt.status = fault.kind === 'timeout' ? 504 : 502
    this.#log('error', fault.message)
    if (fault.stale && this.#peer) this.#tried.delete(this.#peer)
    else this.#peer?.failed()
    if (request.headSent) {
      this.#leave()
      request.connection.abort()
      return
    }
    this.#gathered = undefined
    this.#passed = 0
    this.#declared = -1
    this.#releasePeer()
    const condition =
      fault.kind === 'timeout' ? 'timeout' : fault.kind === 'invalid' ? 'invalid_header' : 'error'
    if (this.#settings.nextUpstream.has(condition) && this.#mayRetry(fault.sent)) {
      request.resetResponse()
      this.#connect()
      return
    }
    this.#finishWith(fault.kind === 'timeout' ? 504 : fault.kind === 'overloaded' ? 503 : 502)
  }

  /** A request that may have been seen is repeated only when repeating is harmless (RFC 9110 section 9.2.2). */
  #mayRetry(sent: boolean): boolean {
    const { nextUpstream, nextUpstreamTries, nextUpstreamTimeoutMs } = this.#settings
    if (sent && !IDEMPOTENT.has(this.#request.method) && !nextUpstream.has('non_idempotent')) return false
    if (nextUpstreamTries > 0 && this.attempts.length >= nextUpstreamTries) return false
    if (nextUpstreamTimeoutMs > 0 && monotonicMs() - this.#startTick >= nextUpstreamTimeoutMs) return false
    return this.#target?.group.hasOther(this.#tried) === true
  }

  onClientGone(): void {
    if (this.#over) return
    const { closed } = this.#request.connection
    if (this.#settings.ignoreClientAbort) {
      if (closed) this.#goOnWithoutClient()
      return
    }
    const wasSent = this.#request.headSent
    this.#exchange?.abort()
    this.#leave()
    this.#log('info', 'client prematurely closed connection')
    if (closed) return
    if (wasSent) this.#request.connection.abort()
    else finishWithStatus(this.#request, 499)
  }

  /** The response is read to its end, so that the application ends its work, and dropped. */
  #goOnWithoutClient(): void {
    this.#discard = true
    this.#gathered = undefined
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
    const attempt = this.#attempt
    if (attempt && attempt.responseMs === undefined) attempt.responseMs = monotonicMs() - attempt.startTick
    if (this.#peer && this.#exchange !== undefined) this.#peer.active -= 1
    else if (this.#peer) this.#peer.active -= 1
    this.#exchange = undefined
  }

  /** No further call of the exchange or the clock concerns this request. */
  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.deadlineMs = Infinity
    unwatchDeadline(this)
    if (this.#attempt && this.#attempt.responseMs === undefined) this.#releasePeer()
  }
}

function newAttempt(address: string): UpstreamAttempt {
  return {
    address,
    startTick: monotonicMs(),
    status: 0,
    connectMs: undefined,
    headerMs: undefined,
    responseMs: undefined,
    length: 0,
  }
}

function statusCondition(status: number): NextUpstreamCondition | undefined {
  switch (status) {
    case 403:
    case 404:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return `http_${status}`
    default:
      return undefined
  }
}
