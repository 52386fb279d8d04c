/**
 * wsgi.input, fed by pushes.
 *
 * Rules of this file:
 * - Reads are those of a Python file: `read(n)` waits for n bytes or the end. Only iteration gives pieces as they
 *   come, where PEP 3333 has lines: that is what one expects of an async iterable here, and a line each would let
 *   one megabyte of line feeds cost a second and 200 MB.
 * - CONTENT_LENGTH bounds the body: what comes behind it is dropped and flagged, and an end before it is an error
 *   for the application, after what did come was read.
 * - Pushed buffers belong to the stream. Whoever reads sockets into static memory has to copy first.
 * - Not more is held than the high-water mark and one push, except while a read asks for more; the rest waits in
 *   the socket.
 */
import type { InputStream } from './application.ts'
import { ByteQueue } from './byte-queue.ts'
import { WsgiError } from './wsgi-error.ts'

const EMPTY = Buffer.alloc(0)
const HIGH_WATER_BYTES = 65536

/** What a waiting read wants: so many bytes, a line of at most so many, or whatever there is. */
interface Waiting {
  /** Infinity for everything. */
  readonly size: number
  readonly kind: 'bytes' | 'line' | 'piece'
  resolve(data: Buffer): void
  reject(error: Error): void
}

export class RequestInput implements InputStream {
  /** -1 when only the front's own end mark tells. */
  readonly #length: number
  readonly #onDrain: () => void
  readonly #queue = new ByteQueue()
  #received = 0
  #complete = false
  #error: Error | undefined
  #waiting: Waiting | undefined
  #paused = false
  #discarding = false
  /** What was discarded was not read: no end may say that it was all. */
  #dropped = false
  #overrun = false

  /** `onDrain` is called when pushes may go on after one that answered false. */
  constructor(contentLength: number | undefined, onDrain: () => void) {
    this.#length = contentLength ?? -1
    this.#onDrain = onDrain
    this.#complete = this.#length === 0
  }

  /** More came than CONTENT_LENGTH says: the connection is in an unknown state. */
  get overrun(): boolean {
    return this.#overrun
  }

  /** The whole body came. */
  get complete(): boolean {
    return this.#complete
  }

  /** Takes a piece of body. False when the next one should wait for `onDrain`. */
  push(data: Buffer): boolean {
    if (this.#complete || this.#error !== undefined) {
      if (data.length > 0 && this.#error === undefined) this.#overrun = true
      return true
    }
    let piece = data
    if (this.#length >= 0 && this.#received + data.length > this.#length) {
      this.#overrun = true
      piece = data.subarray(0, this.#length - this.#received)
    }
    this.#received += piece.length
    if (this.#received === this.#length) this.#complete = true
    if (this.#discarding) return true
    if (piece.length > 0) this.#queue.push(piece)
    this.#serve()
    this.#paused = !this.#complete && this.#waiting === undefined && this.#queue.length >= HIGH_WATER_BYTES
    return !this.#paused
  }

  /** The front's end mark, or its FIN. Too early, it is an error for the application. */
  end(): void {
    if (this.#complete || this.#error !== undefined) return
    if (this.#length >= 0) {
      this.abort(
        new WsgiError(
          'WSGI_INPUT_TRUNCATED',
          `the client sent ${this.#received} of the ${this.#length} bytes of the request body`,
        ),
      )
      return
    }
    this.#complete = true
    this.#serve()
  }

  /** The rest will not come. What is here can still be read; then reads reject. */
  abort(error: Error = new WsgiError('WSGI_INPUT_TRUNCATED')): void {
    if (this.#complete || this.#error !== undefined) return
    this.#error = error
    this.#serve()
  }

  /** The application is done: what it did not read, and what is to come, is dropped, so that the front can send it. Reads reject from here on. */
  discard(): void {
    this.#discarding = true
    this.#dropped = !this.#complete || this.#queue.length > 0
    this.#queue.clear()
    this.#serve()
    this.#resume()
  }

  read(size?: number): Promise<Buffer> {
    return this.#want(size === undefined || size < 0 ? Infinity : size, 'bytes')
  }

  readline(size?: number): Promise<Buffer> {
    return this.#want(size === undefined || size < 0 ? Infinity : size, 'line')
  }

  /** Lines until the end, or until they have `hint` bytes together. */
  async readlines(hint?: number): Promise<Buffer[]> {
    const limit = hint === undefined || hint <= 0 ? Infinity : hint
    const lines: Buffer[] = []
    for (let total = 0; total < limit;) {
      const line = await this.readline()
      if (line.length === 0) break
      lines.push(line)
      total += line.length
    }
    return lines
  }

  /** Pieces as they come, none of them empty. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: async () => {
        const value = await this.#want(1, 'piece')
        return value.length === 0 ? { done: true, value: undefined } : { done: false, value }
      },
    }
  }

  #want(size: number, kind: Waiting['kind']): Promise<Buffer> {
    if (this.#waiting !== undefined) {
      return Promise.reject(
        new WsgiError('WSGI_INPUT_BUSY', 'wsgi.input is being read; await one read before the next one'),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { size, kind, resolve, reject }
      this.#serve()
      if (this.#waiting !== undefined || this.#queue.length < HIGH_WATER_BYTES) this.#resume()
    })
  }

  /** Answers the waiting read if it can be. */
  #serve(): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    const available = this.#available(waiting)
    if (available < 0) return
    this.#waiting = undefined
    // A read of everything must not pass off a part as the whole.
    const missing =
      waiting.size === Infinity &&
      !(waiting.kind === 'line' && available > 0 && this.#queue.endsLine(available))
    if (this.#isCut && (available === 0 ? waiting.size > 0 : missing))
      waiting.reject(this.#error ?? new WsgiError('WSGI_INPUT_DROPPED'))
    else waiting.resolve(available === 0 ? EMPTY : this.#queue.take(available))
  }

  get #isCut(): boolean {
    return this.#error !== undefined || this.#dropped
  }

  /** Bytes to answer with, or -1 when it takes more to decide. */
  #available({ size, kind }: Waiting): number {
    const over = this.#complete || this.#error !== undefined || this.#discarding
    const here = this.#queue.length
    if (kind === 'piece') return here > 0 ? this.#queue.firstLength : over ? 0 : -1
    if (kind === 'line') {
      const end = this.#queue.lineLength(size)
      if (end >= 0) return end
      return over || here >= size ? Math.min(here, size) : -1
    }
    if (here >= size) return size
    return over ? here : -1
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#onDrain()
  }
}

/** The input of a request without a body, one for all of them: there is nothing in it to share. */
export const emptyInput: InputStream = Object.freeze({
  read: () => Promise.resolve(EMPTY),
  readline: () => Promise.resolve(EMPTY),
  readlines: () => Promise.resolve([]),
  async *[Symbol.asyncIterator]() {},
})
