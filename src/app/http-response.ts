/** The head of a response as an HTTP/1.1 server writes it: framing and Connection are decided here. */
import type { HeaderPair } from '../gateway/application.ts'
import { formatHttpDate } from '../http/http-date.ts'
import { hasNoContent } from '../http/status.ts'
import { encodeHeaderLines } from '../protocol/http1/header-lines.ts'

export interface HttpResponseHead {
  /** Latin-1 text up to and with the empty line. */
  readonly text: string
  readonly chunked: boolean
  /** The connection may carry another request behind this response. */
  readonly keepAlive: boolean
}

/**
 * `status` and `headers` are the application's, without hop-by-hop fields; Content-Length is among them when the
 * length is known.
 *
 * @throws Http1Error `refused_header` for what would not be one line.
 */
export function httpResponseHead(
  request: { readonly method: string; readonly version: number; readonly keepAlive: boolean },
  status: string,
  headers: readonly HeaderPair[],
): HttpResponseHead {
  const fields: string[] = []
  let dated = false
  let sized = request.method === 'HEAD' || hasNoContent(Number(status.slice(0, 3)))
  for (const [name, value] of headers) {
    fields.push(name, value)
    if (name.length === 4 && name.toLowerCase() === 'date') dated = true
    else if (name.length === 14 && name.toLowerCase() === 'content-length') sized = true
  }
  if (!dated) fields.push('Date', currentDate())
  const chunked = !sized && request.version === 11
  if (chunked) fields.push('Transfer-Encoding', 'chunked')
  // without a length the end of the connection is the end of the body (RFC 9112 section 6.3)
  const keepAlive = request.keepAlive && (sized || chunked)
  if (!keepAlive) fields.push('Connection', 'close')
  else if (request.version === 10) fields.push('Connection', 'keep-alive')
  // the status line goes through the same check as a field: it is the application's word, too
  const line = encodeHeaderLines(['x', status]).slice(3)
  return { text: `HTTP/1.1 ${line}${encodeHeaderLines(fields)}\r\n`, chunked, keepAlive }
}

let dateSecond = 0
let dateText = ''

/** Made once per second. */
function currentDate(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = formatHttpDate(second)
  }
  return dateText
}
