/** The same bytes to a real nginx: the statuses agree, and each difference has its reason here. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { normalizeTarget } from '../../../src/http/target.ts'
import { Http1Error } from '../../../src/protocol/http1/http1-error.ts'
import { RequestDecoder } from '../../../src/protocol/http1/request-decoder.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { bytesOf, LIMITS } from './feed.ts'
import type { NginxPeer } from './nginx-peer.ts'
import { startNginx, statusOf } from './nginx-peer.ts'

/** 200, or what the error says. */
function ourStatus(bytes: Buffer): number {
  const decoder = new RequestDecoder(LIMITS)
  decoder.receive(bytes)
  try {
    const head = decoder.nextHead()
    while (decoder.nextBody() !== undefined);
    if (head === undefined || !decoder.bodyDone) decoder.receiveEnd()
    if (head?.method === 'CONNECT') return 200
    return normalizeTarget(head?.target ?? '', { mergeSlashes: true }) === undefined ? 400 : 200
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error
    return error.status
  }
}

const H = 'Host: a.example\r\n'
const line = (text: string) => `${text}\r\n${H}Connection: close\r\n\r\n`
const field = (text: string) => `GET / HTTP/1.1\r\n${H}Connection: close\r\n${text}\r\n\r\n`
const host = (text: string) => `GET / HTTP/1.1\r\nHost: ${text}\r\nConnection: close\r\n\r\n`
const chunked = (text: string) =>
  `POST /body HTTP/1.1\r\n${H}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${text}`

const LINES = [
  'GET / HTTP/1.1',
  'GET /a?b=c#d HTTP/1.1',
  'GET   /   HTTP/1.1  ',
  'GET /caf\xe9 HTTP/1.1',
  'GET /%41%20%c3%a9 HTTP/1.1',
  'M_A-B / HTTP/1.1',
  'OPTIONS / HTTP/1.1',
  'GET http://b.example/x HTTP/1.1',
  'GET http://b.example:8080?x HTTP/1.1',
  'GET HTTP://b HTTP/1.1',
  'GET / HTTP/1.0',
  'GET / HTTP/1.2',
  'GET / HTTP/1.9',
  ' / HTTP/1.1',
  'get / HTTP/1.1',
  'G@T / HTTP/1.1',
  'GET\t/ HTTP/1.1',
  'GET /\tHTTP/1.1',
  'GET / HTTP/1.1\t',
  'GET /a b HTTP/1.1',
  'GET /a\0b HTTP/1.1',
  'GET /a\x01b HTTP/1.1',
  'GET /a\x7fb HTTP/1.1',
  'GET /a\rb HTTP/1.1',
  'GET / HTTP/1.1\r',
  'GET HTTP/1.1',
  'GET * HTTP/1.1',
  'GET a/b HTTP/1.1',
  'GET a:80 HTTP/1.1',
  'GET http:/a HTTP/1.1',
  'GET http://u@a/ HTTP/1.1',
  'GET http:/// HTTP/1.1',
  'GET http://a:b/ HTTP/1.1',
  'GET http://a..b/ HTTP/1.1',
  'GET 1http://a/ HTTP/1.1',
  'GET / HTTP/2.0',
  'GET / HTTP/3',
  'GET / HTTP/10.1',
  'GET / HTTP/01.1',
  'GET / HTTP/0.9',
  'GET / http/1.1',
  'GET / HTTP/1.',
  'GET / HTTP/1',
  'GET / HTTP/1.1x',
  'GET / HTTP/1.1 x',
  'GET / HTTP/',
  'GET / H',
  'GET / x',
  'PRI * HTTP/2.0',
  'GET',
  'GET ',
  '\x16\x03\x01',
  'POST /',
  'GET /% HTTP/1.1',
  'GET /%zz HTTP/1.1',
  'GET /%00 HTTP/1.1',
  'GET /.. HTTP/1.1',
  'GET /a/../.. HTTP/1.1',
  `GET /${'a'.repeat(8192)} HTTP/1.1`,
].map(line)

