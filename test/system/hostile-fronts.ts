/** What hostile fronts send to application workers, and what becomes of them: data, by protocol. */
import { abort, begin, pair, params, record, stdin } from '../protocol/fastcgi/records.ts'
import { headers, netstring, request } from '../protocol/scgi/netstring.ts'
import { block, packet } from '../protocol/uwsgi/packets.ts'

export type HostileProtocol = 'fastcgi' | 'uwsgi' | 'scgi' | 'http'

export interface HostileFront {
  readonly name: string
  readonly protocol: HostileProtocol
  /** Sent one after the other, in turns of their own. */
  readonly bytes: readonly (Uint8Array | string)[]
  /** The front ends its side behind them. */
  readonly ends?: true
  /** What comes back until the worker closes; nothing by default. */
  readonly answer?: RegExp
  /** One line of the log; without it there is none. */
  readonly log?: RegExp
}

const GET = ['REQUEST_METHOD', 'GET', 'PATH_INFO', '/', 'SERVER_PROTOCOL', 'HTTP/1.1'] as const
const POST = ['REQUEST_METHOD', 'POST', ...GET.slice(2)] as const

const fcgiParams = (...vars: readonly string[]): Buffer =>
  Buffer.concat(vars.flatMap((name, index) => (index % 2 === 0 ? [pair(name, vars[index + 1] ?? '')] : [])))
const opened = (...vars: readonly string[]): Buffer[] => [
  begin(1, 1, 0),
  params(1, fcgiParams(...vars)),
  params(1),
]
/** A header of the block alone. */
const uwsgiHead = (size: number, modifier1 = 0): Buffer => Buffer.from([modifier1, size & 255, size >> 8, 0])

