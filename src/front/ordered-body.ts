/**
 * A body made of the request's own bytes and of the answers of its subrequests, in the order of the page. The answers
 * are asked for at once and held back until it is their turn (nginx's postpone filter).
 */
import {
  HELD_BY_PART,
  holdWriter,
  letWriterGoOn,
  resumeFilters,
  type BodySink,
  type HoldingSink,
  type ResponseOutput,
} from './response-output.ts'
import type { Request } from './request.ts'
import { finishSubrequest, startSubrequest } from './subrequest.ts'

/** Most bytes of one part that wait for their turn before its writer is stopped. */
const MAX_HELD_BYTES = 64 * 1024

const NO_BYTES = Buffer.alloc(0)

/** Bytes of a body that have to come behind what is still under way. */
class Part {
  readonly pieces: Buffer[] = []
  bytes = 0

  /** Whether the writer may go on. */
  hold(chunk: Buffer): boolean {
    if (chunk.length > 0) this.pieces.push(chunk)
    this.bytes += chunk.length
    return this.bytes < MAX_HELD_BYTES
  }
}

/** The answer of a subrequest, as a part of the body of the request that made it. */
class IncludedPart extends Part implements ResponseOutput {
  readonly request: Request
  ended = false
  readonly #body: OrderedBody
  readonly #done: ((request: Request) => void) | undefined

  constructor(request: Request, body: OrderedBody, done: ((request: Request) => void) | undefined) {
    super()
    this.request = request
    this.#body = body
    this.#done = done
  }

  begin(bodyless: boolean): void {
    if (bodyless) this.write(NO_BYTES, true)
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (this.ended) return true
    if (last) this.ended = true
    const more = this.#body.takePart(this, chunk)
    if (!last) return more
    finishSubrequest(this.request)
    this.#body.goOn()
    this.#done?.(this.request)
    return true
  }
}

export class OrderedBody implements HoldingSink {
  readonly #request: Request
  readonly #next: BodySink
  /** The bytes of the first are on their way out; of own bytes there is a part only behind an included one. */
  readonly #parts: Part[] = []
  readonly #posted: Request[] = []
  #ended = false
  #starting = false

  constructor(request: Request, next: BodySink) {
    this.#request = request
    this.#next = next
    request.addHolder(this)
  }

  /** Own bytes. */
  write(chunk: Buffer, last: boolean): boolean {
    if (last) this.#ended = true
    const { length } = this.#parts
    if (length === 0) return this.#next.write(chunk, last)
    let part = this.#parts[length - 1] as Part
    if (part instanceof IncludedPart) this.#parts.push((part = new Part()))
    const more = part.hold(chunk)
    if (!more) holdWriter(this.#request, HELD_BY_PART)
    return more
  }

  /** Puts the answer of a subrequest here; it begins with `start`. */
  include(request: Request, done?: (request: Request) => void): void {
    const part = new IncludedPart(request, this, done)
    request.destination = part
    this.#parts.push(part)
    this.post(request)
  }

  /** A subrequest whose answer goes elsewhere, to begin in its turn. */
  post(request: Request): void {
    this.#posted.push(request)
  }

  /** Whether parts are still under way. */
  get pending(): boolean {
    return this.#parts.length > 0
  }

  /** Begins what was asked for. After the text that asked was read: what it sets further on is seen. */
  start(): void {
    if (this.#starting) return
    this.#starting = true
    for (let next = this.#posted.shift(); next; next = this.#posted.shift()) startSubrequest(next)
    this.#starting = false
  }

  takePart(part: IncludedPart, chunk: Buffer): boolean {
    if (part !== this.#parts[0]) return part.hold(chunk)
    return chunk.length === 0 || this.#next.write(chunk, false)
  }

  /** Lets out what has its turn now. */
  goOn(): void {
    const parts = this.#parts
    for (let first = parts[0]; first; first = parts[0]) {
      for (const piece of first.pieces.splice(0)) this.#next.write(piece, false)
      first.bytes = 0
      if (first instanceof IncludedPart && !first.ended) {
        resumeFilters(first.request)
        return
      }
      parts.shift()
    }
    if (this.#ended) this.#next.write(NO_BYTES, true)
    else letWriterGoOn(this.#request, HELD_BY_PART, this)
  }

  /** What is behind takes more: that is for the part whose turn it is. */
  onRoom(): void {
    const [first] = this.#parts
    if (first instanceof IncludedPart) resumeFilters(first.request)
  }
}
