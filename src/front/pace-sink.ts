/** The last of the body filters: sends so many bytes per second and no more (`limit_rate`, X-Accel-Limit-Rate). */
import { monotonicMs } from '../io/clock.ts'
import { parseSize } from '../util/size.ts'
import type { Request } from './request.ts'
import {
  HELD_BY_PACE,
  holdWriter,
  letWriterGoOn,
  type BodySink,
  type HoldingSink,
} from './response-output.ts'
import type { Value } from './value.ts'

/** Longest wait before it is looked again how much may be sent, milliseconds. */
const MAX_WAIT_MS = 1000

const NO_BYTES = Buffer.alloc(0)

export class PaceSink implements HoldingSink {
  readonly #request: Request
  readonly #rate: number
  readonly #after: number
  readonly #next: BodySink
  readonly #startMs = monotonicMs()
  #queue: Buffer[] = []
  #last = false
  /** The end was passed on. */
  #ended = false
  #sent = 0
  #timer: NodeJS.Timeout | undefined

  constructor(request: Request, rate: number, after: number, next: BodySink) {
    this.#request = request
    this.#rate = rate
    this.#after = after
    this.#next = next
    request.onceOver(() => clearTimeout(this.#timer))
    request.addHolder(this)
  }

  write(chunk: Buffer, last: boolean): boolean {
    if (chunk.length > 0) this.#queue.push(chunk)
    this.#last ||= last
    return this.#timer === undefined && this.#flush()
  }

  /** Sends what may be sent by now: a second's worth at once, as nginx does. Answers whether all of it went. */
  #flush(): boolean {
    let allowed = this.#allowed()
    let more = true
    for (let chunk = this.#queue[0]; chunk && allowed > 0; chunk = this.#queue[0]) {
      const piece = chunk.subarray(0, allowed)
      if (piece.length === chunk.length) this.#queue.shift()
      else this.#queue[0] = chunk.subarray(piece.length)
      allowed -= piece.length
      this.#sent += piece.length
      more = this.#pass(piece)
    }
    if (this.#queue.length === 0) {
      if (this.#last && !this.#ended) this.#pass(NO_BYTES)
      return more
    }
    const waitMs = Math.min(MAX_WAIT_MS, Math.ceil((-this.#allowed() * 1000) / this.#rate) + 1)
    this.#timer = setTimeout(this.#again, Math.max(1, waitMs))
    holdWriter(this.#request, HELD_BY_PACE)
    return false
  }

  #pass(piece: Buffer): boolean {
    this.#ended = this.#last && this.#queue.length === 0
    return this.#next.write(piece, this.#ended)
  }

  #allowed(): number {
    const seconds = Math.floor((monotonicMs() - this.#startMs) / 1000) + 1
    return this.#rate * seconds + this.#after - this.#sent
  }

  readonly #again = (): void => {
    this.#timer = undefined
    const request = this.#request
    if (request.connection.closed || request.finished || !this.#flush()) return
    letWriterGoOn(request, HELD_BY_PACE, this)
  }

  /** What was late on its way has left, and the next may come. */
  onRoom(): void {
    if (this.#timer === undefined) this.#request.heldBy &= ~HELD_BY_PACE
  }
}

/** Bytes; 0 for what is no size. */
export function sizeOf(value: Value | undefined, request: Request): number {
  return value ? (parseSize(value.evaluate(request)) ?? 0) : 0
}
