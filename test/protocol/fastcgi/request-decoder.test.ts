import { describe, expect, it } from 'vitest'
import {
  FASTCGI_REQUEST_LIMITS,
  FastcgiRequestDecoder,
  type FastcgiRequestEvent,
} from '../../../src/protocol/fastcgi/request-decoder.ts'
import { collect, codeOf, feeds, joinPieces } from '../../contract/feeds.ts'
import { abort, begin, pair, params, record, stdin, stdout } from './records.ts'

function show(event: FastcgiRequestEvent): string {
  switch (event.type) {
    case 'begin':
      return `begin ${event.id} role ${event.role}${event.keepConnection ? ' keep' : ''}`
    case 'params':
      return `params ${event.id} ${event.params.join('|')}`
    case 'stdin':
      return `stdin ${event.id} ${event.data.toString('latin1')}`
    case 'get values':
      return `get values ${event.names.join('|')}`
    case 'unknown type':
      return `unknown type ${event.recordType}`
    default:
      return `${event.type} ${event.id}`
  }
}

const SMALL = { paramsBytes: 64, pendingParamsBytes: 100, paramsCount: 3, requests: 2, recordBytes: 300 }
const AB = pair('A', 'b')
const OPEN = [begin(1), params(1, AB), params(1)]
const OPENED = ['begin 1 role 1 keep', 'params 1 A|b']

interface Case {
  readonly name: string
  readonly bytes: readonly Uint8Array[]
  readonly seen: readonly string[]
  readonly limits?: typeof SMALL
}

