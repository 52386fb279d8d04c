/** `uwsgi_pass` and `scgi_pass`: one connection per request; the answer ends with the connection or its Content-Length. */
import { Connection, type ConnectionOwner } from '../../io/connection.ts'
import { dial, onceDialled } from '../../io/dial.ts'
import { BodyPump, RAW_FRAMING } from './body-pump.ts'
import { CgiReply } from './cgi-reply.ts'
import type {
  AttemptParts,
  BodySource,
  Exchange,
  ExchangeListener,
  GatewayClient,
  UpstreamHead,
} from './exchange.ts'
import { connectFailure } from './connect-failure.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'
import { strerror } from '../../util/strerror.ts'

/** Latin-1 text of a request up to its body of so many bytes. @throws the codec's error for what the protocol cannot carry. */
export type EncodeRequest = (params: readonly string[], bodyLength: number) => string

export class SingleRequestClient implements GatewayClient {
  readonly takesUnknownLength = false
  readonly #encode: EncodeRequest
  readonly #maxHeadBytes: number

  constructor(encode: EncodeRequest, maxHeadBytes: number) {
    this.#encode = encode
    this.#maxHeadBytes = maxHeadBytes
  }

  begin(_group: PeerGroup, peer: Peer, params: readonly string[], attempt: AttemptParts): Exchange {
    const text = this.#encode(params, attempt.body?.length ?? 0)
    return new SingleRequestExchange(peer, text, attempt, this.#maxHeadBytes)
  }
}

class SingleRequestExchange implements Exchange, ConnectionOwner {
  bytesReceived = 0
  readonly #connection: Connection
  readonly #listener: ExchangeListener
  readonly #reply: CgiReply
  #pump: BodyPump | undefined
  #connected = false
  #over = false
  /** Bytes of the body still to come by its Content-Length; -1 when the connection's end is the end. */
  #expected = -1
  #received = 0

  constructor(peer: Peer, request: string, { body, dialling, listener }: AttemptParts, maxHeadBytes: number) {
    this.#listener = listener
    this.#reply = new CgiReply(
      { onHead: (head) => this.#onHead(head), onBody: (chunk) => this.#onBody(chunk) },
      maxHeadBytes,
      { keepsStatus: true },
    )
    const socket = dial(peer.options.address, dialling)
    this.#connection = new Connection(socket, this)
    onceDialled(socket, dialling, () => {
      this.#connected = true
      listener.onConnected()
      if (this.#over) return
      this.#connection.cork() // one write: some applications take the first read for all
      this.#connection.write(request)
      if (body) this.#sendBody(body)
      this.#connection.uncork()
      this.#pump?.uncorked()
    })
  }

  get bytesSent(): number {
    return this.#connection.bytesWritten
  }

  #sendBody(body: BodySource): void {
    this.#pump = new BodyPump(body, this.#connection, RAW_FRAMING, {
      onSendProgress: (state) => {
        if (!this.#reply.headDone) this.#listener.onSendProgress(state)
      },
      onBodyError: (error) => this.#fail({ kind: 'closed', message: error.message, sent: true }),
    })
    this.#pump.start()
  }

  #onHead(head: UpstreamHead): void {
    const length = head.headers.get('content-length')
    if (length !== undefined && /^\d{1,15}$/.test(length)) this.#expected = Number(length)
    this.#listener.onHead(head)
  }

  #onBody(chunk: Buffer): void {
    this.#received += chunk.length
    this.#listener.onBody(chunk)
  }

  onData(bytes: Buffer): void {
    if (this.#over) return
    this.bytesReceived += bytes.length
    const wrong = this.#reply.take(bytes)
    if (wrong !== undefined) {
      this.#fail({ kind: 'invalid', message: wrong, sent: true })
      return
    }
    if (this.#expected >= 0 && this.#received >= this.#expected) this.#finish()
    else this.#listener.onReadComplete()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#pump?.stop()
    this.#listener.onEnd()
    this.#connection.destroy() // what it still sends or does not take is of no use
  }

  #fail(fault: Parameters<ExchangeListener['onFault']>[0]): void {
    if (this.#over) return
    this.#over = true
    this.#pump?.stop()
    this.#connection.destroy()
    this.#listener.onFault(fault)
  }

  onDrain(): void {
    if (!this.#over) this.#pump?.drained()
  }

  /** Whether a body is too short is for the listener to say, who knows whether there was to be one at all (HEAD). */
  onEnd(): void {
    if (this.#over) return
    if (!this.#reply.headDone) {
      const message = 'upstream prematurely closed connection while reading response header from upstream'
      this.#fail({ kind: 'closed', message, sent: true })
    } else this.#finish()
  }

  onClose(error: NodeJS.ErrnoException | undefined): void {
    if (this.#over) return
    const reason = error ? `(${strerror(error)})` : ''
    if (!this.#connected) {
      this.#fail({
        kind: 'connect',
        message: connectFailure(error),
        sent: false,
      })
    } else
      this.#fail({ kind: 'closed', message: `recv() failed ${reason} while reading upstream`, sent: true })
  }

  pause(): void {
    this.#connection.pause()
  }

  resume(): void {
    this.#connection.resume()
  }

  abort(): void {
    this.#over = true
    this.#pump?.stop()
    this.#connection.destroy()
  }
}
