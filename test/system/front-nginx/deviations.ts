/** Where the front answers otherwise than nginx 1.22, and why. By name of the case. */

export interface Deviation {
  readonly reason: string
  /** What we answer. */
  readonly statusLine: string
}

const CLOSES_412 = 'nginx promises keep-alive with a 412 and closes all the same'
const RFC_ORDER = 'RFC 9110 section 13.2.2: an entity tag outranks the date'
const NO_VALIDATORS = 'preconditions are about files; a text of the conf has no validators'
const NAMED_STATUS = 'RFC 9110 has a name for the status, nginx has none'

const OK = 'HTTP/1.1 200 OK'
const FAILED = 'HTTP/1.1 412 Precondition Failed'
const UNSATISFIABLE = 'HTTP/1.1 416 Requested Range Not Satisfiable'
const OLD = 'Mon, 01 Jan 1990 00:00:00 GMT'
const FUTURE = 'Fri, 01 Jan 2038 00:00:00 GMT'

function rows(reason: string, statusLine: string, names: readonly string[]): [string, Deviation][] {
  return names.map((name) => [name, { reason, statusLine }])
}

/** Name of a case with fields. */
function withFields(target: string, fields: Readonly<Record<string, string>>, method = 'GET'): string {
  return `${method} ${target} ${JSON.stringify(fields)}`
}

export const DEVIATIONS: ReadonlyMap<string, Deviation> = new Map<string, Deviation>([
  ...rows(
    'a 304 has no content to describe: no Content-Type, no Content-Length: 0',
    'HTTP/1.1 304 Not Modified',
    ['GET /ret/304'],
  ),
  ...rows(NAMED_STATUS, "HTTP/1.1 418 I'm a teapot", ['GET /ret/418', 'GET /ep/418']),
  ...rows('an escaped `?` of a path stays one in a Location', 'HTTP/1.1 302 Moved Temporarily', [
    'GET /rw/redir/a%3Fb',
  ]),
  ...rows('RFC 3986 has no raw `<` in a URI', 'HTTP/1.1 301 Moved Permanently', ['GET /rw/perm/%22%3C']),
  ...rows(CLOSES_412, FAILED, [
    withFields('/a.txt', { 'If-Unmodified-Since': OLD }),
    withFields('/a.txt', { 'If-Match': 'W/$ETAG' }),
    withFields('/a.txt', { 'If-Match': '"x"' }),
    withFields('/a.txt', { 'If-Match': '' }),
    withFields('/a.txt', { 'If-Match': '"x"', 'If-Unmodified-Since': FUTURE }),
    withFields('/a.txt', { 'If-Modified-Since': '$LM', 'If-Unmodified-Since': OLD }),
    withFields('/a.txt', { 'If-Match': '"x"' }, 'HEAD'),
    withFields('/etagoff/a.txt', { 'If-Match': '$ETAG' }),
    withFields('/a.txt', { Range: 'bytes=0-3', 'If-Match': '"x"' }),
  ]),
  ...rows('RFC 9110 section 13.1.4: what is no date is ignored', OK, [
    withFields('/a.txt', { 'If-Unmodified-Since': 'garbage' }),
  ]),
  ...rows(RFC_ORDER, 'HTTP/1.1 304 Not Modified', [
    withFields('/a.txt', { 'If-None-Match': '$ETAG', 'If-Modified-Since': OLD }),
  ]),
  ...rows(RFC_ORDER, OK, [withFields('/a.txt', { 'If-Match': '$ETAG', 'If-Unmodified-Since': OLD })]),
  ...rows(NO_VALIDATORS, OK, [
    withFields('/ret/200t', { 'If-Match': '"x"' }),
    withFields('/ret/200t', { 'If-None-Match': '*' }),
  ]),
  ...rows('RFC 9110 section 14.2: more than two overlapping ranges are an attack', OK, [
    withFields('/a.txt', { Range: 'bytes=0-10,0-10,0-10,0-10' }),
  ]),
  ...rows('the last number below 2^63 counts as beyond it', UNSATISFIABLE, [
    withFields('/a.txt', { Range: 'bytes=0-9223372036854775807' }),
  ]),
  ...rows('nginx sends the ETag of the file and that of the page', UNSATISFIABLE, [
    withFields('/ep/416/a.txt', { Range: 'bytes=100-' }),
  ]),
  ...rows('416 is not among the statuses of add_header; nginx decides before it knows', UNSATISFIABLE, [
    withFields('/hdr/a.txt', { Range: 'bytes=100-' }),
  ]),
  ...rows('a tunnel is not among what the server does', 'HTTP/1.1 405 Not Allowed', [
    'CONNECT to an authority',
  ]),
  ...rows(
    'a file beside the folder of an alias that misses its slash is not served',
    'HTTP/1.1 404 Not Found',
    ['GET /off../a.txt', 'GET /off../secret.txt'],
  ),
  ...rows('RFC 9110 section 10.1.1: nothing is withheld that is not there', OK, [
    'Expect on a request that has no body',
  ]),
  ...rows('RFC 9110 section 10.1.1: an expectation that nobody meets', 'HTTP/1.1 417 Expectation Failed', [
    'unknown Expect',
  ]),
])
