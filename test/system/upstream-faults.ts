/** What misbehaving upstreams say, and when: data. HTTP first, then SCGI, uwsgi and FastCGI. */
import { end, record, stderr, stdout } from '../protocol/fastcgi/records.ts'

/** How scripts are written: `Asked` of test/support/scripted-upstream.ts. */
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
    name: 'a thousand lines, as many as a head may have',
    path: '/thousand-lines',
    script: `${OK}${'A: b\r\n'.repeat(999)}Content-Length: 5\r\n\r\nhello`,
    status: 200,
    body: 'hello',
    reused: true,
  },
  {
    name: 'more lines than a head may have',
    path: '/many-lines',
    script: `${OK}${'A: b\r\n'.repeat(1000)}Content-Length: 5\r\n\r\nhello`,
    status: 502,
    log: /too big header/,
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
    name: 'early hints without end',
    path: '/hints-flood',
    script: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(100),
    status: 502,
    log: /too many interim responses/,
    reused: false,
  },
  {
    name: 'two codings',
    path: '/two-codings',
    script: `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 502,
    reused: false,
  },
  {
    name: 'a chunk larger than any number',
    path: '/huge-chunk',
    script: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n{wait}fffffffffffffffff\r\n`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /invalid chunked response/,
    reused: false,
  },
  {
    name: 'fields behind the chunks',
    path: '/trailers',
    script: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
    status: 200,
    body: 'hello',
    reused: true,
  },
  {
    name: 'a drip of bytes',
    path: '/drip',
    script: `${OK}Content-Length: 5\r\n\r\nh{wait}e{wait}l{wait}l{wait}o`,
    status: 200,
    body: 'hello',
    reused: true,
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
  {
    name: 'an answer that comes too late',
    path: '/late',
    script: `{late}${OK}Content-Length: 4\r\n\r\nevil`,
    status: 504,
    log: /upstream timed out/,
    reused: false,
  },
  {
    name: 'the middle of a body, then an RST',
    path: '/reset-body',
    script: `${OK}Content-Length: 9\r\n\r\nhello{wait}{reset}`,
    status: 200,
    body: 'hello',
    cut: true,
    reused: false,
  },
  {
    name: 'the middle of a body, then nothing',
    path: '/hang-body',
    script: `${OK}Content-Length: 9\r\n\r\nhello{hang}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /upstream timed out .* while reading upstream/,
    reused: false,
  },
  {
    name: 'the end of the connection, and no byte',
    path: '/fin',
    script: '{fin}',
    status: 502,
    log: /prematurely closed connection while reading response header/,
    reused: false,
  },
  {
    name: 'NUL in a field',
    path: '/nul',
    script: `${OK}X-A: a\0b\r\nContent-Length: 5\r\n\r\nhello`,
    status: 502,
    log: /invalid header/,
    reused: false,
  },
]

type CgiProtocol = 'scgi' | 'uwsgi' | 'fastcgi'

export interface CgiFault extends Omit<UpstreamFault, 'reused'> {
  /** Whom it concerns; all three by default. */
  readonly over?: readonly CgiProtocol[]
}

const CGI_OK = 'Status: 200 OK\r\n'
const CGI_HELLO = `${CGI_OK}Content-Length: 5\r\n\r\nhello`
const FRAMED_BY_END = ['scgi', 'uwsgi'] as const

/**
 * The response as each of the three carries it: as it is, or by FastCGI in records. `{fin}` is the end of the
 * response, by FastCGI an end record; `{cut}` is the end of the connection without one.
 */
export const CGI_FAULTS: readonly CgiFault[] = [
  { name: 'a plain answer', path: '/plain', script: `${CGI_HELLO}{fin}`, status: 200, body: 'hello' },
  {
    name: 'an answer in pieces',
    path: '/pieces',
    script: 'Sta{wait}tus: 200 OK\r\nX-A: b\r{wait}\n\r\nhe{wait}llo{fin}',
    status: 200,
    body: 'hello',
  },
  {
    name: 'a status line',
    path: '/status-line',
    script: 'HTTP/1.1 404 Gone Fishing\r\nContent-Length: 2\r\n\r\nno{fin}',
    status: 404,
    body: 'no',
    over: FRAMED_BY_END,
  },
  {
    name: 'garbage',
    path: '/garbage',
    script: '\x00\x01\x02\r\n\r\n{fin}',
    status: 502,
    log: /upstream sent invalid header: "\\x00\\x01\\x02/,
  },
  {
    name: 'letters as status',
    path: '/status',
    script: 'Status: OK\r\n\r\nx{fin}',
    status: 502,
    log: /invalid status/,
  },
  {
    name: '103 as an answer',
    path: '/103',
    script: 'Status: 103 Early\r\n\r\n{fin}',
    status: 502,
    log: /invalid status/,
  },
  {
    name: 'half a head',
    path: '/half-head',
    script: `${CGI_OK}X-A: b\r\n{fin}`,
    status: 502,
    log: /prematurely closed (connection|FastCGI stdout) while reading response header/,
  },
  {
    name: 'nothing but an end',
    path: '/fin',
    script: '{fin}',
    status: 502,
    log: /prematurely closed (connection|FastCGI stdout) while reading response header/,
  },
  {
    name: 'a head without end',
    path: '/endless-head',
    script: `${CGI_OK}${'X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n'.repeat(900)}`,
    status: 502,
    log: /too big header/,
  },
  {
    name: 'nothing at all',
    path: '/silence',
    script: '{hang}',
    status: 504,
    log: /upstream timed out .* while reading response header from upstream/,
  },
  {
    name: 'an answer that comes too late',
    path: '/late',
    script: `{late}${CGI_OK}Content-Length: 4\r\n\r\nevil{fin}`,
    status: 504,
    log: /upstream timed out/,
  },
  {
    name: 'a RST before the head',
    path: '/reset',
    script: '{reset}',
    status: 502,
    log: /(recv\(\) failed|prematurely closed)/,
  },
  {
    name: 'two lengths',
    path: '/two-lengths',
    script: `${CGI_OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!{fin}`,
    status: 502,
    log: /duplicate header/,
  },
  {
    name: 'a length that is none',
    path: '/bad-length',
    script: `${CGI_OK}Content-Length: +5\r\n\r\nhello{fin}`,
    status: 502,
    log: /invalid "Content-Length" header/,
  },
  {
    name: 'a bare CR in a field',
    path: '/cr',
    script: `${CGI_OK}X-A: b\rSet-Cookie: evil=1\r\n\r\nhello{fin}`,
    status: 502,
    log: /invalid header/,
  },
  {
    name: 'ESC in a field',
    path: '/esc',
    script: `${CGI_OK}X-A: \x1b[31m\0\r\n\r\nhello{fin}`,
    status: 502,
    log: /invalid header: "X-A: \\x1B/,
  },
  {
    name: 'more than its length says',
    path: '/extra',
    script: `${CGI_HELLO}extra{fin}`,
    status: 200,
    body: 'hello',
    log: /upstream sent more data/,
  },
  {
    name: 'less than its length says',
    path: '/short',
    script: `${CGI_OK}Content-Length: 9\r\n\r\nhello{wait}{fin}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /prematurely closed/,
  },
  {
    name: 'the middle of a body, then an RST',
    path: '/reset-body',
    script: `${CGI_OK}Content-Length: 9\r\n\r\nhello{wait}{reset}`,
    status: 200,
    body: 'hello',
    cut: true,
  },
  {
    name: 'the middle of a body, then nothing',
    path: '/hang-body',
    script: `${CGI_OK}Content-Length: 9\r\n\r\nhello{hang}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /upstream timed out .* while reading upstream/,
  },
  {
    name: 'the middle of a body without length, then nothing',
    path: '/hang-stream',
    script: `${CGI_OK}\r\nhello{hang}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /upstream timed out .* while reading upstream/,
  },
  {
    name: '204 with a body',
    path: '/204',
    script: 'Status: 204 No Content\r\n\r\nbody{fin}',
    status: 204,
    body: '',
  },
  {
    name: '304 with a body',
    path: '/304',
    script: 'Status: 304 Not Modified\r\n\r\nbody{fin}',
    status: 304,
    body: '',
  },
  {
    name: 'HEAD with a body',
    path: '/head',
    method: 'HEAD',
    script: `${CGI_HELLO}{fin}`,
    status: 200,
    body: '',
  },
  {
    name: 'a drip of bytes',
    path: '/drip',
    script: `${CGI_OK}Content-Length: 5\r\n\r\nh{wait}e{wait}l{wait}l{wait}o{fin}`,
    status: 200,
    body: 'hello',
  },
  {
    name: 'an answer to a POST that it does not read',
    path: '/early',
    method: 'POST',
    script: 'Status: 413 Too Large\r\nContent-Length: 2\r\n\r\nno{wait}{fin}',
    status: 413,
    body: 'no',
  },
  {
    name: 'a length, the body, and the end of the connection without an end record',
    path: '/no-end',
    script: `${CGI_HELLO}{cut}`,
    status: 200,
    body: 'hello',
    over: ['fastcgi'],
  },
  {
    name: 'a body without length, and the end of the connection without an end record',
    path: '/no-end-stream',
    script: `${CGI_OK}\r\nhello{wait}{cut}`,
    status: 200,
    body: 'hello',
    cut: true,
    log: /prematurely closed/,
    over: ['fastcgi'],
  },
]

const text = (...records: readonly Uint8Array[]): string => Buffer.concat(records).toString('latin1')
const answer = (id: number): Buffer => stdout(id, CGI_HELLO)

export interface RecordFault extends Omit<CgiFault, 'script' | 'over'> {
  /** For the request with this id. */
  readonly script: (id: number) => string
}

/** Records that are none, and such as belong nowhere. */
export const RECORD_FAULTS: readonly RecordFault[] = [
  {
    name: 'a record of the output behind the end',
    path: '/behind-end',
    script: (id) => text(answer(id), stdout(id), end(id), stdout(id, 'evil')),
    status: 200,
    body: 'hello',
  },
  {
    name: 'two ends',
    path: '/two-ends',
    script: (id) => text(answer(id), stdout(id), end(id), end(id)),
    status: 200,
    body: 'hello',
  },
  {
    name: 'output behind the end of the output',
    path: '/behind-stdout',
    script: (id) =>
      text(stdout(id, `${CGI_OK}\r\nhello`), stdout(id)) + '{wait}' + text(stdout(id, 'evil'), end(id)),
    status: 200,
    body: 'hello',
    cut: true,
  },
  {
    name: 'control bytes on the error stream',
    path: '/stderr',
    script: (id) => text(stderr(id, 'PHP \x1b[31m\0 says\r\nno'), answer(id), stdout(id), end(id)),
    status: 200,
    body: 'hello',
    log: /FastCGI sent in stderr: "PHP \\x1B\[31m\\x00 says/,
  },
  {
    name: 'the error stream alone',
    path: '/stderr-alone',
    script: (id) => text(stderr(id, 'no such file'), end(id)),
    status: 502,
    log: /FastCGI sent in stderr: "no such file"[^]*prematurely closed FastCGI stdout/,
  },
  {
    name: 'another version',
    path: '/version',
    script: (id) => text(record(6, id, CGI_HELLO, 0, 2), end(id)),
    status: 502,
    log: /upstream sent unsupported FastCGI version/,
  },
  {
    name: 'a type that nobody knows',
    path: '/type',
    script: (id) => text(record(42, id, 'x'), answer(id), end(id)),
    status: 502,
    log: /upstream sent unexpected FastCGI record/,
  },
  {
    name: 'the answer of another request',
    path: '/id',
    script: (id) => text(stdout(id + 1, CGI_HELLO), end(id + 1)),
    status: 502,
    log: /[^t] upstream sent unexpected FastCGI request id/,
  },
  {
    name: 'a record of another request among its own',
    path: '/ids',
    script: (id) => text(stdout(id, `${CGI_OK}\r\nhello`)) + '{wait}' + text(stdout(id + 1, 'evil'), end(id)),
    status: 200,
    body: 'hello',
    cut: true,
  },
  {
    name: 'a length that lies, before the head is whole',
    path: '/lies',
    script: (id) => `${text(record(6, id, CGI_OK)).replace('\0\x10', '\xff\xff')}{wait}{fin}`,
    status: 502,
    log: /prematurely closed/,
  },
  {
    name: 'half a record',
    path: '/half',
    script: () => '\x01\x06\0\x01{fin}',
    status: 502,
    log: /prematurely closed/,
  },
  {
    name: 'an HTTP answer',
    path: '/http',
    script: () => `HTTP/1.1 200 OK\r\n\r\nhello{fin}`,
    status: 502,
    log: /upstream sent unsupported FastCGI version/,
  },
  { name: 'overload', path: '/overload', script: (id) => text(stdout(id), end(id, 0, 2)), status: 503 },
  {
    name: 'records with padding, byte by byte',
    path: '/bytes',
    script: (id) =>
      Array.from(
        text(stdout(id, CGI_OK, 7), stdout(id, '\r\nhi', 255), stdout(id), end(id)),
        (byte, index) => (index % 40 === 39 ? `${byte}{wait}` : byte),
      ).join(''),
    status: 200,
    body: 'hi',
  },
]
