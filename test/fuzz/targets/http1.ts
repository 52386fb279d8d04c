import assert from 'node:assert/strict'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { ResponseDecoder } from '../../../src/protocol/http1/response-decoder.ts'
import { decodeRequests, LIMITS, pairs, STRICT, type Outcome } from '../../protocol/http1/feed.ts'
import { AS_NGINX, readRequests, STRICT as STRICTLY, type Leniences } from '../framing/reference-parser.ts'
import { pieces, type FuzzTarget } from './fuzz-target.ts'

const WORDS = [
  '\r\n', '\n', '\r', '\r\n\r\n', 'Host: h\r\n', 'Content-Length: ', 'Transfer-Encoding: chunked\r\n', 'chunked', '0\r\n\r\n', '5\r\nhello\r\n', ' HTTP/1.1\r\n', 'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
  'Connection: close\r\n', 'Expect: 100-continue\r\n', 'http://h/', '*', ';a="b"', '\t', ' ', ':', ',', 'HTTP/1.0', 'Trailer: x\r\n', '\0', '\x7f', '\xff',
] // prettier-ignore

/** Whole requests that ours gave out are those that the reference reads first. */
function agrees({ requests }: Outcome, text: string, leniences: Leniences): void {
  const complete = requests.filter((request) => request.complete)
  const last = complete.findIndex(({ version }) => version === 9) // whoever reads on after HTTP/0.9 has not asked the connection
  const whole = last < 0 ? complete : complete.slice(0, last + 1)
  const { requests: read } = readRequests(text, leniences)
  assert.ok(whole.length <= read.length, 'takes a request that the reference refuses')
  for (const [index, { method, target, body }] of whole.entries()) {
    const other = read[index]
    assert.deepEqual([method, target, body], [other?.method, other?.target, other?.body])
  }
}

export const http1Request: FuzzTarget = {
  name: 'http1-request',
  words: WORDS,
  seeds: [
    'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET /next HTTP/1.1\r\nHost: h\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0\r\nX: y\r\n\r\n',
    'GET http://h:80/ HTTP/1.0\nHost: h\n\n',
    'CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n',
    'GET /\r\n',
  ],
  run(bytes) {
    const text = bytes.toString('latin1')
    for (const [limits, leniences] of [
      [LIMITS, AS_NGINX],
      [STRICT, STRICTLY],
    ] as const) {
      const whole = decodeRequests([bytes], limits)
      assert.deepEqual(decodeRequests(pieces(bytes), limits), whole)
      agrees(whole, text, leniences)
    }
  },
}

/** Everything a response decoder gives for these pieces, with the code it ends with. */
function decodeResponse(cut: readonly Buffer[], method: string): unknown {
  const decoder = new ResponseDecoder({ headBytes: 500, maxHeaders: 20 })
  decoder.begin(method)
  const seen: unknown[] = []
  let body = ''
  try {
    for (const piece of cut) {
      decoder.receive(Buffer.from(piece))
      const head = seen.length === 0 ? decoder.nextHead() : undefined
      if (head !== undefined) seen.push(head.status, head.framing, pairs(head.headers))
      for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) {
        body += data.toString('latin1')
      }
    }
    decoder.receiveEnd()
    return { seen, body, extra: decoder.hasExtraBytes, reusable: decoder.reusable }
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    assert.equal(error.side, 'upstream')
    return { seen, body, error: error.code }
  }
}

export const http1Response: FuzzTarget = {
  name: 'http1-response',
  words: [...WORDS, 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 Continue\r\n\r\n', '204', '304', '101', 'Link: a\r\n', 'HTTP/1.1 103 x\r\n'],
  seeds: [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'HTTP/1.0 200 OK\n\nuntil the end',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
  ],
  run(bytes) {
    for (const method of ['GET', 'HEAD']) {
      assert.deepEqual(decodeResponse(pieces(bytes), method), decodeResponse([bytes], method))
    }
  },
} // prettier-ignore
