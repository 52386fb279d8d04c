/** Requests that `proxy_pass` is asked, on both servers. */
import { get, many } from './modules-cases.ts'

const fields = [
  ...many([
    '/pass/plain',
    '/hide/plain',
    '/show/plain',
    '/pass/file',
    '/hide/file',
    '/seen/plain',
    '/seen/cookies',
  ]),
  ...many([
    '/pass/charset',
    '/ignore/charset',
    '/flags/cookies',
    '/flags/cookies?name=three',
    '/flags/off/cookies',
  ]),
  get('/pass/plain', {}, 'HEAD'),
  get('/pass/file', {}, 'HEAD'),
]

const elsewhere = [
  ...many(['/pass/go', '/pass/go-named', '/pass/go-again', '/pass/go-nowhere', '/ignore/go']),
  ...many(['/intercept/403', '/intercept/404', '/intercept/500', '/intercept/plain', '/pass/404']),
  get('/pass/go', {}, 'HEAD'),
  get('/pass/go', { 'Content-Length': '4' }, 'POST', 'body'),
]

const ranges = [
  ...['bytes=0-3', 'bytes=4-', 'bytes=-4', 'bytes=3-3', 'bytes=99-', 'bytes=0-1,3-4', 'bits=0-1'].flatMap(
    (range) => [get('/ranges/file', { Range: range }), get('/ranges-kept/no-ranges', { Range: range })],
  ),
  get('/ranges-kept/no-ranges', { Range: 'bytes=2-5' }, 'HEAD'),
  get('/ranges-kept/file', { Range: 'bytes=2-5', 'If-Range': '$LM' }),
  get('/ranges-kept/file', { Range: 'bytes=2-5', 'If-Range': '"other"' }),
  get('/ranges-kept/404', { Range: 'bytes=2-5' }),
  get('/pass/file', { Range: 'bytes=2-5' }),
  ...many(['/ranges/file', '/ranges-kept/no-ranges']),
]

const requests = [
  ...['/pass/echo', '/unbuffered/echo', '/body/echo', '/stream/echo', '/method/echo?m=PUT'].flatMap(
    (path) => [
      get(path, { 'Content-Length': '4' }, 'POST', 'body'),
      get(path, { 'Content-Length': '0' }, 'POST'),
      get(path, { 'Transfer-Encoding': 'chunked' }, 'POST', '4\r\nbody\r\n0\r\n\r\n'),
      get(path),
    ],
  ),
  get('/stream/echo', { 'Content-Length': '101' }, 'POST', 'x'.repeat(101)),
  get('/stream/echo', { 'Transfer-Encoding': 'chunked' }, 'POST', `65\r\n${'x'.repeat(101)}\r\n0\r\n\r\n`),
  get('/cached/echo', { 'If-None-Match': '"a"' }),
  get('/cached/echo', { 'If-None-Match': '"a"', 'X-Own': '"b"' }),
  ...many(['/bound/', '/bound-var/?from=127.0.0.7', '/bound-var/']),
]

const peers = [
  ...many(['/next', '/none']),
  get('/next', { 'Content-Length': '4' }, 'POST', 'body'),
  get('/next', {}, 'HEAD'),
]

export const UPSTREAM_CASES = { fields, elsewhere, ranges, requests, peers }
