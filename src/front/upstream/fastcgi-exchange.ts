/** One request on a FastCGI connection, which may carry others beside it, as the connection's front side keeps it. */
import type { Transport } from '../../io/transport.ts'
import { FCGI_STDIN, MAX_CONTENT, recordHeader } from '../../protocol/fastcgi/record.ts'
import { stdinEndText } from '../../protocol/fastcgi/request-encoder.ts'
import type { BodyFraming, BodyPump, BodyPumpListener } from './body-pump.ts'
import { CgiReply } from './cgi-reply.ts'
import type { BodySource, Exchange, ExchangeListener, SendState } from './exchange.ts'
import type { HeldResponse, HeldResponseOwner } from './held-response.ts'

/** The connection, to a request on it. */
export interface FastcgiExchangeOwner {
  /** Largest head of an answer, bytes. */
  readonly maxHeadBytes: number
  /** Nobody else is on the connection. */
  readonly alone: boolean
  /** The request can never be sent whole. */
  breakOff(exchange: FastcgiExchange, error: Error): void
  /** Its client takes more. */
  release(exchange: FastcgiExchange): void
  abandon(exchange: FastcgiExchange): void
  tellFlow(exchange: FastcgiExchange, paused: boolean): void
  onBound(exceeded: boolean): void
}

export class FastcgiExchange implements Exchange, BodyPumpListener, HeldResponseOwner {
  readonly id: number
  readonly listener: ExchangeListener
  readonly reply: CgiReply
  readonly #owner: FastcgiExchangeOwner
  pump: BodyPump | undefined
  /** Until there is a connection to send it on. */
  unsent: { readonly text: string; readonly body: BodySource | undefined } | undefined
  /** Where its bytes begin, among all that the connection is given; -1 before it is. */
  startsAt = -1
  /** Whether the application began to answer: from then on it has seen the request. */
  answered = false
  paused = false
  /** What came while it was paused: there are chunks, or its end. */
  held: HeldResponse | undefined
  bytesSent = 0
  bytesReceived = 0

  constructor(id: number, owner: FastcgiExchangeOwner, listener: ExchangeListener) {
    this.id = id
    this.listener = listener
    this.#owner = owner
    this.reply = new CgiReply(listener, owner.maxHeadBytes, {
      keepsStatus: owner.alone,
      ignoresStatusLine: true,
    })
  }

  onSendProgress(state: SendState): void {
    if (!this.answered) this.listener.onSendProgress(state)
  }

  onBodyError(error: Error): void {
    this.#owner.breakOff(this, error)
  }

  tellFlow(paused: boolean): void {
    this.#owner.tellFlow(this, paused)
  }

  onBound(exceeded: boolean): void {
    this.#owner.onBound(exceeded)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    this.#owner.release(this)
  }

  abort(): void {
    this.#owner.abandon(this)
  }
}

/** Of the request's body that is sent piece by piece: records with their content as it is, not copied. */
export function stdinFraming(id: number): BodyFraming {
  return {
    write: (connection, bytes) => writeStdin(connection, id, bytes),
    end: (connection) => {
      connection.write(stdinEndText(id))
    },
  }
}

function writeStdin(connection: Transport, id: number, bytes: Buffer): void {
  connection.cork()
  for (let at = 0; at < bytes.length; at += MAX_CONTENT) {
    const part = bytes.subarray(at, at + MAX_CONTENT)
    connection.write(recordHeader(FCGI_STDIN, id, part.length))
    connection.write(part)
  }
  connection.uncork()
}
