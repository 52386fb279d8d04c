/**
 * One connection to a FastCGI application. Between our own tiers it carries many requests at once: frames of one turn
 * of the event loop leave in one write. To a foreign application it carries one request.
 *
 * While one of its responses is held beyond its bound (`held-response.ts`), the channel reads nothing and takes no
 * further request, so that only those already on it wait.
 */
import { monotonicMs, type Deadlined } from '../../io/clock.ts'
import { dialTransport, type DialOwner, type Dialling } from '../../io/dial.ts'
import type { Transport } from '../../io/transport.ts'
import {
  encodeAbort,
  encodeStdin,
  flowText,
  requestText,
  stdinEndText,
} from '../../protocol/fastcgi/request-encoder.ts'
import { FastcgiResponseDecoder } from '../../protocol/fastcgi/response-decoder.ts'
import { FastcgiError } from '../../protocol/fastcgi/fastcgi-error.ts'
import { FCGI_RESPONDER } from '../../protocol/fastcgi/record.ts'
import { BodyPump } from './body-pump.ts'
import { connectFailure, connectionFailure } from './connect-failure.ts'
import type { ConnectionPool, PooledChannel } from './connection-pool.ts'
import type { BodySource, Exchange, ExchangeFault, ExchangeListener } from './exchange.ts'
import { FastcgiExchange, stdinFraming, type FastcgiExchangeOwner } from './fastcgi-exchange.ts'
import { HeldResponse } from './held-response.ts'
import type { Peer } from './peer.ts'
import { IdTable } from '../../util/id-table.ts'

const MAX_REQUEST_ID = 65_535
const BROKEN_OFF = 'upstream broke its FastCGI response off while reading upstream'

export interface ChannelOptions {
  /** Whether the application keeps the connection after a request. */
  readonly keep: boolean
  /** Requests at once. */
  readonly maxRequests: number
  /** Largest head of an answer, bytes. */
  readonly maxHeadBytes: number
  readonly dialling?: Dialling | undefined
  /** Where it waits for another request when it carries none. */
  readonly pool?: ConnectionPool<FastcgiChannel> | undefined
}

export class FastcgiChannel implements DialOwner, PooledChannel, Deadlined, FastcgiExchangeOwner {
  readonly peer: Peer
  readonly options: ChannelOptions
  readonly localAddress: string | undefined
  deadlineMs = Infinity
  deadlineSlot = -1
  /** Requests sent on it. */
  served = 0
  readonly openedMs = monotonicMs()
  #connection: Transport
  readonly #decoder = new FastcgiResponseDecoder()
  readonly #exchanges = new IdTable<FastcgiExchange>()
  /** Ids of requests that were given up; each is in use until the application's end record. */
  readonly #abandoned = new Set<number>()
  readonly #onClosed: (channel: FastcgiChannel) => void
  /** Others begin with 1: with the first request an application of ours knows that we multiplex, and hear a farewell. */
  #nextId = 2
  #connected = false
  #closed = false
  #retired = false
  #clogged = 0
  /** Those that one read gave something of their body, the first `#heardCount`. */
  readonly #heard: (FastcgiExchange | undefined)[] = []
  #heardCount = 0
  #outgoing: (string | Buffer)[] = []
  #outgoingBytes = 0
  #flushing = false

  constructor(peer: Peer, options: ChannelOptions, onClosed: (channel: FastcgiChannel) => void) {
    this.peer = peer
    this.options = options
    this.localAddress = options.dialling?.localAddress
    this.#onClosed = onClosed
    this.#connection = dialTransport(peer.options.address, options.dialling, this)
  }

  get alone(): boolean {
    return this.options.maxRequests === 1
  }

  get maxHeadBytes(): number {
    return this.options.maxHeadBytes
  }

  /** Whether a further request may be sent on it. */
  get open(): boolean {
    return (
      !this.#closed &&
      !this.#retired &&
      !this.#connection.destroyed &&
      this.#clogged === 0 &&
      this.#exchanges.size + this.#abandoned.size < this.options.maxRequests
    )
  }

  /** It idled long enough. */
  onDeadline(): void {
    this.close()
  }

  close(): void {
    this.options.pool?.remove(this)
    this.#retired = true
    this.#connection.destroySoon()
  }

