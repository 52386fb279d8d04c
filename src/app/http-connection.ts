/**
 * One connection from an HTTP front, or from a client: requests one after the other, answered in order.
 *
 * Rules of this file:
 * - A request begins when the one before it is answered and its body is read; what was pipelined waits in the codec.
 * - A peer that ends its side is gone, as with the other protocols, and with it whoever waits for the answer.
 * - A body that nobody reads stops the reading of the connection; behind the answer it is read away for a moment.
 */
import type { HeaderPair } from '../gateway/application.ts'
import type { FieldSections } from '../gateway/field-sections.ts'
import { RequestInput } from '../gateway/input-stream.ts'
import type { ResponseSink } from '../gateway/response-sink.ts'
import { BatchedWriter } from '../io/batched-writer.ts'
import { Connection, type ConnectionOwner } from '../io/connection.ts'
import type { BatchOwner } from '../io/batched-writer.ts'
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../io/clock.ts'
import type { Socket } from '../io/socket.ts'
import { Http1Error } from '../protocol/http1/http1-error.ts'
import type { RequestHead, RequestLimits } from '../protocol/http1/message.ts'
import { RequestDecoder } from '../protocol/http1/request-decoder.ts'
import { encodeHeaderLines } from '../protocol/http1/header-lines.ts'
import { chunkHead, encodeLastChunk } from '../protocol/http1/response-encoder.ts'
import type { AppConnection, AppConnectionOwner } from './app-connection.ts'
import { httpResponseHead } from './http-response.ts'
import { closeLingering, sayBug } from './linger.ts'
import { ServedRequest } from './served-request.ts'
import type { Site } from './site.ts'

/** What a front may add to the fields of its client has room. Names with underscores would collide in the environ. */
const LIMITS: RequestLimits = {
  lineBytes: 65_536,
  headBytes: 131_072,
  maxHeaders: 1000,
  underscores: false,
  ignoreInvalid: true,
  strict: true,
}
const HEAD_TIMEOUT_MS = 60_000
const BODY_TIMEOUT_MS = 60_000
/** Longer than fronts keep their side: it is they who close, and no request meets a closing connection. */
const IDLE_TIMEOUT_MS = 75_000
/** An idle connection of a draining worker waits for a request that is on its way. */
const FAREWELL_MS = 1000
/** For a body that nobody wants, behind the answer. */
const DISCARD_MS = 5000
/** Above it a piece of body is written as it is, below it joins the head as text. */
const SMALL_BODY_BYTES = 16_384
const NO_BODY: readonly HeaderPair[] = [['Content-Length', '0']]
const NO_TRAILERS: readonly string[] = []
const EARLY_HINTS = 'HTTP/1.1 103 Early Hints\r\n'
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

