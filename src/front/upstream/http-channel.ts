/**
 * One connection to an HTTP/1 upstream: one request at a time, several one after the other.
 *
 * Rules of this file:
 * - The codec alone says where a response ends. A connection on which anything else came (bytes behind a response or
 *   between two, a FIN) or to which the request was not wholly written never carries another request.
 * - A connection that was kept and ends before the first byte of a response was closed by the upstream while idle,
 *   most likely: the fault says `stale`.
 * - A response that only the end of its connection ends counts as whole over TLS, too, when that comes without
 *   close_notify: nginx has it so (SSL_OP_IGNORE_UNEXPECTED_EOF), and the runtime's sockets do not tell the two apart.
 */
import { monotonicMs } from '../../io/clock.ts'
import type { ConnectionOwner } from '../../io/connection.ts'
import { dialTransport, type DialOwner, type Dialling } from '../../io/dial.ts'
import type { Transport } from '../../io/transport.ts'
import { Http1Error } from '../../protocol/http1/http1-error.ts'
import { ResponseDecoder } from '../../protocol/http1/response-decoder.ts'
import { LAST_CHUNK, chunkHead } from '../../protocol/http1/response-encoder.ts'
import { BodyPump, RAW_FRAMING, type BodyFraming, type BodyPumpListener } from './body-pump.ts'
import type { ConnectionPool, PooledChannel } from './connection-pool.ts'
import type { BodySource, Exchange, ExchangeFault, ExchangeListener, SendState } from './exchange.ts'
import { connectFailure, connectionFailure } from './connect-failure.ts'
import type { Peer } from './peer.ts'

/** Most fields of a response. */
const MAX_HEADERS = 1000
const CHUNKED_FRAMING: BodyFraming = {
  write: (connection, bytes) => {
    connection.cork()
    connection.write(chunkHead(bytes.length))
    connection.write(bytes)
    connection.write('\r\n')
    connection.uncork()
  },
  end: (connection) => {
    connection.write(LAST_CHUNK)
  },
}

/** A request as it goes out. */
export interface HttpRequest {
  readonly method: string
  /** Latin-1 text up to and with the empty line. */
  readonly head: string
  readonly body: BodySource | undefined
  /** What the head says of the body. While a connection is made a body that still came may have become whole. */
  readonly chunked: boolean
  /** It does not say that the connection is to be closed. */
  readonly keepAlive: boolean
  /** It asks for another protocol, which the client asked for, too: 101 is a good answer. */
  readonly upgrade: boolean
}

class HttpExchange implements Exchange, BodyPumpListener {
  readonly channel: HttpChannel
  readonly request: HttpRequest
  readonly listener: ExchangeListener
  pump: BodyPump | undefined
  /** The head was handed to the socket. */
  handedOver = false
  /** A byte of the response came. */
  answered = false
  headDone = false
  bytesReceived = 0
  /** Bytes that the connection had taken when the exchange began. */
  readonly #before: number

  constructor(channel: HttpChannel, request: HttpRequest, listener: ExchangeListener) {
    this.channel = channel
    this.request = request
    this.listener = listener
    this.#before = channel.bytesWritten
  }

  get bytesSent(): number {
    return this.channel.bytesWritten - this.#before
  }

  onSendProgress(state: SendState): void {
    if (!this.answered) this.listener.onSendProgress(state)
  }

  onBodyError(error: Error): void {
    this.channel.fail(this, { kind: 'closed', message: error.message, sent: true })
  }

  /** The upstream may have seen some of it. */
  get sent(): boolean {
    return this.handedOver && this.channel.bytesTaken > this.#before
  }

  get bodySent(): boolean {
    return this.handedOver && (this.pump === undefined || this.pump.done)
  }

  pause(): void {
    this.channel.pause(this)
  }

  resume(): void {
    this.channel.resume(this)
  }

  abort(): void {
    this.channel.abort(this)
  }
}

export class HttpChannel implements DialOwner, PooledChannel {
  readonly peer: Peer
  /** Where it was bound to come from (`proxy_bind`). */
  readonly localAddress: string | undefined
  readonly tlsKey: string | undefined
  deadlineMs = Infinity
  deadlineSlot = -1
  /** Requests sent on it. */
  served = 0
  readonly #pool: ConnectionPool<HttpChannel>
  #connection: Transport
  readonly #decoder: ResponseDecoder
  readonly openedMs = monotonicMs()
  #exchange: HttpExchange | undefined
  #connected = false
  /** Who has the connection after 101. */
  #tunnel: ConnectionOwner | undefined

  constructor(peer: Peer, pool: ConnectionPool<HttpChannel>, dialling: Dialling, maxHeadBytes: number) {
    this.peer = peer
    this.localAddress = dialling.localAddress
    this.tlsKey = dialling.tls?.key
    this.#pool = pool
    this.#decoder = new ResponseDecoder({ headBytes: maxHeadBytes, maxHeaders: MAX_HEADERS })
    this.#connection = dialTransport(peer.options.address, dialling, this)
  }

  get bytesWritten(): number {
    return this.#connection.bytesWritten
  }

  get bytesTaken(): number {
    return this.#connection.bytesTaken
  }

