import assert from 'node:assert/strict'
import { CgiResponseError } from '../../../src/gateway/cgi-response-error.ts'
import { CgiResponseHeadDecoder } from '../../../src/gateway/cgi-response.ts'
import { FastcgiError } from '../../../src/protocol/fastcgi/fastcgi-error.ts'
import { FastcgiRequestDecoder } from '../../../src/protocol/fastcgi/request-decoder.ts'
import { FastcgiResponseDecoder } from '../../../src/protocol/fastcgi/response-decoder.ts'
import { ScgiRequestDecoder } from '../../../src/protocol/scgi/request-decoder.ts'
import { ScgiError } from '../../../src/protocol/scgi/scgi-error.ts'
import { UWSGI_REQUEST_LIMITS, UwsgiRequestDecoder } from '../../../src/protocol/uwsgi/request-decoder.ts'
import { UwsgiError } from '../../../src/protocol/uwsgi/uwsgi-error.ts'
import { pieces, type FuzzTarget } from './fuzz-target.ts'

interface Fed {
  receive(bytes: Buffer): void
  next(): object | undefined
  readonly retainedBytes: number
}

type Thrown = abstract new (...args: never[]) => Error & { readonly code: string }

/** Events with neighbouring data of one kind and id joined, and the code that it ended with. */
function feed(decoder: Fed, cut: readonly Buffer[], error: Thrown, mostRetained: number): unknown[] {
  const seen: unknown[] = []
  let last = ''
  let data = ''
  const flush = (): void => {
    if (last !== '') seen.push(last, data)
    last = data = ''
  }
  try {
    for (const piece of cut) {
      decoder.receive(piece)
      for (let event = decoder.next(); event !== undefined; event = decoder.next()) {
        if ('data' in event && Buffer.isBuffer(event.data)) {
          const { data: bytes, ...rest } = event
          const key = JSON.stringify(rest)
          if (key !== last) flush()
          last = key
          data += bytes.toString('latin1')
        } else {
          flush()
          seen.push(JSON.stringify(event))
        }
      }
      assert.ok(decoder.retainedBytes <= mostRetained, `retains ${decoder.retainedBytes} bytes`)
    }
  } catch (fault) {
    if (!(fault instanceof error)) throw fault
    flush()
    seen.push(fault.code)
  }
  flush()
  return seen
}

function codec(name: string, make: () => Fed, error: Thrown, most: number, seeds: readonly string[], words: readonly string[]): FuzzTarget {
  return {
    name,
    seeds,
    words,
    run(bytes) {
      const whole = feed(make(), [Buffer.from(bytes)], error, most)
      assert.deepEqual(feed(make(), pieces(bytes), error, most), whole)
    },
  }
} // prettier-ignore

const BEGIN = '\x01\x01\0\x01\0\x08\0\0\0\x01\x01\0\0\0\0\0'
const PARAMS = '\x01\x04\0\x01\0\x05\x03\0\x01\x02Abc\0\0\0'
const RECORD_WORDS = [BEGIN, PARAMS, '\x01\x04\0\x01\0\0\0\0', '\x01\x05\0\x01\0\x03\0\0abc', '\x01\x05\0\x01\0\0\0\0', '\x01\x06\0\x01\0\x02\0\0hi', '\x01\x06\0\x01\0\0\0\0', '\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0', '\x01\x02\0\x01\0\0\0\0', '\x80\0\0\x05', '\xff\xff', '\x01\x09\0\0\0\0\0\0'] // prettier-ignore
const FASTCGI_LIMITS = {
  paramsBytes: 400,
  pendingParamsBytes: 600,
  paramsCount: 20,
  requests: 2,
  recordBytes: 3000,
}

export const fastcgiRequest = codec(
  'fastcgi-request',
  () => new FastcgiRequestDecoder(FASTCGI_LIMITS),
  FastcgiError,
  2 * 600 + 2 * 1024 + 2 * 1024 + 8,
  [`${BEGIN}${PARAMS}\x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\x03\x05\0abc\0\0\0\0\0\x01\x05\0\x01\0\0\0\0`],
  RECORD_WORDS,
)

const RESPONSE_LIMITS = { recordBytes: 3000 }

export const fastcgiResponse = codec(
  'fastcgi-response',
  () => {
    const decoder = new FastcgiResponseDecoder(RESPONSE_LIMITS)
    decoder.open(1)
    return decoder
  },
  FastcgiError,
  70_000,
  [
    '\x01\x06\0\x01\0\x02\0\0hi\x01\x07\0\x01\0\x01\0\0e\x01\x06\0\x01\0\0\0\0\x01\x03\0\x01\0\x08\0\0\0\0\0\0\0\0\0\0',
  ],
  RECORD_WORDS,
)

export const uwsgiRequest = codec(
  'uwsgi-request',
  () => new UwsgiRequestDecoder({ ...UWSGI_REQUEST_LIMITS, blockBytes: 600, varsCount: 10 }),
  UwsgiError,
  600,
  ['\0\x1b\0\0\x0e\0CONTENT_LENGTH\x01\x003\x01\0A\x01\0babc'],
  ['\x0e\0CONTENT_LENGTH', '\x01\0', '\0\0', '\xff\xff', '\x0a\0UWSGI_FILE'],
)

export const scgiRequest = codec(
  'scgi-request',
  () => new ScgiRequestDecoder({ headerBytes: 600, headerCount: 10 }),
  ScgiError,
  601,
  ['24:CONTENT_LENGTH\x003\0SCGI\x001\0,abc'],
  ['CONTENT_LENGTH\0', 'SCGI\x001\0', ':', ',', '0', '24:', '\0'],
)

function cgiHead(cut: readonly Buffer[]): unknown {
  const decoder = new CgiResponseHeadDecoder({ headBytes: 300, headers: 10 })
  try {
    for (const [index, piece] of cut.entries()) {
      decoder.receive(Buffer.from(piece))
      const head = decoder.next()
      if (head === undefined) continue
      const body = Buffer.concat([decoder.rest(), ...cut.slice(index + 1)]).toString('latin1')
      const { status, reason, headers } = head
      for (const value of headers.values) assert.ok(!/[\r\n\0]/.test(value), 'a field value of two lines')
      return [status, reason, headers.names, headers.values, body]
    }
  } catch (error) {
    if (!(error instanceof CgiResponseError)) throw error
    return error.code
  }
  return 'needs more'
}

export const cgiResponse: FuzzTarget = {
  name: 'cgi-response',
  seeds: ['Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\nbody', 'HTTP/1.1 200 OK\nLocation: /a\n\n'],
  words: ['Status: ', 'Location: /\r\n', 'Content-Length: 5\r\n', '\r\n', '\n', ':', 'Set-Cookie: a=b\r\n', '\0', '\r'],
  run(bytes) {
    assert.deepEqual(cgiHead(pieces(bytes)), cgiHead([bytes]))
  },
} // prettier-ignore
