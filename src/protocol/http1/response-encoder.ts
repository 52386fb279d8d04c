/**
 * Heads of responses and the frames of chunked bodies. This is the last line: a name that is no token and a value with
 * CR, LF or NUL in it throw `refused_header`, whoever made them.
 */
import { isToken } from '../../http/token.ts'
import { reasonPhrase } from '../../http/status.ts'
import { Http1Error } from './http1-error.ts'

/** The end of a chunked body that has no trailers. */
export const LAST_CHUNK = '0\r\n\r\n'
export const CRLF = '\r\n'

/** Names that passed; an application uses the same few again and again. */
const goodNames = new Set<string>()
const MAX_GOOD_NAMES = 1024

const statusLines: (string | undefined)[] = new Array<string | undefined>(1000).fill(undefined)

/**
 * The whole head up to and with the empty line, one Latin-1 code point for each octet. `headers` is flat: name, value,
 * name, value. The status line says HTTP/1.1 whatever the request said (RFC 9110 section 6.2); an empty `reason` means
 * the usual one.
 */
export function encodeResponseHead(status: number, reason: string, headers: readonly string[]): string {
  let head = reason === '' ? statusLine(status) : customStatusLine(status, reason)
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    const value = headers[i + 1]!
    if (!goodNames.has(name)) checkName(name)
    if (!isOneLine(value)) throw new Http1Error('refused_header', `${name}: ${value}`)
    head += name + ': ' + value + '\r\n'
  }
  return head + '\r\n'
}

/** One header line; for who builds a head of fixed parts. */
export function encodeHeaderLine(name: string, value: string): string {
  if (!goodNames.has(name)) checkName(name)
  if (!isOneLine(value)) throw new Http1Error('refused_header', `${name}: ${value}`)
  return `${name}: ${value}\r\n`
}

/** `HTTP/1.1 200 OK` and CRLF. */
export function statusLine(status: number): string {
  const known = statusLines[status]
  if (known !== undefined) return known
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new Http1Error('refused_header', `status ${status}`)
  }
  return (statusLines[status] = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`)
}

function customStatusLine(status: number, reason: string): string {
  if (!isOneLine(reason)) throw new Http1Error('refused_header', `${status} ${reason}`)
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new Http1Error('refused_header', `status ${status}`)
  }
  return `HTTP/1.1 ${status} ${reason}\r\n`
}

/** Goes before the data of a chunk of that many bytes (not 0: that is the end); CRLF goes behind them. */
export function chunkHead(size: number): string {
  if (!Number.isInteger(size) || size <= 0) throw new RangeError(`no chunk of ${size} bytes`)
  return size.toString(16) + '\r\n'
}

/** The end of a chunked body with trailer fields, flat like the headers. */
export function encodeLastChunk(trailers: readonly string[]): string {
  if (trailers.length === 0) return LAST_CHUNK
  let text = '0\r\n'
  for (let i = 0; i + 1 < trailers.length; i += 2) text += encodeHeaderLine(trailers[i]!, trailers[i + 1]!)
  return text + '\r\n'
}

/** False for CR, LF and NUL, and for what is no octet: it would be cut to one when written, to CR or LF perhaps. */
function isOneLine(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code < 14 ? code === 13 || code === 10 || code === 0 : code > 255) return false
  }
  return true
}

function checkName(name: string): void {
  if (!isToken(name)) throw new Http1Error('refused_header', name)
  if (goodNames.size < MAX_GOOD_NAMES) goodNames.add(name)
}