  begin(request: HttpRequest, listener: ExchangeListener): Exchange {
    const exchange = new HttpExchange(this, request, listener)
    this.#exchange = exchange
    this.served += 1
    this.#decoder.begin(request.method, request.upgrade)
    if (this.#connected) this.#send(exchange)
    return exchange
  }

  onConnect(transport: Transport): void {
    this.#connection = transport
    this.#connected = true
    const exchange = this.#exchange
    if (exchange) this.#send(exchange)
  }

  #send(exchange: HttpExchange): void {
    const { request, listener } = exchange
    listener.onConnected()
    if (this.#exchange !== exchange) return
    exchange.handedOver = true
    if (!request.body || (!request.chunked && request.body.length === 0)) {
      this.#connection.write(request.head)
      return
    }
    const framing = request.chunked ? CHUNKED_FRAMING : RAW_FRAMING
    exchange.pump = new BodyPump(request.body, this.#connection, framing, exchange)
    this.#connection.cork()
    this.#connection.write(request.head)
    exchange.pump.start()
    this.#connection.uncork()
    exchange.pump.uncorked()
  }

  onData(bytes: Buffer): void {
    if (this.#tunnel) {
      this.#tunnel.onData(bytes)
      return
    }
    const exchange = this.#exchange
    if (!exchange) {
      this.close() // nobody asked: it must not answer the next request
      return
    }
    exchange.answered = true
    exchange.bytesReceived += bytes.length
    this.#decoder.receive(bytes)
    try {
      this.#deliver(exchange)
      if (this.#connection.lendsBytes && this.#decoder.buffered > 0) this.#decoder.retain()
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error
      this.fail(exchange, { kind: 'invalid', message: `${error.message} while ${error.action}`, sent: true })
    }
  }

  #deliver(exchange: HttpExchange): void {
    const decoder = this.#decoder
    const { listener } = exchange
    if (!exchange.headDone) {
      const head = decoder.nextHead()
      for (const hints of decoder.takeEarlyHints()) listener.onEarlyHints(hints)
      if (!head) return
      exchange.headDone = true
      listener.onHead(head)
      if (head.status === 101 && this.#exchange === exchange) {
        this.#switch(exchange)
        return
      }
    }
    while (this.#exchange === exchange) {
      const piece = decoder.nextBody()
      if (piece === undefined) break
      listener.onBody(piece)
    }
    if (this.#exchange !== exchange) return
    if (decoder.bodyDone) this.#complete(exchange)
    else listener.onReadComplete()
  }

  #switch(exchange: HttpExchange): void {
    this.#exchange = undefined
    exchange.pump?.stop()
    this.#tunnel = exchange.listener.onUpgrade(this.#connection, this.#decoder.takeRest())
  }

  #complete(exchange: HttpExchange): void {
    const { listener, request } = exchange
    this.#exchange = undefined
    if (this.#decoder.hasExtraBytes)
      listener.onWarning('upstream sent more data than its response has while reading upstream')
    const whole = exchange.bodySent && this.#connection.pendingBytes === 0
    exchange.pump?.stop()
    this.#connection.resume()
    if (!whole) this.#connection.destroy()
    else if (!(request.keepAlive && this.#decoder.reusable && this.#pool.put(this))) this.close()
    listener.onEnd(this.#decoder.trailers)
  }

  fail(exchange: HttpExchange, fault: ExchangeFault): void {
    if (this.#exchange !== exchange) return
    this.#exchange = undefined
    exchange.pump?.stop()
    this.#connection.destroy()
    exchange.listener.onFault(fault)
  }

  /** Of an idle connection. */
  close(): void {
    this.#pool.remove(this)
    this.#connection.destroySoon()
  }

  onDeadline(): void {
    this.close()
  }

  onDrain(): void {
    if (this.#tunnel) this.#tunnel.onDrain()
    else this.#exchange?.pump?.drained()
  }

  /** An upstream that closes its side may have answered before it read all: what comes of the body goes nowhere. */
  onEnd(): void {
    if (this.#tunnel) {
      this.#tunnel.onEnd()
      return
    }
    const exchange = this.#exchange
    if (!exchange) {
      this.close()
      return
    }
    exchange.pump?.stop()
    try {
      this.#decoder.receiveEnd()
      this.#complete(exchange)
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error
      this.fail(exchange, this.#cut(exchange, undefined))
    }
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    this.#pool.remove(this)
    this.#tunnel?.onClose(error)
    const exchange = this.#exchange
    if (!exchange) return
    if (this.#connected) {
      this.fail(exchange, this.#cut(exchange, error))
      return
    }
    this.fail(exchange, { kind: 'connect', message: connectFailure(error), sent: false })
  }

  #cut(exchange: HttpExchange, error: NodeJS.ErrnoException | undefined): ExchangeFault {
    const where = exchange.headDone ? 'upstream' : 'response header from upstream'
    return {
      kind: 'closed',
      message: error
        ? connectionFailure(error, where)
        : `upstream prematurely closed connection while reading ${where}`,
      sent: exchange.sent,
      stale: this.served > 1 && !exchange.answered,
    }
  }

  pause(exchange: HttpExchange): void {
    if (this.#exchange === exchange) this.#connection.pause()
  }

  resume(exchange: HttpExchange): void {
    if (this.#exchange === exchange) this.#connection.resume()
  }

  abort(exchange: HttpExchange): void {
    if (this.#exchange !== exchange) return
    this.#exchange = undefined
    exchange.pump?.stop()
    this.#connection.destroy()
  }
}
