/**
 * Everything the HTTP/1 codec throws on input. The wording is that of nginx's error log, so that people find it in
 * the places where they look for nginx's; `status` is what goes on the wire, `page` is what `error_page` matches.
 */

interface Row {
  readonly status: number
  /** Where nginx tells cases apart that look alike on the wire (494 and 497 are sent as 400). */
  readonly page?: number
  readonly text: string
  readonly action: string
  /** nginx's line quotes the input. */
  readonly quotes?: true
}

const LINE = 'reading client request line'
const HEADERS = 'reading client request headers'
const BODY = 'reading client request body'
const UPSTREAM_HEADER = 'reading response header from upstream'
const UPSTREAM = 'reading upstream'
const SENDING = 'sending to client'

const TABLE = {
  invalid_method: { status: 400, action: LINE, text: 'client sent invalid method' },
  invalid_request: { status: 400, action: LINE, text: 'client sent invalid request' },
  invalid_version: { status: 505, action: LINE, text: 'client sent invalid version' },
  invalid_09_method: { status: 400, action: LINE, text: 'client sent invalid method in HTTP/0.9 request' },
  line_too_long: { status: 414, action: LINE, text: 'client sent too long URI' },
  invalid_target_host: { status: 400, action: LINE, text: 'client sent invalid host in request line' },
  host_mismatch: {
    status: 400,
    action: HEADERS,
    text: 'client sent different hosts in request line and "Host" header',
  },
  header_too_long: {
    status: 400,
    page: 494,
    action: HEADERS,
    quotes: true,
    text: 'client sent too long header line',
  },
  head_too_large: { status: 400, page: 494, action: HEADERS, text: 'client sent too large request' },
  too_many_headers: { status: 400, page: 494, action: HEADERS, text: 'client sent too many header lines' },
  invalid_header: { status: 400, action: HEADERS, quotes: true, text: 'client sent invalid header line' },
  duplicate_header: { status: 400, action: HEADERS, quotes: true, text: 'client sent duplicate header line' },
  missing_host: { status: 400, action: HEADERS, text: 'client sent HTTP/1.1 request without "Host" header' },
  invalid_host: { status: 400, action: HEADERS, text: 'client sent invalid host header' },
  invalid_content_length: {
    status: 400,
    action: HEADERS,
    text: 'client sent invalid "Content-Length" header',
  },
  transfer_encoding_http10: {
    status: 400,
    action: HEADERS,
    text: 'client sent HTTP/1.0 request with "Transfer-Encoding" header',
  },
  unknown_transfer_encoding: {
    status: 501,
    action: HEADERS,
    quotes: true,
    text: 'client sent unknown "Transfer-Encoding"',
  },
  length_and_transfer_encoding: {
    status: 400,
    action: HEADERS,
    text: 'client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
  },
  unknown_expectation: { status: 417, action: HEADERS, quotes: true, text: 'client sent unknown "Expect"' },
  invalid_chunked_body: { status: 400, action: BODY, text: 'client sent invalid chunked body' },
  chunk_overhead: { status: 413, action: BODY, text: 'client sent too many chunk extensions' },
  forbidden_trailer: { status: 400, action: BODY, quotes: true, text: 'client sent forbidden trailer' },
  premature_close: { status: 400, action: BODY, text: 'client prematurely closed connection' },
  upstream_invalid_status: {
    status: 502,
    action: UPSTREAM_HEADER,
    text: 'upstream sent no valid HTTP/1.0 header',
  },
  upstream_invalid_header: {
    status: 502,
    action: UPSTREAM_HEADER,
    quotes: true,
    text: 'upstream sent invalid header',
  },
  upstream_head_too_large: { status: 502, action: UPSTREAM_HEADER, text: 'upstream sent too big header' },
  upstream_duplicate_header: {
    status: 502,
    action: UPSTREAM_HEADER,
    quotes: true,
    text: 'upstream sent duplicate header line',
  },
  upstream_invalid_length: {
    status: 502,
    action: UPSTREAM_HEADER,
    quotes: true,
    text: 'upstream sent invalid "Content-Length" header',
  },
  upstream_unknown_coding: {
    status: 502,
    action: UPSTREAM_HEADER,
    quotes: true,
    text: 'upstream sent unknown "Transfer-Encoding"',
  },
  upstream_length_and_coding: {
    status: 502,
    action: UPSTREAM_HEADER,
    text: 'upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time',
  },
  upstream_too_many_interim: {
    status: 502,
    action: UPSTREAM_HEADER,
    text: 'upstream sent too many interim responses',
  },
  upstream_unexpected_upgrade: {
    status: 502,
    action: UPSTREAM_HEADER,
    text: 'upstream switched protocols unasked',
  },
  upstream_invalid_chunked: { status: 502, action: UPSTREAM, text: 'upstream sent invalid chunked response' },
  upstream_premature_close: { status: 502, action: UPSTREAM, text: 'upstream prematurely closed connection' },
  refused_header: {
    status: 500,
    action: SENDING,
    quotes: true,
    text: 'header refused: it would not be one line',
  },
} as const satisfies Record<string, Row>

export type Http1ErrorCode = keyof typeof TABLE

export class Http1Error extends Error {
  readonly code: Http1ErrorCode
  readonly status: number
  /** The status that `error_page` looks for; differs from `status` for nginx's 494 only. */
  readonly page: number
  readonly side: 'downstream' | 'upstream' | 'internal'
  /** What nginx's line says behind "while". */
  readonly action: string
  /** The offending input, cut and with its control bytes escaped; '' when there is none to show. */
  readonly detail: string

  constructor(code: Http1ErrorCode, input = '') {
    const row: Row = TABLE[code]
    const detail = printable(input)
    super(row.quotes === true ? `${row.text}: "${detail}"` : row.text)
    this.name = 'Http1Error'
    this.code = code
    this.status = row.status
    this.page = row.page ?? row.status
    this.action = row.action
    this.detail = detail
    this.side = row.status === 502 ? 'upstream' : row.status === 500 ? 'internal' : 'downstream'
  }
}

const MAX_DETAIL = 200

/** For a log line: everything but printable ASCII as `\xHH`, and no more than 200 characters of it. */
function printable(input: string): string {
  const cut = input.length > MAX_DETAIL ? input.slice(0, MAX_DETAIL) + '...' : input
  return cut.replace(
    /[^ !#-[\]-~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
