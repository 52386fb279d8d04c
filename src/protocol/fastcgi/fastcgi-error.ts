/**
 * Everything the FastCGI codec throws. A decoder that threw is dead: it throws the same error again, and its
 * connection is to be closed, since nothing behind a broken record can be trusted (a length that lies moves every
 * record behind it).
 */

interface Row {
  readonly side: 'downstream' | 'upstream' | 'internal'
  /** What the front answers when no response head was sent yet. */
  readonly status: number
  readonly text: string
}

const TABLE = {
  // What an application server sees from a front.
  FCGI_REQUEST_VERSION: { side: 'downstream', status: 400, text: 'front sent unsupported FastCGI version' },
  FCGI_REQUEST_TYPE: { side: 'downstream', status: 400, text: 'front sent unexpected FastCGI record type' },
  FCGI_REQUEST_ID: { side: 'downstream', status: 400, text: 'front sent invalid FastCGI request id' },
  FCGI_REQUEST_LENGTH: {
    side: 'downstream',
    status: 400,
    text: 'front sent FastCGI record of invalid length',
  },
  FCGI_REQUEST_TOO_LONG: { side: 'downstream', status: 400, text: 'front sent too long FastCGI record' },
  FCGI_BEGIN_TWICE: { side: 'downstream', status: 400, text: 'front began an active FastCGI request' },
  FCGI_PARAMS_AFTER_END: {
    side: 'downstream',
    status: 400,
    text: 'front sent FastCGI params after their end',
  },
  FCGI_PARAMS_INVALID: { side: 'downstream', status: 400, text: 'front sent invalid FastCGI params' },
  FCGI_PARAMS_TOO_LARGE: { side: 'downstream', status: 400, text: 'front sent too large FastCGI params' },
  FCGI_PARAMS_TOO_MANY: { side: 'downstream', status: 400, text: 'front sent too many FastCGI params' },
  FCGI_STDIN_EARLY: {
    side: 'downstream',
    status: 400,
    text: 'front sent FastCGI stdin before the params end',
  },
  FCGI_STDIN_AFTER_END: { side: 'downstream', status: 400, text: 'front sent FastCGI stdin after its end' },
  FCGI_REQUEST_TRUNCATED: {
    side: 'downstream',
    status: 400,
    text: 'front closed the connection within a FastCGI record',
  },
  // What a front sees from an application server.
  FCGI_RESPONSE_VERSION: { side: 'upstream', status: 502, text: 'upstream sent unsupported FastCGI version' },
  FCGI_RESPONSE_TYPE: { side: 'upstream', status: 502, text: 'upstream sent unexpected FastCGI record' },
  FCGI_RESPONSE_ID: { side: 'upstream', status: 502, text: 'upstream sent unexpected FastCGI request id' },
  FCGI_RESPONSE_LENGTH: {
    side: 'upstream',
    status: 502,
    text: 'upstream sent FastCGI record of invalid length',
  },
  FCGI_RESPONSE_TOO_LONG: { side: 'upstream', status: 502, text: 'upstream sent too long FastCGI record' },
  FCGI_STDOUT_AFTER_END: {
    side: 'upstream',
    status: 502,
    text: 'upstream sent FastCGI stdout after its end',
  },
  FCGI_VALUES_INVALID: { side: 'upstream', status: 502, text: 'upstream sent invalid FastCGI values' },
  FCGI_RESPONSE_TRUNCATED: {
    side: 'upstream',
    status: 502,
    text: 'upstream prematurely closed FastCGI connection',
  },
  // Misuse by our own side; nothing was written.
  FCGI_WHOLE_TOO_LONG: { side: 'internal', status: 500, text: 'response too long for one FastCGI record' },
} as const satisfies Record<string, Row>

export type FastcgiErrorCode = keyof typeof TABLE

export class FastcgiError extends Error {
  readonly code: FastcgiErrorCode
  readonly side: Row['side']
  readonly status: number

  /** `detail` is a number of ours or of the record header, never the peer's text. */
  constructor(code: FastcgiErrorCode, detail?: number) {
    const row = TABLE[code]
    super(detail === undefined ? row.text : `${row.text}: ${detail}`)
    this.name = 'FastcgiError'
    this.code = code
    this.side = row.side
    this.status = row.status
  }
}