const FIELDS = [
  'A: b',
  'A:b',
  'A:  b  ',
  'A:',
  'A',
  'a_b: c',
  'a.b: c',
  'a(b: c',
  '"a": b',
  '\xe9: b',
  'a\xe9: b',
  'A: \xe9',
  'A: b\tc',
  'A : b',
  'A\t: b',
  ' A: b',
  'A: b\r\n c',
  ': b',
  '\0: b',
  'A\0: b',
  'A: b\0c',
  'A: b\rc',
  '\x01A: b',
  'A\x7f: b',
  'Host: b',
  'Authorization: a\r\nAuthorization: b',
  'If-Match: a\r\nIf-Match: b',
  'Content-Range: a\r\nContent-Range: b',
  'Content-Length: 0',
  'Content-Length: 010\r\n\r\n01234567',
  'Content-Length: ',
  'Content-Length: +0',
  'Content-Length: -1',
  'Content-Length: 0x0',
  'Content-Length: 0, 0',
  'Content-Length: 0\r\nContent-Length: 0',
  'Content-Length: 0 0',
  'Content-Length: 0\t',
  'Content-Length: \t0',
  'Content-Length',
  'Content-Length: 99999999999999999999',
  `Content-Length: ${'0'.repeat(300)}x`,
  'Transfer-Encoding: chunked\r\n\r\n0\r\n',
  'Transfer-Encoding: CHUNKED\r\n\r\n0\r\n',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: \tchunked',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: \xa0chunked',
  'Transfer-Encoding',
  'Transfer-Encoding: ',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n',
  'Expect: 100-continue',
  `A: ${'b'.repeat(8200)}`,
  `${'a'.repeat(8200)}: b`,
  `A: ${'b'.repeat(8000)}\r\n`.repeat(5),
].map(field)

const HOSTS = [
  'a',
  'A.B',
  'a.',
  'a:',
  'a:80',
  'a: 80',
  'a:b c',
  'a:x',
  '[::1]',
  '[::1]:80',
  'a_b',
  '.a',
  '',
  '.',
  '..',
  'a..b',
  'a/b',
  'a b',
  'a\tb',
  'a\x7fb',
  'a\0',
].map(host)

const OTHERS = [
  'GET /\r\n', 'GET / \r\n', 'GET /a?b\n', 'GET / HTTP/1.0\n\n', 'GET / HTTP/1.1\nHost: a\nConnection: close\n\n', 'GET / HTTP/1.1\r\n\r\n',
  'GET http://a/ HTTP/1.1\r\n\r\n', 'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', `\r\n\n\r\n${line('GET / HTTP/1.1')}`,
  `GET / HTTP/1.1\r\n${H}\rX: y\r\n\r\n`, `GET / HTTP/1.1\r\n ${H}\r\n`,
  ...['0\r\n\r\n', '3\r\nabc\r\n0\r\n\r\n', '003\r\nabc\r\n0\r\n\r\n', '3;a=b\r\nabc\r\n0\r\n\r\n', '3\r\nabc\r\n0\r\nA: b\r\n\r\n', 'A\r\n0123456789\r\n0\r\n\r\n',
    '0x3\r\nabc\r\n0\r\n\r\n', '+3\r\nabc\r\n0\r\n\r\n', '-3\r\nabc\r\n0\r\n\r\n', ' 3\r\nabc\r\n0\r\n\r\n', '\r\nabc\r\n0\r\n\r\n', 'g\r\n', '3_0\r\nabc\r\n0\r\n\r\n',
    '3\rXabc\r\n0\r\n\r\n', '3;a\rb\r\nabc\r\n0\r\n\r\n', '3\r\nabcd\r\n0\r\n\r\n', '3\r\nabc\rX0\r\n\r\n', 'fffffffffffffffff\r\nabc\r\n'].map(chunked),
] // prettier-ignore