const CASES: Case[] = [
  {
    name: 'a request without a body',
    bytes: [...OPEN, stdin(1)],
    seen: [...OPENED, 'stdin end 1'],
  },
  {
    name: 'a body in several records, with padding',
    bytes: [
      begin(1, 1, 0),
      params(1, AB, 3),
      params(1, '', 8),
      stdin(1, 'hello ', 2),
      stdin(1, 'world', 255),
      stdin(1),
    ],
    seen: ['begin 1 role 1', 'params 1 A|b', 'stdin 1 hello world', 'stdin end 1'],
  },
  {
    name: 'a reserved octet and reserved flags that are set',
    bytes: [record(1, 1, '\0\x01\xff\x01\x02\x03\x04\x05', 0, 1, 0x5a), record(4, 1, '', 0, 1, 0xff)],
    seen: ['begin 1 role 1 keep', 'params 1 '],
  },
  {
    name: 'no params at all',
    bytes: [begin(1), params(1), stdin(1)],
    seen: ['begin 1 role 1 keep', 'params 1 ', 'stdin end 1'],
  },
  {
    name: 'params cut within a pair by a record boundary',
    bytes: [
      begin(9),
      params(9, AB.subarray(0, 1)),
      params(9, AB.subarray(1)),
      params(9, pair('LONGER', 'x')),
      params(9),
    ],
    seen: ['begin 9 role 1 keep', 'params 9 A|b|LONGER|x'],
  },
  {
    name: 'lengths of four octets, short and long values, 8-bit octets',
    bytes: [
      begin(1),
      params(1, Buffer.concat([pair('A', 'b', true), pair('L', 'x'.repeat(128)), pair('H', '\xe9\xff\x00')])),
      params(1),
    ],
    seen: ['begin 1 role 1 keep', `params 1 A|b|L|${'x'.repeat(128)}|H|\xe9\xff\x00`],
  },
  {
    name: 'empty names and values',
    bytes: [begin(1), params(1, Buffer.concat([pair('', ''), pair('A', '')])), params(1)],
    seen: ['begin 1 role 1 keep', 'params 1 ||A|'],
  },
  {
    name: 'interleaved requests',
    bytes: [
      begin(1),
      begin(2),
      params(2, pair('N', '2')),
      params(1, pair('N', '1')),
      params(1),
      stdin(1, 'one'),
      params(2),
      stdin(2, 'two'),
      stdin(1),
      stdin(2),
    ],
    seen: [
      'begin 1 role 1 keep',
      'begin 2 role 1 keep',
      'params 1 N|1',
      'stdin 1 one',
      'params 2 N|2',
      'stdin 2 two',
      'stdin end 1',
      'stdin end 2',
    ],
  },
  {
    name: 'abort',
    bytes: [...OPEN, stdin(1, 'x'), abort(1)],
    seen: [...OPENED, 'stdin 1 x', 'abort 1'],
  },
  {
    name: 'an abort between two records of params, which goes on',
    bytes: [begin(1), params(1, AB), abort(1), params(1, pair('C', 'd')), params(1)],
    seen: ['begin 1 role 1 keep', 'abort 1', 'params 1 A|b|C|d'],
  },
  {
    name: 'records of ids without a request are skipped',
    bytes: [params(7, AB), params(7), stdin(7, 'late'), stdin(7), abort(8), record(8, 9, 'data'), ...OPEN],
    seen: OPENED,
  },
  {
    name: 'another role is given as it is',
    bytes: [begin(1, 2)],
    seen: ['begin 1 role 2 keep'],
  },
  {
    name: 'get values',
    bytes: [record(9, 0, Buffer.concat([pair('FCGI_MAX_CONNS', ''), pair('FCGI_MPXS_CONNS', '')]), 4)],
    seen: ['get values FCGI_MAX_CONNS|FCGI_MPXS_CONNS'],
  },
  {
    name: 'an unknown management record',
    bytes: [record(99, 0, 'whatever', 1), record(0, 0), ...OPEN],
    seen: ['unknown type 99', 'unknown type 0', ...OPENED],
  },
  { name: 'version 0', bytes: [record(1, 1, '12345678', 0, 0)], seen: ['throws FCGI_REQUEST_VERSION'] },
  {
    name: 'version 2',
    bytes: [...OPEN, record(5, 1, '', 0, 2)],
    seen: [...OPENED, 'throws FCGI_REQUEST_VERSION'],
  },
  {
    name: 'an HTTP request',
    bytes: [Buffer.from('GET / HTTP/1.1\r\n')],
    seen: ['throws FCGI_REQUEST_VERSION'],
  },
  { name: 'an unknown type with an id', bytes: [record(12, 1)], seen: ['throws FCGI_REQUEST_TYPE'] },
  { name: 'a record of the other direction', bytes: [stdout(1, 'x')], seen: ['throws FCGI_REQUEST_TYPE'] },
  { name: 'a result nobody asked for', bytes: [record(10, 0)], seen: ['throws FCGI_REQUEST_TYPE'] },
  {
    name: 'a data record of an active request',
    bytes: [...OPEN, record(8, 1, 'x')],
    seen: [...OPENED, 'throws FCGI_REQUEST_TYPE'],
  },
  { name: 'begin with id 0', bytes: [begin(0)], seen: ['throws FCGI_REQUEST_ID'] },
  { name: 'stdin with id 0', bytes: [stdin(0, 'x')], seen: ['throws FCGI_REQUEST_ID'] },
  { name: 'begin twice', bytes: [...OPEN, begin(1)], seen: [...OPENED, 'throws FCGI_BEGIN_TWICE'] },
  { name: 'a short begin', bytes: [record(1, 1, '\0\x01\x01')], seen: ['throws FCGI_REQUEST_LENGTH'] },
  {
    name: 'a long begin',
    bytes: [record(1, 1, '\0\x01\x01\0\0\0\0\0\0')],
    seen: ['throws FCGI_REQUEST_LENGTH'],
  },
  {
    name: 'abort with content',
    bytes: [...OPEN, record(2, 1, 'x')],
    seen: [...OPENED, 'throws FCGI_REQUEST_LENGTH'],
  },
  {
    name: 'params after their end',
    bytes: [...OPEN, params(1, AB)],
    seen: [...OPENED, 'throws FCGI_PARAMS_AFTER_END'],
  },
  {
    name: 'a second end of params',
    bytes: [...OPEN, params(1)],
    seen: [...OPENED, 'throws FCGI_PARAMS_AFTER_END'],
  },
  {
    name: 'stdin before the params end',
    bytes: [begin(1), stdin(1, 'x')],
    seen: ['begin 1 role 1 keep', 'throws FCGI_STDIN_EARLY'],
  },
  {
    name: 'stdin after its end',
    bytes: [...OPEN, stdin(1), stdin(1, 'x')],
    seen: [...OPENED, 'stdin end 1', 'throws FCGI_STDIN_AFTER_END'],
  },
  {
    name: 'a name longer than the params',
    bytes: [begin(1), params(1, '\x05\x00abc'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'a value longer than the params',
    bytes: [begin(1), params(1, '\x01\x05abc'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'lengths near 2^31',
    bytes: [begin(1), params(1, '\xff\xff\xff\xff\xff\xff\xff\xffab'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'lengths whose sum wraps at 32 bits',
    bytes: [begin(1), params(1, '\xff\xff\xff\xff\x80\x00\x00\x01ab'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'a length that is cut by the end',
    bytes: [begin(1), params(1, '\x01\x80\x00'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'one octet of params',
    bytes: [begin(1), params(1, '\x00'), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_INVALID'],
  },
  {
    name: 'a request past the limit',
    bytes: [begin(1), begin(2), begin(3), params(3, AB), stdin(3, 'x'), params(1)],
    seen: ['begin 1 role 1 keep', 'begin 2 role 1 keep', 'overload 3', 'params 1 '],
    limits: SMALL,
  },
  {
    name: 'too many params',
    bytes: [begin(1), params(1, Buffer.concat([AB, AB, AB, AB])), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_TOO_MANY'],
    limits: SMALL,
  },
  {
    name: 'params of exactly the limit',
    bytes: [begin(1), params(1, pair('A', 'x'.repeat(61))), params(1)],
    seen: ['begin 1 role 1 keep', `params 1 A|${'x'.repeat(61)}`],
    limits: SMALL,
  },
  {
    name: 'params past the limit in one record',
    bytes: [begin(1), params(1, pair('A', 'x'.repeat(62))), params(1)],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_TOO_LARGE'],
    limits: SMALL,
  },
  {
    name: 'params past the limit in many records',
    bytes: [begin(1), ...Array.from({ length: 17 }, () => params(1, AB))],
    seen: ['begin 1 role 1 keep', 'throws FCGI_PARAMS_TOO_LARGE'],
    limits: SMALL,
  },
  {
    name: 'unfinished params of two requests past the limit for all',
    bytes: [begin(1), begin(2), params(1, 'x'.repeat(60)), params(2, 'x'.repeat(41))],
    seen: ['begin 1 role 1 keep', 'begin 2 role 1 keep', 'throws FCGI_PARAMS_TOO_LARGE'],
    limits: SMALL,
  },
  {
    name: 'a record past the limit',
    bytes: [stdin(5, 'x'.repeat(301))],
    seen: ['throws FCGI_REQUEST_TOO_LONG'],
    limits: SMALL,
  },
  {
    name: 'get values of absurd length',
    bytes: [record(9, 0, 'x'.repeat(2000))],
    seen: ['throws FCGI_REQUEST_TOO_LONG'],
  },
  {
    name: 'get values that lie',
    bytes: [record(9, 0, '\x7f\x00abc')],
    seen: ['throws FCGI_PARAMS_INVALID'],
  },
]

describe('FastcgiRequestDecoder', () => {
  for (const { name, bytes, seen, limits } of CASES) {
    it(`reads ${name}, however it is cut`, () => {
      for (const feed of feeds(Buffer.concat(bytes))) {
        const decoder = new FastcgiRequestDecoder(limits ?? FASTCGI_REQUEST_LIMITS)
        const got = joinPieces(collect(decoder, feed.chunks, show), /^stdin \d+ /)
        expect(got, feed.name).toEqual(seen)
      }
    })
    it(`reads ${name} the same with the beginning of another record behind it`, () => {
      const trailing = begin(77).subarray(0, 7)
      for (const feed of feeds(Buffer.concat([...bytes, trailing]))) {
        const decoder = new FastcgiRequestDecoder(limits ?? FASTCGI_REQUEST_LIMITS)
        expect(joinPieces(collect(decoder, feed.chunks, show), /^stdin \d+ /), feed.name).toEqual(seen)
      }
    })
  }

  it('takes an id again after finish, and skips what was under way for the old request', () => {
    const decoder = new FastcgiRequestDecoder()
    const seen = collect(decoder, [Buffer.concat([...OPEN, stdin(1, 'abc').subarray(0, 9)])], show)
    expect(seen).toEqual([...OPENED, 'stdin 1 a'])
    decoder.finish(1)
    expect(decoder.activeRequests).toBe(0)
    const rest = Buffer.concat([stdin(1, 'abc').subarray(9), stdin(1, 'more'), begin(1), params(1)])
    expect(collect(decoder, [rest], show)).toEqual(['begin 1 role 1 keep', 'params 1 '])
  })

  it('frees the unfinished params of a finished request', () => {
    const decoder = new FastcgiRequestDecoder(SMALL)
    for (let round = 0; round < 10; round++) {
      expect(collect(decoder, [Buffer.concat([begin(1), params(1, 'x'.repeat(60))])], show)).toEqual([
        'begin 1 role 1 keep',
      ])
      decoder.finish(1)
    }
  })

  it('stays dead after a failure', () => {
    const decoder = new FastcgiRequestDecoder()
    expect(collect(decoder, [begin(0)], show)).toEqual(['throws FCGI_REQUEST_ID'])
    expect(collect(decoder, [begin(1)], show)).toEqual(['throws FCGI_REQUEST_ID'])
  })

  it('joins bytes of two receives without a look between them', () => {
    const decoder = new FastcgiRequestDecoder()
    const bytes = Buffer.concat([...OPEN, stdin(1, 'x'), stdin(1)])
    decoder.receive(bytes.subarray(0, 21))
    expect(collect(decoder, [bytes.subarray(21)], show)).toEqual([...OPENED, 'stdin 1 x', 'stdin end 1'])
  })

  it('tells a FIN within a record from one between records', () => {
    const whole = Buffer.concat([...OPEN, stdin(1, 'body', 3)])
    const boundaries = new Set([0, 16, 28, 36, whole.length])
    for (let cut = 0; cut <= whole.length; cut++) {
      const decoder = new FastcgiRequestDecoder()
      collect(decoder, [whole.subarray(0, cut)], show)
      let result = 'ends'
      try {
        decoder.receiveEnd()
      } catch (error) {
        result = codeOf(error)
      }
      expect(result, `cut at ${cut}`).toBe(boundaries.has(cut) ? 'ends' : 'FCGI_REQUEST_TRUNCATED')
    }
  })
})
