/**
 * The application server's side, incoming: what fronts send on one connection.
 *
 * Rules of this file:
 * - `receive` stores bytes, `next` gives one event or undefined when it needs more. `data` of an event is a view of
 *   the received bytes, good until the next `receive`.
 * - A request is active from its begin record until `finish(id)`. Records of other ids are skipped, as section 3.3
 *   wants it: the front may still be sending the body of a request that was answered early.
 * - What breaks the specification ends the connection by a FastcgiError; an unknown management record does not,
 *   it has an answer (section 4.2), and neither does a request past the limit: it is to be answered with FCGI_OVERLOADED.
 * - Retained bytes are bounded: each request's params, all unfinished params together, the number of requests.
 */
import { IdTable } from '../../util/id-table.ts'
import { FastcgiError } from './fastcgi-error.ts'
import { decodePairs } from './name-value.ts'
import { PieceBuffer } from './piece-buffer.ts'
import {
  FCGI_FLOW,
  FLOW_BYTES,
  FCGI_ABORT_REQUEST,
  FCGI_BEGIN_REQUEST,
  FCGI_DATA,
  FCGI_GET_VALUES,
  FCGI_PARAMS,
  FCGI_STDIN,
  FCGI_UNKNOWN_TYPE,
  MAX_CONTENT,
} from './record.ts'
import { RecordReader } from './record-reader.ts'

export type FastcgiRequestEvent =
  | { readonly type: 'begin'; readonly id: number; readonly role: number; readonly keepConnection: boolean }
  /** Flat list of names and values, complete. */
  | { readonly type: 'params'; readonly id: number; readonly params: string[] }
  | { readonly type: 'stdin'; readonly id: number; readonly data: Buffer }
  | { readonly type: 'stdin end'; readonly id: number }
  /** The request stays active: it is to be ended by an end record. */
  | { readonly type: 'abort'; readonly id: number }
  /** More requests than the limit: to be answered with FCGI_OVERLOADED, and not active. */
  | { readonly type: 'overload'; readonly id: number }
  /** The front takes no more of a response, or again (FCGI_FLOW); the id may be of one that is over. */
  | { readonly type: 'flow'; readonly id: number; readonly paused: boolean }
  | { readonly type: 'get values'; readonly names: string[] }
  /** To be answered by `encodeUnknownType`. */
  | { readonly type: 'unknown type'; readonly recordType: number }

export interface FastcgiRequestLimits {
  /** Bytes of one request's params. */
  readonly paramsBytes: number
  /** Bytes of the params of all requests that are not complete yet. */
  readonly pendingParamsBytes: number
  readonly paramsCount: number
  /** Requests active at a time. */
  readonly requests: number
  /** Content bytes of one record. */
  readonly recordBytes: number
}

export const FASTCGI_REQUEST_LIMITS: FastcgiRequestLimits = {
  paramsBytes: 4 * 65536,
  pendingParamsBytes: 16 * 65536,
  paramsCount: 2048,
  requests: 1024,
  recordBytes: MAX_CONTENT,
}

/** Content of an unknown management record does not matter, that of `get values` is small. */
const MAX_MANAGEMENT_BYTES = 1024
const BEGIN_BYTES = 8
const MAX_KNOWN_TYPE = FCGI_UNKNOWN_TYPE

interface ActiveRequest {
  params: PieceBuffer | undefined
  /** Decoded already, waiting for the record that says they are complete. */
  decoded: string[] | undefined
  state: 'params' | 'stdin' | 'done'
}

export class FastcgiRequestDecoder {
  readonly #limits: FastcgiRequestLimits
  readonly #reader = new RecordReader()
  readonly #active = new IdTable<ActiveRequest>()
  /** The request of the current record, when it is active. */
  #request: ActiveRequest | undefined
  #pendingParams = 0
  #inRecord = false
  #failure: FastcgiError | undefined

  constructor(limits: FastcgiRequestLimits = FASTCGI_REQUEST_LIMITS) {
    this.#limits = limits
  }

  receive(bytes: Buffer): void {
    this.#reader.receive(bytes)
  }

