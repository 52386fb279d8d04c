/** What the HTTP/1 codec gives for the head of a request. Immutable: made once, framed once (RFC 9112 section 6). */
import type { HeaderTable } from '../../http/header-table.ts'

/** The one framing decision of a message. `length` counts bytes. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  /** Responses only: the body ends with the connection. */
  | { readonly kind: 'close' }

export interface RequestHead {
  readonly method: string
  /** As on the wire: origin form, absolute form, `*` (OPTIONS) or host:port (CONNECT); Latin-1 code points. */
  readonly target: string
  /** 9 for `GET /` without version, 10 or 11. */
  readonly version: 9 | 10 | 11
  /** The request line as received, for `$request` and the error log. */
  readonly requestLine: string
  readonly headers: HeaderTable
  readonly framing: Framing
  /**
   * Canonical host: of the absolute form when there is one, else of Host. Lower case, without port and trailing dot;
   * '' when an HTTP/1.0 request has none.
   */
  readonly host: string
  /** Port that goes with `host`, 0 when none was given. */
  readonly hostPort: number
  /** What version and Connection ask for (RFC 9112 section 9.3); the server may still close. */
  readonly keepAlive: boolean
  /** `Expect: 100-continue` on HTTP/1.1. */
  readonly expectContinue: boolean
  /** Bytes the head took, for `$request_length`. */
  readonly headLength: number
  /** Header lines left out for their names (`ignore_invalid_headers`), for the error log. */
  readonly ignored: readonly string[]
}

export interface ResponseHead {
  /** 100 to 999; interim responses other than 101 are not given out. */
  readonly status: number
  /** As on the wire, '' for none. */
  readonly reason: string
  readonly version: 10 | 11
  readonly headers: HeaderTable
  readonly framing: Framing
  /** What version and Connection promise; `reusable` of the decoder says whether it may be believed. */
  readonly keepAlive: boolean
  readonly headLength: number
}

export interface ResponseLimits {
  /** `proxy_buffer_size` and its kin: most bytes of one head, which is also the most of one line. */
  headBytes: number
  maxHeaders: number
}

export interface RequestLimits {
  /** `large_client_header_buffers`: most bytes in one line. */
  lineBytes: number
  /** `large_client_header_buffers`: number times size, the most bytes in one head. */
  headBytes: number
  /** `max_headers`: most header lines. */
  maxHeaders: number
  /** `underscores_in_headers`. */
  underscores: boolean
  /** `ignore_invalid_headers`: fields with an invalid name are left out instead of refused. */
  ignoreInvalid: boolean
  /** `strict_http`: nothing that a strict reading of RFC 9110 and 9112 refuses is accepted. */
  strict: boolean
}