  begin(params: readonly string[], body: BodySource | undefined, listener: ExchangeListener): Exchange {
    const exchange = new FastcgiExchange(this.#takeId(), this, listener)
    this.#exchanges.set(exchange.id, exchange)
    this.served += 1
    const text = requestText(exchange.id, FCGI_RESPONDER, this.options.keep, params)
    exchange.bytesSent = text.length + (body?.length ?? 0)
    if (this.#connected) {
      listener.onConnected()
      this.#sendRequest(exchange, text, body)
    } else exchange.unsent = { text, body }
    return exchange
  }

  #sendRequest(exchange: FastcgiExchange, text: string, body: BodySource | undefined): void {
    const { id } = exchange
    this.#decoder.open(id)
    exchange.startsAt = this.#connection.bytesWritten + this.#outgoingBytes
    this.#connection.cork() // one write: some applications take the first read for all
    if (!body) this.#send(text + stdinEndText(id))
    else {
      this.#send(text)
      if (body.memory) this.#sendBody(id, body.memory)
      else this.#pumpBody(exchange, body)
    }
    this.#connection.uncork()
    exchange.pump?.uncorked()
  }

  #sendBody(id: number, pieces: readonly Buffer[]): void {
    for (const bytes of pieces) this.#send(encodeStdin(id, bytes))
    this.#send(stdinEndText(id))
  }

  #pumpBody(exchange: FastcgiExchange, body: BodySource): void {
    exchange.pump = new BodyPump(body, this.#connection, stdinFraming(exchange.id), exchange)
    this.#flush()
    exchange.pump.start()
  }

  breakOff(exchange: FastcgiExchange, error: Error): void {
    this.#fault(exchange, { kind: 'closed', message: error.message, sent: true })
    this.#connection.destroy()
  }

  /** In turn, so that an id rests before it comes again; of twice as many as can be in use. */
  #takeId(): number {
    const { maxRequests } = this.options
    if (maxRequests === 1) return 1
    const ids = Math.min(maxRequests * 2, MAX_REQUEST_ID)
    let id = this.#nextId
    while (this.#exchanges.has(id) || this.#abandoned.has(id)) id = (id % ids) + 1
    this.#nextId = (id % ids) + 1
    return id
  }

  #send(bytes: string | Buffer): void {
    this.#outgoing.push(bytes)
    this.#outgoingBytes += bytes.length
    if (this.#flushing) return
    this.#flushing = true
    if (this.alone) this.#flush()
    else setImmediate(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushing = false
    const chunks = this.#outgoing
    if (this.#closed || !this.#connected || chunks.length === 0) return
    this.#outgoing = []
    this.#outgoingBytes = 0
    if (chunks.every((chunk) => typeof chunk === 'string')) {
      this.#connection.write(chunks.join(''))
      return
    }
    this.#connection.cork()
    for (const chunk of chunks) this.#connection.write(chunk)
    this.#connection.uncork()
  }

  onConnect(transport: Transport): void {
    this.#connection = transport
    this.#connected = true
    for (const exchange of this.#exchanges.values()) {
      exchange.listener.onConnected()
      const { unsent } = exchange
      exchange.unsent = undefined
      if (unsent && this.#exchanges.has(exchange.id)) this.#sendRequest(exchange, unsent.text, unsent.body)
    }
    this.#flush()
  }

  onData(bytes: Buffer): void {
    if (this.options.pool && this.#exchanges.size === 0 && this.served > 0 && this.#abandoned.size === 0) {
      this.close() // nobody asked: it must not answer the next request
      return
    }
    try {
      this.#decoder.receive(bytes)
      for (let event = this.#decoder.next(); event; event = this.#decoder.next()) this.#dispatch(event)
    } catch (error) {
      if (!(error instanceof FastcgiError)) throw error
      this.#failAll({ kind: 'invalid', message: error.message, sent: true })
      this.#connection.destroy()
      return
    }
    this.#tellReadComplete()
  }

  #tellReadComplete(): void {
    const heard = this.#heard
    const count = this.#heardCount
    for (let index = 0; index < count; index += 1) {
      const exchange = heard[index]
      if (exchange && this.#exchanges.get(exchange.id) === exchange) exchange.listener.onReadComplete()
      heard[index] = undefined
    }
    this.#heardCount = 0
  }

  #dispatch(event: NonNullable<ReturnType<FastcgiResponseDecoder['next']>>): void {
    if (event.type === 'values') this.#hearValues(event.values)
    if (!('id' in event)) return
    const exchange = this.#exchanges.get(event.id)
    if (!exchange) {
      if (event.type === 'end') this.#abandoned.delete(event.id)
      return
    }
    switch (event.type) {
      case 'stdout':
        this.#take(exchange, event.data)
        break
      case 'stderr':
        exchange.listener.onStderr(event.data.toString('latin1'))
        break
      case 'end':
        if (event.protocolStatus !== 0 && exchange.answered) {
          this.#fault(exchange, { kind: 'closed', message: BROKEN_OFF, sent: true })
        } else if (event.protocolStatus !== 0) {
          this.#fault(exchange, {
            kind: 'overloaded',
            message: 'upstream refused the request (FastCGI)',
            sent: false,
          })
        } else if (exchange.held) exchange.held.end()
        else this.#finish(exchange)
        break
    }
  }

  /** A worker that drains says farewell: it takes no more requests on this connection and waits for us to close it. */
  #hearValues(values: readonly string[]): void {
    const at = values.indexOf('FCGI_MAX_REQS')
    if (at < 0 || at % 2 !== 0 || values[at + 1] !== '0') return
    this.#retired = true
    this.#closeWhenIdle()
  }

  #closeWhenIdle(): void {
    if (this.#retired && this.#exchanges.size === 0) this.#connection.end()
  }

  #take(exchange: FastcgiExchange, data: Buffer): void {
    exchange.answered = true
    exchange.bytesReceived += data.length
    if (exchange.paused || exchange.held) {
      exchange.held ??= new HeldResponse(exchange)
      exchange.held.keep(data)
      return
    }
    const wrong = exchange.reply.take(data)
    if (wrong !== undefined) this.#invalid(exchange, wrong)
    else this.#heard[this.#heardCount++] = exchange
  }

  #invalid(exchange: FastcgiExchange, message: string): void {
    this.#fault(exchange, { kind: 'invalid', message, sent: true })
    this.#tellAbort(exchange)
  }

  /** A connection of one request alone is not worth the wait for the end record. */
  #tellAbort(exchange: FastcgiExchange): void {
    if (!this.options.keep || this.alone) this.#connection.destroy()
    else if (exchange.startsAt >= 0) {
      this.#abandoned.add(exchange.id)
      this.#send(encodeAbort(exchange.id))
    }
  }

  /** Counts responses over their bound; with any, the channel is not read. */
  onBound(exceeded: boolean): void {
    this.#clogged += exceeded ? 1 : -1
    if (this.#clogged > 0) this.#connection.pause()
    else this.#connection.resume()
  }

  tellFlow(exchange: FastcgiExchange, paused: boolean): void {
    if (!this.alone) this.#send(flowText(exchange.id, paused))
  }

  release(exchange: FastcgiExchange): void {
    const { held } = exchange
    while (held && exchange.held === held && !exchange.paused) {
      const chunk = held.take()
      if (!chunk) {
        this.#finish(exchange)
        return
      }
      if (held.empty && !held.whole) exchange.held = undefined
      const wrong = exchange.reply.take(chunk)
      if (wrong !== undefined) {
        this.#invalid(exchange, wrong)
        return
      }
      exchange.listener.onReadComplete()
    }
  }

  #finish(exchange: FastcgiExchange): void {
    this.#forget(exchange)
    const reusable = exchange.pump === undefined || exchange.pump.done
    if (!this.options.keep || (this.alone && !reusable)) this.#connection.destroy()
    else if (this.alone && this.options.pool?.put(this) !== true) this.close()
    if (exchange.reply.headDone) exchange.listener.onEnd()
    else {
      exchange.listener.onFault({
        kind: 'invalid',
        message: 'upstream prematurely closed FastCGI stdout while reading response header from upstream',
        sent: true,
      })
    }
  }

  #forget(exchange: FastcgiExchange): void {
    this.#exchanges.delete(exchange.id)
    exchange.pump?.stop()
    exchange.held?.drop()
    exchange.held = undefined
    this.#closeWhenIdle()
  }

  #fault(exchange: FastcgiExchange, fault: ExchangeFault): void {
    this.#forget(exchange)
    exchange.listener.onFault(fault)
  }

  abandon(exchange: FastcgiExchange): void {
    if (!this.#exchanges.has(exchange.id)) return
    this.#forget(exchange)
    this.#tellAbort(exchange)
  }

  onDrain(): void {
    for (const { pump } of this.#exchanges.values()) pump?.drained()
  }

  onEnd(): void {
    this.close()
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.#closed = true
    this.options.pool?.remove(this)
    this.#onClosed(this)
    if (!this.#connected) {
      this.#failAll({ kind: 'connect', message: connectFailure(error), sent: false })
      return
    }
    const message = error
      ? connectionFailure(error, 'response header from upstream')
      : 'upstream prematurely closed connection while reading response header from upstream'
    this.#failAll({ kind: 'closed', message, sent: true }, this.alone && this.served > 1)
  }

  /**
   * `kept`: one that ends before the first byte of an answer was closed while it was idle, most likely. So was one that
   * ends before the first byte of a request has left.
   */
  #failAll(fault: ExchangeFault, kept = false): void {
    for (const exchange of this.#exchanges.values()) {
      if (exchange.held?.whole === true) continue
      const sent = fault.sent && exchange.startsAt >= 0 && exchange.startsAt < this.#connection.bytesTaken
      const stale = this.#connected && (kept || !sent) && !exchange.answered
      this.#fault(exchange, stale ? { ...fault, sent, stale } : fault)
    }
  }
}
