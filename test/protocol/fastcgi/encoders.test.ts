import { describe, expect, it } from 'vitest'
import { FastcgiError } from '../../../src/protocol/fastcgi/fastcgi-error.ts'
import { FCGI_OVERLOADED, FCGI_RESPONDER } from '../../../src/protocol/fastcgi/record.ts'
import {
  encodeAbort,
  encodeGetValues,
  encodeRequest,
  encodeStdin,
  encodeStdinEnd,
} from '../../../src/protocol/fastcgi/request-encoder.ts'
import {
  encodeEndRequest,
  encodeGetValuesResult,
  encodeResponse,
  encodeStderr,
  encodeStdout,
  encodeUnknownType,
  endText,
  stdoutText,
} from '../../../src/protocol/fastcgi/response-encoder.ts'
import { abort, begin, end, pair, params, record, stderr, stdin, stdout } from './records.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** Name of the message, what the encoder makes, what section 3.3 to 5.5 of the specification say it is. */
const MESSAGES: [string, Buffer, Buffer[]][] = [
  [
    'a request',
    encodeRequest(1, FCGI_RESPONDER, true, ['A', 'b']),
    [begin(1), params(1, pair('A', 'b')), params(1)],
  ],
  ['a request without params', encodeRequest(0x1234, 1, false, []), [begin(0x1234, 1, 0), params(0x1234)]],
  [
    'lengths at the border of one octet',
    encodeRequest(65535, 3, true, ['A', 'x'.repeat(127), 'N'.repeat(128), '', 'B', 'y'.repeat(70)]),
    [
      begin(65535, 3),
      params(
        65535,
        Buffer.concat([pair('A', 'x'.repeat(127)), pair('N'.repeat(128), ''), pair('B', 'y'.repeat(70))]),
      ),
      params(65535),
    ],
  ],
  [
    '8-bit octets',
    encodeRequest(1, 1, true, ['É', 'ÿ\0']),
    [begin(1), params(1, pair('\xc9', '\xff\0')), params(1)],
  ],
  ['a piece of a body', encodeStdin(7, Buffer.from('hello')), [stdin(7, 'hello')]],
  ['an empty piece, which must not end the body', encodeStdin(7, Buffer.alloc(0)), []],
  ['the end of a body', encodeStdinEnd(258), [stdin(258)]],
  ['an abort', encodeAbort(40000), [abort(40000)]],
  ['get values', encodeGetValues(['FCGI_MAX_REQS']), [record(9, 0, pair('FCGI_MAX_REQS', ''))]],
  ['a piece of output', encodeStdout(3, Buffer.from('x\xff', 'latin1')), [stdout(3, 'x\xff')]],
  ['an empty piece of output', encodeStdout(3, Buffer.alloc(0)), []],
  ['a response head', latin1(stdoutText(3, 'Status: 200 OK\r\n\r\n')), [stdout(3, 'Status: 200 OK\r\n\r\n')]],
  ['an empty head', latin1(stdoutText(3, '')), []],
  ['an error message', encodeStderr(3, Buffer.from('oh')), [stderr(3, 'oh')]],
  ['the end', latin1(endText(3)), [stdout(3), end(3)]],
  ['an end with a status', encodeEndRequest(3, 0x80000001, FCGI_OVERLOADED), [end(3, 0x80000001, 2)]],
  [
    'a whole response',
    encodeResponse(9, 'S: 1\n\n', Buffer.from('b')),
    [stdout(9, 'S: 1\n\nb'), stdout(9), end(9)],
  ],
  ['a whole response without octets', encodeResponse(9, '', Buffer.alloc(0)), [stdout(9), end(9)]],
  [
    'values',
    encodeGetValuesResult(['FCGI_MPXS_CONNS', 'NOBODY_KNOWS', 'FCGI_MAX_CONNS', 'FCGI_MAX_REQS'], {
      maxConnections: 100,
      maxRequests: 2000,
    }),
    [
      record(
        10,
        0,
        Buffer.concat([
          pair('FCGI_MAX_CONNS', '100'),
          pair('FCGI_MAX_REQS', '2000'),
          pair('FCGI_MPXS_CONNS', '1'),
        ]),
      ),
    ],
  ],
  ['an unknown type', encodeUnknownType(200), [record(11, 0, Buffer.from([200, 0, 0, 0, 0, 0, 0, 0]))]],
]

describe('FastCGI encoders', () => {
  it.each(MESSAGES)('write %s', (_, bytes, records) => {
    expect(bytes.toString('hex')).toBe(Buffer.concat(records).toString('hex'))
  })

  it('splits params between pairs, for peers that read record by record', () => {
    const lengths = [30_000, 35_000, 600, 64_000, 65_526, 10]
    const value = (length: number) => 'x'.repeat(length)
    const records = [lengths.slice(0, 2), lengths.slice(2, 4), lengths.slice(4, 5), lengths.slice(5)].map(
      (group) => params(3, Buffer.concat(group.map((length) => pair('NAME', value(length))))),
    )
    const flat = lengths.flatMap((length) => ['NAME', value(length)])
    expect(encodeRequest(3, 1, true, flat).equals(Buffer.concat([begin(3), ...records, params(3)]))).toBe(
      true,
    )
  })

  it('splits a pair that no record can hold', () => {
    const small = pair('B', 'c')
    const content = pair('A', 'x'.repeat(140_000))
    const cut = [content.subarray(0, 65535), content.subarray(65535, 131070), content.subarray(131070)]
    const expected = [
      begin(1),
      params(1, small),
      ...[...cut, small].map((part) => params(1, part)),
      params(1),
    ]
    const flat = ['B', 'c', 'A', 'x'.repeat(140_000), 'B', 'c']
    expect(encodeRequest(1, 1, true, flat).equals(Buffer.concat(expected))).toBe(true)
  })

  it.each([65535, 65536, 131070, 131071])('splits %i octets of a body', (length) => {
    const chunk = Buffer.alloc(length, 'abcdefg')
    const expected: Buffer[] = []
    for (let at = 0; at < length; at += 65535) expected.push(record(5, 2, chunk.subarray(at, at + 65535)))
    expect(encodeStdin(2, chunk).equals(Buffer.concat(expected))).toBe(true)
  })

  it('refuses a whole response that does not fit one record', () => {
    expect(encodeResponse(1, 'h', Buffer.alloc(65534)).length).toBe(8 + 65535 + 8 + 16)
    expect(() => encodeResponse(1, 'hh', Buffer.alloc(65534))).toThrow(
      new FastcgiError('FCGI_WHOLE_TOO_LONG', 65536),
    )
  })
})
