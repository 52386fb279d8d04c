/**
 * A second opinion on where requests begin and end: RFC 9112 read literally, production by production, without a line
 * of the product. Slow and short on purpose. What nginx takes beyond the RFC, and the product with it unless
 * `strict_http` is on, is named one by one in `Leniences`.
 */

export interface Leniences {
  /** A line may end with LF alone (section 2.2 allows it to recipients). */
  readonly bareLf: boolean
  /** More than one blank between the parts of the request line, and behind them (section 3). */
  readonly blanks: boolean
  /** Octets in a target that RFC 3986 has no place for. */
  readonly looseTargets: boolean
  /** A field line without a colon is a name without value. */
  readonly noColon: boolean
  /** Names of visible octets that are no tokens; they are left out, not passed on. */
  readonly looseNames: boolean
  /** A request line without version: a request of HTTP/0.9, which has no fields and is the last one. */
  readonly http09: boolean
}

export const STRICT: Leniences = {
  bareLf: false,
  blanks: false,
  looseTargets: false,
  noColon: false,
  looseNames: false,
  http09: false,
}
export const AS_NGINX: Leniences = {
  bareLf: true,
  blanks: true,
  looseTargets: true,
  noColon: true,
  looseNames: true,
  http09: true,
}

export interface ReferenceRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** In their order; names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Latin-1. */
  readonly body: string
  readonly chunked: boolean
  /** Trailer fields of a chunked body. */
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

export interface ReferenceReading {
  readonly requests: readonly ReferenceRequest[]
  /** Why there are no more: everything was read, the last one is not whole, or this is wrong. */
  readonly end: 'done' | 'incomplete' | `invalid: ${string}`
  /** Whether what is not whole, or wrong, began as a HEAD: an answer to it has no content (RFC 9110 section 9.3.2). */
  readonly endsInHead: boolean
}

class Incomplete extends Error {}
class Invalid extends Error {}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VISIBLE_NAME = /^[!-9;-~\x80-\xff]+$/
const FIELD_VALUE = /^[\t -~\x80-\xff]*$/
const URI_TARGET = /^(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2}|%)+$/
const LOOSE_TARGET = /^[!-~\x80-\xff]+$/
const QUOTED = String.raw`"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"`
const TOKEN_TEXT = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const CHUNK_LINE = new RegExp(
  `^([0-9A-Fa-f]{1,13})(?:;[ \\t]*${TOKEN_TEXT}(?:[ \\t]*=[ \\t]*(?:${TOKEN_TEXT}|${QUOTED}))?)*$`,
)
const REQUEST_LINE = /^([^ ]+) ([^ ]+) (HTTP\/\d\.\d)$/
const LOOSE_REQUEST_LINE = /^([^ ]+) +([^ ]+) +(HTTP\/\d\.\d) *$/
const REQUEST_LINE_09 = /^(GET) +(\/[^ ]*) *$/

/** Every request in what one client sent on one connection, from its beginning. `bytes` are Latin-1. */
export function readRequests(bytes: string, leniences: Leniences): ReferenceReading {
  const requests: ReferenceRequest[] = []
  const cursor = new Cursor(bytes, leniences)
  let endsInHead = false
  try {
    for (;;) {
      cursor.skipEmptyLines()
      if (cursor.atEnd) return { requests, end: 'done', endsInHead: false }
      endsInHead = cursor.startsWith('HEAD ')
      const request = readRequest(cursor)
      requests.push(request)
    }
  } catch (error) {
    if (error instanceof Incomplete) return { requests, end: 'incomplete', endsInHead }
    if (error instanceof Invalid) return { requests, end: `invalid: ${error.message}`, endsInHead }
    throw error
  }
}

class Cursor {
  readonly leniences: Leniences
  readonly #bytes: string
  #at = 0

