import { expect, test } from 'vitest'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { encodeRequestHead } from '../../../src/protocol/http1/request-encoder.ts'

test('a head', () => {
  expect(encodeRequestHead('POST', '/a?b', '1.0', ['Host', 'a', 'X', ''])).toBe(
    'POST /a?b HTTP/1.0\r\nHost: a\r\nX: \r\n\r\n',
  )
})

test.each([
  ['a blank in the target', 'GET', '/a b', []],
  ['CR LF in the target', 'GET', '/ HTTP/1.1\r\nA: b', []],
  ['an empty target', 'GET', '', []],
  ['a target beyond octets', 'GET', '/\u0120', []],
  ['a method that is no token', 'GET /', '/', []],
  ['CR LF in a value', 'GET', '/', ['A', 'b\r\nC: d']],
  ['a name that is no token', 'GET', '/', ['A:', 'b']],
])('refuses %s', (_, method, target, headers) => {
  expect(() => encodeRequestHead(method, target, '1.1', headers)).toThrow(Http1Error)
})
