/** Heads of responses and the frames of chunked bodies. What would not be one line throws `refused_header`. */
import { reasonPhrase } from '../../http/status.ts'
import { encodeHeaderLines, isOneLine } from './header-lines.ts'
import { Http1Error } from './http1-error.ts'

/** The end of a chunked body that has no trailers. */
export const LAST_CHUNK = '0\r\n\r\n'

const statusLines: (string | undefined)[] = new Array<string | undefined>(1000).fill(undefined)

/**
 * The whole head up to and with the empty line, one Latin-1 code point for each octet. `headers` is flat: name, value,
 * name, value. The status line says HTTP/1.1 whatever the request said (RFC 9110 section 6.2); an empty `reason` means
 * the usual one.
 */
export function encodeResponseHead(status: number, reason: string, headers: readonly string[]): string {
  return statusLineOf(status, reason) + encodeHeaderLines(headers) + '\r\n'
}

/** The same with words of somebody's own; empty ones mean the usual ones. @throws Http1Error `refused_header` */
export function statusLineOf(status: number, reason: string): string {
  return reason === '' || reason === reasonPhrase(status)
    ? statusLine(status)
    : customStatusLine(status, reason)
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
  return '0\r\n' + encodeHeaderLines(trailers) + '\r\n'
}
