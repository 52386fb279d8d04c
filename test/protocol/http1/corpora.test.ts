/**
 * Where we answer otherwise than the suites of llhttp and gunicorn expect of their own programs, a row for each reason
 * (requests of our own making). Limits and bytes behind an upgrade aside, every other request of theirs that has a Host,
 * or gets one, is accepted or refused as they have it.
 */
import { describe, expect, it } from 'vitest'
import { bytesOf, decodeRequests, LIMITS, STRICT } from './feed.ts'

const HOST = 'Host: h\r\n'
const chunked = (coding: string, body: string): string =>
  `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: ${coding}\r\n\r\n${body}`

/** The error's code, or how many requests there were. */
type Expected = string | number

// what, the request, by default, with strict_http, who expects what and why we do not
const ROWS: readonly (readonly [string, string, Expected, Expected, string])[] = [
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 'missing_host', 'missing_host', 'both take it; RFC 9112 section 3.2 asks for 400'],
  ['several codings', chunked('gzip, chunked', '0\r\n\r\n'), 'unknown_transfer_encoding', 'unknown_transfer_encoding', 'both take it; who decodes gzip is nobody here'],
  ['several codings, a line each', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'duplicate_header', 'duplicate_header', 'both take it; nginx refuses'],
  ['identity before chunked', chunked('identity, chunked', '0\r\n\r\n'), 'unknown_transfer_encoding', 'unknown_transfer_encoding', 'gunicorn takes it; RFC 9112 has no identity'],
  ['identity alone', chunked('identity', ''), 'unknown_transfer_encoding', 'unknown_transfer_encoding', 'gunicorn takes it'],
  ['one condition twice', `GET / HTTP/1.1\r\n${HOST}If-Match: "a"\r\nIf-Match: "b"\r\n\r\n`, 'duplicate_header', 'duplicate_header', 'gunicorn joins them; nginx refuses'],
  ['Content-Length in tabs', `POST / HTTP/1.1\r\n${HOST}Content-Length:\t2\t\r\n\r\nab`, 'invalid_content_length', 'invalid_content_length', 'llhttp takes it; nginx refuses'],
  ['a blank before the colon', `GET / HTTP/1.1\r\n${HOST}A : b\r\n\r\n`, 'invalid_header', 'invalid_header', 'gunicorn takes it with strip_header_spaces'],
  ['folded lines', `GET / HTTP/1.1\r\n${HOST}A: b\r\n c\r\n\r\n`, 'invalid_header', 'invalid_header', 'llhttp and gunicorn have a switch for it'],
  ['bare LF', `GET / HTTP/1.1\n${HOST}A: b\n\n`, 1, 'invalid_request', 'llhttp refuses; RFC 9112 section 2.2 allows it'],
  ['a bare LF in the head', `GET / HTTP/1.1\r\n${HOST}A: b\nB: c\r\n\r\n`, 1, 'invalid_header', 'llhttp refuses'],
  ['a bare LF in a chunked body', chunked('chunked', '0\n\r\n'), 'invalid_chunked_body', 'invalid_chunked_body', 'all refuse'],
  ['a fragment', `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, 1, 'invalid_request', 'both take it'],
  ['UTF-8 in the target', `GET /\xce\xb4 HTTP/1.1\r\n${HOST}\r\n`, 1, 'invalid_request', 'gunicorn takes it, llhttp refuses'],
  ['quotes in the target', `GET /"a" HTTP/1.1\r\n${HOST}\r\n`, 1, 'invalid_request', 'gunicorn takes it'],
  ['user and password', `GET http://a:b@h/ HTTP/1.1\r\n${HOST}\r\n`, 'invalid_target_host', 'invalid_target_host', 'both take it; RFC 9110 section 4.2.4 calls it an error'],
  ['a method nobody registered', `MKCOLA / HTTP/1.1\r\n${HOST}\r\n`, 1, 1, 'llhttp has a list; who serves the path decides'],
  ['a method in small letters', `get / HTTP/1.1\r\n${HOST}\r\n`, 'invalid_method', 'invalid_method', 'gunicorn has switches for it'],
  ['RTSP and ICE', `OPTIONS / RTSP/1.0\r\n${HOST}\r\n`, 'invalid_request', 'invalid_request', 'llhttp takes them for three methods'],
  ['the preface of HTTP/2', `PRI * HTTP/1.1\r\n${HOST}\r\n`, 'invalid_request', 'invalid_request', 'llhttp gives it to its caller'],
  ['a star that is not for OPTIONS', `M-SEARCH * HTTP/1.1\r\n${HOST}\r\n`, 'invalid_request', 'invalid_request', 'llhttp takes it; RFC 9112 section 3.2.4'],
  ['a trailer that would change the message', chunked('chunked', '0\r\nContent-Type: a/b\r\n\r\n'), 'forbidden_trailer', 'forbidden_trailer', 'both take it; RFC 9110 section 6.5.1'],
  ['bytes behind Connection: close', `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n${'x'.repeat(5)}`, 'invalid_method', 'invalid_method', 'llhttp stops reading; so does the connection, which reads no request behind that one'],
  ['a CGI name in the making', `POST / HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent_Length: 9\r\n\r\nab`, 1, 1, 'gunicorn drops or refuses it; left out here'],
  ['PROXY without proxy_protocol', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n${HOST}\r\n`, 'invalid_request', 'invalid_request', 'gunicorn has a switch for it, as we do'],
] // prettier-ignore

function outcome(text: string, limits: typeof LIMITS): Expected {
  const { error, requests } = decodeRequests([bytesOf(text)], limits)
  return error ?? requests.filter(({ complete }) => complete).length
}

describe('otherwise than other parsers', () => {
  it.each(ROWS)('%s', (_, text, byDefault, strictly, why) => {
    expect(why).not.toBe('')
    expect(outcome(text, LIMITS)).toBe(byDefault)
    expect(outcome(text, STRICT)).toBe(strictly)
  })
})
