import { describe, expect, it } from 'vitest'
import type { HeaderPair } from '../../src/gateway/application.ts'
import { cgiHead, statusLineHead } from '../../src/gateway/cgi-head.ts'
import { checkHeaders, checkStatus } from '../../src/gateway/response-head.ts'
import { WsgiError } from '../../src/gateway/wsgi-error.ts'

/** `CODE: message` of what is thrown. */
function thrownBy(action: () => unknown): string {
  try {
    return `nothing: ${String(action())}`
  } catch (error) {
    if (error instanceof WsgiError) return `${error.code}: ${error.message}`
    throw error
  }
}

describe('checkStatus', () => {
  it.each([
    ['200 OK', 200],
    ['404 Not Found', 404],
    ['299 ', 299],
    ['599 \xe9t\xe9', 599],
    ['999 Denied', 999],
  ])('takes %j', (status, code) => {
    expect(checkStatus(status)).toBe(code)
  })

  it.each<[unknown, string]>([
    [200, "startResponse got a number as status; write a string like '200 OK'"],
    [undefined, "startResponse got undefined as status; write a string like '200 OK'"],
    [
      Buffer.from('200 OK'),
      "startResponse got an instance of Buffer as status; write a string like '200 OK'",
    ],
    ['200', `startResponse got status "200"; write the reason too, like '200 OK'`],
    ['OK', `startResponse got status "OK"; write three digits, a space and a reason, like '200 OK'`],
    ['', `startResponse got status ""; write three digits, a space and a reason, like '200 OK'`],
    ['20 OK', `startResponse got status "20 OK"; write three digits, a space and a reason, like '200 OK'`],
    [
      '2000 OK',
      `startResponse got status "2000 OK"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      ' 200 OK',
      `startResponse got status " 200 OK"; write three digits, a space and a reason, like '200 OK'`,
    ],
    ['099 OK', `startResponse got status "099 OK"; write three digits, a space and a reason, like '200 OK'`],
    [
      '100 Continue',
      'startResponse got status "100 Continue"; 1xx answers belong to the server, not to applications',
    ],
    [
      '101 Switching',
      'startResponse got status "101 Switching"; 1xx answers belong to the server, not to applications',
    ],
    [
      '200 OK\r\nX: y',
      `startResponse got status "200 OK\\r\\nX: y"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      '200 OK\n',
      `startResponse got status "200 OK\\n"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      '200 \0',
      `startResponse got status "200 \\u0000"; write three digits, a space and a reason, like '200 OK'`,
    ],
    [
      '200 \u010a',
      `startResponse got status "200 \u010a"; write three digits, a space and a reason, like '200 OK'`,
    ],
  ])('refuses %j', (status, message) => {
    expect(thrownBy(() => checkStatus(status as string))).toBe(`WSGI_BAD_STATUS: ${message}`)
  })
})

const PAIRS = "write an array of pairs: [['Content-Type', 'text/plain']]"
const PAIR = "write a pair: ['Content-Type', 'text/plain']"
const OBJECTS = 'objects, maps and lines of text are not looked into; ' + PAIR

describe('checkHeaders', () => {
  it.each<[HeaderPair[], number]>([
    [[], -1],
    [[['Content-Type', 'text/plain']], -1],
    [[['CONTENT-LENGTH', '10']], 10],
    [[['Content-Length', '0']], 0],
    [
      [
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=\xe9\t'],
      ],
      -1,
    ],
    [[['X-Empty', '']], -1],
    [
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
      -1,
    ],
  ])('takes %j', (headers, length) => {
    expect(checkHeaders(headers)).toBe(length)
  })

  it.each<[string, unknown, string]>([
    ['undefined', undefined, `WSGI_BAD_HEADERS: startResponse got undefined as headers; ${PAIRS}`],
    [
      'an object',
      { 'Content-Type': 'text/plain' },
      `WSGI_BAD_HEADERS: startResponse got an object with the keys Content-Type as headers; ${PAIRS}`,
    ],
    [
      'a Map',
      new Map([['A', 'b']]),
      `WSGI_BAD_HEADERS: startResponse got an instance of Map as headers; ${PAIRS}`,
    ],
    [
      'a Headers object',
      new Headers(),
      `WSGI_BAD_HEADERS: startResponse got an instance of Headers as headers; ${PAIRS}`,
    ],
    ['a string', 'A: b', `WSGI_BAD_HEADERS: startResponse got a string as headers; ${PAIRS}`],
    [
      'a list of objects',
      [{ name: 'A', value: 'b' }],
      `WSGI_BAD_HEADERS: a header is an object with the keys name, value; ${OBJECTS}`,
    ],
    ['a list of lines', ['A: b'], `WSGI_BAD_HEADERS: a header is a string; ${OBJECTS}`],
    ['a hole', [undefined], `WSGI_BAD_HEADERS: a header is undefined; ${OBJECTS}`],
    ['one flat pair', ['A', 'b'], `WSGI_BAD_HEADERS: a header is a string; ${OBJECTS}`],
    ['a triple', [['A', 'b', 'c']], `WSGI_BAD_HEADERS: a header is an array of 3; ${PAIR}`],
    ['a single', [['A']], `WSGI_BAD_HEADERS: a header is an array of 1; ${PAIR}`],
    [
      'a number as value',
      [['Content-Length', 5]],
      'WSGI_BAD_HEADERS: a header is the pair [a string, a number]; both have to be strings',
    ],
    [
      'a list as value',
      [['Set-Cookie', ['a=1', 'b=2']]],
      'WSGI_BAD_HEADERS: a header is the pair [a string, an array of 2]; both have to be strings',
    ],
    [
      'an empty name',
      [['', 'x']],
      'WSGI_BAD_HEADER: "" is not a header name; letters, digits and hyphens are',
    ],
    [
      'a name with a colon',
      [['A:', 'x']],
      'WSGI_BAD_HEADER: "A:" is not a header name; letters, digits and hyphens are',
    ],
    [
      'a name with a line break',
      [['A\r\nB', 'x']],
      'WSGI_BAD_HEADER: "A\\r\\nB" is not a header name; letters, digits and hyphens are',
    ],
    [
      'a name with 8 bits',
      [['\xc4', 'x']],
      'WSGI_BAD_HEADER: "\xc4" is not a header name; letters, digits and hyphens are',
    ],
    [
      'CR LF in a value',
      [['A', 'x\r\nSet-Cookie: y']],
      'WSGI_BAD_HEADER: the value of the header "A" has the character U+000D; a header is one line without control characters',
    ],
    [
      'LF at the end of a value',
      [['A', 'x\n']],
      'WSGI_BAD_HEADER: the value of the header "A" has the character U+000A; a header is one line without control characters',
    ],
    [
      'NUL in a value',
      [['A', 'x\0']],
      'WSGI_BAD_HEADER: the value of the header "A" has the character U+0000; a header is one line without control characters',
    ],
    [
      'a character that becomes LF as one octet',
      [['A', '\u010a']],
      'WSGI_BAD_HEADER: the value of the header "A" has the character U+010A; encode it: Buffer.from(text).toString(\'latin1\'), or as RFC 8187 says',
    ],
    [
      'Content-Length twice',
      [
        ['Content-Length', '1'],
        ['content-length', '1'],
      ],
      'WSGI_BAD_HEADER: Content-Length is there twice; send it once',
    ],
    [
      'Content-Length with a sign',
      [['Content-Length', '-1']],
      'WSGI_BAD_HEADER: Content-Length "-1" is not a number of bytes',
    ],
    [
      'an empty Content-Length',
      [['Content-Length', '']],
      'WSGI_BAD_HEADER: Content-Length "" is not a number of bytes',
    ],
    [
      'Status',
      [['Status', '404 Not Found']],
      'WSGI_BAD_HEADER: the header "Status" would set the status a second time; give the status as first argument of startResponse',
    ],
    ...[
      'Connection',
      'Keep-Alive',
      'Proxy-Authenticate',
      'Proxy-Authorization',
      'TE',
      'Trailer',
      'Trailers',
      'Transfer-Encoding',
      'Upgrade',
      'Proxy-Connection',
    ].map((name): [string, unknown, string] => [
      name,
      [[name, 'x']],
      `WSGI_HOP_BY_HOP: the header "${name}" is about the connection, which belongs to the server; leave it out`,
    ]),
  ])('refuses %s', (_, headers, message) => {
    expect(thrownBy(() => checkHeaders(headers as HeaderPair[]))).toBe(message)
  })
})

describe('cgiHead and statusLineHead', () => {
  const headers: HeaderPair[] = [
    ['Content-Type', 'text/plain'],
    ['X-\xe9', '\xff'],
  ]

  it('write a head', () => {
    expect(cgiHead('200 OK', headers)).toBe(
      'Status: 200 OK\r\nContent-Type: text/plain\r\nX-\xe9: \xff\r\n\r\n',
    )
    expect(statusLineHead('404 No', [])).toBe('HTTP/1.1 404 No\r\n\r\n')
  })

  it.each(['\r', '\n', '\0', '\u010a', '\u2028'])(
    'refuse %j wherever it is, as the last ones who can',
    (character) => {
      const bad = `x${character}y`
      for (const write of [cgiHead, statusLineHead]) {
        for (const action of [
          () => write(`200 ${bad}`, []),
          () => write('200 OK', [[bad, 'v']]),
          () => write('200 OK', [...headers, ['N', bad]]),
        ]) {
          expect(thrownBy(action)).toMatch(
            /^WSGI_BAD_HEADER: [^]* has a line break, a NUL or a character that is not Latin-1$/,
          )
        }
      }
    },
  )
})
