/** Everything that a response head of a CGI-like application (FastCGI, SCGI, uwsgi) can be refused for: a 502 each. */

const TABLE = {
  CGI_HEAD_TOO_LONG: 'upstream sent too big header',
  CGI_HEADERS_TOO_MANY: 'upstream sent too many header lines',
  CGI_HEADER_INVALID: 'upstream sent invalid header',
  CGI_STATUS_INVALID: 'upstream sent invalid status',
  CGI_HEADER_DUPLICATE: 'upstream sent duplicate header line',
  CGI_LENGTH_INVALID: 'upstream sent invalid "Content-Length" header',
  CGI_LENGTH_AND_CODING: 'upstream sent "Content-Length" and "Transfer-Encoding" headers at the same time',
  CGI_HEAD_TRUNCATED: 'upstream prematurely closed connection while reading response header from upstream',
} as const satisfies Record<string, string>

export type CgiResponseErrorCode = keyof typeof TABLE

export class CgiResponseError extends Error {
  readonly code: CgiResponseErrorCode
  readonly side = 'upstream'
  readonly status = 502

  /** `detail` is what came: it is cut, and its control bytes are escaped here. */
  constructor(code: CgiResponseErrorCode, detail?: string) {
    super(detail === undefined ? TABLE[code] : `${TABLE[code]}: "${printable(detail)}"`)
    this.name = 'CgiResponseError'
    this.code = code
  }
}

const MAX_DETAIL = 200

function printable(detail: string): string {
  const cut = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}...` : detail
  return cut.replace(
    /[^ !#-[\]-~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
