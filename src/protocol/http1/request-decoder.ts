/**
 * HTTP/1 requests of one connection (RFC 9112): head, body, head, body.
 *
 *     receive(bytes)   stores; any number of messages or any part of one
 *     nextHead()       a head, or undefined: needs more bytes
 *     nextBody()       a piece of its body, or undefined: needs more bytes, or bodyDone
 *
 * After a head, nextHead() may be called again when bodyDone. Every flaw throws Http1Error, and the connection is of
 * no more use then: where the next message begins is not known. See inbox.ts for who owns the received buffers.
 */
import { CONNECTION_CLOSE, CONNECTION_KEEP_ALIVE, connectionOptions } from '../../http/connection.ts'
import { HeaderTable } from '../../http/header-table.ts'
import type { Host } from '../../http/host.ts'
import { parseHost } from '../../http/host.ts'
import { BodyDecoder } from './body-decoder.ts'
import { FieldSection } from './field-section.ts'
import { Http1Error } from './http1-error.ts'
import { Inbox, NEED_DATA, OVER_LIMIT } from './inbox.ts'
import type { RequestHead, RequestLimits } from './message.ts'
import { requestFraming } from './request-framing.ts'
import type { RequestLine } from './request-line.ts'
import { MAX_METHOD, METHOD_CODES, parseRequestLine, TARGET_CODES } from './request-line.ts'
import { DOWNSTREAM } from './side-errors.ts'

const LF = 10
const CR = 13
const SPACE = 32
const SLASH = 47
/** Empty lines taken before a request line (RFC 9112 section 2.2): old clients send one behind a body. */
const MAX_EMPTY_LINES = 4
const NO_HOST: Host = { name: '', port: 0 }

export class RequestDecoder {
  readonly #limits: RequestLimits
  readonly #inbox = new Inbox()
  readonly #section: FieldSection
  readonly #body: BodyDecoder
  #headers = new HeaderTable()
  #line: RequestLine | undefined
  #requestLine = ''
  #emptyLines = 0
  /** The last Host and what it means: on one connection it hardly ever changes. */
  #hostValue = ''
  #host: Host = NO_HOST

  constructor(limits: RequestLimits) {
    this.#limits = limits
    this.#section = new FieldSection(this.#headers, limits, DOWNSTREAM)
    this.#body = new BodyDecoder(limits, DOWNSTREAM)
  }

  receive(bytes: Buffer): void {
    this.#inbox.receive(bytes)
  }

  /** Bytes received and not given out, those of pipelined requests included. */
  get buffered(): number {
    return this.#inbox.length
  }

  get hasBufferedBytes(): boolean {
    return this.#inbox.length > 0
  }

  /** The request line read last, for the log when what follows it is refused. */
  get requestLine(): string {
    return this.#requestLine
  }

  /** Whether the peer may close here: nothing of a request has arrived. */
  get isBetweenRequests(): boolean {
    return this.bodyDone && this.#line === undefined && this.#inbox.length === 0
  }

  get bodyDone(): boolean {
    return this.#body.done
  }

  /** Trailer fields of the last chunked body, when it had any. They never join the header fields. */
  get trailers(): HeaderTable | undefined {
    return this.#body.trailers
  }