export class HttpConnection
  implements AppConnection, ConnectionOwner, ResponseSink, FieldSections, BatchOwner, Deadlined
{
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly #socket: Socket
  readonly #site: Site
  readonly #owner: AppConnectionOwner
  readonly #writer: BatchedWriter
  readonly #decoder = new RequestDecoder(LIMITS)
  #head: RequestHead | undefined
  #input: RequestInput | undefined
  #request: ServedRequest | undefined
  /** The application has ended its answer. */
  #answered = false
  #headSent = false
  #chunked = false
  /** Flat. */
  #trailers = NO_TRAILERS
  #keepAlive = true
  /** The head was refused at the last moment: the body goes nowhere. */
  #refused = false
  #draining = false
  #closed = false
  #reading = false

  constructor(socket: Socket, site: Site, owner: AppConnectionOwner) {
    this.#socket = socket
    this.#site = site
    this.#owner = owner
    this.#writer = new BatchedWriter(new Connection(socket, this), this)
    this.deadlineMs = monotonicMs() + HEAD_TIMEOUT_MS
    watchDeadline(this)
  }

  drain(): void {
    this.#draining = true
    this.#keepAlive = false
    if (this.#head === undefined) this.deadlineMs = monotonicMs() + FAREWELL_MS
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onFlush(): void {
    // Nothing is held back.
  }

  onDeadline(): void {
    const waitsForBody = this.#head !== undefined && !this.#answered
    if (waitsForBody) this.#site.log.log('info', `front sent no more of a request body${this.#peer()}`)
    this.#close(true)
  }

  get sections(): FieldSections | undefined {
    return this.#head?.version === 11 ? this : undefined
  }

  get hasTrailers(): boolean {
    return this.#trailers.length > 0
  }

  earlyHints(headers: readonly HeaderPair[]): void {
    if (this.#headSent) return
    this.#writer.writeText(`${EARLY_HINTS}${encodeHeaderLines(headers.flat())}\r\n`)
  }

  trailers(headers: readonly HeaderPair[]): void {
    this.#trailers = headers.flat()
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    const head = this.#head
    if (head === undefined) return
    const { method, version } = head
    const keepAlive = this.#keepAlive && head.keepAlive
    let made
    try {
      made = httpResponseHead({ method, version, keepAlive }, status, headers)
    } catch {
      // Changed by the application after it was checked.
      this.#refused = true
      made = httpResponseHead({ method, version, keepAlive }, '500 Internal Server Error', NO_BODY)
    }
    this.#headSent = true
    this.#chunked = made.chunked
    this.#keepAlive = made.keepAlive
    this.#writer.writeText(made.text)
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#refused) return undefined
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const small = bytes.length <= SMALL_BODY_BYTES
    if (this.#chunked) this.#writer.writeText(chunkHead(bytes.length))
    if (small) this.#writer.writeText(bytes.latin1Slice(0, bytes.length))
    else this.#writer.writeBytes(bytes)
    if (this.#chunked) this.#writer.writeText('\r\n')
    return this.#writer.backPressure
  }

  end(): void {
    if (this.#chunked && !this.#refused) this.#writer.writeText(encodeLastChunk(this.#trailers))
    this.#answered = true
    // Not there yet when the application answered at once: then #start does this.
    if (this.#request) this.#finishRequest()
  }

  /** A length that is not reached or a missing last chunk tells it; where only the end frames, an RST does. */
  abort(): void {
    if (!this.#headSent) {
      this.#keepAlive = false
      this.head('500 Internal Server Error', NO_BODY)
      this.end()
      return
    }
    this.#closed = true
    if (this.#socket.remoteAddress === undefined) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }

  onData(bytes: Buffer): void {
    if (this.#closed) return
    this.#decoder.receive(bytes)
    this.#writer.beginBatch()
    this.#advance()
    this.#writer.endBatch()
    // Pipelined requests wait for their turn: the rest of them in the socket.
    if (this.#head !== undefined && this.#decoder.bodyDone && this.#decoder.buffered > 0) this.#socket.pause()
  }

  /** Goes on with what the codec holds. Not re-entrant: an application may answer at once. */
  #advance(): void {
    if (this.#reading) return
    this.#reading = true
    try {
      while (!this.#closed && this.#step());
    } catch (error) {
      this.#refuse(error)
    } finally {
      this.#reading = false
    }
  }

  #step(): boolean {
    if (this.#head !== undefined) return this.#readBody()
    const started = this.#decoder.hasBufferedBytes
    const head = this.#decoder.nextHead()
    if (head === undefined) {
      if (started && this.deadlineMs > monotonicMs() + HEAD_TIMEOUT_MS)
        this.deadlineMs = monotonicMs() + HEAD_TIMEOUT_MS
      return false
    }
    this.#start(head)
    return true
  }

  #start(head: RequestHead): void {
    this.#head = head
    this.#answered = false
    this.#headSent = false
    this.#chunked = false
    this.#trailers = NO_TRAILERS
    this.#refused = false
    this.#input = undefined
    const { framing } = head
    const length = framing.kind === 'length' ? framing.length : framing.kind === 'none' ? 0 : undefined
    if (length !== 0) this.#input = new RequestInput(length, () => this.#readOn())
    this.deadlineMs = this.#input ? monotonicMs() + BODY_TIMEOUT_MS : Infinity
    if (head.expectContinue && this.#input && this.#decoder.buffered === 0) this.#writer.writeText(CONTINUE)
    const connection = {
      scheme: 'http' as const,
      serverName: head.host,
      serverPort: head.hostPort > 0 ? head.hostPort : (this.#socket.localPort ?? 0),
      remoteAddress: this.#socket.remoteAddress ?? '',
      remotePort: this.#socket.remotePort ?? 0,
    }
    this.#request = new ServedRequest(this.#site, { head, connection, length }, this.#input, this)
    if (this.#answered) this.#finishRequest()
  }

  /** Whether the next head may be read. */
  #readBody(): boolean {
    const input = this.#input
    while (!this.#decoder.bodyDone) {
      const data = this.#decoder.nextBody()
      if (data === undefined) {
        if (this.#decoder.bodyDone) break
        return false
      }
      if (this.#answered) continue
      this.deadlineMs = monotonicMs() + BODY_TIMEOUT_MS
      if (input?.push(data) === false) {
        this.#socket.pause()
        this.deadlineMs = Infinity
        return false
      }
    }
    input?.end()
    if (this.#answered) return this.#nextRequest()
    this.deadlineMs = Infinity
    return false
  }

  /** The application reads on. */
  #readOn(): void {
    this.#socket.resume()
    this.deadlineMs = monotonicMs() + BODY_TIMEOUT_MS
    if (!this.#reading) queueMicrotask(this.#goOn)
  }

  readonly #goOn = (): void => {
    if (!this.#closed) this.#advance()
  }

  /** The answer is written: the rest of the body is read away, or the connection ends. */
  #finishRequest(): void {
    this.#request?.finish()
    this.#request = undefined
    if (this.#closed) return
    if (!this.#keepAlive) {
      this.#close(false)
      return
    }
    this.deadlineMs = monotonicMs() + DISCARD_MS
    this.#socket.resume()
    if (!this.#reading) queueMicrotask(this.#goOn)
  }

  #nextRequest(): boolean {
    this.#head = undefined
    this.#input = undefined
    this.#socket.resume()
    this.deadlineMs = monotonicMs() + (this.#draining ? FAREWELL_MS : IDLE_TIMEOUT_MS)
    return true
  }

  /** What came is no request: nothing behind it can be trusted. */
  #refuse(error: unknown): void {
    this.#site.log.log('error', `${error instanceof Error ? error.message : String(error)}${this.#peer()}`)
    this.#keepAlive = false
    const status = error instanceof Http1Error ? error.status : 500
    const answering = this.#head !== undefined
    this.#request?.cancel()
    if (!answering || !this.#headSent) {
      const head = { method: 'GET', version: 11, keepAlive: false }
      this.#writer.writeText(httpResponseHead(head, `${status} ${REASONS[status] ?? 'Error'}`, NO_BODY).text)
    }
    this.#closed = true
    this.#writer.flush()
    closeLingering(this.#socket)
  }

  #peer(): string {
    return `, front: ${this.#socket.remoteAddress ?? 'unix:'}`
  }

  #close(cancels: boolean): void {
    if (this.#closed) return
    this.#closed = true
    this.deadlineMs = Infinity
    if (cancels) this.#request?.cancel()
    this.#writer.flush()
    if (cancels || (this.#decoder.bodyDone && this.#decoder.buffered === 0)) this.#socket.destroySoon()
    else closeLingering(this.#socket)
  }

  onEnd(): void {
    this.#close(true)
  }

  onDrain(): void {
    this.#writer.drained()
  }

  onClose(error: Error | undefined): void {
    sayBug(this.#site, error)
    this.#writer.closed()
    this.#closed = true
    unwatchDeadline(this)
    this.#request?.cancel()
    this.#owner.onConnectionClosed(this)
  }
}

/** Of the statuses that the codec names. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
}
