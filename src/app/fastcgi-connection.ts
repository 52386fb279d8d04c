/**
 * One connection from a FastCGI front: many requests at a time, their records interleaved, their answers gathered.
 *
 * Rules of this file:
 * - Every request that began gets its end record, except where the connection is closed in its place.
 * - A front that ends its side is gone, and with it everybody who waited (nginx closes to abort).
 * - A front of ours says which responses it takes no more of for now (FCGI_FLOW). Request bodies have no such thing:
 *   one that nobody reads stops the reading of the whole connection, as does a front that takes no answers.
 */
import { RequestInput } from '../gateway/input-stream.ts'
import { BatchedWriter } from '../io/batched-writer.ts'
import type { BatchOwner } from '../io/batched-writer.ts'
import { Connection } from '../io/connection.ts'
import type { ConnectionOwner } from '../io/connection.ts'
import type { Socket } from '../io/socket.ts'
import type { StartedTransport, Transport } from '../io/transport.ts'
import {
  FCGI_OVERLOADED,
  FCGI_REQUEST_COMPLETE,
  FCGI_RESPONDER,
  FCGI_UNKNOWN_ROLE,
} from '../protocol/fastcgi/record.ts'
import { FASTCGI_REQUEST_LIMITS, FastcgiRequestDecoder } from '../protocol/fastcgi/request-decoder.ts'
import type { FastcgiRequestEvent } from '../protocol/fastcgi/request-decoder.ts'
import {
  encodeEndRequest,
  encodeGetValuesResult,
  encodeUnknownType,
} from '../protocol/fastcgi/response-encoder.ts'
import { IdTable } from '../util/id-table.ts'
import type { AppConnection, AppConnectionOwner } from './app-connection.ts'
import { FastcgiExchange } from './fastcgi-exchange.ts'
import type { ExchangeOwner } from './fastcgi-exchange.ts'
import { LINGER_MS, sayBug } from './linger.ts'
import { declaredLength, ServedRequest } from './served-request.ts'
import type { Site } from './site.ts'

/** Answers that the front has not taken: above it no more requests are read. */
const MAX_PENDING_BYTES = 1 << 20
/** How long a front that has just connected has for its first request, though it stood still meanwhile. */
const FAREWELL_MS = 5000
const CAPACITY = { maxConnections: 1024, maxRequests: FASTCGI_REQUEST_LIMITS.requests }
const NO_BODY = [['Content-Length', '0']] as const
const NO_PARAMS: readonly string[] = []

export class FastcgiConnection implements AppConnection, ConnectionOwner, ExchangeOwner, BatchOwner {
  readonly writer: BatchedWriter
  readonly #io: Transport
  readonly #peer: string
  readonly #site: Site
  readonly #owner: AppConnectionOwner
  readonly #decoder = new FastcgiRequestDecoder()
  readonly #exchanges = new IdTable<FastcgiExchange>()
  /** Those whose response is held back until the batch leaves. */
  #held: FastcgiExchange[] = []
  /** Its params are here; whether it has a body is told by the next record. */
  #starting: FastcgiExchange | undefined
  /** Requests whose application does not read what came. */
  readonly #unread = new Set<FastcgiExchange>()
  #multiplexes = false
  /** A request has begun. */
  #used = false
  #draining = false
  /** To be closed when the last request is through. */
  #closing = false
  #closed = false
  /** The front still sends a body of a request that is through. */
  #bodyUnderWay = false
  #farewell: NodeJS.Timeout | undefined
  #lingering: NodeJS.Timeout | undefined

