/**
 * The application server's side: one request of a front, and its body.
 *
 * Rules of this file:
 * - `receive` stores bytes, `next` gives one event or undefined when it needs more. `data` of an event is a view of
 *   the received bytes, good until the next `receive`.
 * - One connection carries one request, as nginx does it. Bytes behind its body are dropped and flagged.
 * - Retained: the header and the vars block, at most 65539 bytes, while they are not whole.
 */
import { parseContentLength } from '../../http/content-length.ts'
import { ExactReader } from '../../util/exact-reader.ts'
import { HEADER_BYTES, MAX_BLOCK, MODIFIER_WSGI } from './packet.ts'
import { UwsgiError } from './uwsgi-error.ts'
import { decodeVars } from './vars-decoder.ts'

export type UwsgiRequestEvent =
  | {
      readonly type: 'request'
      readonly modifier1: number
      readonly modifier2: number
      /** Flat list of names and values. */
      readonly vars: string[]
      /** Bytes of body that follow. */
      readonly bodyLength: number
    }
  | { readonly type: 'body'; readonly data: Buffer }
  | { readonly type: 'body end' }

export interface UwsgiRequestLimits {
  /** Bytes of the vars block (uWSGI's `buffer-size`, which is 4096 there). */
  readonly blockBytes: number
  readonly varsCount: number
  /** Values of modifier 1 that are served. */
  readonly modifiers: readonly number[]
}

export const UWSGI_REQUEST_LIMITS: UwsgiRequestLimits = {
  blockBytes: MAX_BLOCK,
  varsCount: 2048,
  modifiers: [MODIFIER_WSGI],
}

export class UwsgiRequestDecoder {
  readonly #limits: UwsgiRequestLimits
  #state: 'header' | 'block' | 'body' | 'done' = 'header'
  readonly #reader = new ExactReader()
  #modifier1 = 0
  #modifier2 = 0
  #blockSize = 0
  #bodyLeft = 0
  #extra = false
  #failure: UwsgiError | undefined

  constructor(limits: UwsgiRequestLimits = UWSGI_REQUEST_LIMITS) {
    this.#limits = limits
  }

  receive(bytes: Buffer): void {
    this.#reader.receive(bytes)
  }

  /** Bytes held for a header or block that is not whole. */
  get retainedBytes(): number {
    return this.#reader.retained
  }

  /** Bytes came behind the body: the connection is in an unknown state. */
  get extraBytes(): boolean {
    return this.#extra
  }

  /** @throws UwsgiError UWSGI_MODIFIER, UWSGI_BLOCK_..., UWSGI_VARS_..., UWSGI_CONTENT_LENGTH: close the connection. */
  next(): UwsgiRequestEvent | undefined {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#state === 'header' && !this.#readHeader()) return undefined
    if (this.#state === 'block') return this.#readBlock()
    if (this.#state === 'body') return this.#readBody()
    if (this.#reader.available > 0) this.#extra = true
    this.#reader.drop()
    return undefined
  }

  /**
   * The front sent its FIN.
   *
   * @throws UwsgiError UWSGI_TRUNCATED before the end of the request; not on a connection that was never used.
   */
  receiveEnd(): void {
    const unused = this.#state === 'header' && this.#reader.retained === 0 && this.#reader.available === 0
    if (this.#state !== 'done' && !unused) this.#fail('UWSGI_TRUNCATED')
  }

  #readHeader(): boolean {
    if (!this.#reader.take(HEADER_BYTES)) return false
    const { source, start: at } = this.#reader
    this.#modifier1 = source[at] ?? 0
    this.#blockSize = source.readUInt16LE(at + 1)
    this.#modifier2 = source[at + 3] ?? 0
    if (!this.#limits.modifiers.includes(this.#modifier1)) this.#fail('UWSGI_MODIFIER', this.#modifier1)
    if (this.#blockSize === 0) this.#fail('UWSGI_BLOCK_EMPTY')
    if (this.#blockSize > this.#limits.blockBytes) this.#fail('UWSGI_BLOCK_TOO_LONG', this.#blockSize)
    this.#state = 'block'
    return true
  }

  #readBlock(): UwsgiRequestEvent | undefined {
    if (!this.#reader.take(this.#blockSize)) return undefined
    const { source, start: at } = this.#reader
    const vars = decodeVars(source, at, at + this.#blockSize)
    if (vars === undefined) return this.#fail('UWSGI_VARS_INVALID')
    if (vars.length > 2 * this.#limits.varsCount) this.#fail('UWSGI_VARS_TOO_MANY', vars.length / 2)
    this.#bodyLeft = this.#contentLength(vars)
    this.#state = 'body'
    return {
      type: 'request',
      modifier1: this.#modifier1,
      modifier2: this.#modifier2,
      vars,
      bodyLength: this.#bodyLeft,
    }
  }

  #readBody(): UwsgiRequestEvent | undefined {
    if (this.#bodyLeft === 0) {
      this.#state = 'done'
      return { type: 'body end' }
    }
    const data = this.#reader.upTo(this.#bodyLeft)
    if (!data) return undefined
    this.#bodyLeft -= data.length
    return { type: 'body', data }
  }

  /** The front's one statement of the body's length: none or an empty one is 0, two that differ are refused. */
  #contentLength(vars: readonly string[]): number {
    let stated: string | undefined
    for (let i = 0; i < vars.length; i += 2) {
      if (vars[i] !== 'CONTENT_LENGTH') continue
      if (stated !== undefined && stated !== vars[i + 1]) this.#fail('UWSGI_CONTENT_LENGTH')
      stated = vars[i + 1]
    }
    if (stated === undefined || stated === '') return 0
    return parseContentLength(stated) ?? this.#fail('UWSGI_CONTENT_LENGTH')
  }

  #fail(code: ConstructorParameters<typeof UwsgiError>[0], detail?: number): never {
    this.#failure = new UwsgiError(code, detail)
    throw this.#failure
  }
}