  /** @throws FastcgiError FCGI_REQUEST_..., FCGI_BEGIN_TWICE, FCGI_PARAMS_..., FCGI_STDIN_...: close the connection. */
  next(): FastcgiRequestEvent | undefined {
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

  /** The end record of that request was written: its id is free again. */
  finish(id: number): void {
    const request = this.#active.get(id)
    if (request === undefined) return
    this.#dropParams(request)
    this.#active.delete(id)
    if (this.#reader.id === id) this.#request = undefined
  }

  /** Requests without an end record. */
  get activeRequests(): number {
    return this.#active.size
  }

  /** Bytes held for records and params that are not whole. */
  get retainedBytes(): number {
    let bytes = this.#reader.retainedBytes
    for (const { params } of this.#active.values()) bytes += params?.bytes.length ?? 0
    return bytes
  }

  isActive(id: number): boolean {
    return this.#active.has(id)
  }

  /**
   * The front sent its FIN.
   *
   * @throws FastcgiError FCGI_REQUEST_TRUNCATED within a record.
   */
  receiveEnd(): void {
    if (this.#inRecord || !this.#reader.atBoundary) this.#fail('FCGI_REQUEST_TRUNCATED')
  }

  #checkHeader(): void {
    const { version, type, id, contentLength } = this.#reader
    if (version !== 1) this.#fail('FCGI_REQUEST_VERSION', version)
    if (contentLength > this.#limits.recordBytes) this.#fail('FCGI_REQUEST_TOO_LONG', contentLength)
    if (id === 0) return this.#checkManagementHeader(type)
    if (type > MAX_KNOWN_TYPE || !IS_REQUEST_TYPE[type]) this.#fail('FCGI_REQUEST_TYPE', type)
    this.#request = this.#active.get(id)
    if (type === FCGI_BEGIN_REQUEST) {
      if (contentLength !== BEGIN_BYTES) this.#fail('FCGI_REQUEST_LENGTH', contentLength)
      if (this.#request !== undefined) this.#fail('FCGI_BEGIN_TWICE', id)
    } else if (this.#request !== undefined) {
      this.#checkState(this.#request, type)
    }
  }

  #checkManagementHeader(type: number): void {
    this.#request = undefined
    if (type === FCGI_GET_VALUES) {
      const length = this.#reader.contentLength
      if (length > MAX_MANAGEMENT_BYTES) this.#fail('FCGI_REQUEST_TOO_LONG', length)
    } else if (type > 0 && type <= MAX_KNOWN_TYPE) {
      // Known, but either for a request or only for the other direction.
      this.#fail(IS_REQUEST_TYPE[type] ? 'FCGI_REQUEST_ID' : 'FCGI_REQUEST_TYPE', type)
    }
  }

  #checkState(request: ActiveRequest, type: number): void {
    if (type === FCGI_PARAMS && request.state !== 'params') this.#fail('FCGI_PARAMS_AFTER_END')
    if (type === FCGI_STDIN && request.state === 'params') this.#fail('FCGI_STDIN_EARLY')
    if (type === FCGI_STDIN && request.state === 'done') this.#fail('FCGI_STDIN_AFTER_END')
    // A responder gets no data stream (section 6.4).
    if (type === FCGI_DATA) this.#fail('FCGI_REQUEST_TYPE', type)
    if (type === FCGI_ABORT_REQUEST && this.#reader.contentLength !== 0) {
      this.#fail('FCGI_REQUEST_LENGTH', this.#reader.contentLength)
    }
  }

  #read(): FastcgiRequestEvent | typeof WAIT | typeof SKIP {
    const { type, id } = this.#reader
    if (id === 0) {
      if (type === FCGI_FLOW && this.#reader.contentLength === FLOW_BYTES) return this.#readFlow()
      return type === FCGI_GET_VALUES ? this.#readGetValues() : this.#readUnknown(type)
    }
    if (type === FCGI_BEGIN_REQUEST) return this.#readBegin(id)
    const request = this.#request
    // Records of requests that are over: the reader skips what is left of the content.
    if (request === undefined) return this.#done(SKIP)
    if (type === FCGI_PARAMS) return this.#readParams(request, id)
    if (type === FCGI_STDIN) return this.#readStdin(request, id)
    return this.#done({ type: 'abort', id })
  }

  #readBegin(id: number): FastcgiRequestEvent | typeof WAIT {
    const content = this.#reader.wholeContent()
    if (content === undefined) return WAIT
    if (this.#active.size >= this.#limits.requests) return this.#done({ type: 'overload', id })
    this.#active.set(id, { params: undefined, decoded: undefined, state: 'params' })
    const role = ((content[0] ?? 0) << 8) + (content[1] ?? 0)
    return this.#done({ type: 'begin', id, role, keepConnection: ((content[2] ?? 0) & 1) === 1 })
  }

  #readParams(request: ActiveRequest, id: number): FastcgiRequestEvent | typeof WAIT | typeof SKIP {
    const reader = this.#reader
    if (reader.contentLength === 0) return this.#done(this.#endParams(request, id))
    if (request.params === undefined && reader.contentIsHere && reader.endFollows) {
      this.#checkParamsLength(request, reader.contentLength)
      const start = reader.position
      reader.takeContent()
      request.decoded = this.#decode(reader.bytes, start, reader.position)
      return this.#done(SKIP)
    }
    return this.#collectParams(request)
  }

  #collectParams(request: ActiveRequest): typeof WAIT | typeof SKIP {
    const reader = this.#reader
    const start = reader.position
    const taken = reader.takeContent()
    this.#checkParamsLength(request, taken)
    request.params ??= new PieceBuffer()
    request.params.add(reader.bytes, start, reader.position)
    this.#pendingParams += taken
    return reader.contentLeft > 0 ? WAIT : this.#done(SKIP)
  }

  #checkParamsLength(request: ActiveRequest, added: number): void {
    const length = (request.params?.length ?? 0) + added
    if (length > this.#limits.paramsBytes || this.#pendingParams + added > this.#limits.pendingParamsBytes) {
      this.#fail('FCGI_PARAMS_TOO_LARGE', length)
    }
  }

