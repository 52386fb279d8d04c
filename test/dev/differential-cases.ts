/** Requests that `portico` and `portico dev` have to answer alike. */

export interface Case {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

const paths = (...list: string[]): Case[] => list.map((path) => ({ path }))
const SECOND = { host: 'second.example' }
const ANN = { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }
const form = { 'content-type': 'application/x-www-form-urlencoded' }

export const CASES: readonly Case[] = [
  // files, folders and what is neither
  ...paths(
    '/',
    '/index.html',
    '/a.txt',
    '/a.txt?x=1',
    '/none',
    '/none/',
    '/assets',
    '/assets/',
    '/nested',
    '/nested/',
  ),
  ...paths(
    '/noindex',
    '/noindex/',
    '/noindex/x.bin',
    '/.hidden',
    '/with%20space.txt',
    '/caf%C3%A9.txt',
    '/100%25.txt',
  ),
  ...paths(
    '//a.txt',
    '/assets/../a.txt',
    '/./a.txt',
    '/%61.txt',
    '/assets/%2e%2e/a.txt',
    '/a.txt/',
    '/A.TXT',
    '/a.txt%00',
  ),
  ...paths(
    '/../../etc/passwd',
    '/assets/app.css',
    '/assets/app.js',
    '/img/one.svg',
    '/img',
    '/img../a.txt',
    '/files/',
  ),
  ...paths('/files/one.svg', '/files/empty.svg', '/files/none.svg', '/long.txt', '/errors/404.html'),
  // locations
  ...paths(
    '/exact',
    '/exact/',
    '/user/ann/12',
    '/user/ann/12?kind=a',
    '/user/ann/x',
    '/nested/deep/',
    '/nested/deep',
  ),
  ...paths(
    '/nested/data.json',
    '/nested/none.json',
    '/old',
    '/old/er?x=1',
    '/see?a=b',
    '/gone',
    '/quiet',
    '/teapot',
  ),
  ...paths(
    '/rewritten/app.css',
    '/rewritten/none',
    '/moved/app.css?x=1',
    '/stay/one.svg',
    '/stay/none',
    '/if',
    '/if?go=1',
  ),
  ...paths(
    '/internal',
    '/readonly',
    '/private',
    '/denied',
    '/fallback/none',
    '/named/none',
    '/sub',
    '/zip',
    '/slow',
  ),
  ...paths('/empty', '/ssi', '/protected/one.svg', '/authorized', '/unauthorized'),
  { path: '/readonly', method: 'POST', body: 'x' },
  { path: '/private', headers: ANN },
  { path: '/private', headers: { authorization: 'Basic bm9uZTpub25l' } },
  { path: '/zip', headers: { 'accept-encoding': 'gzip' } },
  // methods and conditions
  ...['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => ({ path: '/a.txt', method })),
  ...['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => ({ path: '/app/m', method })),
  ...['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'].map((method) => ({ path: '/up/m', method })),
  { path: '/none', method: 'HEAD' },
  { path: '/assets', method: 'HEAD' },
  { path: '/nested/', method: 'POST', headers: form, body: 'a=1' },
  { path: '/a.txt', headers: { range: 'bytes=0-1' } },
  { path: '/a.txt', headers: { range: 'bytes=-2' } },
  { path: '/a.txt', headers: { range: 'bytes=2-' } },
  { path: '/a.txt', headers: { range: 'bytes=100-' } },
  { path: '/a.txt', headers: { range: 'lines=1' } },
  { path: '/a.txt', headers: { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' } },
  { path: '/a.txt', headers: { 'if-unmodified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' } },
  { path: '/a.txt', headers: { 'if-none-match': '"other"' } },
  { path: '/a.txt', headers: { 'if-none-match': '*' } },
  { path: '/a.txt', headers: { 'if-match': '"other"' } },
  // applications
  ...paths(
    '/app',
    '/app/x?y=%20z',
    '/app/caf%C3%A9',
    '/app/redirect',
    '/app/stream',
    '/app/accel',
    '/app/empty',
    '/application',
  ),
  { path: '/app/post', method: 'POST', headers: form, body: 'a=1&b=2' },
  { path: '/app/large', method: 'POST', body: 'x'.repeat(5000) },
  { path: '/app/chunked', method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'in pieces' },
  {
    path: '/app/chunked',
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: 'x'.repeat(5000),
  },
  {
    path: '/app/h',
    headers: { cookie: 'a=1; b=2', 'x-custom': 'v', 'accept-language': 'de', proxy: 'evil' },
  },
  { path: '/mirror', method: 'POST', body: 'seen twice' },
  { path: '/named/post', method: 'POST', body: 'to the application' },
  { path: '/app/expect', method: 'POST', headers: { expect: '100-continue' }, body: 'expected' },
  // upstreams
  ...paths(
    '/up',
    '/up/',
    '/up/x?y=1',
    '/up//double',
    '/up/a%2Fb',
    '/same/x',
    '/same/a/../b',
    '/group/x',
    '/var/x?y=1',
  ),
  ...paths(
    '/up/redirect',
    '/up/relative',
    '/up/status/404',
    '/up/status/500',
    '/up/chunked',
    '/up/empty',
    '/up/big',
  ),
  ...paths(
    '/caught/status/401',
    '/caught/status/404',
    '/caught/status/500',
    '/caught/status/503',
    '/caught/x',
    '/dead/x',
    '/put/x',
    '/cookies/',
  ),
  ...paths('/accel/', '/group/secret', '/up/type', '/up/dates'),
  { path: '/up/post', method: 'POST', headers: form, body: 'a=1&b=2' },
  { path: '/up/large', method: 'POST', body: 'x'.repeat(5000) },
  { path: '/put/x', method: 'POST', body: 'of the client' },
  {
    path: '/up/chunked-body',
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: 'in pieces',
  },
  { path: '/up/h', headers: { cookie: 'a=1', 'x-custom': 'v', connection: 'x-drop', 'x-drop': '1' } },
  { path: '/up/expect', method: 'POST', headers: { expect: '100-continue' }, body: 'expected' },
  // another server
  { path: '/', headers: SECOND },
  { path: '/', headers: { host: 'a.third.example' } },
  { path: '/', headers: { host: 'unknown.example' } },
  { path: '/r', headers: SECOND },
  { path: '/dir', headers: SECOND },
  { path: '/p', headers: SECOND },
  { path: 'http://second.example/', headers: { host: 'localhost' } },
]

/** Fields that differ, and why; a field that stops differing has to leave the table. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  etag: 'serve-static makes its own, weak, of time in milliseconds and size',
  'cache-control': 'serve-static says "public, max-age=0" where the conf says nothing',
  server: 'serve-static answers without naming a server, and the front names another way of running',
  'accept-ranges': 'serve-static says it of partial answers, too',
  'transfer-encoding': 'node:http frames what comes without a length',
  'content-length': 'serve-static leaves it out of 304',
}

/** Requests whose status differs: not among the cases above. */
export const STATUS_DIFFERENCES: readonly (Case & {
  readonly status: readonly [portico: number, dev: number]
  readonly why: string
})[] = [
  {
    path: '/a.txt',
    headers: { range: 'bytes=0-1,3-4' },
    status: [206, 200],
    why: 'serve-static knows no multipart/byteranges and sends the whole',
  },
  {
    path: '/a.txt',
    headers: { 'if-modified-since': 'Tue, 19 Jan 2038 03:14:07 GMT' },
    status: [200, 304],
    why: "`if_modified_since exact` (nginx): only the very time is the file's; serve-static compares",
  },
]
