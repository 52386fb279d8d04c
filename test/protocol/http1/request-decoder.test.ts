import { describe, expect, test } from 'vitest'
import { bytesOf, cuts, decodeRequests, LIMITS, STRICT } from './feed.ts'

const H = 'Host: a.example\r\n'

/** Everything must come out the same however the bytes arrive; then with another request behind. */
function decode(text: string, limits = LIMITS) {
  const bytes = bytesOf(text)
  const [whole, ...others] = cuts(bytes).map((pieces) => decodeRequests(pieces, limits))
  if (whole === undefined) throw new Error('no way to cut')
  for (const other of others) expect(other).toEqual(whole)
  return whole
}

describe('a request that is accepted', () => {
  test.each([
    [
      'the shortest',
      `GET / HTTP/1.1\r\n${H}\r\n`,
      { method: 'GET', target: '/', version: 11, keepAlive: true },
    ],
    ['HTTP/1.0', 'GET /x HTTP/1.0\r\n\r\n', { target: '/x', version: 10, keepAlive: false, host: '' }],
    [
      'HTTP/1.0 keep-alive',
      'GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
      { version: 10, keepAlive: true },
    ],
    ['close', `GET /x HTTP/1.1\r\n${H}Connection: TE, close\r\n\r\n`, { keepAlive: false }],
    [
      'two Connection lines',
      `GET /x HTTP/1.1\r\n${H}Connection: x\r\nConnection: close\r\n\r\n`,
      { keepAlive: false },
    ],
    ['HTTP/0.9', 'GET /old\r\n', { target: '/old', version: 9, keepAlive: false, headers: [] }],
    ['HTTP/0.9 with a blank', 'GET /old \n', { target: '/old', version: 9 }],
    ['a later minor version', `GET / HTTP/1.2\r\n${H}\r\n`, { version: 11 }],
    ['bare LF', 'GET / HTTP/1.1\nHost: a\n\n', { target: '/', headers: ['Host: a'] }],
    ['an empty line before', `\r\nGET / HTTP/1.1\r\n${H}\r\n`, { target: '/' }],
    ['four empty lines before', `\r\n\n\r\n\nGET / HTTP/1.1\r\n${H}\r\n`, { target: '/' }],
    ['more blanks between', `GET   /   HTTP/1.1  \r\n${H}\r\n`, { target: '/', version: 11 }],
    ['an extension method', `M-SEARCH / HTTP/1.1\r\n${H}\r\n`, { method: 'M-SEARCH' }],
    ['a method of 64 octets', `${'A'.repeat(64)} / HTTP/1.1\r\n${H}\r\n`, { method: 'A'.repeat(64) }],
    ['asterisk form', `OPTIONS * HTTP/1.1\r\n${H}\r\n`, { target: '*' }],
    [
      'authority form',
      `CONNECT A.example:443 HTTP/1.1\r\n${H}\r\n`,
      { target: 'A.example:443', host: 'a.example' },
    ],
    ['absolute form', `GET http://B.example:81/x HTTP/1.1\r\n${H}\r\n`, { host: 'b.example' }],
    [
      'absolute form without path',
      `GET http://b.example HTTP/1.1\r\n${H}\r\n`,
      { target: 'http://b.example' },
    ],
    ['octets from 0x80 on', `GET /caf\xe9 HTTP/1.1\r\n${H}\r\n`, { target: '/caf\xe9' }],
    ['a fragment', `GET /a#b HTTP/1.1\r\n${H}\r\n`, { target: '/a#b' }],
    ['blanks around values', 'GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n', { headers: ['Host: a'] }],
    [
      'empty values',
      `GET / HTTP/1.1\r\n${H}A:\r\nB: \r\nC:  \t \r\n\r\n`,
      { headers: ['Host: a.example', 'A: ', 'B: ', 'C: '] },
    ],
    [
      'octets in values',
      `GET / HTTP/1.1\r\n${H}A: \x80\xff\tb\r\n\r\n`,
      { headers: ['Host: a.example', 'A: \x80\xff\tb'] },
    ],
    ['a line without colon', `GET / HTTP/1.1\r\n${H}abc\r\n\r\n`, { headers: ['Host: a.example', 'abc: '] }],
    [
      'prototype names',
      `GET / HTTP/1.1\r\n${H}constructor: 1\r\nhasOwnProperty: 2\r\n\r\n`,
      { headers: ['Host: a.example', 'constructor: 1', 'hasOwnProperty: 2'] },
    ],
    [
      'a name with dots: left out',
      `GET / HTTP/1.1\r\n${H}Remote.User: x\r\n\r\n`,
      { headers: ['Host: a.example'] },
    ],
    [
      'a name with underscores: left out',
      `GET / HTTP/1.1\r\n${H}Content_Length: 5\r\n__proto__: 5\r\n\r\n`,
      { headers: ['Host: a.example'] },
    ],
    [
      'separators in a name: left out',
      `GET / HTTP/1.1\r\n${H}a(b: c\r\n"x": y\r\n\x85: z\r\n\r\n`,
      { headers: ['Host: a.example'] },
    ],
    ['a body with a length', `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`, { body: 'hello' }],
    [
      'a length with zeros before',
      `POST / HTTP/1.1\r\n${H}Content-Length: 005\r\n\r\nhello`,
      { body: 'hello' },
    ],
    ['no body', `POST / HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`, { body: '' }],
    ['a body on GET', `GET / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhello`, { body: 'hello' }],
    [
      'a chunked body',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x="\\"y";z\r\n0123456789\r\n000\r\n\r\n`,
      { body: 'abc0123456789' },
    ],
    [
      'trailers',
      `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`,
      {
        body: 'a',
        trailers: ['X-Sum: 1', 'Y: 2'],
        headers: ['Host: a.example', 'Transfer-Encoding: chunked'],
      },
    ],
  ])('%s', (_, text, expected) => {
    const outcome = decode(text)
    expect(outcome).toMatchObject({ requests: [expected], rest: 0, between: true })
    expect(outcome.error).toBeUndefined()
    if (outcome.requests[0]?.version === 9) return
    // whatever follows is another request, also when it arrives in the same piece
    const both = decode(`${text}GET /next HTTP/1.1\r\n${H}\r\n`)
    expect(both.requests[0]).toEqual(outcome.requests[0])
    expect(both.requests[1]).toMatchObject({ method: 'GET', target: '/next', body: '' })
  })
})

