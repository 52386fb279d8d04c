/** Requests for fuzzing: built of pieces that parsers disagree about, and of plain bytes. */
import fc from 'fast-check'

const METHOD = fc.constantFrom(
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'get',
  'G-T',
  'PRI',
  'A'.repeat(70),
  '',
)
const TARGET = fc.constantFrom(
  '/',
  '/a?b',
  '/a#b',
  '*',
  'http://h/',
  'http://h',
  'h:80',
  '//',
  '/\xe9',
  '/\x7f',
  '/ ',
  '',
  '/a\rb',
  '/"<',
)
const VERSION = fc.constantFrom(
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.2',
  'HTTP/2.0',
  'HTTP/01.1',
  'http/1.1',
  'HTTP/1.11',
  'HTTP/1',
  '',
)
const GAP = fc.constantFrom(' ', ' ', ' ', ' ', '  ', '\t', '')
export const END = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '')
const NAME = fc.constantFrom(
  'Host', 'Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Expect', 'Content-Type', 'X', 'a_b', 'a.b', '__proto__', 'a(b', ' X', 'X ', '', '\xe9', 'x\0',
) // prettier-ignore
const VALUE = fc.constantFrom(
  'h', 'h', 'h:80', 'h:x', '', '0', '5', '05', '5, 5', '+5', '-5', '5 ', '5\t', 'chunked', 'chunked', 'Chunked', 'xchunked', 'gzip, chunked', 'chunked, chunked', ',chunked',
  'close', 'keep-alive', '100-continue', 'nonsense', 'a\tb', 'a\0b', 'a\x01b', 'a\rb', '\xe9',
) // prettier-ignore
export const COLON = fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':\t', '')
export const CHUNK = fc.constantFrom(
  '0\r\n\r\n', '0\r\n\r\n', '0\r\nA: b\r\n\r\n', '0\r\nHost: x\r\n\r\n', '0\r\n', '3\r\nabc\r\n', '3\r\nabc\r\n', '5\r\nhello\r\n', '03\r\nabc\r\n', '3;a\r\nabc\r\n', '3;a=b\r\nabc\r\n',
  '3;a="b"\r\nabc\r\n', '3;\r\nabc\r\n', '3 \r\nabc\r\n', '0x3\r\nabc\r\n', '+3\r\nabc\r\n', '3\nabc\n', '3\r\nabcd\r\n', '\r\n', 'g\r\n', 'ffffffffffffffffff\r\n',
) // prettier-ignore

const requestLine = fc.tuple(METHOD, GAP, TARGET, GAP, VERSION, END).map((parts) => parts.join(''))
const goodLine = fc.constantFrom('GET / HTTP/1.1\r\n', 'POST /a HTTP/1.1\r\n', 'POST /a HTTP/1.0\r\n')
const fieldLine = fc.tuple(NAME, COLON, VALUE, END).map((parts) => parts.join(''))
const goodField = fc.constantFrom(
  'Host: h\r\n', 'Content-Length: 5\r\n', 'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'X: y\r\n', 'Cookie: a=b; c=d\r\n',
) // prettier-ignore
const body = fc.oneof(
  fc.constantFrom('', '', 'hello', 'hello\r\n'),
  fc.array(CHUNK, { maxLength: 4 }).map((chunks) => chunks.join('')),
)

/** One request that is good but for a flaw or two. */
const nearlyGood = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: goodLine }, { weight: 1, arbitrary: requestLine }),
    fc.constantFrom('Host: h\r\n', 'Host: h\r\n', 'Host: h\r\n', ''),
    fc.array(fc.oneof({ weight: 2, arbitrary: goodField }, { weight: 1, arbitrary: fieldLine }), {
      maxLength: 4,
    }),
    fc.oneof({ weight: 5, arbitrary: fc.constant('\r\n') }, { weight: 1, arbitrary: END }),
    body,
  )
  .map(([line, host, fields, end, rest]) => line + host + fields.join('') + end + rest)

export const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'))

/** What one client sends on one connection. */
export const connections: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(nearlyGood, { minLength: 1, maxLength: 3 }).map((all) => all.join('')) },
  {
    weight: 2,
    // noise in the middle of what would be good
    arbitrary: fc.tuple(nearlyGood, noise, fc.nat()).map(([text, insert, at]) => {
      const middle = at % (text.length + 1)
      return text.slice(0, middle) + insert + text.slice(middle)
    }),
  },
  { weight: 1, arbitrary: noise },
)
