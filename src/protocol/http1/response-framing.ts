/** The one framing decision of a response (RFC 9112 section 6.3), with every doubt an error of the upstream. */
import { parseContentLength } from '../../http/content-length.ts'
import { hasNoContent } from '../../http/status.ts'
import { Http1Error } from './http1-error.ts'
import type { Framing } from './message.ts'
import { CHUNKED, isChunked, NO_BODY } from './request-framing.ts'

const UNTIL_CLOSE: Framing = Object.freeze({ kind: 'close' })

export interface ResponseFields {
  readonly contentLength: string | undefined
  readonly transferEncoding: string | undefined
}

/** `method` is that of the request. Fields that are wrong are wrong also where there is no body to frame. */
export function responseFraming(
  method: string,
  version: 10 | 11,
  status: number,
  fields: ResponseFields,
): Framing {
  const { contentLength, transferEncoding } = fields
  const length = contentLength === undefined ? undefined : checkedLength(contentLength)
  if (transferEncoding !== undefined) {
    if (version === 10 || !isChunked(transferEncoding)) {
      throw new Http1Error('upstream_unknown_coding', transferEncoding)
    }
    if (length !== undefined) throw new Http1Error('upstream_length_and_coding')
  }
  if (method === 'HEAD' || hasNoContent(status)) return NO_BODY
  if (transferEncoding !== undefined) return CHUNKED
  return length === undefined ? UNTIL_CLOSE : { kind: 'length', length }
}

function checkedLength(value: string): number {
  const length = parseContentLength(value)
  if (length === undefined) throw new Http1Error('upstream_invalid_length', value)
  return length
}