const chunked = (body: string) => `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${body}`
const withField = (field: string) => `GET / HTTP/1.1\r\n${H}${field}\r\n\r\n`
const withLine = (line: string) => `${line}\r\n${H}\r\n`

describe('a request that is refused', () => {
  test.each([
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00', 'invalid_method'],
    ['an empty method', withLine(' / HTTP/1.1'), 'invalid_method'],
    ['a lower-case method', withLine('get / HTTP/1.1'), 'invalid_method'],
    ['a method with a separator', withLine('G(T / HTTP/1.1'), 'invalid_method'],
    ['a method with NUL', withLine('G\0T / HTTP/1.1'), 'invalid_method'],
    ['a method of 65 octets', withLine(`${'A'.repeat(65)} / HTTP/1.1`), 'invalid_method'],
    ['a method alone', 'GET\r\n\r\n', 'invalid_method'],
    ['TAB between', withLine('GET\t/ HTTP/1.1'), 'invalid_method'],
    ['TAB before the version', withLine('GET /\tHTTP/1.1'), 'invalid_request'],
    ['VT before the version', withLine('GET / \vHTTP/1.1'), 'invalid_request'],
    ['a blank in the target', withLine('GET /a b HTTP/1.1'), 'invalid_request'],
    ['NUL in the target', withLine('GET /a\0b HTTP/1.1'), 'invalid_request'],
    ['a control in the target', withLine('GET /a\x01b HTTP/1.1'), 'invalid_request'],
    ['DEL in the target', withLine('GET /a\x7fb HTTP/1.1'), 'invalid_request'],
    ['CR in the target', withLine('GET /a\rb HTTP/1.1'), 'invalid_request'],
    ['CR as line end', `GET / HTTP/1.1\r${H}\r\n`, 'invalid_request'],
    ['CR before', `\rGET / HTTP/1.1\r\n${H}\r\n`, 'invalid_request'],
    ['five empty lines before', `${'\r\n'.repeat(5)}GET / HTTP/1.1\r\n${H}\r\n`, 'invalid_request'],
    ['no target', withLine('GET HTTP/1.1'), 'invalid_request'],
    ['an asterisk with GET', withLine('GET * HTTP/1.1'), 'invalid_request'],
    ['more than an asterisk', withLine('OPTIONS ** HTTP/1.1'), 'invalid_request'],
    ['authority without CONNECT', withLine('GET a:80 HTTP/1.1'), 'invalid_request'],
    ['CONNECT without port', withLine('CONNECT a HTTP/1.1'), 'invalid_request'],
    ['a relative target', withLine('GET a/b HTTP/1.1'), 'invalid_request'],
    ['an absolute form with user', withLine('GET http://u@a/ HTTP/1.1'), 'invalid_target_host'],
    ['an absolute form without host', withLine('GET http:/// HTTP/1.1'), 'invalid_target_host'],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'invalid_request'],
    ['HTTP/2.0', withLine('GET / HTTP/2.0'), 'invalid_version'],
    ['HTTP/3.0', withLine('GET / HTTP/3.0'), 'invalid_version'],
    ['HTTP/11.1', withLine('GET / HTTP/11.1'), 'invalid_version'],
    ['HTTP/1.32', withLine('GET / HTTP/1.32'), 'invalid_request'],
    ['HTTP/01.1', withLine('GET / HTTP/01.1'), 'invalid_request'],
    ['HTTP/0.9 spelled out', withLine('GET / HTTP/0.9'), 'invalid_request'],
    ['http/1.1', withLine('GET / http/1.1'), 'invalid_request'],
    ['HTTP/1.', withLine('GET / HTTP/1.'), 'invalid_request'],
    ['HTTP/1', withLine('GET / HTTP/1'), 'invalid_request'],
    ['HTTP/1.1x', withLine('GET / HTTP/1.1x'), 'invalid_request'],
    ['a version of many digits', withLine(`GET / HTTP/1.${'9'.repeat(40)}`), 'invalid_request'],
    ['HTTP/0.9 with POST', 'POST /\r\n', 'invalid_09_method'],

    ['a blank before the colon', withField('A : b'), 'invalid_header'],
    ['TAB before the colon', withField('A\t: b'), 'invalid_header'],
    ['a first header that begins with a blank', `GET / HTTP/1.1\r\n ${H}\r\n`, 'invalid_header'],
    ['a folded value', withField('A: b\r\n c'), 'invalid_header'],
    ['an empty name', withField(': b'), 'invalid_header'],
    ['NUL in a name', withField('A\0: b'), 'invalid_header'],
    ['NUL in a value', withField('A: b\0c'), 'invalid_header'],
    ['CR in a value', withField('A: b\rc'), 'invalid_header'],
    ['a control in a value', withField('A: b\x01c'), 'invalid_header'],
    ['DEL in a value', withField('A: b\x7fc'), 'invalid_header'],
    ['two CRs before the LF', withField('A: b\r'), 'invalid_header'],
    ['a head that ends with CR and a letter', `GET / HTTP/1.1\r\n${H}\rX: y\r\n\r\n`, 'invalid_header'],
    ['two Hosts', withField('Host: b.example'), 'duplicate_header'],
    ['two Content-Types', withField('Content-Type: a\r\ncontent-type: a'), 'duplicate_header'],
    ['two Authorizations', withField('Authorization: a\r\nAuthorization: b'), 'duplicate_header'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'missing_host'],
    ['no Host with an absolute form', 'GET http://a/ HTTP/1.1\r\n\r\n', 'missing_host'],
    ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 'invalid_host'],
    ['Host without colon', 'GET / HTTP/1.1\r\nHost\r\n\r\n', 'invalid_host'],
    ['a Host with user', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', 'invalid_host'],
    ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 'invalid_host'],
    ['two Hosts in one', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 'invalid_host'],
    ['an invalid Host in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a@b\r\n\r\n', 'invalid_host'],
    ['an unknown expectation', withField('Expect: nonsense'), 'unknown_expectation'],

    [
      'length and coding',
      withField('Content-Length: 5\r\nTransfer-Encoding: chunked'),
      'length_and_transfer_encoding',
    ],
    [
      'coding and length',
      withField('Transfer-Encoding: chunked\r\nContent-Length: 5'),
      'length_and_transfer_encoding',
    ],
    ['two lengths', withField('Content-Length: 5\r\nContent-Length: 6'), 'duplicate_header'],
    ['two equal lengths', withField('Content-Length: 5\r\nContent-Length: 5'), 'duplicate_header'],
    ...[
      '5, 5',
      '5, 6',
      '',
      '+5',
      '-5',
      '0x5',
      '5_0',
      '5 5',
      '5,',
      '1e3',
      '٣',
      '18446744073709551616',
      '9007199254740992',
      '9'.repeat(5000),
    ].map((length) => [
      `Content-Length: ${length.slice(0, 20)}`,
      withField(`Content-Length: ${length}`),
      'invalid_content_length',
    ]),
    ['a length with TAB', withField('Content-Length: 5\t'), 'invalid_content_length'],
    ['a length with NBSP', withField('Content-Length: 5\xa0'), 'invalid_content_length'],
    ['a length without colon', withField('Content-Length'), 'invalid_content_length'],
    ...[
      'xchunked',
      'chunked, gzip',
      'gzip, chunked',
      'chunked, chunked',
      'identity',
      ',chunked',
      'chunked,',
      'chunked;q=1',
      '\tchunked',
      'chunked\t',
      'chunked\xa0',
      '\x85chunked',
      '"chunked"',
      '',
    ].map((coding) => [
      `Transfer-Encoding: ${coding}`,
      withField(`Transfer-Encoding: ${coding}`),
      'unknown_transfer_encoding',
    ]),
    ['chunked with VT', withField('Transfer-Encoding: \vchunked'), 'invalid_header'],
    [
      'two codings',
      withField('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
      'duplicate_header',
    ],
    [
      'a coding in HTTP/1.0',
      'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'transfer_encoding_http10',
    ],

    ...[
      '0x5',
      '+5',
      '-1',
      '5_0',
      ' 5',
      '5 ',
      '5\t',
      '',
      '5 ;a',
      '5;',
      '5;;a',
      '5;a=',
      '5;a="b',
      '5;a\x01',
      '5;a="\x01"',
      '5;a b',
      '5;a ',
      '10000000000000',
      '0'.repeat(17),
      'g',
    ].map((size) => [
      `chunk size ${JSON.stringify(size)}`,
      chunked(`${size}\r\nhello\r\n0\r\n\r\n`),
      'invalid_chunked_body',
    ]),
    ['LF behind a chunk size', chunked('5\nhello\r\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['CR and a letter behind a chunk size', chunked('5\rXhello\r\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['LF behind data', chunked('5\r\nhello\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['CR and a letter behind data', chunked('5\r\nhello\rX0\r\n\r\n'), 'invalid_chunked_body'],
    ['more data than the size', chunked('4\r\nhello\r\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['less data than the size', chunked('6\r\nhello\r\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['LF in an extension', chunked('5;a\nb\r\nhello\r\n0\r\n\r\n'), 'invalid_chunked_body'],
    ['LF at the end of trailers', chunked('0\r\nA: b\n\r\n'), 'invalid_header'],
    ['LF instead of the last CRLF', chunked('0\r\n\n'), 'invalid_header'],
    [
      'a chunk line of 5000 bytes',
      chunked(`5;a=${'b'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`),
      'chunk_overhead',
    ],
    [
      'one-byte chunks with long extensions',
      chunked(`1;a=${'b'.repeat(4000)}\r\nx\r\n`.repeat(6)),
      'chunk_overhead',
    ],
    ...[
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Host: b',
      'Authorization: x',
      'Content-Type: x',
      'Trailer: x',
    ].map((field) => [`trailer ${field}`, chunked(`0\r\n${field}\r\n\r\n`), 'forbidden_trailer']),
    ['a folded trailer', chunked('0\r\nA: b\r\n c\r\n\r\n'), 'invalid_header'],
    ['a trailer with an underscore in a bad name', chunked('0\r\na(b: c\r\n\r\n'), 'invalid_header'],
  ])('%s', (_, text = '', code) => {
    const outcome = decode(text)
    expect(outcome.error).toBe(code)
  })
})

describe('limits', () => {
  const small = { ...LIMITS, lineBytes: 100, headBytes: 300, maxHeaders: 5 }

  test.each([
    ['a line of 100 bytes', `GET /${'a'.repeat(84)} HTTP/1.1\r\n${H}\r\n`, undefined],
    ['a line of 101 bytes', `GET /${'a'.repeat(85)} HTTP/1.1\r\n${H}\r\n`, 'line_too_long'],
    ['a hundred bytes without an end', `GET /${'a'.repeat(95)}`, 'line_too_long'],
    ['99 bytes without an end', `GET /${'a'.repeat(94)}`, undefined],
    ['an endless line', `GET /${'a'.repeat(500)}`, 'line_too_long'],
    [
      'a long line with a flaw beyond the limit',
      `GET /${'a'.repeat(200)}\0 HTTP/1.1\r\n${H}\r\n`,
      'line_too_long',
    ],
    [
      'a long line with a flaw before the limit',
      `GET /\0${'a'.repeat(200)} HTTP/1.1\r\n${H}\r\n`,
      'line_too_long',
    ],
    ['a header of 100 bytes', `GET / HTTP/1.1\r\n${H}A: ${'b'.repeat(95)}\r\n\r\n`, undefined],
    ['a header of 101 bytes', `GET / HTTP/1.1\r\n${H}A: ${'b'.repeat(96)}\r\n\r\n`, 'header_too_long'],
    ['an endless header name', `GET / HTTP/1.1\r\n${H}${'b'.repeat(500)}`, 'header_too_long'],
    ['an endless header', `GET / HTTP/1.1\r\n${H}A: ${'b'.repeat(500)}`, 'header_too_long'],
    [
      'a head that is too large',
      `GET / HTTP/1.1\r\n${H}${`A: ${'b'.repeat(90)}\r\n`.repeat(3)}\r\n`,
      'head_too_large',
    ],
    ['five headers', `GET / HTTP/1.1\r\n${H}${'A: b\r\n'.repeat(4)}\r\n`, undefined],
    ['six headers', `GET / HTTP/1.1\r\n${H}${'A: b\r\n'.repeat(5)}\r\n`, 'too_many_headers'],
    ['six headers, some left out', `GET / HTTP/1.1\r\n${H}${'a_: b\r\n'.repeat(5)}\r\n`, 'too_many_headers'],
    ['too many trailers', chunked(`0\r\n${'A: b\r\n'.repeat(6)}\r\n`), 'too_many_headers'],
    ['too large trailers', chunked(`0\r\n${`A: ${'b'.repeat(90)}\r\n`.repeat(4)}\r\n`), 'head_too_large'],
  ])('%s', (_, text, code) => {
    expect(decode(text, small).error).toBe(code)
  })
})

describe('strict_http refuses', () => {
  test.each([
    ['HTTP/0.9', 'GET /\r\n'],
    ['bare LF behind the request line', `GET / HTTP/1.1\n${H}\r\n`],
    ['bare LF behind a header', 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
    ['bare LF at the end', `GET / HTTP/1.1\r\n${H}\n`],
    ['bare LF before', `\nGET / HTTP/1.1\r\n${H}\r\n`],
    ['two blanks', withLine('GET  / HTTP/1.1')],
    ['two blanks before the version', withLine('GET /  HTTP/1.1')],
    ['a blank at the end', withLine('GET / HTTP/1.1 ')],
    ['a fragment', withLine('GET /a#b HTTP/1.1')],
    ['octets from 0x80 on', withLine('GET /\xe9 HTTP/1.1')],
    ['a line without colon', withField('abc')],
    ['separators in a name', withField('a(b: c')],
    ['CONNECT with a path', withLine('CONNECT / HTTP/1.1')],
    ['a port that is none', 'GET / HTTP/1.1\r\nHost: a:b\r\n\r\n'],
    ['a host other than that of the target', withLine('GET http://b/ HTTP/1.1')],
  ])('%s', (_, text) => {
    expect(decode(text).error).toBeUndefined()
    expect(decode(text, STRICT).error).toMatch(
      /^(invalid_request|invalid_header|invalid_host|host_mismatch)$/,
    )
  })

  test('nothing of an ordinary request', () => {
    const text = `POST /a?b HTTP/1.1\r\n${H}X.Y: z\r\nContent-Length: 2\r\n\r\nok`
    expect(decode(text, STRICT)).toMatchObject({
      requests: [{ body: 'ok', headers: ['Host: a.example', 'Content-Length: 2'] }],
    })
  })
})
