/**
 * Reads the head of what FastCGI, SCGI and uwsgi applications answer (RFC 3875 section 6).
 *
 * Rules of this file:
 * - Lines end with LF or CRLF. The first line may be an HTTP status line (uWSGI writes one) where the limits let it
 *   count; any other that begins so is passed over, as in nginx. Otherwise the `Status` field tells; without it `Location` means 302 and anything else 200, as in nginx. RFC 3875's local redirect
 *   (`Location` with a path) is a 302 as well, as in nginx.
 * - `Status` is among the headers given only where the limits say so: by itself it is not for the client.
 * - A head that is not clearly one is an error, never a body: no folded lines, no bare CR, no control characters, no
 *   Status or Content-Length twice.
 * - `receive`, then `next` until it gives the head; the body is `rest()` and whatever comes after it. The limit counts
 *   bytes to the empty line, so the answer is the same however the bytes are cut.
 */
import { parseContentLength } from '../http/content-length.ts'
import { HeaderTable } from '../http/header-table.ts'
import { isToken } from '../http/token.ts'
import { CgiResponseError } from './cgi-response-error.ts'

export interface CgiResponseHead {
  /** 200 to 999, or 101. */
  readonly status: number
  /** Empty when the application gave none. */
  readonly reason: string
  readonly headers: HeaderTable
}

export interface CgiResponseLimits {
  /** Bytes of the head (`fastcgi_buffer_size`). */
  readonly headBytes: number
  readonly headers: number
  /** The front hides it, and knows whether to (`*_pass_header`, `$upstream_http_status`). */
  readonly keepsStatus?: boolean
  /** Passed over like further ones: FastCGI knows none, and nginx goes by the `Status` field alone there. */
  readonly ignoresStatusLine?: boolean
}

export const CGI_RESPONSE_LIMITS: CgiResponseLimits = { headBytes: 8192, headers: 1000 }

const EMPTY = Buffer.alloc(0)
/** Turned into text at first: most heads are shorter, and a body need not become text. */
const WINDOW = 1024

const STATUS_LINE = /^HTTP\/[0-9]\.[0-9] ([0-9]{3}(?: .*)?)$/

/** What a field means for status and framing. */
const PLAIN = 0
const STATUS = 1
const LOCATION = 2
const CONTENT_LENGTH = 3
const TRANSFER_ENCODING = 4

interface FieldName {
  /** As it came. */
  readonly raw: string
  readonly lower: string
  readonly meaning: number
}

const MEANINGS = new Map([
  ['status', STATUS],
  ['location', LOCATION],
  ['content-length', CONTENT_LENGTH],
  ['transfer-encoding', TRANSFER_ENCODING],
])

/** The few names that applications use; bounded, as an application may echo its client's text. */
const FIELD_NAMES = new Map<string, FieldName>()
const MAX_FIELD_NAMES = 1024

export class CgiResponseHeadDecoder {
  readonly #limits: CgiResponseLimits
  #bytes: Buffer = EMPTY
  /** Bytes of `#bytes` that are in `#text`. */
  #converted = 0
  /** The head so far. */
  #text = ''
  #lineStart = 0
  #searched = 0

  readonly #headers = new HeaderTable()
  #statusText: string | undefined
  #statusLine = false
  #location = false
  #lengthSeen = false
  #codingSeen = false
  #failure: CgiResponseError | undefined

  constructor(limits: CgiResponseLimits = CGI_RESPONSE_LIMITS) {
    this.#limits = limits
  }

