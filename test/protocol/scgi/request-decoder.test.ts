import { describe, expect, it } from 'vitest'
import {
  SCGI_REQUEST_LIMITS,
  ScgiRequestDecoder,
  type ScgiRequestEvent,
  type ScgiRequestLimits,
} from '../../../src/protocol/scgi/request-decoder.ts'
import { codeOf, collect, feeds, joinPieces } from '../../contract/feeds.ts'
import { headers, netstring, request } from './netstring.ts'

function show(event: ScgiRequestEvent): string {
  if (event.type === 'request') return `request ${event.vars.slice(4).join('|')} +${event.bodyLength}`
  return event.type === 'body' ? `body ${event.data.toString('latin1')}` : event.type
}

interface Case {
  readonly name: string
  readonly bytes: Buffer
  readonly seen: readonly string[]
  readonly limits?: Partial<ScgiRequestLimits>
  /** Bytes came behind the body. */
  readonly extra?: true
}

const text = (latin1: string) => Buffer.from(latin1, 'latin1')
const HEADERS = headers('CONTENT_LENGTH', '0', 'SCGI', '1')
const refused = (
  name: string,
  bytes: Buffer,
  code: string,
  limits: Partial<ScgiRequestLimits> = {},
): Case => ({
  name,
  bytes,
  seen: [`throws ${code}`],
  limits,
})

const CASES: Case[] = [
  { name: 'a request', bytes: request(0, 'A', 'b', 'E', ''), seen: ['request A|b|E| +0', 'body end'] },
  {
    name: "the specification's example",
    bytes: text(
      '70:CONTENT_LENGTH\x0027\0SCGI\x001\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,' +
        'What is the answer to life?',
    ),
    seen: [
      'request REQUEST_METHOD|POST|REQUEST_URI|/deepthought +27',
      'body What is the answer to life?',
      'body end',
    ],
  },
  { name: '8-bit octets', bytes: request(0, 'A', '\xe9\xff'), seen: ['request A|\xe9\xff +0', 'body end'] },
  {
    name: 'bytes behind the body',
    bytes: Buffer.concat([request(5), text('hello'), request(0)]),
    seen: ['request  +5', 'body hello', 'body end'],
    extra: true,
  },
  {
    name: 'a short body',
    bytes: Buffer.concat([request(5), text('hell')]),
    seen: ['request  +5', 'body hell'],
  },
  {
    name: 'SCGI anywhere, as nginx has it',
    bytes: netstring(headers('CONTENT_LENGTH', '0', 'A', 'b', 'SCGI', '1')),
    seen: ['request SCGI|1 +0', 'body end'],
  },
  {
    name: 'a header field of the client that came twice',
    bytes: request(0, 'HTTP_A', '1', 'HTTP_A', '2'),
    seen: ['request HTTP_A|1|HTTP_A|2 +0', 'body end'],
  },
  { name: 'half a netstring', bytes: request(0, 'A', 'b').subarray(0, 20), seen: [] },
  {
    name: 'headers at the limit',
    bytes: request(0),
    seen: ['request  +0', 'body end'],
    limits: { headerBytes: 24 },
  },
  refused('headers past the limit', request(0), 'SCGI_TOO_LONG', { headerBytes: 23 }),
  refused('too many headers', request(0, 'A', '1'), 'SCGI_HEADERS_TOO_MANY', { headerCount: 2 }),
  refused('a length with zeros before it', text(`0${HEADERS.length}:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('a negative length', text(`-${HEADERS.length}:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('a length with a sign', text(`+${HEADERS.length}:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('a length with a blank', text(` ${HEADERS.length}:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('a hexadecimal length', text(`0x18:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('no length', text(`:${HEADERS},`), 'SCGI_LENGTH_INVALID'),
  refused('an empty netstring', text('0:,'), 'SCGI_LENGTH_INVALID'),
  refused('a length without end', text('9'.repeat(400)), 'SCGI_TOO_LONG'),
  refused('an HTTP request', text('GET / HTTP/1.1\r\n'), 'SCGI_LENGTH_INVALID'),
  refused('no comma', text(`${HEADERS.length}:${HEADERS};`), 'SCGI_NO_COMMA'),
  refused('a length that is too small', text(`${HEADERS.length - 1}:${HEADERS},`), 'SCGI_NO_COMMA'),
  refused('a length that is too large', text(`${HEADERS.length + 1}:${HEADERS},x`), 'SCGI_NO_COMMA'),
  refused('no NUL at the end', netstring(`${HEADERS}A\0b`), 'SCGI_HEADERS_INVALID'),
  refused('a name without a value', netstring(`${HEADERS}A\0`), 'SCGI_HEADERS_INVALID'),
  refused('an empty name', request(0, '', 'b'), 'SCGI_HEADERS_INVALID'),
  refused('no CONTENT_LENGTH', netstring(headers('SCGI', '1')), 'SCGI_CONTENT_LENGTH'),
  refused(
    'CONTENT_LENGTH not in front',
    netstring(headers('SCGI', '1', 'CONTENT_LENGTH', '0')),
    'SCGI_CONTENT_LENGTH',
  ),
  refused('CONTENT_LENGTH twice', request(0, 'CONTENT_LENGTH', '0'), 'SCGI_CONTENT_LENGTH'),
  ...['', '-1', '+1', '0x5', '5 ', '5,5', '1e3', '9'.repeat(16)].map((value) =>
    refused(`CONTENT_LENGTH "${value}"`, request(value), 'SCGI_CONTENT_LENGTH'),
  ),
  refused('no SCGI', netstring(headers('CONTENT_LENGTH', '0', 'A', 'b')), 'SCGI_VERSION'),
  refused('another SCGI', netstring(headers('CONTENT_LENGTH', '0', 'SCGI', '2')), 'SCGI_VERSION'),
  refused('SCGI twice', request(0, 'SCGI', '1'), 'SCGI_VERSION'),
]

describe('ScgiRequestDecoder', () => {
  for (const { name, bytes, seen, limits, extra } of CASES) {
    it(`reads ${name}, however it is cut`, () => {
      for (const feed of feeds(bytes)) {
        const decoder = new ScgiRequestDecoder({ ...SCGI_REQUEST_LIMITS, ...limits })
        expect(joinPieces(collect(decoder, feed.chunks, show), /^body (?!end)/), feed.name).toEqual(seen)
        expect(decoder.extraBytes, feed.name).toBe(extra === true)
      }
    })
  }

  it('tells a FIN before the end of the request', () => {
    const whole = Buffer.concat([request(5), text('hello')])
    for (let cut = 0; cut <= whole.length; cut++) {
      const decoder = new ScgiRequestDecoder()
      collect(decoder, [whole.subarray(0, cut)], show)
      let result = 'ends'
      try {
        decoder.receiveEnd()
      } catch (error) {
        result = codeOf(error)
      }
      expect(result, `cut at ${cut}`).toBe(cut === 0 || cut === whole.length ? 'ends' : 'SCGI_TRUNCATED')
    }
  })

  it('stays dead after a failure', () => {
    const decoder = new ScgiRequestDecoder()
    expect(collect(decoder, [text('0:,')], show)).toEqual(['throws SCGI_LENGTH_INVALID'])
    expect(collect(decoder, [request(0)], show)).toEqual(['throws SCGI_LENGTH_INVALID'])
  })
})
