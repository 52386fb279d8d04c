/**
 * One connection from a uwsgi or SCGI front: one request, one answer, ended by the end of the connection. The two
 * differ in how the request is written and in the first line of the answer.
 */
import type { HeaderPair } from '../gateway/application.ts'
import { RequestInput } from '../gateway/input-stream.ts'
import type { ResponseSink } from '../gateway/response-sink.ts'
import { BatchedWriter } from '../io/batched-writer.ts'
import { Connection, type ConnectionOwner } from '../io/connection.ts'
import type { BatchOwner } from '../io/batched-writer.ts'
import type { Socket } from '../io/socket.ts'
import type { AppConnection, AppConnectionOwner } from './app-connection.ts'
import { closeLingering, sayBug } from './linger.ts'
import { ServedRequest } from './served-request.ts'
import type { Site } from './site.ts'

const FAILED = '500 Internal Server Error'
const NO_BODY: readonly HeaderPair[] = [['Content-Length', '0']]
/** Above it a piece of body is written as it is, below it joins the head as text. */
const SMALL_BODY_BYTES = 16_384
const FAREWELL_MS = 1000

/** What comes from the front, in order. */
type RequestEvent =
  | { readonly type: 'request'; readonly vars: readonly string[]; readonly bodyLength: number }
  | { readonly type: 'body'; readonly data: Buffer }
  | { readonly type: 'body end' }

/** A protocol of one request per connection. */
export interface SingleRequestWire {
  readonly decoder: { receive(bytes: Buffer): void; next(): RequestEvent | undefined }
  /** Latin-1 text. @throws WsgiError for what would not be one line. */
  readonly head: (status: string, headers: readonly HeaderPair[]) => string
}

export class SingleRequestConnection implements AppConnection, ConnectionOwner, ResponseSink, BatchOwner {
  readonly #socket: Socket
  readonly #site: Site
  readonly #owner: AppConnectionOwner
  readonly #writer: BatchedWriter
  readonly #wire: SingleRequestWire
  #input: RequestInput | undefined
  #request: ServedRequest | undefined
  /** Bytes of the request have come. */
  #used = false
  #bodyEnded = false
  #refused = false
  #closed = false
  #farewell: NodeJS.Timeout | undefined

  constructor(socket: Socket, site: Site, owner: AppConnectionOwner, wire: SingleRequestWire) {
    this.#wire = wire
    this.#socket = socket
    this.#site = site
    this.#owner = owner
    this.#writer = new BatchedWriter(new Connection(socket, this), this)
  }

  /** Who has connected sends its request now: it is waited for a moment. */
  drain(): void {
    if (this.#used || this.#farewell) return
    this.#farewell = setTimeout(() => this.#close(false), FAREWELL_MS)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onFlush(): void {
    // Nothing is held back.
  }

  head(status: string, headers: readonly HeaderPair[]): void {
    try {
      this.#writer.writeText(this.#wire.head(status, headers))
    } catch {
      // Changed by the application after it was checked.
      this.#refused = true
      this.#writer.writeText(this.#wire.head(FAILED, NO_BODY))
    }
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#refused) return undefined
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (bytes.length <= SMALL_BODY_BYTES) this.#writer.writeText(bytes.latin1Slice(0, bytes.length))
    else this.#writer.writeBytes(bytes)
    return this.#writer.backPressure
  }

  end(): void {
    this.#request?.finish()
    this.#request = undefined
    this.#close(false)
  }

  /** Only the connection's end frames a response: a reset is all that can tell. */
  abort(): void {
    this.#closed = true
    if (this.#socket.remoteAddress === undefined) this.#socket.destroy()
    else this.#socket.resetAndDestroy()
  }

  onData(bytes: Buffer): void {
    if (this.#closed) return
    this.#used = true
    clearTimeout(this.#farewell)
    this.#wire.decoder.receive(bytes)
    this.#writer.beginBatch()
    try {
      this.#handleAll()
    } catch (error) {
      this.#refuse(error)
    }
    this.#writer.endBatch()
  }

  #handleAll(): void {
    while (!this.#closed) {
      const event = this.#wire.decoder.next()
      if (event === undefined) return
      if (event.type === 'request') this.#start(event.vars, event.bodyLength)
      else if (event.type === 'body') this.#takeBody(event.data)
      else this.#bodyEnded = true
    }
  }

  #start(vars: readonly string[], bodyLength: number): void {
    if (bodyLength > 0) this.#input = new RequestInput(bodyLength, () => this.#socket.resume())
    else this.#bodyEnded = true
    let request: ServedRequest
    try {
      request = new ServedRequest(this.#site, vars, this.#input, this)
    } catch (error) {
      this.#log(error)
      this.head('400 Bad Request', NO_BODY)
      this.#close(false)
      return
    }
    if (this.#closed) request.finish()
    else this.#request = request
  }

  #takeBody(data: Buffer): void {
    if (this.#input?.push(data) === false) this.#socket.pause()
  }

  #refuse(error: unknown): void {
    this.#log(error)
    this.#close(true)
  }

  #log(error: unknown): void {
    const peer = this.#socket.remoteAddress ?? 'unix:'
    this.#site.log.log('error', `${error instanceof Error ? error.message : String(error)}, front: ${peer}`)
  }

  #close(cancels: boolean): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#farewell)
    if (cancels) this.#request?.cancel()
    this.#writer.flush()
    if (this.#bodyEnded || cancels) this.#socket.destroySoon()
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
    clearTimeout(this.#farewell)
    this.#request?.cancel()
    this.#owner.onConnectionClosed(this)
  }
}
