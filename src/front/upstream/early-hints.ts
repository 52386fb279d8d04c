/** 103 of an upstream for the client (RFC 8297): the fields that a client may act on before the answer. */
import { hopByHopNames } from '../../http/connection.ts'
import type { HeaderTable } from '../../http/header-table.ts'
import { encodeHeaderLine } from '../../protocol/http1/header-lines.ts'
import { statusLine } from '../../protocol/http1/response-encoder.ts'
import type { Request } from '../request.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

/** Nothing goes to a client of HTTP/1.0, which knows no interim responses, and nothing once the answer has begun. */
export function sendEarlyHints(request: Request, headers: HeaderTable, settings: UpstreamSettings): void {
  if (request.head.version !== 11 || request.headSent || request.parent) return
  const hop = hopByHopNames(headers)
  let text = statusLine(103)
  headers.names.forEach((name, index) => {
    if (hop.has(name) || settings.hiddenHeaders.has(name) || name === 'content-length') return
    text += encodeHeaderLine(headers.rawNames[index] ?? name, headers.values[index] ?? '')
  })
  request.connection.io.write(`${text}\r\n`)
}
