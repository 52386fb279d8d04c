/** Everything the uwsgi codec throws. A decoder that threw is dead, and its connection is to be closed. */

interface Row {
  readonly side: 'downstream' | 'upstream' | 'internal'
  /** What the front answers when no response head was sent yet. */
  readonly status: number
  readonly text: string
}

const TABLE = {
  UWSGI_MODIFIER: { side: 'downstream', status: 400, text: 'front sent unknown uwsgi modifier' },
  UWSGI_BLOCK_EMPTY: { side: 'downstream', status: 400, text: 'front sent empty uwsgi vars block' },
  UWSGI_BLOCK_TOO_LONG: { side: 'downstream', status: 400, text: 'front sent too large uwsgi vars block' },
  UWSGI_VARS_INVALID: { side: 'downstream', status: 400, text: 'front sent invalid uwsgi vars' },
  UWSGI_VARS_TOO_MANY: { side: 'downstream', status: 400, text: 'front sent too many uwsgi vars' },
  UWSGI_CONTENT_LENGTH: { side: 'downstream', status: 400, text: 'front sent invalid CONTENT_LENGTH' },
  UWSGI_TRUNCATED: {
    side: 'downstream',
    status: 400,
    text: 'front closed the connection within a uwsgi request',
  },
  /** Thrown before a byte is written: the size field has 16 bits, and a cut size would let vars become a request. */
  UWSGI_REQUEST_TOO_LARGE: {
    side: 'downstream',
    status: 431,
    text: 'request too large for the uwsgi protocol',
  },
  UWSGI_NAME_EMPTY: { side: 'internal', status: 500, text: 'uwsgi var without a name' },
} as const satisfies Record<string, Row>

export type UwsgiErrorCode = keyof typeof TABLE

export class UwsgiError extends Error {
  readonly code: UwsgiErrorCode
  readonly side: Row['side']
  readonly status: number

  /** `detail` is a number, never the peer's text. */
  constructor(code: UwsgiErrorCode, detail?: number) {
    const row = TABLE[code]
    super(detail === undefined ? row.text : `${row.text}: ${detail}`)
    this.name = 'UwsgiError'
    this.code = code
    this.side = row.side
    this.status = row.status
  }
}
