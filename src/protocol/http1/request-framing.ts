/**
 * The one framing decision of a request (RFC 9112 section 6), and what else its head says about the connection.
 * Doubt is refused, also without `strict`: whoever stands before or behind us may read it the other way.
 */
import { parseContentLength } from '../../http/content-length.ts'
import { Http1Error } from './http1-error.ts'
import type { Framing } from './message.ts'

export const NO_BODY: Framing = Object.freeze({ kind: 'none' })
export const CHUNKED: Framing = Object.freeze({ kind: 'chunked' })

export function requestFraming(
  version: 9 | 10 | 11,
  contentLength: string | undefined,
  transferEncoding: string | undefined,
): Framing {
  if (contentLength === undefined && transferEncoding === undefined) return NO_BODY
  let length = 0
  if (contentLength !== undefined) {
    const parsed = parseContentLength(contentLength)
    if (parsed === undefined) throw new Http1Error('invalid_content_length', contentLength)
    length = parsed
  }
  if (transferEncoding === undefined) return { kind: 'length', length }
  if (version < 11) throw new Http1Error('transfer_encoding_http10')
  if (!isChunked(transferEncoding)) throw new Http1Error('unknown_transfer_encoding', transferEncoding)
  if (contentLength !== undefined) throw new Http1Error('length_and_transfer_encoding')
  return CHUNKED
}

export function isChunked(transferEncoding: string): boolean {
  return transferEncoding === 'chunked' || transferEncoding.toLowerCase() === 'chunked'
}