  constructor(bytes: string, leniences: Leniences) {
    this.#bytes = bytes
    this.leniences = leniences
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  startsWith(text: string): boolean {
    return this.#bytes.startsWith(text, this.#at)
  }

  /** A line without its end. `strict` inside a chunked body, whose framing is nobody's opinion. */
  line(strict = false): string {
    const end = this.#bytes.indexOf('\n', this.#at)
    if (end < 0) throw new Incomplete()
    const line = this.#bytes.slice(this.#at, end)
    this.#at = end + 1
    if (line.endsWith('\r')) return line.slice(0, -1)
    if (strict || !this.leniences.bareLf) throw new Invalid('LF without CR')
    return line
  }

  /** Section 2.2: empty lines before a request line are passed over. */
  skipEmptyLines(): void {
    for (;;) {
      if (this.#bytes.startsWith('\r\n', this.#at)) this.#at += 2
      else if (this.leniences.bareLf && this.#bytes[this.#at] === '\n') this.#at += 1
      else return
    }
  }

  take(length: number): string {
    if (this.#at + length > this.#bytes.length) throw new Incomplete()
    this.#at += length
    return this.#bytes.slice(this.#at - length, this.#at)
  }

  rest(): string {
    return this.take(this.#bytes.length - this.#at)
  }
}

function readRequest(cursor: Cursor): ReferenceRequest {
  const line = cursor.line()
  const { leniences } = cursor
  const parts = (leniences.blanks ? LOOSE_REQUEST_LINE : REQUEST_LINE).exec(line)
  if (parts === null && leniences.http09) return readOldRequest(cursor, line)
  const [, method = '', target = '', version = ''] = parts ?? []
  if (!TOKEN.test(method)) throw new Invalid('method')
  if (!(leniences.looseTargets ? LOOSE_TARGET : URI_TARGET).test(target)) throw new Invalid('target')
  if (!version.startsWith('HTTP/1.')) throw new Invalid('version')
  const fields = readFields(cursor)
  const hosts = valuesOf(fields, 'host')
  if (hosts.length > 1 || (hosts.length === 0 && version !== 'HTTP/1.0')) throw new Invalid('Host')
  return { method, target, version, fields, ...readBody(cursor, fields, version) }
}

function readOldRequest(cursor: Cursor, line: string): ReferenceRequest {
  const [, method, target] = REQUEST_LINE_09.exec(line) ?? []
  if (method === undefined || target === undefined) throw new Invalid('request line')
  cursor.rest() // nothing behind it counts
  return { method, target, version: 'HTTP/0.9', fields: [], body: '', chunked: false, trailers: [] }
}

function readFields(cursor: Cursor): [string, string][] {
  const { leniences } = cursor
  const fields: [string, string][] = []
  for (;;) {
    const line = cursor.line()
    if (line === '') return fields
    const colon = line.indexOf(':')
    if (colon < 0 && !leniences.noColon) throw new Invalid('field line without colon')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    if (!(leniences.looseNames ? VISIBLE_NAME : TOKEN).test(name)) throw new Invalid('field name')
    if (!FIELD_VALUE.test(value)) throw new Invalid('field value')
    fields.push([name.toLowerCase(), value])
  }
}

export function valuesOf(fields: ReferenceRequest['fields'], name: string): string[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1])
}

/** Section 6.3; whatever it lets a server decide either way is invalid here. */
function readBody(
  cursor: Cursor,
  fields: ReferenceRequest['fields'],
  version: string,
): Pick<ReferenceRequest, 'body' | 'chunked' | 'trailers'> {
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  if (codings.length === 0 && lengths.length === 0) return { body: '', chunked: false, trailers: [] }
  if (codings.length > 0) {
    if (lengths.length > 0) throw new Invalid('Content-Length and Transfer-Encoding')
    if (version === 'HTTP/1.0') throw new Invalid('Transfer-Encoding of HTTP/1.0')
    if (codings.join(',').toLowerCase() !== 'chunked') throw new Invalid('Transfer-Encoding')
    return { chunked: true, ...readChunks(cursor) }
  }
  const [length = ''] = lengths
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) throw new Invalid('Content-Length')
  return { body: cursor.take(Number(length)), chunked: false, trailers: [] }
}

function readChunks(cursor: Cursor): Pick<ReferenceRequest, 'body' | 'trailers'> {
  let body = ''
  for (;;) {
    const [, size] = CHUNK_LINE.exec(cursor.line(true)) ?? []
    if (size === undefined) throw new Invalid('chunk size')
    const length = Number.parseInt(size, 16)
    if (length === 0) return { body, trailers: readFields(cursor) }
    body += cursor.take(length)
    if (cursor.line(true) !== '') throw new Invalid('end of chunk')
  }
}
