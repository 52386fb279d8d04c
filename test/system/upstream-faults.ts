/**
 * What a misbehaving HTTP upstream says, and when: data. `{` and `}` enclose what is not text: `{wait}` a moment,
 * `{fin}` the end of its side, `{reset}` an RST, `{hang}` nothing more for ever.
 */
export interface UpstreamFault {
  readonly name: string
  /** Path of the request, by which the scripted upstream knows what to do. */
  readonly path: string
  /** Of the request; GET by default. */
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly script: string
  /** What the client gets. */
  readonly status: number
  readonly body?: string
  /** The client can tell that something is missing. */
  readonly cut?: true
  /** What the error log says. */
  readonly log?: RegExp
  /** Another request right behind it needs another connection. */
  readonly reused: boolean
}

const OK = 'HTTP/1.1 200 OK\r\n'
const HELLO = `${OK}Content-Length: 5\r\n\r\nhello`

export const UPSTREAM_FAULTS: readonly UpstreamFault[] = [
  { name: 'a plain answer', path: '/plain', script: HELLO, status: 200, body: 'hello', reused: true },
  {
    name: 'an answer in pieces',
    path: '/pieces',
    script: `HTTP/1.1 2{wait}00 OK\r\nContent-Length: 5\r{wait}\n\r\nhe{wait}llo`,
    status: 200,
    body: 'hello',
    reused: true,
  },
  {
    name: 'a chunked answer in pieces',
    path: '/chunks',
    script: `${OK}Transfer-Encoding: chunked\r\n\r\n3\r\nh{wait}el\r\n2\r{wait}\nlo\r\n0\r\n{wait}\r\n`,
    status: 200,
    body: 'hello',
    reused: true,
  },
  {
    name: 'an answer that ends with the connection',
    path: '/close',
    script: `${OK}\r\nhel{wait}lo{fin}`,
    status: 200,
    body: 'hello',
    reused: false,
  },
  {
    name: 'Connection: close',
    path: '/says-close',
    script: `${OK}Connection: close\r\nContent-Length: 5\r\n\r\nhello`,
    status: 200,
    body: 'hello',
    reused: false,
  },
  {
    name: '204 with a length',
    path: '/204',
    script: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    status: 204,
    body: '',
    reused: true,
  },
  {
    name: '304 with a length',
    path: '/304',
    script: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    status: 304,
    body: '',
    reused: true,
  },
  {
    name: 'HEAD with a length',
    path: '/head',
    method: 'HEAD',
    script: `${OK}Content-Length: 5\r\n\r\n`,
    status: 200,
    body: '',
    reused: true,
  },
  {
    name: 'HEAD with a body',
    path: '/head-body',
    method: 'HEAD',
    script: HELLO,
    status: 200,
    body: '',
    log: /upstream sent more data/,
    reused: false,
  },
  {
    name: 'interim responses first',
    path: '/interim',
    script: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${HELLO}`,
    status: 200,
    body: 'hello',
    reused: true,
  },
  {
    name: 'interim responses without end',
    path: '/interim-flood',
    script: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100),
    status: 502,
    log: /too many interim responses/,
    reused: false,
  },
  {
    name: '101 that nobody asked for',
    path: '/101',
    script: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx',
    status: 502,
    log: /switched protocols unasked/,
    reused: false,
  },
  {
    name: 'half a status line',
    path: '/half-line',
    script: 'HTTP/1.1 20{fin}',
    status: 502,
    log: /prematurely closed connection while reading response header/,
    reused: false,
  },
  {
    name: 'half a head',
    path: '/half-head',
    script: `${OK}Content-Length: 5\r\n{fin}`,
    status: 502,
    log: /prematurely closed connection while reading response header/,
    reused: false,
  },
  {
    name: 'garbage',
    path: '/garbage',
    script: '\x16\x03\x01\x02\r\n\r\n',
    status: 502,
    log: /no valid HTTP\/1.0 header/,
    reused: false,
  },
  {
    name: 'a head without end',
    path: '/endless-head',
    script: `${OK}${'X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n'.repeat(2000)}`,
    status: 502,
    log: /too big header/,
    reused: false,
  },
  {
    name: 'nothing at all',
    path: '/silence',
    script: '{hang}',
    status: 504,
    log: /upstream timed out .* while reading response header from upstream/,
    reused: false,
  },
  {
    name: 'a RST before the head',
    path: '/reset',
    script: '{reset}',
    status: 502,
    log: /(recv\(\) failed|prematurely closed)/,
    reused: false,
  },
  {
    name: 'length and chunked coding',
    path: '/smuggle',
    script: `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 502,
    log: /"Content-Length" and "Transfer-Encoding" headers at the same time/,
    reused: false,
  },
  {
    name: 'two lengths',
    path: '/two-lengths',
    script: `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
    status: 502,
    log: /duplicate header/,
    reused: false,
  },
  {
    name: 'a coding that nobody knows',
    path: '/coding',
    script: `${OK}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    status: 502,
    log: /unknown "Transfer-Encoding"/,
    reused: false,
  },
  {
    name: 'more than its length says',
    path: '/extra',
    script: `${HELLO}extra`,
    status: 200,
    body: 'hello',
    log: /upstream sent more data/,
    reused: false,
  },
  {
    name: 'a second response that nobody asked for',
    path: '/second',
    script: `${HELLO}${OK}Content-Length: 4\r\n\r\nevil`,
    status: 200,
    body: 'hello',
    log: /upstream sent more data/,
    reused: false,
  },
  {
    name: 'a second response a moment later',
    path: '/second-late',
    script: `${HELLO}{wait}${OK}Content-Length: 4\r\n\r\nevil`,
    status: 200,
    body: 'hello',
    reused: false,
  },
  {
    name: 'less than its length says',
    path: '/short',
    script: `${OK}Content-Length: 9\r\n\r\nhello{wait}{fin}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /prematurely closed connection while reading upstream/,
    reused: false,
  },
  {
    name: 'chunks without their end',
    path: '/short-chunks',
    script: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n{wait}{fin}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /prematurely closed connection while reading upstream/,
    reused: false,
  },
  {
    name: 'a chunk that is none',
    path: '/bad-chunk',
    script: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n{wait}zz\r\n`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /invalid chunked response/,
    reused: false,
  },
  {
    name: 'an answer to a POST that it does not read',
    path: '/early',
    method: 'POST',
    script: 'HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno{wait}{fin}',
    status: 413,
    body: 'no',
    reused: false,
  },
]
