import { describe, expect, it } from 'vitest'
import {
  CGI_RESPONSE_LIMITS,
  CgiResponseHeadDecoder,
  type CgiResponseHead,
} from '../../src/gateway/cgi-response.ts'
import { CgiResponseError } from '../../src/gateway/cgi-response-error.ts'
import { codeOf, feeds } from '../contract/feeds.ts'

/** Feeds like `collect`, but the decoder gives a head once and the rest is body. */
function decode(chunks: readonly Buffer[], limits = CGI_RESPONSE_LIMITS): string {
  const decoder = new CgiResponseHeadDecoder(limits)
  let head: CgiResponseHead | undefined
  let body = ''
  try {
    for (const chunk of chunks) {
      if (head === undefined) {
        const memory = Buffer.from(chunk)
        decoder.receive(memory)
        head = decoder.next()
        if (head !== undefined) body = decoder.rest().toString('latin1')
        memory.fill(0xee)
      } else {
        body += chunk.toString('latin1')
      }
    }
  } catch (error) {
    return codeOf(error)
  }
  if (head === undefined) return 'needs more'
  const { names, rawNames, values } = head.headers
  const fields = names.map((name, index) => `${name}(${rawNames[index]})=${values[index]}`)
  return `${head.status} ${head.reason} [${fields.join(', ')}] ${body}`
}

const TYPE = 'Content-Type: text/plain'
const SHOWN = 'content-type(Content-Type)=text/plain'

