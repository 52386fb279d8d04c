/** Responses of upstreams for fuzzing: built of pieces that parsers disagree about, and of plain bytes. */
import fc from 'fast-check'
import { CHUNK, COLON, END, noise } from './http1-requests.ts'

const STATUS_LINE = fc.constantFrom(
  'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'HTTP/1.0 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 404', 'HTTP/1.1 500 ', 'HTTP/1.1 200 a b\tc', 'HTTP/1.1 200 \xe9', 'HTTP/1.1 206 Partial Content',
) // prettier-ignore
const FLAWED_LINE = fc.constantFrom(
  'HTTP/1.2 200 OK', 'HTTP/1.9 200 OK', 'HTTP/2.0 200 OK', 'HTTP/0.9 200 OK', 'HTTP/01.1 200 OK', 'HTTP/1.01 200 OK', 'HTTP/1 200 OK', 'http/1.1 200 OK', 'HTP/1.1 200 OK', 'HTTP/1.1  200 OK', 'HTTP/1.1\t200 OK', 'HTTP/1.1 200\tOK', 'HTTP/1.1 20 OK',
  'HTTP/1.1 2000 OK', 'HTTP/1.1 99 OK', 'HTTP/1.1 099 OK', 'HTTP/1.1 600 OK', 'HTTP/1.1 999 OK', 'HTTP/1.1 2x0 OK', 'HTTP/1.1 +20 OK', 'HTTP/1.1 200OK', 'HTTP/1.1 200 a\rb', 'HTTP/1.1 200 a\0b', 'HTTP/1.1 200 a\x01b', 'HTTP/1.1', 'HTTP/1.1 ', ' HTTP/1.1 200 OK', 'RTSP/1.1 200 OK', 'ICE/1.1 200 OK', '\r\nHTTP/1.1 200 OK', '',
) // prettier-ignore
const INTERIM = fc.constantFrom(
  'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n', 'HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n',
) // prettier-ignore
const NAME = fc.constantFrom(
  'Content-Length', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Keep-Alive', 'X', 'a_b', 'a.b', 'a(b', ' X', 'X ', '', '\xe9', 'x\0', '__proto__', 'Content-Length-X', 'Proxy-Connection',
) // prettier-ignore
const VALUE = fc.constantFrom(
  '5', '5', '0', '05', '5, 5', '+5', '-5', '5 ', '\t5\t', '5x', '99999999999999999999', 'chunked', 'chunked', 'Chunked', 'xchunked', 'chunkedchunked', 'gzip, chunked', 'chunked, chunked', 'chunked, deflate', 'identity', ',chunked', '"chunked"',
  'close', 'keep-alive', 'a\tb', 'a\0b', 'a\x01b', 'a\rb', '\xe9', '',
) // prettier-ignore

const fieldLine = fc.tuple(NAME, COLON, VALUE, END).map((parts) => parts.join(''))
const goodField = fc.constantFrom(
  'Content-Length: 5\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'X: y\r\n', 'Set-Cookie: a=b\r\n',
) // prettier-ignore
const body = fc.oneof(
  fc.constantFrom('', 'hello', 'hello', 'hello\r\n', 'helloHTTP/1.1 200 OK\r\n\r\n'),
  fc.array(CHUNK, { maxLength: 4 }).map((chunks) => chunks.join('')),
)

/** One response that is good but for a flaw or two, perhaps behind interim ones. */
const nearlyGood = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constant('') }, { weight: 1, arbitrary: INTERIM }),
    fc.oneof({ weight: 6, arbitrary: STATUS_LINE }, { weight: 1, arbitrary: FLAWED_LINE }),
    fc.oneof({ weight: 9, arbitrary: fc.constant('\r\n') }, { weight: 1, arbitrary: END }),
    fc.array(fc.oneof({ weight: 3, arbitrary: goodField }, { weight: 1, arbitrary: fieldLine }), { maxLength: 4 }),
    fc.oneof({ weight: 9, arbitrary: fc.constant('\r\n') }, { weight: 1, arbitrary: END }),
    body,
  )
  .map(([interim, line, end, fields, last, rest]) => interim + line + end + fields.join('') + last + rest) // prettier-ignore

/** What an upstream sends on one connection, until it closes. */
export const responses: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: nearlyGood },
  {
    weight: 2,
    // noise in the middle of what would be good
    arbitrary: fc.tuple(nearlyGood, noise, fc.nat()).map(([text, insert, at]) => {
      const middle = at % (text.length + 1)
      return text.slice(0, middle) + insert + text.slice(middle)
    }),
  },
)
