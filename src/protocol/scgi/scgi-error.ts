/** Everything the SCGI codec throws. A decoder that threw is dead, and its connection is to be closed. */

interface Row {
  readonly side: 'downstream' | 'upstream' | 'internal'
  /** What the front answers when no response head was sent yet. */
  readonly status: number
  readonly text: string
}

const TABLE = {
  SCGI_LENGTH_INVALID: { side: 'downstream', status: 400, text: 'front sent invalid SCGI netstring length' },
  SCGI_TOO_LONG: { side: 'downstream', status: 400, text: 'front sent too large SCGI headers' },
  SCGI_NO_COMMA: { side: 'downstream', status: 400, text: 'front sent no comma behind SCGI headers' },
  SCGI_HEADERS_INVALID: { side: 'downstream', status: 400, text: 'front sent invalid SCGI headers' },
  SCGI_HEADERS_TOO_MANY: { side: 'downstream', status: 400, text: 'front sent too many SCGI headers' },
  SCGI_CONTENT_LENGTH: { side: 'downstream', status: 400, text: 'front sent invalid CONTENT_LENGTH' },
  SCGI_VERSION: { side: 'downstream', status: 400, text: 'front sent no SCGI header of value 1' },
  SCGI_TRUNCATED: {
    side: 'downstream',
    status: 400,
    text: 'front closed the connection within an SCGI request',
  },
  /** Thrown before a byte is written: a NUL would end the value, and the rest would be headers. */
  SCGI_NUL: { side: 'downstream', status: 400, text: 'request has a NUL, which SCGI cannot carry' },
  SCGI_NAME_EMPTY: { side: 'internal', status: 500, text: 'SCGI header without a name' },
} as const satisfies Record<string, Row>

export type ScgiErrorCode = keyof typeof TABLE

export class ScgiError extends Error {
  readonly code: ScgiErrorCode
  readonly side: Row['side']
  readonly status: number

  /** `detail` is a number, never the peer's text. */
  constructor(code: ScgiErrorCode, detail?: number) {
    const row = TABLE[code]
    super(detail === undefined ? row.text : `${row.text}: ${detail}`)
    this.name = 'ScgiError'
    this.code = code
    this.side = row.side
    this.status = row.status
  }
}
