import { describe, expect, it } from 'vitest'
import {
  FastcgiResponseDecoder,
  type FastcgiResponseEvent,
} from '../../../src/protocol/fastcgi/response-decoder.ts'
import { codeOf, collect, feeds, joinPieces } from '../../contract/feeds.ts'
import { end, pair, params, record, stderr, stdout } from './records.ts'

function show(event: FastcgiResponseEvent): string {
  switch (event.type) {
    case 'stdout':
    case 'stderr':
      return `${event.type} ${event.id} ${event.data.toString('latin1')}`
    case 'end':
      return `end ${event.id} app ${event.appStatus} protocol ${event.protocolStatus}`
    case 'values':
      return `values ${event.values.join('|')}`
    case 'unknown type':
      return `unknown type ${event.recordType}`
  }
}

const OUTPUT = /^std(out|err) \d+ /

function decoderWith(ids: readonly number[], recordBytes = 65535): FastcgiResponseDecoder {
  const decoder = new FastcgiResponseDecoder({ recordBytes })
  for (const id of ids) decoder.open(id)
  return decoder
}

interface Case {
  readonly name: string
  readonly bytes: readonly Uint8Array[]
  readonly seen: readonly string[]
  /** Requests that the front has written; 1 and 2 without this. */
  readonly open?: readonly number[]
  readonly recordBytes?: number
}

const DONE = 'end 1 app 0 protocol 0'

const CASES: Case[] = [
  {
    name: 'a whole response',
    bytes: [stdout(1, 'Status: 200\n\nhi', 1), stdout(1), end(1)],
    seen: ['stdout 1 Status: 200\n\nhi', DONE],
  },
  {
    name: 'a response without the end of stdout',
    bytes: [stdout(1, 'hi'), end(1)],
    seen: ['stdout 1 hi', DONE],
  },
  { name: 'no output', bytes: [end(1, 0xfffffffe, 3)], seen: ['end 1 app 4294967294 protocol 3'] },
  {
    name: 'stderr before, between and after',
    bytes: [
      stderr(1, 'a\x1b[0m'),
      stdout(1, 'x'),
      stderr(1, 'b'),
      stdout(1),
      stderr(1, 'c'),
      stderr(1),
      end(1),
    ],
    seen: ['stderr 1 a\x1b[0m', 'stdout 1 x', 'stderr 1 bc', DONE],
  },
  {
    name: 'interleaved responses',
    bytes: [stdout(1, 'a'), stdout(2, 'b'), stdout(1, 'c'), end(2), stdout(1), end(1)],
    seen: ['stdout 1 a', 'stdout 2 b', 'stdout 1 c', 'end 2 app 0 protocol 0', DONE],
  },
  {
    name: 'values, and a type the application does not know',
    bytes: [record(10, 0, pair('FCGI_MPXS_CONNS', '1'), 3), record(11, 0, '\x09\0\0\0\0\0\0\0')],
    seen: ['values FCGI_MPXS_CONNS|1', 'unknown type 9'],
  },
  { name: 'an id that was not opened', bytes: [stdout(3, 'x')], seen: ['throws FCGI_RESPONSE_ID'] },
  { name: 'id 0', bytes: [stdout(0, 'x')], seen: ['throws FCGI_RESPONSE_ID'] },
  {
    name: 'stdout after the end record',
    bytes: [end(1), stdout(1, 'x')],
    seen: [DONE, 'throws FCGI_RESPONSE_ID'],
  },
  {
    name: 'stderr after the end record',
    bytes: [end(1), stderr(1, 'x')],
    seen: [DONE, 'throws FCGI_RESPONSE_ID'],
  },
  { name: 'two end records', bytes: [end(1), end(1)], seen: [DONE, 'throws FCGI_RESPONSE_ID'] },
  {
    name: 'stdout after its end',
    bytes: [stdout(1), stdout(1, 'x')],
    seen: ['throws FCGI_STDOUT_AFTER_END'],
  },
  { name: 'a record for the other direction', bytes: [params(1, 'x')], seen: ['throws FCGI_RESPONSE_TYPE'] },
  { name: 'an unknown type', bytes: [record(42, 1, 'x')], seen: ['throws FCGI_RESPONSE_TYPE'] },
  {
    name: 'an HTTP response',
    bytes: [Buffer.from('HTTP/1.1 200 OK\r\n')],
    seen: ['throws FCGI_RESPONSE_VERSION'],
  },
  { name: 'a short end record', bytes: [record(3, 1, '\0\0\0\0')], seen: ['throws FCGI_RESPONSE_LENGTH'] },
  {
    name: 'a long end record',
    bytes: [record(3, 1, '\0\0\0\0\0\0\0\0\0')],
    seen: ['throws FCGI_RESPONSE_LENGTH'],
  },
  { name: 'values with an id', bytes: [record(10, 1, '')], seen: ['throws FCGI_RESPONSE_ID'] },
  { name: 'values that lie', bytes: [record(10, 0, '\x05\x05a')], seen: ['throws FCGI_VALUES_INVALID'] },
  {
    name: 'values of absurd length',
    bytes: [record(10, 0, 'x'.repeat(1025))],
    seen: ['throws FCGI_RESPONSE_TOO_LONG'],
  },
  { name: 'a short unknown type', bytes: [record(11, 0, 'x')], seen: ['throws FCGI_RESPONSE_LENGTH'] },
  {
    name: 'a record past the limit',
    bytes: [stdout(1, 'x'.repeat(11))],
    seen: ['throws FCGI_RESPONSE_TOO_LONG'],
    recordBytes: 10,
  },
]

describe('FastcgiResponseDecoder', () => {
  for (const { name, bytes, seen, open, recordBytes } of CASES) {
    it(`reads ${name}, however it is cut, with and without more behind it`, () => {
      for (const trailing of [Buffer.alloc(0), stdout(9, 'x').subarray(0, 7)]) {
        for (const feed of feeds(Buffer.concat([...bytes, trailing]))) {
          const decoder = decoderWith(open ?? [1, 2], recordBytes)
          expect(joinPieces(collect(decoder, feed.chunks, show), OUTPUT), feed.name).toEqual(seen)
        }
      }
    })
  }

  it('gives what is here of a record without waiting for the rest', () => {
    const decoder = decoderWith([1])
    expect(collect(decoder, [stdout(1, 'hello').subarray(0, 10)], show)).toEqual(['stdout 1 he'])
  })

  it('takes an id again after its end record', () => {
    const decoder = decoderWith([1])
    expect(collect(decoder, [Buffer.concat([stdout(1, 'a'), end(1)])], show)).toEqual(['stdout 1 a', DONE])
    expect(decoder.openRequests).toBe(0)
    decoder.open(1)
    expect(collect(decoder, [Buffer.concat([stdout(1, 'b'), end(1)])], show)).toEqual(['stdout 1 b', DONE])
  })

  it('takes a FIN only after the last end record', () => {
    const whole = Buffer.concat([stdout(1, 'abc', 2), stdout(1), end(1)])
    for (let cut = 0; cut <= whole.length; cut++) {
      const decoder = decoderWith([1])
      collect(decoder, [whole.subarray(0, cut)], show)
      let result = 'ends'
      try {
        decoder.receiveEnd()
      } catch (error) {
        result = codeOf(error)
      }
      expect(result, `cut at ${cut}`).toBe(cut === whole.length ? 'ends' : 'FCGI_RESPONSE_TRUNCATED')
    }
  })
})
