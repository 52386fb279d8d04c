/**
 * Received bytes that are not decoded yet.
 *
 * Ownership: the inbox reads the buffer it was given in place, so the caller must leave it alone until either the
 * decoder asked for more (its `next...` method returned undefined; a rest is copied then) or `retain()` was called.
 * That allows one static read buffer per process.
 */
import { latin1 } from './latin1.ts'

const EMPTY = Buffer.alloc(0)
const LF = 10
/** How much is turned into a string at once: most heads in one piece, and little of a body by mistake. */
const WINDOW = 2048

export const NEED_DATA = -1
export const OVER_LIMIT = -2

export class Inbox {
  bytes: Buffer = EMPTY
  /** Offset in `bytes` of the first byte not consumed. */
  position = 0
  /** Bytes behind `position` known to hold no LF. Not 0 only while a line is incomplete. */
  searched = 0

  /** Whether `bytes` is ours; otherwise the caller may write into it as soon as we ask for more. */
  #own = true
  #waiting: Buffer[] = []
  #waitingBytes = 0
  #text = ''
  #textStart = 0
  #textEnd = 0

  get length(): number {
    return this.bytes.length - this.position + this.#waitingBytes
  }

  receive(bytes: Buffer): void {
    if (this.position === this.bytes.length && this.#waiting.length === 0) {
      this.#take(bytes, false)
    } else {
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
    }
  }

  /**
   * More bytes behind those of `bytes`, whose unread rest moves to the front of a new buffer. False when there are
   * none; the rest is copied then, and nothing received is referred to any more.
   */
  more(): boolean {
    const next = this.#waiting.shift()
    if (next === undefined) {
      if (!this.#own || this.position > 0) this.#take(this.#copyOfRest(), true)
      return false
    }
    this.#waitingBytes -= next.length
    const rest = this.bytes.length - this.position
    if (rest === 0) this.#take(next, false)
    else this.#take(Buffer.concat([this.bytes.subarray(this.position), next]), true)
    return true
  }

  /** Lets go of the caller's buffers by copying what is unread. */
  retain(): void {
    this.#take(this.takeRest(), true)
  }

  /** Everything unread, in a buffer of its own; the inbox is empty afterwards. */
  takeRest(): Buffer {
    const rest = Buffer.concat([this.bytes.subarray(this.position), ...this.#waiting])
    this.#waiting = []
    this.#waitingBytes = 0
    this.searched = 0
    this.#take(EMPTY, true)
    return rest
  }

  /** Latin-1 text of `bytes` from `from` up to `to`. Part of a longer string: copy it to keep it for long. */
  text(from: number, to: number): string {
    if (to > this.#textEnd || from < this.#textStart) this.#openWindow(from, to)
    return this.#text.substring(from - this.#textStart, to - this.#textStart)
  }

  /**
   * Offset of the LF that ends the line at `position`; NEED_DATA when it is not there yet, OVER_LIMIT when it is not
   * among the first `limit` bytes. The answer for a line is the same however its bytes are cut.
   */
  lineEnd(limit: number): number {
    const from = this.position
    const found = this.bytes.indexOf(LF, from + this.searched)
    const length = (found < 0 ? this.bytes.length : found + 1) - from
    if (length > limit || (found < 0 && length === limit)) return OVER_LIMIT
    if (found >= 0) {
      this.searched = 0
      return found
    }
    this.searched = length
    return NEED_DATA
  }

  #openWindow(from: number, to: number): void {
    this.#textStart = from
    this.#textEnd = Math.min(this.bytes.length, Math.max(to, from + WINDOW))
    this.#text = latin1(this.bytes, from, this.#textEnd)
  }

  #copyOfRest(): Buffer {
    return this.position === this.bytes.length ? EMPTY : Buffer.from(this.bytes.subarray(this.position))
  }

  #take(bytes: Buffer, own: boolean): void {
    this.bytes = bytes
    this.#own = own
    this.position = 0
    this.#text = ''
    this.#textStart = 0
    this.#textEnd = 0
  }
}