  constructor(socket: Socket | StartedTransport, site: Site, owner: AppConnectionOwner) {
    const started = 'start' in socket ? socket : undefined
    this.#io = 'start' in socket ? socket : new Connection(socket, this)
    this.#peer = socket.remoteAddress ?? 'unix:'
    this.#site = site
    this.#owner = owner
    this.writer = new BatchedWriter(this.#io, this)
    started?.start(this)
  }

  drain(): void {
    this.#draining = true
    if (this.#multiplexes) this.#sayFarewell()
    if (this.#exchanges.size === 0) this.#idle()
  }

  /** FastCGI knows none. "At most 0 requests" can mean nothing else, and fronts that multiplex are ours. */
  #sayFarewell(): void {
    const capacity = { maxConnections: 0, maxRequests: 0 }
    this.writer.writeBytes(encodeGetValuesResult(['FCGI_MAX_CONNS', 'FCGI_MAX_REQS'], capacity))
  }

  destroy(): void {
    this.#io.destroy()
  }

  hold(exchange: FastcgiExchange): void {
    this.#held.push(exchange)
    this.writer.schedule()
  }

  onFlush(): void {
    if (this.#held.length === 0) return
    const held = this.#held
    this.#held = []
    for (const exchange of held) exchange.release()
  }

  onExchangeEnd(exchange: FastcgiExchange): void {
    this.#decoder.finish(exchange.id)
    this.#exchanges.delete(exchange.id)
    // Not there yet when the application answered at once: then #start does this.
    exchange.request?.finish()
    if (this.#unread.delete(exchange)) this.#readOn()
    if (!exchange.stdinEnded) this.#bodyUnderWay = true
    if (!exchange.keepConnection || exchange.input?.overrun) this.#closing = true
    if (this.#exchanges.size === 0) this.#idle()
  }

  onExchangeBroken(exchange: FastcgiExchange): void {
    if (this.#exchanges.size > 1) {
      // Closing would break the others off, too. A status that is not "complete" says as much to a front of ours.
      this.writer.writeBytes(encodeEndRequest(exchange.id, 1, FCGI_OVERLOADED))
      this.onExchangeEnd(exchange)
      return
    }
    exchange.request?.finish()
    this.#exchanges.delete(exchange.id)
    this.#close()
  }

  onData(bytes: Buffer): void {
    if (this.#closed) return
    this.#decoder.receive(bytes)
    this.writer.beginBatch()
    try {
      this.#handleAll()
    } catch (error) {
      this.#refuse(error)
    }
    this.writer.endBatch()
    if (this.writer.pendingBytes > MAX_PENDING_BYTES) this.#io.pause()
  }

  #handleAll(): void {
    while (!this.#closed) {
      const event = this.#decoder.next()
      if (event === undefined) break
      if (this.#starting !== undefined) this.#startBefore(event)
      this.#handle(event)
    }
    if (this.#starting !== undefined) this.#startWithBody()
  }

  #handle(event: FastcgiRequestEvent): void {
    switch (event.type) {
      case 'begin':
        this.#begin(event.id, event.role, event.keepConnection)
        break
      case 'params':
        this.#starting = this.#exchanges.get(event.id)
        if (this.#starting !== undefined) this.#starting.params = event.params
        break
      case 'stdin':
        this.#takeBody(event.id, event.data)
        break
      case 'stdin end':
        this.#endBody(event.id)
        break
      case 'abort':
        this.#abort(event.id)
        break
      case 'overload':
        this.writer.writeBytes(encodeEndRequest(event.id, 0, FCGI_OVERLOADED))
        break
      case 'flow':
        this.#exchanges.get(event.id)?.setPaused(event.paused)
        break
      case 'get values':
        this.writer.writeBytes(encodeGetValuesResult(event.names, CAPACITY))
        break
      case 'unknown type':
        this.writer.writeBytes(encodeUnknownType(event.recordType))
        break
    }
  }

  #begin(id: number, role: number, keepConnection: boolean): void {
    if (role !== FCGI_RESPONDER) {
      this.#decoder.finish(id)
      this.writer.writeBytes(encodeEndRequest(id, 0, FCGI_UNKNOWN_ROLE))
      return
    }
    clearTimeout(this.#farewell)
    this.#used = true
    if (id !== 1 && !this.#multiplexes) {
      this.#multiplexes = true
      if (this.#draining) this.#sayFarewell()
    }
    this.#exchanges.set(id, new FastcgiExchange(id, keepConnection, this))
  }

  /** Most requests have no body: the end of stdin is the next record, and here already. */
  #startBefore(event: FastcgiRequestEvent): void {
    const exchange = this.#starting
    if (exchange === undefined) return
    if (event.type !== 'stdin end' || event.id !== exchange.id) return this.#startWithBody()
    this.#starting = undefined
    const length = declaredLength(exchange.params)
    if (length === undefined || length === 0) {
      exchange.stdinEnded = true
      this.#start(exchange, undefined)
      return
    }
    this.#starting = exchange
    this.#startWithBody()
  }

  #startWithBody(): void {
    const exchange = this.#starting
    this.#starting = undefined
    if (exchange === undefined) return
    const length = declaredLength(exchange.params)
    if (Number.isNaN(length)) {
      this.#answerBadRequest(exchange, 'the front sent a CONTENT_LENGTH that is no number')
      return
    }
    this.#start(exchange, new RequestInput(length, () => this.#isRead(exchange)))
  }

  #start(exchange: FastcgiExchange, input: RequestInput | undefined): void {
    exchange.input = input
    let request: ServedRequest
    try {
      request = new ServedRequest(this.#site, exchange.params, input, exchange)
    } catch (error) {
      this.#answerBadRequest(exchange, error instanceof Error ? error.message : String(error))
      return
    }
    exchange.params = NO_PARAMS
    exchange.request = request
    if (this.#exchanges.get(exchange.id) !== exchange) request.finish()
  }

  #answerBadRequest(exchange: FastcgiExchange, reason: string): void {
    this.#site.log.log('error', `${reason}; the request was refused`)
    exchange.head('400 Bad Request', NO_BODY)
    exchange.end()
  }

  #takeBody(id: number, data: Buffer): void {
    const exchange = this.#exchanges.get(id)
    if (exchange?.input === undefined) return
    if (exchange.input.push(this.#io.lendsBytes ? Buffer.from(data) : data)) return
    this.#unread.add(exchange)
    this.#io.pause()
  }

  #endBody(id: number): void {
    const exchange = this.#exchanges.get(id)
    if (exchange === undefined) return
    exchange.stdinEnded = true
    exchange.input?.end()
  }

  #abort(id: number): void {
    const exchange = this.#exchanges.get(id)
    if (exchange === undefined) return
    exchange.request?.cancel()
    exchange.giveUp()
    this.writer.writeBytes(encodeEndRequest(id, 0, FCGI_REQUEST_COMPLETE))
    this.onExchangeEnd(exchange)
  }

  /** The application has read on. */
  #isRead(exchange: FastcgiExchange): void {
    if (this.#unread.delete(exchange)) this.#readOn()
  }

  #readOn(): void {
    if (this.#unread.size === 0 && this.writer.pendingBytes <= MAX_PENDING_BYTES) this.#io.resume()
  }

  /** What came is no FastCGI: nothing behind it can be trusted. */
  #refuse(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error)
    this.#site.log.log('error', `${what}, front: ${this.#peer}`)
    this.#cancelAll()
    this.#close()
  }

  /**
   * Who has just connected sends its request now. Who multiplexes may have sent one before it heard the farewell, and
   * closes once it has: were it us who closed, what it sent meanwhile would be lost, and an order not be repeated.
   */
  #idle(): void {
    if (this.#closing) this.#close()
    else if (!this.#draining || this.#multiplexes) return
    else if (this.#used) this.#close()
    else this.#closeSoon()
  }

  #closeSoon(): void {
    clearTimeout(this.#farewell)
    this.#farewell = setTimeout(() => this.#close(), FAREWELL_MS)
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#farewell)
    this.writer.flush()
    if (this.#bodyUnderWay) this.#linger()
    else this.#io.destroySoon()
  }

  /** As closeLingering in linger.ts; what comes is dropped, as for every closed one. */
  #linger(): void {
    this.#io.end()
    this.#io.resume()
    this.#lingering = setTimeout(() => this.#io.destroy(), LINGER_MS)
  }

  onDrain(): void {
    this.writer.drained()
    this.#readOn()
  }

  onEnd(): void {
    if (this.#closed) this.#io.destroySoon()
    this.#cancelAll()
    this.#close()
  }

  #cancelAll(): void {
    const exchanges = this.#exchanges.values()
    this.#exchanges.clear()
    this.#unread.clear()
    for (const exchange of exchanges) {
      exchange.request?.cancel()
      exchange.giveUp()
    }
  }

  onClose(error: Error | undefined): void {
    sayBug(this.#site, error)
    this.writer.closed()
    this.#closed = true
    clearTimeout(this.#farewell)
    clearTimeout(this.#lingering)
    this.#cancelAll()
    this.#owner.onConnectionClosed(this)
  }
}
