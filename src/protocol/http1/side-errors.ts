/** The parts that requests and responses share throw the codes of the side they read from. */
import { ONCE_ALL, ONCE_FRAMING } from './field-names.ts'
import type { Http1ErrorCode } from './http1-error.ts'

export interface SideErrors {
  readonly lineTooLong: Http1ErrorCode
  readonly tooLarge: Http1ErrorCode
  readonly tooMany: Http1ErrorCode
  readonly invalid: Http1ErrorCode
  readonly duplicate: Http1ErrorCode
  readonly chunked: Http1ErrorCode
  readonly chunkOverhead: Http1ErrorCode
  readonly trailer: Http1ErrorCode
  /** Names that throw `duplicate` when they come twice, as bits of field-names.ts. */
  readonly once: number
}

export const DOWNSTREAM: SideErrors = {
  lineTooLong: 'header_too_long',
  tooLarge: 'head_too_large',
  tooMany: 'too_many_headers',
  invalid: 'invalid_header',
  duplicate: 'duplicate_header',
  chunked: 'invalid_chunked_body',
  chunkOverhead: 'chunk_overhead',
  trailer: 'forbidden_trailer',
  once: ONCE_ALL,
}

export const UPSTREAM: SideErrors = {
  lineTooLong: 'upstream_head_too_large',
  tooLarge: 'upstream_head_too_large',
  tooMany: 'upstream_head_too_large',
  invalid: 'upstream_invalid_header',
  duplicate: 'upstream_duplicate_header',
  chunked: 'upstream_invalid_chunked',
  chunkOverhead: 'upstream_invalid_chunked',
  trailer: 'upstream_invalid_chunked',
  once: ONCE_FRAMING,
}
