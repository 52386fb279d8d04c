/**
 * The response of one FastCGI request. The head waits for the first piece of body, both wait for the end of the turn:
 * a small response leaves as one piece of text, together with those of other requests.
 */
import type { HeaderPair } from '../gateway/application.ts'
import { cgiHead } from '../gateway/cgi-head.ts'
import type { RequestInput } from '../gateway/input-stream.ts'
import type { ResponseSink } from '../gateway/response-sink.ts'
import { MAX_CONTENT, FCGI_STDOUT, recordHeader } from '../protocol/fastcgi/record.ts'
import { endText, responseText, SMALL_BODY_BYTES, stdoutText } from '../protocol/fastcgi/response-encoder.ts'
import type { BatchedWriter } from '../io/batched-writer.ts'
import type { ServedRequest } from './served-request.ts'

export interface ExchangeOwner {
  readonly writer: BatchedWriter
  /** Calls `release` before the batch leaves. */
  hold(exchange: FastcgiExchange): void
  /** The end record was written. */
  onExchangeEnd(exchange: FastcgiExchange): void
  /** The response broke off after a part of it had left: the front has to see that. */
  onExchangeBroken(exchange: FastcgiExchange): void
}

const EMPTY = Buffer.alloc(0)
const FAILED = 'Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n'

export class FastcgiExchange implements ResponseSink {
  readonly id: number
  readonly keepConnection: boolean
  params: readonly string[] = []
  request: ServedRequest | undefined
  /** Undefined before the application runs, and for a request without a body. */
  input: RequestInput | undefined
  /** The front has sent all of the body. */
  stdinEnded = false
  readonly #owner: ExchangeOwner
  /** Not sent yet. */
  #head = ''
  #held: Buffer | undefined
  #refused = false
  /** While the front takes no more of this response. */
  #paused: PromiseWithResolvers<void> | undefined

  constructor(id: number, keepConnection: boolean, owner: ExchangeOwner) {
    this.id = id
    this.keepConnection = keepConnection
    this.#owner = owner
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    try {
      this.#head = cgiHead(status, headers)
    } catch {
      // Changed by the application after it was checked.
      this.#head = FAILED
      this.#refused = true
    }
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#refused) return undefined
    const bytes = asBuffer(chunk)
    if (this.#head !== '' && bytes.length <= SMALL_BODY_BYTES && (this.#held?.length ?? 0) === 0) {
      if (this.#held === undefined) this.#owner.hold(this)
      this.#held = bytes
      return undefined
    }
    this.release()
    this.#writeBody(bytes)
    return this.#paused?.promise ?? this.#owner.writer.backPressure
  }

  /** With the batch, like a small piece. */
  flushHead(): void {
    if (this.#head === '' || this.#held !== undefined) return
    this.#held = EMPTY
    this.#owner.hold(this)
  }

  setPaused(paused: boolean): void {
    if (!paused) {
      this.#paused?.resolve()
      this.#paused = undefined
    } else if (!this.#paused) {
      this.#paused = Promise.withResolvers<void>()
      this.#paused.promise.catch(() => undefined) // nobody may wait for it
    }
  }

  /** The front is gone, or takes no more: whoever waits for it hears so, and what was held back is not written. */
  giveUp(): void {
    this.#letGo()
    this.#paused?.reject(new Error('the client is gone'))
    this.#paused = undefined
  }

  end(): void {
    const head = this.#head
    const body = this.#held ?? EMPTY
    if (head !== '' && head.length + body.length <= MAX_CONTENT) {
      this.#letGo()
      this.#owner.writer.writeText(responseText(this.id, head, body))
    } else {
      this.release()
      this.#owner.writer.writeText(endText(this.id))
    }
    this.#owner.onExchangeEnd(this)
  }

  abort(): void {
    if (this.#head === '') {
      this.giveUp()
      this.#owner.onExchangeBroken(this)
      return
    }
    // Nothing has left yet: the client can still be told.
    this.#head = FAILED
    this.#held = undefined
    this.end()
  }

  /** Writes what was held back. */
  release(): void {
    const head = this.#head
    if (head === '') return
    const held = this.#held
    this.#letGo()
    const text = held === undefined ? head : head + held.latin1Slice(0, held.length)
    this.#owner.writer.writeText(stdoutText(this.id, text))
  }

  /** Before it is written: a batch that is full leaves within the write, and asks for what is held. */
  #letGo(): void {
    this.#head = ''
    this.#held = undefined
  }

  #writeBody(bytes: Buffer): void {
    const { writer } = this.#owner
    if (bytes.length <= SMALL_BODY_BYTES) {
      writer.writeText(stdoutText(this.id, bytes.latin1Slice(0, bytes.length)))
      return
    }
    // Large pieces go out as they are: records are headers between views of them.
    for (let at = 0; at < bytes.length; at += MAX_CONTENT) {
      const part = bytes.subarray(at, at + MAX_CONTENT)
      writer.writeText(recordHeader(FCGI_STDOUT, this.id, part.length))
      writer.writeBytes(part)
    }
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