/** Where we answer otherwise than nginx 1.22, and why. */
const DIFFERENT: [why: string, text: string, nginx: number, ours: number][] = [
  ['one digit (RFC 9112 section 2.3)', line('GET / HTTP/1.32'), 200, 400],
  ['asterisk form (RFC 9112 section 3.2.4)', line('OPTIONS * HTTP/1.1'), 400, 200],
  ['the head is good, 405 is for who serves it', line('CONNECT a:80 HTTP/1.1'), 400, 200],
  ['the head is good, 405 is for who serves it', line('TRACE / HTTP/1.1'), 405, 200],
  ['the head is good, 405 is for who serves it', line('CONNECT / HTTP/1.1'), 405, 200],
  ['a method of more than 64 octets', line(`${'A'.repeat(65)} / HTTP/1.1`), 200, 400],
  ['a few empty lines only', `${'\r\n'.repeat(5)}${line('GET / HTTP/1.1')}`, 200, 400],
  ['bare CR (RFC 9112 section 2.2)', `\r${line('GET / HTTP/1.1')}`, 200, 400],
  ['bare CR (RFC 9112 section 2.2)', field('A: b\r'), 200, 400],
  ['controls in a value (RFC 9110 section 5.5)', field('A: b\x01c'), 200, 400],
  ['controls in a value (RFC 9110 section 5.5)', field('A: b\x7fc'), 200, 400],
  ['two opinions on the type', field('Content-Type: a\r\nContent-Type: b'), 200, 400],
  ['RFC 9110 section 10.1.1', field('Expect: nonsense'), 200, 417],
  ['not a host, as in nginx 1.29', host('a\\b'), 200, 400],
  ['not a host, as in nginx 1.29', host('[::1'), 200, 400],
  ['not a host, as in nginx 1.29', host('a@b'), 200, 400],
  ['chunks end in CR LF only', chunked('3\nabc\r\n0\r\n\r\n'), 200, 400],
  ['chunks end in CR LF only', chunked('3\r\nabc\n0\r\n\r\n'), 200, 400],
  ['chunks end in CR LF only', chunked('3\r\nab\r\n0\r\n\r\n'), 200, 400],
  ['chunks end in CR LF only', chunked('0\n\n'), 200, 400],
  ['no blank behind a size', chunked('3 \r\nabc\r\n0\r\n\r\n'), 200, 400],
  ['an extension has a name', chunked('3;\r\nabc\r\n0\r\n\r\n'), 200, 400],
  ['a quote is closed', chunked('3;a="b\r\nabc\r\n0\r\n\r\n'), 200, 400],
  ['extensions cost', chunked(`${`1;a=${'b'.repeat(4000)}\r\nx\r\n`.repeat(6)}0\r\n\r\n`), 200, 413],
  ['trailers that would frame', chunked('0\r\nContent-Length: 3\r\n\r\n'), 200, 400],
  ['trailers are fields', chunked('0\r\nabc\r\n\r\n'), 200, 400],
]

describeWithPeer('nginx', 'against nginx', (path) => {
  let nginx: NginxPeer
  beforeAll(async () => {
    nginx = await startNginx(path)
  })
  afterAll(() => nginx.stop())

  test.each(
    [...LINES, ...FIELDS, ...HOSTS, ...OTHERS].map((text) => [JSON.stringify(text).slice(0, 120), text]),
  )('the same: %s', async (_, text) => {
    const bytes = bytesOf(text)
    expect(ourStatus(bytes)).toBe(statusOf(await nginx.ask(bytes)))
  })

  test.each(DIFFERENT)('otherwise, %s: %j', async (_, text, theirs, ours) => {
    const bytes = bytesOf(text)
    expect({ nginx: statusOf(await nginx.ask(bytes)), ours: ourStatus(bytes) }).toEqual({
      nginx: theirs,
      ours,
    })
  })

  test.each([
    [line('get / HTTP/1.1'), 'client sent invalid method while reading client request line'],
    [line('GET a HTTP/1.1'), 'client sent invalid request while reading client request line'],
    [line('GET / HTTP/2.0'), 'client sent invalid version while reading client request line'],
    ['POST /\r\n', 'client sent invalid method in HTTP/0.9 request while reading client request line'],
    [line(`GET /${'a'.repeat(9000)} HTTP/1.1`), 'client sent too long URI while reading client request line'],
    [field(`A: ${'b'.repeat(9000)}`), 'client sent too long header line: "A: b'],
    [field('A : b'), 'client sent invalid header line: "A'],
    [field('Host: b'), 'client sent duplicate '],
    [host('a..b'), 'client sent invalid host header while reading client request headers'],
    ['GET / HTTP/1.1\r\n\r\n', 'client sent HTTP/1.1 request without "Host" header'],
    [field('Content-Length: x'), 'client sent invalid "Content-Length" header'],
    [field('Transfer-Encoding: x'), 'client sent unknown "Transfer-Encoding": "x"'],
    [
      'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n',
      'client sent HTTP/1.0 request with "Transfer-Encoding" header',
    ],
    [
      field('Content-Length: 1\r\nTransfer-Encoding: chunked'),
      'client sent "Content-Length" and "Transfer-Encoding" headers at the same time',
    ],
    [chunked('x\r\n'), 'client sent invalid chunked body'],
  ])('the same words in the log: %#', async (text, words) => {
    await nginx.ask(bytesOf(text))
    expect(nginx.errorLog()).toContain(words)
    expect(logLineOf(text)).toContain(words)
  })
})

/** Message and what nginx was doing, as the error log has them. */
function logLineOf(text: string): string {
  const decoder = new RequestDecoder(LIMITS)
  try {
    decoder.receive(bytesOf(text))
    decoder.nextHead()
    decoder.nextBody()
    return ''
  } catch (error) {
    return error instanceof Http1Error ? `${error.message} while ${error.action}` : ''
  }
}