  #endParams(request: ActiveRequest, id: number): FastcgiRequestEvent {
    const whole = request.params
    const params = whole === undefined ? (request.decoded ?? []) : this.#decode(whole.bytes, 0, whole.length)
    this.#dropParams(request)
    request.state = 'stdin'
    return { type: 'params', id, params }
  }

  #dropParams(request: ActiveRequest): void {
    this.#pendingParams -= request.params?.length ?? 0
    request.params = undefined
    request.decoded = undefined
  }

  #decode(bytes: Buffer, start: number, end: number): string[] {
    const params = decodePairs(bytes, start, end)
    if (params === undefined) return this.#fail('FCGI_PARAMS_INVALID')
    if (params.length > 2 * this.#limits.paramsCount) this.#fail('FCGI_PARAMS_TOO_MANY', params.length / 2)
    return params
  }

  #readStdin(request: ActiveRequest, id: number): FastcgiRequestEvent | typeof WAIT {
    const reader = this.#reader
    if (reader.contentLength === 0) {
      request.state = 'done'
      return this.#done({ type: 'stdin end', id })
    }
    const start = reader.position
    if (reader.takeContent() === 0) return WAIT
    if (reader.contentLeft === 0) this.#inRecord = false
    return { type: 'stdin', id, data: reader.bytes.subarray(start, reader.position) }
  }

  #readGetValues(): FastcgiRequestEvent | typeof WAIT {
    const content = this.#reader.wholeContent()
    if (content === undefined) return WAIT
    const pairs = decodePairs(content, 0, content.length)
    if (pairs === undefined) return this.#fail('FCGI_PARAMS_INVALID')
    return this.#done({ type: 'get values', names: pairs.filter((_, index) => index % 2 === 0) })
  }

  #readFlow(): FastcgiRequestEvent | typeof WAIT {
    const content = this.#reader.wholeContent()
    if (content === undefined) return WAIT
    const id = ((content[0] ?? 0) << 8) + (content[1] ?? 0)
    return this.#done({ type: 'flow', id, paused: content[2] === 1 })
  }

  #readUnknown(recordType: number): FastcgiRequestEvent {
    return this.#done({ type: 'unknown type', recordType })
  }

  #done<T>(event: T): T {
    this.#inRecord = false
    return event
  }

  #fail(code: ConstructorParameters<typeof FastcgiError>[0], detail?: number): never {
    this.#failure = new FastcgiError(code, detail)
    this.#active.clear()
    throw this.#failure
  }
}

const WAIT = Symbol('wait')
const SKIP = Symbol('skip')

/** Types that belong to a request and come from a front. */
const IS_REQUEST_TYPE = Array.from({ length: MAX_KNOWN_TYPE + 1 }, (_, type) =>
  [FCGI_BEGIN_REQUEST, FCGI_ABORT_REQUEST, FCGI_PARAMS, FCGI_STDIN, FCGI_DATA].includes(type),
)
