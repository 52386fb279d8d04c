/**
 * The front's side, incoming: what an application server answers on one connection.
 *
 * Rules of this file:
 * - `receive`, `next`, views and failures as in request-decoder.ts.
 * - Only ids that the front opened by `open(id)` may be answered, and only until their end record: anything behind
 *   it could be taken for the answer to the next request (response-queue poisoning).
 * - The empty stdout record is no event: the end record follows, and some applications (PHP-FPM) leave it out.
 */
import { FastcgiError } from './fastcgi-error.ts'
import { decodePairs } from './name-value.ts'
import {
  FCGI_END_REQUEST,
  FCGI_GET_VALUES_RESULT,
  FCGI_STDERR,
  FCGI_STDOUT,
  FCGI_UNKNOWN_TYPE,
  MAX_CONTENT,
} from './record.ts'
import { RecordReader } from './record-reader.ts'

export type FastcgiResponseEvent =
  | { readonly type: 'stdout' | 'stderr'; readonly id: number; readonly data: Buffer }
  /** `protocolStatus` is 0 when the request was served; the id is free again. */
  | { readonly type: 'end'; readonly id: number; readonly appStatus: number; readonly protocolStatus: number }
  /** The answer to `encodeGetValues`: a flat list. */
  | { readonly type: 'values'; readonly values: string[] }
  /** The application does not know a management record of ours. */
  | { readonly type: 'unknown type'; readonly recordType: number }

export interface FastcgiResponseLimits {
  /** Content bytes of one record. */
  readonly recordBytes: number
}

const FASTCGI_RESPONSE_LIMITS: FastcgiResponseLimits = { recordBytes: MAX_CONTENT }

const MAX_MANAGEMENT_BYTES = 1024
const END_BYTES = 8
const WAIT = Symbol('wait')
const SKIP = Symbol('skip')

/** Of an id: answering, or its stdout has ended. */
const OPEN = 1
const STDOUT_ENDED = 2

export class FastcgiResponseDecoder {
  readonly #limits: FastcgiResponseLimits
  readonly #reader = new RecordReader()
  readonly #open = new Map<number, typeof OPEN | typeof STDOUT_ENDED>()
  #inRecord = false
  #failure: FastcgiError | undefined

  constructor(limits: FastcgiResponseLimits = FASTCGI_RESPONSE_LIMITS) {
    this.#limits = limits
  }

  /** A request with that id was written. */
  open(id: number): void {
    this.#open.set(id, OPEN)
  }

  /** Requests without an end record. */
  get openRequests(): number {
    return this.#open.size
  }

  /** Bytes held for records that are not whole. */
  get retainedBytes(): number {
    return this.#reader.retainedBytes
  }

  receive(bytes: Buffer): void {
    this.#reader.receive(bytes)
  }

  /** @throws FastcgiError FCGI_RESPONSE_..., FCGI_STDOUT_AFTER_END, FCGI_VALUES_INVALID: close the connection. */
  next(): FastcgiResponseEvent | undefined {
    if (this.#failure !== undefined) throw this.#failure
    for (;;) {
      if (!this.#inRecord) {
        if (!this.#reader.nextRecord()) return undefined
        this.#checkHeader()
        this.#inRecord = true
      }
      const event = this.#read()
      if (event === WAIT) return undefined
      if (event !== SKIP) return event
    }
  }

  /**
   * The application server sent its FIN.
   *
   * @throws FastcgiError FCGI_RESPONSE_TRUNCATED within a record or before an end record.
   */
  receiveEnd(): void {
    if (this.#inRecord || !this.#reader.atBoundary || this.#open.size > 0)
      this.#fail('FCGI_RESPONSE_TRUNCATED')
  }

  #checkHeader(): void {
    const { version, type, id, contentLength } = this.#reader
    if (version !== 1) this.#fail('FCGI_RESPONSE_VERSION', version)
    if (contentLength > this.#limits.recordBytes) this.#fail('FCGI_RESPONSE_TOO_LONG', contentLength)
    if (type === FCGI_STDOUT || type === FCGI_STDERR || type === FCGI_END_REQUEST) {
      const state = this.#open.get(id)
      if (state === undefined) this.#fail('FCGI_RESPONSE_ID', id)
      if (type === FCGI_STDOUT && state === STDOUT_ENDED) this.#fail('FCGI_STDOUT_AFTER_END')
      if (type === FCGI_END_REQUEST && contentLength !== END_BYTES) {
        this.#fail('FCGI_RESPONSE_LENGTH', contentLength)
      }
    } else {
      this.#checkManagementHeader(type, id, contentLength)
    }
  }

  #checkManagementHeader(type: number, id: number, contentLength: number): void {
    if (type !== FCGI_GET_VALUES_RESULT && type !== FCGI_UNKNOWN_TYPE) this.#fail('FCGI_RESPONSE_TYPE', type)
    if (id !== 0) this.#fail('FCGI_RESPONSE_ID', id)
    if (contentLength > MAX_MANAGEMENT_BYTES) this.#fail('FCGI_RESPONSE_TOO_LONG', contentLength)
    if (type === FCGI_UNKNOWN_TYPE && contentLength !== 8) this.#fail('FCGI_RESPONSE_LENGTH', contentLength)
  }

  #read(): FastcgiResponseEvent | typeof WAIT | typeof SKIP {
    const { type, id } = this.#reader
    if (type === FCGI_STDOUT) return this.#readOutput('stdout', id)
    if (type === FCGI_STDERR) return this.#readOutput('stderr', id)
    const content = this.#reader.wholeContent()
    if (content === undefined) return WAIT
    this.#inRecord = false
    if (type === FCGI_END_REQUEST) return this.#end(id, content)
    if (type === FCGI_UNKNOWN_TYPE) return { type: 'unknown type', recordType: content[0] ?? 0 }
    const values = decodePairs(content, 0, content.length)
    if (values === undefined) return this.#fail('FCGI_VALUES_INVALID')
    return { type: 'values', values }
  }

  #readOutput(type: 'stdout' | 'stderr', id: number): FastcgiResponseEvent | typeof WAIT | typeof SKIP {
    const reader = this.#reader
    if (reader.contentLength === 0) {
      if (type === 'stdout') this.#open.set(id, STDOUT_ENDED)
      this.#inRecord = false
      return SKIP
    }
    const start = reader.position
    if (reader.takeContent() === 0) return WAIT
    if (reader.contentLeft === 0) this.#inRecord = false
    return { type, id, data: reader.bytes.subarray(start, reader.position) }
  }

  #end(id: number, content: Buffer): FastcgiResponseEvent {
    this.#open.delete(id)
    return { type: 'end', id, appStatus: content.readUInt32BE(0), protocolStatus: content[4] ?? 0 }
  }

  #fail(code: ConstructorParameters<typeof FastcgiError>[0], detail?: number): never {
    this.#failure = new FastcgiError(code, detail)
    this.#open.clear()
    throw this.#failure
  }
}
