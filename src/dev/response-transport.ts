/**
 * One request of node:http as a connection of the front: its head and body come from the message that node parsed, and
 * what the front writes goes to the response that node frames.
 *
 * Rules of this file:
 * - The body is not read before somebody takes it: until then the request can be handed to who reads it himself.
 * - The owner is called for one request, and hears the end once, when node's response is closed.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request } from '../front/request.ts'
import type { ConnectionOwner } from '../io/connection.ts'
import type { StartedTransport } from '../io/transport.ts'
import type { ResponseHead } from '../protocol/http1/message.ts'
import { ResponseDecoder } from '../protocol/http1/response-decoder.ts'
import { chunkHead, LAST_CHUNK } from '../protocol/http1/response-encoder.ts'

/** Of heads that our own front wrote: they are never refused. */
const LIMITS = { headBytes: 16 << 20, maxHeaders: 100_000 }

/** Said by node, which frames the message that leaves. */
const FRAMING = new Set(['connection', 'keep-alive', 'transfer-encoding'])

const CONTINUE = 'HTTP/1.1 100 '

export class ResponseTransport implements StartedTransport {
  readonly lendsBytes = false
  readonly message: IncomingMessage
  readonly response: ServerResponse
  bytesWritten = 0
  readonly #decoder = new ResponseDecoder(LIMITS)
  #owner: ConnectionOwner | undefined
  #head: ResponseHead | undefined
  #handedOff: Request | undefined
  #bodyTaken = false
  #over = false

  constructor(message: IncomingMessage, response: ServerResponse) {
    this.message = message
    this.response = response
    response.sendDate = false // the front's own
    response.on('drain', () => this.#owner?.onDrain())
    response.on('close', () => this.#closed())
    response.on('error', () => response.destroy())
  }

  get bytesTaken(): number {
    return this.bytesWritten
  }

  get remoteAddress(): string | undefined {
    return this.message.socket.remoteAddress
  }

  get remotePort(): number | undefined {
    return this.message.socket.remotePort
  }

  get localAddress(): string | undefined {
    return this.message.socket.localAddress
  }

  get localPort(): number | undefined {
    return this.message.socket.localPort
  }

  start(owner: ConnectionOwner): void {
    this.#owner = owner
    this.#decoder.begin(this.message.method ?? 'GET')
  }

  /** The front gets the head. Not from `start`: the answer may be there before this returns. */
  begin(): void {
    this.#owner?.onData(Buffer.from(requestHead(this.message), 'latin1'))
  }

  /** From here on the body goes to the front. */
  takeBody(): void {
    if (this.#bodyTaken) return
    this.#bodyTaken = true
    const { message } = this
    const chunked = message.headers['transfer-encoding'] !== undefined
    message.on('data', (chunk: Buffer) => {
      if (chunked) this.#owner?.onData(Buffer.from(chunkHead(chunk.length), 'latin1'))
      this.#owner?.onData(chunk)
      if (chunked) this.#owner?.onData(Buffer.from('\r\n'))
    })
    if (chunked) message.on('end', () => this.#owner?.onData(Buffer.from(LAST_CHUNK)))
  }

  /** Somebody else answers on `response`; the front only hears of the end. */
  handOff(request: Request): void {
    this.#handedOff = request
  }

  get destroyed(): boolean {
    return this.#over
  }

  get pendingBytes(): number {
    return this.response.writableLength
  }

  get unsentBytes(): number {
    return this.response.writableLength
  }

  get willDrain(): boolean {
    return !this.response.writableEnded && this.response.writableNeedDrain
  }

  write(data: string | Buffer): boolean {
    if (this.#over) return false
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    this.bytesWritten += bytes.length
    if (this.#head === undefined && bytes.toString('latin1', 0, CONTINUE.length) === CONTINUE)
      this.response.writeContinue()
    else if (bytes.length > 0) this.#relay(bytes)
    return !this.willDrain
  }

  #relay(bytes: Buffer): void {
    const { response } = this
    this.#decoder.receive(bytes)
    if (this.#head === undefined) {
      this.#head = this.#decoder.nextHead()
      for (const hints of this.#decoder.takeEarlyHints())
        response.writeEarlyHints({ link: hints.all('link') })
      if (this.#head === undefined) return
      response.writeHead(this.#head.status, this.#head.reason, fieldsOf(this.#head))
    }
    for (let piece = this.#decoder.nextBody(); piece; piece = this.#decoder.nextBody()) response.write(piece)
    if (this.#decoder.bodyDone) this.#end()
  }

  #end(): void {
    const { trailers } = this.#decoder
    if (trailers)
      this.response.addTrailers(
        trailers.rawNames.map((name, index): [string, string] => [name, trailers.values[index] ?? '']),
      )
    this.response.end()
  }

  /** Each write is one of node's already. */
  cork(): void {
    this.response.cork()
  }

  uncork(): void {
    this.response.uncork()
  }

  pause(): void {
    if (this.#bodyTaken) this.message.pause()
  }

  resume(): void {
    if (this.#bodyTaken) this.message.resume()
  }

  end(): void {
    this.destroy()
  }

  destroySoon(): void {
    this.destroy()
  }

  reset(): void {
    this.destroy()
  }

  /** What is not whole by now never will be, unless its end is the end of the connection. */
  destroy(): void {
    if (this.#over) return
    this.#over = true
    const { response } = this
    if (response.writableEnded) return // it leaves, and node says when
    if (this.#head?.framing.kind === 'close') response.end()
    else response.destroy()
  }

  #closed(): void {
    const owner = this.#owner
    const request = this.#handedOff
    this.#over = true
    this.#owner = undefined
    if (request) {
      request.status = this.response.statusCode
      request.headSent = this.response.headersSent
    }
    owner?.onClose(undefined)
  }
}

/** As it came, as far as node tells. */
export function requestHead({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  let text = `${method ?? ''} ${url ?? ''} HTTP/${httpVersion}\r\n`
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    text += `${rawHeaders[index] ?? ''}: ${rawHeaders[index + 1] ?? ''}\r\n`
  return `${text}\r\n`
}

/** Flat, in order. A connection that the front would close is closed. */
function fieldsOf({ headers, keepAlive }: ResponseHead): string[] {
  const { names, rawNames, values } = headers
  const fields = names.flatMap((name, index) =>
    FRAMING.has(name) ? [] : [rawNames[index] ?? '', values[index] ?? ''],
  )
  return keepAlive ? fields : [...fields, 'Connection', 'close']
}