  nextHead(): RequestHead | undefined {
    if (!this.bodyDone) throw new Error('nextHead() before the body was read')
    while (this.#line === undefined) {
      if (this.#fastRequestLine()) break
      if (this.#carefulRequestLine()) break
      if (!this.#inbox.more()) return undefined
    }
    const line = this.#line
    if (line === undefined) return undefined
    if (line.version !== 9 && !this.#section.read(this.#inbox)) return undefined
    this.#line = undefined
    this.#emptyLines = 0
    return this.#finishHead(line)
  }

  nextBody(): Buffer | undefined {
    return this.#body.next(this.#inbox)
  }

  /** Throws away what has arrived of the body. True when that was all of it. */
  discardBody(): boolean {
    while (this.nextBody() !== undefined);
    return this.bodyDone
  }

  /** The peer has closed its side: an error unless it did so between requests. */
  receiveEnd(): void {
    if (!this.isBetweenRequests) throw new Http1Error('premature_close')
  }

  /** See inbox.ts: copies what is unread, so that the buffers given to receive() may be written again. */
  retain(): void {
    this.#inbox.retain()
  }

  /** Everything unread, for who takes the connection over (a tunnel). */
  takeRest(): Buffer {
    return this.#inbox.takeRest()
  }

  /** `METHOD /target HTTP/1.x` CRLF with one blank between each; others are left to the careful way. */
  #fastRequestLine(): boolean {
    const inbox = this.#inbox
    const bytes = inbox.bytes
    const start = inbox.position
    // `GET / HTTP/1.1` CRLF is the shortest; a line searched before was left to the careful way
    const most = bytes.length - 10
    if (inbox.searched !== 0 || most - start < 6) return false
    let at = start
    while (at < most && METHOD_CODES[bytes[at]!] === 1) at++
    const methodEnd = at
    if (at === start || at - start > MAX_METHOD || bytes[at] !== SPACE || bytes[at + 1] !== SLASH)
      return false
    at += 2
    while (at < most && TARGET_CODES[bytes[at]!] === 1) at++
    const end = at + 10
    if (at >= most || !isVersion1(bytes, at) || end + 1 - start > this.#limits.lineBytes) return false
    const text = inbox.text(start, end - 1)
    const method = methodName(text, methodEnd - start)
    if (method === 'CONNECT') return false
    this.#line = {
      method,
      target: text.substring(methodEnd + 1 - start, at - start),
      version: bytes[at + 8] === 49 ? 11 : 10,
      host: undefined,
    }
    this.#beginHead(text, end + 1)
    return true
  }

  /** False when more bytes are needed. */
  #carefulRequestLine(): boolean {
    const inbox = this.#inbox
    this.#skipEmptyLines()
    const start = inbox.position
    if (start === inbox.bytes.length) return false
    this.#checkMethodStart()
    const end = inbox.lineEnd(this.#limits.lineBytes)
    if (end === NEED_DATA) return false
    if (end === OVER_LIMIT) throw new Http1Error('line_too_long')
    const text = inbox.text(start, end)
    this.#line = parseRequestLine(text, this.#limits.strict)
    this.#beginHead(text.endsWith('\r') ? text.slice(0, -1) : text, end + 1)
    return true
  }

  #beginHead(requestLine: string, end: number): void {
    const length = end - this.#inbox.position
    this.#requestLine = requestLine
    this.#inbox.position = end
    this.#headers = new HeaderTable()
    this.#section.begin(this.#headers, length)
  }

  #skipEmptyLines(): void {
    const inbox = this.#inbox
    for (;;) {
      const { bytes, position } = inbox
      const isCr = bytes[position] === CR
      if (!isCr && bytes[position] !== LF) return
      if (isCr && position + 1 === bytes.length) return
      if ((isCr ? bytes[position + 1] !== LF : this.#limits.strict) || ++this.#emptyLines > MAX_EMPTY_LINES) {
        throw new Http1Error('invalid_request')
      }
      inbox.position += isCr ? 2 : 1
    }
  }

  /** So that what is no HTTP at all (a TLS hello, say) is refused at once, though it may hold no LF. */
  #checkMethodStart(): void {
    const { bytes, position } = this.#inbox
    if (bytes[position] === CR) return
    let at = position
    while (at < bytes.length && METHOD_CODES[bytes[at]!] === 1) at++
    const length = at - position
    if (length > MAX_METHOD || (at < bytes.length && (length === 0 || bytes[at] !== SPACE))) {
      throw new Http1Error(
        'invalid_method',
        this.#inbox.text(position, Math.min(bytes.length, position + 256)),
      )
    }
  }

  #finishHead(line: RequestLine): RequestHead {
    const section = this.#section
    const { version } = line
    const host = this.#hostOf(line)
    const framing = requestFraming(version, section.contentLength, section.transferEncoding)
    this.#body.begin(framing)
    return {
      method: line.method,
      target: line.target,
      version,
      requestLine: this.#requestLine,
      headers: this.#headers,
      framing,
      host: host.name,
      hostPort: host.port,
      keepAlive: isKeptAlive(version, section.connection),
      expectContinue: version === 11 && section.expect !== undefined && isContinue(section.expect),
      headLength: section.headBytes,
      ignored: section.ignored,
    }
  }

  #hostOf(line: RequestLine): Host {
    const value = this.#section.host
    if (value === undefined) {
      if (line.version === 11) throw new Http1Error('missing_host')
      return line.host ?? NO_HOST
    }
    if (value !== this.#hostValue || value === '') {
      const host = parseHost(value, !this.#limits.strict)
      if (host === undefined) throw new Http1Error('invalid_host', value)
      this.#hostValue = value
      this.#host = host
    }
    if (line.host === undefined) return this.#host
    const differs = line.host.name !== this.#host.name || line.host.port !== this.#host.port
    if (differs && this.#limits.strict) throw new Http1Error('host_mismatch', value)
    return line.host
  }
}

/** ` HTTP/1.0` or ` HTTP/1.1` and CRLF at that offset. The caller knows that there are eleven bytes. */
function isVersion1(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === SPACE &&
    bytes[at + 1] === 72 &&
    bytes[at + 2] === 84 &&
    bytes[at + 3] === 84 &&
    bytes[at + 4] === 80 &&
    bytes[at + 5] === SLASH &&
    bytes[at + 6] === 49 &&
    bytes[at + 7] === 46 &&
    (bytes[at + 8] === 49 || bytes[at + 8] === 48) &&
    bytes[at + 9] === CR &&
    bytes[at + 10] === LF
  )
}

function methodName(text: string, length: number): string {
  if (length === 3 && text.startsWith('GET')) return 'GET'
  if (length === 4 && text.startsWith('POST')) return 'POST'
  return text.substring(0, length)
}

/** RFC 9112 section 9.3. */
function isKeptAlive(version: 9 | 10 | 11, connection: string | undefined): boolean {
  if (connection === undefined) return version === 11
  const options = connectionOptions(connection)
  if ((options & CONNECTION_CLOSE) !== 0) return false
  return version === 11 || (version === 10 && (options & CONNECTION_KEEP_ALIVE) !== 0)
}

/** RFC 9110 section 10.1.1. */
function isContinue(expect: string): boolean {
  if (expect === '100-continue' || expect.toLowerCase() === '100-continue') return true
  throw new Http1Error('unknown_expectation', expect)
}
