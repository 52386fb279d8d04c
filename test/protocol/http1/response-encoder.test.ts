import { describe, expect, test } from 'vitest'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import {
  chunkHead,
  encodeLastChunk,
  encodeResponseHead,
} from '../../../src/protocol/http1/response-encoder.ts'

describe('encodeResponseHead', () => {
  test.each([
    [200, '', ['A', 'b'], 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n'],
    [200, 'Fine', [], 'HTTP/1.1 200 Fine\r\n\r\n'],
    [299, '', [], 'HTTP/1.1 299 \r\n\r\n'],
    [
      404,
      '',
      ['Set-Cookie', 'a', 'Set-Cookie', 'b\xe9\t'],
      'HTTP/1.1 404 Not Found\r\nSet-Cookie: a\r\nSet-Cookie: b\xe9\t\r\n\r\n',
    ],
  ])('%i %s', (status, reason, headers, head) => {
    expect(encodeResponseHead(status, reason, headers)).toBe(head)
    expect(encodeResponseHead(status, reason, headers)).toBe(head)
  })

  test.each([
    ['CR LF in a value', 200, '', ['A', 'b\r\nSet-Cookie: c']],
    ['CR in a value', 200, '', ['A', 'b\rc']],
    ['LF in a value', 200, '', ['A', 'b\nc']],
    ['NUL in a value', 200, '', ['A', 'b\0c']],
    ['what would be cut to CR LF', 200, '', ['A', 'b\u010d\u010ac']],
    ['a name with a colon', 200, '', ['A: b\r\nC', 'd']],
    ['a name with a blank', 200, '', ['A ', 'd']],
    ['an empty name', 200, '', ['', 'd']],
    ['a name beyond Latin-1', 200, '', ['\u0141', 'd']],
    ['CR LF in the reason', 200, 'OK\r\nA: b', []],
    ['a status of two digits', 20, '', []],
    ['a status of two digits, named', 20, 'x', []],
    ['no status', NaN, '', []],
  ])('refuses %s', (_, status, reason, headers) => {
    for (let again = 0; again < 2; again++) {
      expect(() => encodeResponseHead(status, reason, headers)).toThrow(Http1Error)
    }
  })
})

test('chunk frames', () => {
  expect(chunkHead(26)).toBe('1a\r\n')
  expect(() => chunkHead(0)).toThrow(RangeError)
  expect(() => chunkHead(1.5)).toThrow(RangeError)
  expect(encodeLastChunk([])).toBe('0\r\n\r\n')
  expect(encodeLastChunk(['A', 'b'])).toBe('0\r\nA: b\r\n\r\n')
  expect(() => encodeLastChunk(['A', 'b\n'])).toThrow(Http1Error)
})