  /** The bytes must stay as they are until `next` has answered. */
  receive(bytes: Buffer): void {
    this.#bytes =
      this.#converted === this.#bytes.length
        ? bytes
        : Buffer.concat([this.#bytes.subarray(this.#converted), bytes])
    this.#converted = 0
  }

  /** The head, or undefined when it is not whole yet. @throws CgiResponseError each code but CGI_HEAD_TRUNCATED. */
  next(): CgiResponseHead | undefined {
    if (this.#failure !== undefined) throw this.#failure
    for (;;) {
      const end = this.#text.indexOf('\n', this.#searched)
      if (end < 0) {
        this.#searched = this.#text.length
        if (!this.#convertMore()) return undefined
        continue
      }
      this.#searched = end + 1
      const lineEnd = end > this.#lineStart && this.#text.charCodeAt(end - 1) === 13 ? end - 1 : end
      if (lineEnd === this.#lineStart) return this.#finish(end + 1)
      this.#readLine(this.#lineStart, lineEnd)
      this.#lineStart = end + 1
    }
  }

  /** Body bytes that came with the head, after `next` gave it: a view of the bytes received last. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#converted)
    this.#bytes = EMPTY
    this.#converted = 0
    return rest
  }

  /** The application closed: too early. */
  receiveEnd(): never {
    this.#fail('CGI_HEAD_TRUNCATED')
  }

  #convertMore(): boolean {
    const left = this.#limits.headBytes - this.#text.length
    if (left === 0) this.#fail('CGI_HEAD_TOO_LONG')
    const from = this.#converted
    const to = Math.min(this.#bytes.length, from + Math.min(left, WINDOW))
    if (to === from) return false
    this.#text += this.#bytes.toString('latin1', from, to)
    this.#converted = to
    return true
  }

  #readLine(start: number, end: number): void {
    const text = this.#text
    if (text.startsWith('HTTP/', start)) {
      if (start === 0 && this.#limits.ignoresStatusLine !== true)
        this.#readStatusLine(text.substring(start, end))
      return
    }
    const colon = text.indexOf(':', start)
    if (colon <= start || colon >= end) this.#fail('CGI_HEADER_INVALID', text.substring(start, end))
    const rawName = text.substring(start, colon)
    const name = FIELD_NAMES.get(rawName) ?? this.#newName(rawName)
    const value = fieldValue(text, colon + 1, end)
    if (value === undefined) this.#fail('CGI_HEADER_INVALID', text.substring(start, end))
    if (name.meaning !== PLAIN && !this.#interpret(name.meaning, value)) return
    if (this.#headers.size >= this.#limits.headers) this.#fail('CGI_HEADERS_TOO_MANY')
    this.#headers.add(name.lower, name.raw, value)
  }

  #newName(rawName: string): FieldName {
    if (!isToken(rawName)) this.#fail('CGI_HEADER_INVALID', rawName)
    const lower = rawName.toLowerCase()
    // Through a buffer, so that it is no part of the whole head.
    const raw = Buffer.from(rawName, 'latin1').toString('latin1')
    const name = { raw, lower, meaning: MEANINGS.get(lower) ?? PLAIN }
    if (FIELD_NAMES.size >= MAX_FIELD_NAMES) FIELD_NAMES.clear()
    FIELD_NAMES.set(raw, name)
    return name
  }

  #readStatusLine(line: string): void {
    const match = STATUS_LINE.exec(line)
    if (match === null || fieldValue(line, 0, line.length) === undefined)
      this.#fail('CGI_STATUS_INVALID', line)
    this.#statusText = match[1] ?? ''
    this.#statusLine = true
  }

  /** Takes note of what decides status and framing; false for a field that is not for the client. */
  #interpret(meaning: number, value: string): boolean {
    switch (meaning) {
      case STATUS:
        // Behind a status line it has nothing to say.
        if (this.#statusLine) return this.#limits.keepsStatus === true
        if (this.#statusText !== undefined) this.#fail('CGI_HEADER_DUPLICATE', `Status: ${value}`)
        this.#statusText = value
        return this.#limits.keepsStatus === true
      case LOCATION:
        this.#location = true
        break
      case CONTENT_LENGTH:
        if (this.#lengthSeen) this.#fail('CGI_HEADER_DUPLICATE', `Content-Length: ${value}`)
        if (parseContentLength(value) === undefined) this.#fail('CGI_LENGTH_INVALID', value)
        this.#lengthSeen = true
        break
      case TRANSFER_ENCODING:
        this.#codingSeen = true
        break
    }
    return true
  }

  #finish(headLength: number): CgiResponseHead {
    if (this.#lengthSeen && this.#codingSeen) this.#fail('CGI_LENGTH_AND_CODING')
    const text = this.#statusText ?? (this.#location ? '302 Moved Temporarily' : '200 OK')
    const status = statusOf(text)
    if (status < 200 && status !== 101) this.#fail('CGI_STATUS_INVALID', text)
    // What of the text lies behind the head was converted from the end of `#bytes`.
    this.#converted -= this.#text.length - headLength
    return { status, reason: text.substring(4), headers: this.#headers }
  }

  #fail(code: ConstructorParameters<typeof CgiResponseError>[0], detail?: string): never {
    this.#failure = new CgiResponseError(code, detail)
    throw this.#failure
  }
}

/**
 * The value between `start` and `end`, or undefined when it has control characters. Only space and tab count as white
 * space around it (RFC 9110 section 5.5), unlike for `trim`.
 */
function fieldValue(text: string, start: number, end: number): string | undefined {
  let from = end
  let to = start
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === 32 || code === 9) continue
    if (code < 32 || code === 127) return undefined
    if (from === end) from = at
    to = at + 1
  }
  return from < to ? text.substring(from, to) : ''
}

/** Three digits and nothing or a space behind them; 0 for anything else. */
function statusOf(text: string): number {
  if (text.length > 3 && text.charCodeAt(3) !== 32) return 0
  let status = 0
  for (let at = 0; at < 3; at++) {
    const digit = text.charCodeAt(at) - 48
    // NaN, past the end of the text, is no digit either.
    if (!(digit >= 0 && digit <= 9)) return 0
    status = status * 10 + digit
  }
  return status
}
