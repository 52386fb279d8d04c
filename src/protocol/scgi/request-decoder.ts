/**
 * The application server's side: one request of a front, and its body.
 *
 * Rules of this file:
 * - `receive` stores bytes, `next` gives one event or undefined when it needs more. `data` of an event is a view of
 *   the received bytes, good until the next `receive`.
 * - One connection carries one request (the specification's words). Bytes behind its body are dropped and flagged.
 * - Retained: the netstring while it is not whole, at most `headerBytes` of it.
 */
import { ExactReader } from '../../util/exact-reader.ts'
import { decodeHeaders } from './headers-decoder.ts'
import { ScgiError } from './scgi-error.ts'

export type ScgiRequestEvent =
  | {
      readonly type: 'request'
      /** Flat list of names and values. */
      readonly vars: string[]
      /** Bytes of body that follow. */
      readonly bodyLength: number
    }
  | { readonly type: 'body'; readonly data: Buffer }
  | { readonly type: 'body end' }

export interface ScgiRequestLimits {
  /** Bytes of all headers together. */
  readonly headerBytes: number
  readonly headerCount: number
}

export const SCGI_REQUEST_LIMITS: ScgiRequestLimits = { headerBytes: 256 * 1024, headerCount: 2048 }

const ZERO = 48
const NINE = 57
const COLON = 58
const COMMA = 44

export class ScgiRequestDecoder {
  readonly #limits: ScgiRequestLimits
  #state: 'length' | 'headers' | 'body' | 'done' = 'length'
  readonly #reader = new ExactReader()
  /** Digits of the length read so far, as their number; -1 before the first. */
  #length = -1
  #bodyLeft = 0
  #extra = false
  #failure: ScgiError | undefined

  constructor(limits: ScgiRequestLimits = SCGI_REQUEST_LIMITS) {
    this.#limits = limits
  }

  receive(bytes: Buffer): void {
    this.#reader.receive(bytes)
  }

  /** Bytes held for headers that are not whole. */
  get retainedBytes(): number {
    return this.#reader.retained
  }

  /** Bytes came behind the body: the connection is in an unknown state. */
  get extraBytes(): boolean {
    return this.#extra
  }

  /** @throws ScgiError of the downstream side: close the connection. */
  next(): ScgiRequestEvent | undefined {
    if (this.#failure !== undefined) throw this.#failure
    try {
      if (this.#state === 'length' && !this.#readLength()) return undefined
      if (this.#state === 'headers') return this.#readHeaders()
      if (this.#state === 'body') return this.#readBody()
    } catch (error) {
      if (error instanceof ScgiError) this.#failure = error
      throw error
    }
    if (this.#reader.available > 0) this.#extra = true
    this.#reader.drop()
    return undefined
  }

  /**
   * The front sent its FIN.
   *
   * @throws ScgiError SCGI_TRUNCATED before the end of the request; not on a connection that was never used.
   */
  receiveEnd(): void {
    const unused = this.#state === 'length' && this.#length < 0 && this.#reader.available === 0
    if (this.#state !== 'done' && !unused) throw (this.#failure = new ScgiError('SCGI_TRUNCATED'))
  }

  /** Digits and a colon. No sign, no blank, no leading zero: `0:` would be a request without headers. */
  #readLength(): boolean {
    for (let octet = this.#reader.byte(); octet >= 0; octet = this.#reader.byte()) {
      if (octet === COLON && this.#length > 0) {
        this.#state = 'headers'
        return true
      }
      if (octet < ZERO || octet > NINE || this.#length === 0) throw new ScgiError('SCGI_LENGTH_INVALID')
      this.#length = Math.max(0, this.#length) * 10 + octet - ZERO
      if (this.#length > this.#limits.headerBytes) throw new ScgiError('SCGI_TOO_LONG')
    }
    this.#reader.drop()
    return false
  }

  #readHeaders(): ScgiRequestEvent | undefined {
    if (!this.#reader.take(this.#length + 1)) return undefined
    const { source, start } = this.#reader
    if (source[start + this.#length] !== COMMA) throw new ScgiError('SCGI_NO_COMMA')
    const text = source.latin1Slice(start, start + this.#length)
    const { vars, bodyLength } = decodeHeaders(text, this.#limits.headerCount)
    this.#bodyLeft = bodyLength
    this.#state = 'body'
    return { type: 'request', vars, bodyLength }
  }

  #readBody(): ScgiRequestEvent | undefined {
    if (this.#bodyLeft === 0) {
      this.#state = 'done'
      return { type: 'body end' }
    }
    const data = this.#reader.upTo(this.#bodyLeft)
    if (!data) return undefined
    this.#bodyLeft -= data.length
    return { type: 'body', data }
  }
}