const CASES: [name: string, bytes: string, shown: string][] = [
  ['CRLF', `Status: 404 Not Found\r\n${TYPE}\r\n\r\nbody`, `404 Not Found [${SHOWN}] body`],
  ['LF', `Status: 404 Not Found\n${TYPE}\n\nbody`, `404 Not Found [${SHOWN}] body`],
  ['CRLF and LF mixed', `${TYPE}\nStatus: 404 Not Found\r\n\nbody`, `404 Not Found [${SHOWN}] body`],
  ['no status', `${TYPE}\r\n\r\nbody`, `200 OK [${SHOWN}] body`],
  ['Location without status', 'Location: /x\r\n\r\n', '302 Moved Temporarily [location(Location)=/x] '],
  [
    'Location with status',
    'Location: /x\r\nStatus: 201 Created\r\n\r\n',
    '201 Created [location(Location)=/x] ',
  ],
  ['a status without reason', 'Status: 204\r\n\r\n', '204  [] '],
  ['a status without space before it', 'Status:500 Oops\r\n\r\n', '500 Oops [] '],
  ['lower-case status', 'status: 410 Gone\n\n', '410 Gone [] '],
  ['a status line', `HTTP/1.1 200 OK\r\n${TYPE}\r\n\r\nbody`, `200 OK [${SHOWN}] body`],
  [
    'status lines that do not come first',
    `HTTP/1.1 404 No\r\nHTTP/1.1 200 OK\r\n${TYPE}\r\nHTTP/1.1\r\n\r\nbody`,
    `404 No [${SHOWN}] body`,
  ],
  ['an old status line without reason', 'HTTP/1.0 404\r\n\r\n', '404  [] '],
  ['a status line and Status', `HTTP/1.1 404 No\r\nStatus: 200 OK\r\n\r\n`, '404 No [] '],
  ['no headers at all', '\r\nbody', '200 OK [] body'],
  ['an empty value and white space around values', 'A:\r\nB: \t x y \t\r\n\r\n', '200 OK [a(A)=, b(B)=x y] '],
  ['colons and 8-bit octets in a value', 'A: b:c\xe9\r\n\r\n', '200 OK [a(A)=b:c\xe9] '],
  [
    '8-bit spaces around a value, which are not white space',
    'A: \xa0b\x85\r\n\r\n',
    '200 OK [a(A)=\xa0b\x85] ',
  ],
  [
    'a header twice',
    'Set-Cookie: a\r\nset-cookie: b\r\n\r\n',
    '200 OK [set-cookie(Set-Cookie)=a, set-cookie(set-cookie)=b] ',
  ],
  ['a name with an underscore', 'X_Y: z\n\n', '200 OK [x_y(X_Y)=z] '],
  ['a body that looks like a head', `${TYPE}\r\n\r\nA: b\r\n\r\n\r\n`, `200 OK [${SHOWN}] A: b\r\n\r\n\r\n`],
  ['an upgrade', 'HTTP/1.1 101 Switching Protocols\r\n\r\nraw', '101 Switching Protocols [] raw'],
  ['a status past 599', 'Status: 999 X\r\n\r\n', '999 X [] '],
  ['half a head', `${TYPE}\r\n`, 'needs more'],
  ['half a line', TYPE, 'needs more'],
  ['a CR that may be followed by LF', `${TYPE}\r\n\r`, 'needs more'],
  ['nothing', '', 'needs more'],
  ['text', 'Fatal error in line 1\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['html', '<html>\n<body a="x:y">\n', 'CGI_HEADER_INVALID'],
  ['binary garbage', '\x00\x01\x02\n\n', 'CGI_HEADER_INVALID'],
  ['a name with a space', 'A B: c\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['a space before the colon', 'A : c\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['an empty name', ': c\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['a folded line', 'A: b\r\n c: d\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['a bare CR', 'A: b\rC: d\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['two CR', 'A: b\r\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['NUL', 'A: b\0\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['DEL', 'A: b\x7f\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['ESC in a status', 'Status: 200 \x1b[0m\r\n\r\n', 'CGI_HEADER_INVALID'],
  ['ESC in a status line', 'HTTP/1.1 200 \x1b[0m\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['letters as status', 'Status: OK\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['an empty status', 'Status:\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['two digits', 'Status: 20 OK\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['four digits', 'Status: 2000\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['0xx', 'Status: 099 X\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['100 as an answer', 'Status: 100 Continue\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['103 in a status line', 'HTTP/1.1 103 Early Hints\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['a status line with four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'CGI_STATUS_INVALID'],
  ['Status twice', 'Status: 200 OK\r\nStatus: 200 OK\r\n\r\n', 'CGI_HEADER_DUPLICATE'],
  ['Content-Length twice', 'Content-Length: 1\r\nContent-Length: 1\r\n\r\nx', 'CGI_HEADER_DUPLICATE'],
  ['a bad Content-Length', 'Content-Length: 1x\r\n\r\nx', 'CGI_LENGTH_INVALID'],
  ['two lengths in one', 'Content-Length: 5, 6\r\n\r\nx', 'CGI_LENGTH_INVALID'],
  [
    'Content-Length and Transfer-Encoding',
    'Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx',
    'CGI_LENGTH_AND_CODING',
  ],
]

describe('CgiResponseHeadDecoder', () => {
  it.each(CASES)('reads %s, however it is cut', (_, bytes, shown) => {
    for (const feed of feeds(Buffer.from(bytes, 'latin1'))) expect(decode(feed.chunks), feed.name).toBe(shown)
  })

  it('counts the bytes to the empty line, however they are cut', () => {
    const head = Buffer.from(`A: ${'x'.repeat(91)}\r\n\r\n`)
    expect(head.length).toBe(98)
    const bytes = Buffer.concat([head, Buffer.from('body')])
    for (const feed of feeds(bytes)) {
      expect(decode(feed.chunks, { headBytes: 98, headers: 10 }), feed.name).toMatch(/body$/)
      expect(decode(feed.chunks, { headBytes: 97, headers: 10 }), feed.name).toBe('CGI_HEAD_TOO_LONG')
    }
  })

  it('ends a head that never ends, with and without line breaks', () => {
    for (const piece of ['x', 'A: b\r\n', 'A: b\n']) {
      const decoder = new CgiResponseHeadDecoder()
      let fed = 0
      let code = ''
      while (code === '' && fed < 100_000) {
        decoder.receive(Buffer.from(piece))
        fed += piece.length
        try {
          decoder.next()
        } catch (error) {
          code = codeOf(error)
        }
      }
      expect(code).toMatch(/^CGI_HEAD(_TOO_LONG|ERS_TOO_MANY)$/)
      expect(fed).toBeLessThanOrEqual(CGI_RESPONSE_LIMITS.headBytes + piece.length)
    }
  })

  it('counts headers', () => {
    const head = (count: number) => Buffer.from(`${'A: b\n'.repeat(count)}\n`)
    expect(decode([head(3)], { headBytes: 1000, headers: 3 })).toMatch(/^200/)
    expect(decode([head(4)], { headBytes: 1000, headers: 3 })).toBe('CGI_HEADERS_TOO_MANY')
  })

  it('finds the body behind a head longer than what is looked at at once', () => {
    const body = 'y'.repeat(5000)
    for (const length of [1000, 1015, 1016, 1017, 2040, 3000]) {
      const value = 'x'.repeat(length)
      expect(decode([Buffer.from(`A: ${value}\r\n\r\n${body}`)])).toBe(`200 OK [a(A)=${value}] ${body}`)
    }
  })

  it('joins bytes of two receives without a look between them', () => {
    const decoder = new CgiResponseHeadDecoder()
    decoder.receive(Buffer.from('A: '))
    decoder.receive(Buffer.from('b\n\nrest'))
    expect(decoder.next()?.headers.get('a')).toBe('b')
    expect(decoder.rest().toString()).toBe('rest')
  })

  it('says that the end came too early, and stays dead', () => {
    const decoder = new CgiResponseHeadDecoder()
    expect(() => decoder.receiveEnd()).toThrow(new CgiResponseError('CGI_HEAD_TRUNCATED'))
    expect(() => decoder.next()).toThrow(new CgiResponseError('CGI_HEAD_TRUNCATED'))
  })

  it('escapes and cuts what it quotes', () => {
    const error = new CgiResponseError('CGI_HEADER_INVALID', `\x1b[0m"\\${'x'.repeat(300)}`)
    expect(error.message).toBe(`upstream sent invalid header: "\\x1B[0m\\x22\\x5C${'x'.repeat(194)}..."`)
    expect(error).toMatchObject({ side: 'upstream', status: 502 })
  })
})