export const HOSTILE_FRONTS: readonly HostileFront[] = [
  {
    name: 'a modifier of another application',
    protocol: 'uwsgi',
    bytes: [packet(block(...GET), 5)],
    log: /modifier/,
  },
  { name: 'an HTTP request', protocol: 'uwsgi', bytes: ['GET / HTTP/1.1\r\n\r\n'], log: /modifier/ },
  { name: 'an empty block', protocol: 'uwsgi', bytes: [uwsgiHead(0)], log: /empty/ },
  { name: 'half a header, and its end', protocol: 'uwsgi', bytes: ['\0\x10'], ends: true },
  {
    name: 'more than the block has, and its end',
    protocol: 'uwsgi',
    bytes: [uwsgiHead(60_000), block(...GET)],
    ends: true,
  },
  {
    name: 'a name longer than the block',
    protocol: 'uwsgi',
    bytes: [uwsgiHead(6), '\xff\xffA\0\0\0'],
    log: /invalid uwsgi vars/,
  },
  {
    name: 'a value longer than the block, behind good ones',
    protocol: 'uwsgi',
    bytes: [packet(Buffer.concat([block(...GET, 'A'), Buffer.from('\xff\xffB', 'latin1')]))],
    log: /invalid uwsgi vars/,
  },
  {
    name: 'vars that choose an application',
    protocol: 'uwsgi',
    bytes: [packet(block(...GET, 'UWSGI_FILE', '/etc/passwd', 'UWSGI_MODULE', 'os', 'UWSGI_CHDIR', '/'))],
    answer: /200 OK[^]*\r\n\r\nGET \/ 0 \[\]$/,
  },
  {
    name: 'two lengths',
    protocol: 'uwsgi',
    bytes: [packet(block(...POST, 'CONTENT_LENGTH', '1', 'CONTENT_LENGTH', '2')), 'xy'],
    log: /CONTENT_LENGTH/,
  },
  {
    name: 'a length that is none',
    protocol: 'uwsgi',
    bytes: [packet(block(...POST, 'CONTENT_LENGTH', '-1')), 'x'],
    answer: /^HTTP\/1.1 400 |^$/,
    log: /CONTENT_LENGTH/,
  },
  {
    name: 'a body shorter than it says, and its end',
    protocol: 'uwsgi',
    bytes: [packet(block(...POST, 'CONTENT_LENGTH', '5')), 'abc'],
    ends: true,
    log: /POST \/: WsgiError: the client went away before the whole body was here/,
  },
  {
    name: 'a body longer than it says',
    protocol: 'uwsgi',
    bytes: [packet(block(...POST, 'CONTENT_LENGTH', '3')), 'abcdefg'],
    answer: /200 OK[^]*\r\n\r\nPOST \/ 3 \[\]$/,
  },

  { name: 'a length with zeros in front', protocol: 'scgi', bytes: ['007:'], log: /SCGI|netstring/ },
  { name: 'a negative length', protocol: 'scgi', bytes: ['-5:'], log: /SCGI|netstring/ },
  { name: 'a length of many digits', protocol: 'scgi', bytes: ['9'.repeat(30)], log: /SCGI|netstring/ },
  { name: 'a length above the limit', protocol: 'scgi', bytes: ['999999999:'], log: /SCGI|netstring/ },
  { name: 'an HTTP request', protocol: 'scgi', bytes: ['GET / HTTP/1.1\r\n\r\n'], log: /SCGI|netstring/ },
  {
    name: 'no comma behind the headers',
    protocol: 'scgi',
    bytes: [
      request(0, ...GET)
        .toString('latin1')
        .replace(/,$/, ';'),
    ],
    log: /SCGI|netstring/,
  },
  {
    name: 'CONTENT_LENGTH in second place',
    protocol: 'scgi',
    bytes: [netstring(headers('SCGI', '1', 'CONTENT_LENGTH', '0', ...GET))],
    log: /CONTENT_LENGTH/,
  },
  {
    name: 'two lengths',
    protocol: 'scgi',
    bytes: [request(1, ...POST, 'CONTENT_LENGTH', '2'), 'xy'],
    log: /CONTENT_LENGTH|twice|duplicate/,
  },
  {
    name: 'no SCGI',
    protocol: 'scgi',
    bytes: [netstring(headers('CONTENT_LENGTH', '0', ...GET))],
    log: /SCGI/,
  },
  {
    name: 'an odd number of NULs',
    protocol: 'scgi',
    bytes: [netstring(`${headers('CONTENT_LENGTH', '0', 'SCGI', '1', ...GET)}A\0`)],
    log: /SCGI|header/,
  },
  {
    name: 'no NUL at the end',
    protocol: 'scgi',
    bytes: [netstring(`${headers('CONTENT_LENGTH', '0', 'SCGI', '1', ...GET)}A\0b`)],
    log: /SCGI|header/,
  },
  { name: 'an empty name', protocol: 'scgi', bytes: [request(0, ...GET, '', 'x')], log: /SCGI|header|name/ },
  {
    name: 'half a request, and its end',
    protocol: 'scgi',
    bytes: [request(0, ...GET).subarray(0, 30)],
    ends: true,
  },
  {
    name: 'a body shorter than it says, and its end',
    protocol: 'scgi',
    bytes: [request(5, ...POST), 'abc'],
    ends: true,
    log: /POST \/: WsgiError: the client went away before the whole body was here/,
  },
  {
    name: 'a body longer than it says',
    protocol: 'scgi',
    bytes: [request(3, ...POST), 'abcdefg'],
    answer: /200 OK[^]*\r\n\r\nPOST \/ 3 \[\]$/,
  },

  {
    name: 'another version',
    protocol: 'fastcgi',
    bytes: [record(1, 1, '\0\x01\0\0\0\0\0\0', 0, 2)],
    log: /version/,
  },
  { name: 'an HTTP request', protocol: 'fastcgi', bytes: ['GET / HTTP/1.1\r\n\r\n'], log: /version/ },
  {
    name: 'a type that nobody knows, of a request',
    protocol: 'fastcgi',
    bytes: [record(42, 1, 'x')],
    log: /record/,
  },
  {
    name: 'a type that nobody knows, of management, and its end',
    protocol: 'fastcgi',
    bytes: [record(42, 0, 'x')],
    ends: true,
    answer: /^\x01\x0b\0\0\0\x08\0\0\x2a/,
  },
  { name: 'a request with the id 0', protocol: 'fastcgi', bytes: [begin(0)], log: /id/ },
  {
    name: 'a request twice',
    protocol: 'fastcgi',
    bytes: [begin(1), begin(1)],
    log: /front began an active FastCGI request: 1/,
  },
  {
    name: 'a name with a length near 2^31',
    protocol: 'fastcgi',
    bytes: [begin(1), params(1, '\xff\xff\xff\xff\x01abc'), params(1)],
    log: /FastCGI params/,
  },
  {
    name: 'lengths whose sum is 2^32',
    protocol: 'fastcgi',
    bytes: [begin(1), params(1, '\xff\xff\xff\xff\x80\0\0\x01ab'), params(1)],
    log: /FastCGI params/,
  },
  {
    name: 'a body before the params end',
    protocol: 'fastcgi',
    bytes: [begin(1), params(1, fcgiParams(...GET)), stdin(1, 'x')],
    log: /FastCGI/,
  },
  {
    name: 'a body behind its end',
    protocol: 'fastcgi',
    bytes: [
      ...opened(...POST, 'PATH_INFO', '/wait', 'CONTENT_LENGTH', '1'),
      stdin(1, 'x'),
      Buffer.concat([stdin(1), stdin(1, 'y')]), // behind the end alone it would be answered
    ],
    log: /FastCGI/,
  },
  {
    name: 'records of a request that nobody began, then its own',
    protocol: 'fastcgi',
    bytes: [params(7, 'xxxx'), stdin(7, 'y'), abort(9), ...opened(...GET), stdin(1)],
    answer: /200 OK[^]*GET \/ 0 \[\]/,
  },
  {
    name: 'two requests in turns',
    protocol: 'fastcgi',
    bytes: [
      begin(1, 1, 1),
      begin(2, 1, 0),
      params(2, fcgiParams(...POST, 'CONTENT_LENGTH', '2')),
      params(1, fcgiParams(...POST, 'CONTENT_LENGTH', '3')),
      params(2),
      params(1),
      stdin(2, 'a'),
      stdin(1, 'bb'),
      stdin(2, 'a'),
      stdin(1, 'b'),
      stdin(1),
      stdin(2),
    ],
    ends: true,
    answer: /POST \/ [23] \[\][^]*POST \/ [23] \[\]/,
  },
  {
    name: 'an abort in the middle of a body, and its end',
    protocol: 'fastcgi',
    bytes: [...opened(...POST, 'CONTENT_LENGTH', '9'), stdin(1, 'abc'), abort(1)],
    ends: true,
    // an end record
    answer: /\x01\x03\0\x01/,
    log: /POST \/: WsgiError: the client went away before the whole body was here/,
  },
  {
    name: 'a body shorter than it says',
    protocol: 'fastcgi',
    bytes: [...opened(...POST, 'CONTENT_LENGTH', '5'), stdin(1, 'abc'), stdin(1)],
    answer: /Status: 500 /,
    log: /the client sent 3 of the 5 bytes of the request body/,
  },
  {
    name: 'a length of content that lies, and its end',
    protocol: 'fastcgi',
    bytes: [begin(1), '\x01\x04\0\x01\xff\xff\x08\0abc'],
    ends: true,
  },

  {
    name: 'names of variables as fields',
    protocol: 'http',
    bytes: [
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nSCRIPT_NAME: /evil\r\nProxy: evil\r\nContent_Length: 7\r\n\r\n',
    ],
    answer: /200 OK[^]*\r\n\r\nGET \/ 0 \[\]$/,
  },
  {
    name: 'a length and chunks',
    protocol: 'http',
    bytes: [
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    answer: /^HTTP\/1\.1 400 (?![^]*HTTP\/1\.1)/,
    log: /Content-Length/,
  },
]
