/** `fastcgi_pass`, `uwsgi_pass` and `scgi_pass` before one scripted application: the directives that they share. */
import { get, many } from './modules-cases.ts'
import { GATEWAYS, type Said, type Script } from './scripted-gateway.ts'

/** nginx tells of a body twice, and of the coding that it took away. */
const TOLD_TWICE = new Set(['HTTP_CONTENT_LENGTH', 'HTTP_CONTENT_TYPE', 'HTTP_TRANSFER_ENCODING'])

const said = (head: readonly string[], body: string): Said => ({
  text: `${head.join('\r\n')}\r\n\r\n${body}`,
})
const status = (code: number, words: string): Said =>
  said([`Status: ${code} ${words}`, 'Content-Type: text/plain'], `${code}\n`)

const LAST_MODIFIED = 'Last-Modified: Tue, 14 Nov 2023 22:13:20 GMT'

/** By the last segment of the path. */
const SAID: Readonly<Record<string, Said>> = {
  plain: said(
    [
      'Status: 200 OK',
      'Content-Type: text/plain',
      'X-One: 1',
      'X-One: 2',
      'X-Two: 2',
      'X-Pad: p',
      'X-Accel-Expires: 7',
      'X-Accel-Buffering: yes',
      'Server: own',
      'Date: Mon, 01 Jan 2001 00:00:00 GMT',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ],
    'plain\n',
  ),
  bare: said(['Content-Type: text/plain'], 'no status\n'),
  typeless: said(['Status: 200 OK'], 'no type\n'),
  untyped: said(['X-One: 1'], 'neither\n'),
  line: said(['HTTP/1.1 201 Created', 'Content-Type: text/plain'], 'a status line\n'),
  'line-first': said(['HTTP/1.1 404 Gone', 'Status: 403 No', 'Content-Type: text/plain'], 'two of them\n'),
  'line-later': said(
    ['Status: 201 Made', 'Content-Type: text/plain', 'HTTP/1.1 404 Gone', 'X-One: 1'],
    'later\n',
  ),
  // one without words stays as it is, where nginx leaves out the space that RFC 9112 section 4 demands
  fishing: status(404, 'Gone fishing'),
  words: status(200, 'All is well: yes'),
  strange: status(299, 'Neither 200 nor 300'),
  found: said(['Status: 302 Found', 'Location: http://other.test/'], ''),
  same: said(['Status: 304 All the same', LAST_MODIFIED], ''),
  feeds: { text: 'Status: 202 Accepted\nContent-Type: text/plain\nX-One: 1\n\nonly line feeds\n' },
  length: said(['Content-Type: text/plain', 'Content-Length: 5'], 'exact'),
  long: said(['Content-Type: text/plain', 'Content-Length: 5'], 'exact and more'),
  empty: said(['Content-Type: text/plain'], ''),
  dated: said(
    ['Content-Type: text/plain', LAST_MODIFIED, 'ETag: "own"', 'Cache-Control: no-store'],
    '0123456789',
  ),
  location: said(['Location: /elsewhere?x=y'], ''),
  away: said(['Status: 303 See Other', 'Location: http://other.test/'], 'see there'),
  302: status(302, 'Moved Temporarily'),
  204: said(['Status: 204 No Content'], ''),
  304: said(['Status: 304 Not Modified', LAST_MODIFIED], ''),
  401: said(
    ['Status: 401 Unauthorized', 'WWW-Authenticate: Basic realm="r"', 'Content-Type: text/plain'],
    'who\n',
  ),
  403: status(403, 'Forbidden'),
  404: status(404, 'Not Found'),
  429: status(429, 'Too Many Requests'),
  500: status(500, 'Internal Server Error'),
  503: status(503, 'Service Temporarily Unavailable'),
  go: said(
    ['X-Accel-Redirect: /private/local.txt', 'Content-Type: text/x', 'X-One: 1', 'Set-Cookie: a=b'],
    'gone',
  ),
  'go-named': said(['X-Accel-Redirect: @named'], 'gone'),
  'go-args': said(['X-Accel-Redirect: /private-args?a=%20b', 'Status: 404 Not Found'], 'gone'),
  charset: said(['Content-Type: text/html', 'X-Accel-Charset: koi8-r'], 'k'),
  'no-head': { text: '' },
  'cut-head': { text: 'Status: 200 OK\r\nContent-Type: te', cut: true },
  'no-field': said(['Status: 200 OK', 'no field', 'Content-Type: text/plain'], 'x'),
  'no-status': said(['Status: many', 'Content-Type: text/plain'], 'x'),
  warned: { ...said(['Content-Type: text/plain'], 'warned\n'), stderr: 'PHP message: PHP Warning: mild' },
  fatal: {
    ...said(['Content-Type: text/plain'], 'half a page\n'),
    stderr: 'PHP message: PHP Fatal error: grave',
  },
  mute: { text: '', stderr: 'nothing to say' },
}

/** Everything that was told, in the order of the alphabet. */
function echo(params: ReadonlyMap<string, string>, body: string): Said {
  const lines = [...params]
    .filter(([name]) => !TOLD_TWICE.has(name))
    .map(([name, value]) => `${name}=${value}\n`)
  return said(['Content-Type: text/plain'], `${lines.sort().join('')}[${body}]\n`)
}

/** uwsgi servers say a status line; nginx passes a Status field of theirs on, against its documentation. */
export const GATEWAY_SCRIPT: Script = (params, body, gateway) => {
  const name = (params.get('ANSWER') ?? '').split('/').at(-1) ?? ''
  const answer = SAID[name] ?? echo(params, body)
  return gateway === 'uwsgi' ? { ...answer, text: answer.text.replace(/^Status: /, 'HTTP/1.1 ') } : answer
}

/** Locations of one of the three; `P` stands for it. */
const LOCATIONS = String.raw`
    location /P/ {
      P_pass unix:%SCRIPTED%/P.sock;
      P_param ANSWER $uri; P_param REQUEST_METHOD $request_method; P_param QUERY_STRING $query_string;
      P_param CONTENT_TYPE $content_type; %LENGTH% P_param REQUEST_URI $request_uri; P_param DOCUMENT_URI $document_uri;
      P_intercept_errors off;
      error_page 404 =200 /local.txt; error_page 500 503 @named; error_page 302 401 403 /local.txt;

      location /P/pass/ { P_pass unix:%SCRIPTED%/P.sock; }
      location /P/hide/ { P_pass unix:%SCRIPTED%/P.sock; P_hide_header X-One; P_hide_header set-cookie; P_hide_header ETag; }
      location /P/show/ {
        P_pass unix:%SCRIPTED%/P.sock; P_pass_header X-Accel-Expires; P_pass_header X-Accel-Buffering; P_pass_header Status;
        P_hide_header X-One; P_pass_header X-One;
      }
      location /P/ignore/ { P_pass unix:%SCRIPTED%/P.sock; P_ignore_headers X-Accel-Redirect X-Accel-Charset X-Accel-Buffering; }
      location /P/intercept/ { P_pass unix:%SCRIPTED%/P.sock; P_intercept_errors on; }
      location /P/recursive/ { P_pass unix:%SCRIPTED%/P.sock; P_intercept_errors on; recursive_error_pages on; error_page 404 /P/pass/403; }
      location /P/unbuffered/ { P_pass unix:%SCRIPTED%/P.sock; P_buffering off; P_request_buffering off; }
      location /P/small/ { P_pass unix:%SCRIPTED%/P.sock; P_buffer_size 128; P_buffers 2 128; P_busy_buffers_size 128; P_max_temp_file_size 0; }
      location /P/ranges/ { P_pass unix:%SCRIPTED%/P.sock; P_force_ranges on; P_param ANSWER $uri; %LENGTH% P_param HTTP_RANGE ''; }
      location /P/fields/ { P_pass unix:%SCRIPTED%/P.sock; P_pass_request_headers off; }
      location /P/body/ { P_pass unix:%SCRIPTED%/P.sock; P_pass_request_body off; }
      location /P/seen/ {
        P_pass unix:%SCRIPTED%/P.sock;
        add_header X-Status $upstream_status always; add_header X-Field "[$upstream_http_x_two]" always; add_header X-Told "[$upstream_http_status]" always; add_header X-Cookie "[$upstream_cookie_b]" always;
        add_header X-Length "[$upstream_http_content_length]" always;
      }
      location /P/params/ {
        P_pass unix:%SCRIPTED%/P.sock;
        P_param ANSWER echo; %LENGTH% P_param GIVEN $arg_a if_not_empty; P_param MISSING $arg_none if_not_empty; P_param BLANK $arg_none;
        P_param TWO "$arg_a-$arg_b"; P_param TWICE 1; P_param TWICE 2; P_param HTTP_X_OWN of-the-conf; P_param HTTP_X_GONE $arg_none if_not_empty;
      }
      location /P/store/ { P_pass unix:%SCRIPTED%/P.sock; P_store %FILES%/P-%PORT%/$arg_as; P_store_access user:rw group:r all:r; }
      location /P/next/ {
        P_pass P-group; P_next_upstream error invalid_header http_503 http_404 http_429; P_next_upstream_tries 2;
        add_header X-Tries $upstream_status always;
      }
      location /P/next-own/ { P_pass P-group; P_next_upstream error http_500 non_idempotent; add_header X-Tries $upstream_status always; }
      location /P/next-off/ { P_pass P-group; P_next_upstream off; add_header X-Tries $upstream_status always; }
      location /P/next-one/ { P_pass P-group; P_next_upstream http_503; P_next_upstream_tries 1; add_header X-Tries $upstream_status always; }
      location /P/dead/ { P_pass unix:%SCRIPTED%/nobody.sock; }
      location /P/dead-first/ { P_pass P-dead-first; add_header X-Tries $upstream_status always; }
      location /P/variable/ { set $where unix:%SCRIPTED%/P.sock; P_pass $where; }
    }
    location /stored-P/ { alias %FILES%/P-%PORT%/; }`

const GROUPS = String.raw`
  upstream P-group { server unix:%SCRIPTED%/P.sock max_fails=0; server unix:%SCRIPTED%/well/P.sock max_fails=0; }
  upstream P-dead-first { server unix:%SCRIPTED%/nobody.sock max_fails=0; server unix:%SCRIPTED%/P.sock max_fails=0; }`

function forGateway(text: string, gateway: string): string {
  // nginx's scgi module says the length by itself, and the conf that it is SCGI
  const length =
    gateway === 'scgi' ? 'scgi_param SCGI 1;' : `${gateway}_param CONTENT_LENGTH $content_length;`
  return text.replaceAll(/\bP(?=[_/.-])|(?<=-)P\b/g, gateway).replaceAll('%LENGTH%', length)
}

/** `folder` is where the sockets of the application are; those of one that always does well are in `well`. */
export function gatewaysConf(folder: string, well: string): string {
  const text = String.raw`
  types { text/html html; text/plain txt; }
  default_type text/plain;
  access_log off;
  root %FILES%;
  ${GATEWAYS.map((gateway) => forGateway(GROUPS, gateway)).join('')}
  server {
    listen 127.0.0.1:%PORT% default_server;
    server_name modules.test;
    location @named { add_header X-Upstream $upstream_status; return 200 "named $uri"; }
    location /local.txt { add_header X-Upstream $upstream_status; }
    location /private/ { internal; alias %FILES%/; add_header X-Then $upstream_status; }
    location /private-args { internal; return 200 "$uri $args"; }
    ${GATEWAYS.map((gateway) => forGateway(LOCATIONS, gateway)).join('')}

    location ~ \.php(/|$) {
      fastcgi_pass unix:%SCRIPTED%/fastcgi.sock;
      fastcgi_split_path_info ^(.+?\.php)(/.*)$;
      fastcgi_param ANSWER echo;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name; fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
    }
    location /indexed/ { fastcgi_pass unix:%SCRIPTED%/fastcgi.sock; fastcgi_index main.cgi; fastcgi_param ANSWER echo; fastcgi_param SCRIPT_NAME $fastcgi_script_name; fastcgi_param PATH_INFO "[$fastcgi_path_info]"; }
    location /catch/ {
      fastcgi_pass unix:%SCRIPTED%/fastcgi.sock; fastcgi_param ANSWER $uri;
      fastcgi_catch_stderr "PHP Fatal error"; fastcgi_catch_stderr "PHP Parse error";
      error_page 502 =503 /local.txt;
    }
    location /catch-next/ {
      fastcgi_pass fastcgi-group; fastcgi_param ANSWER $uri; fastcgi_next_upstream invalid_header;
      fastcgi_catch_stderr "PHP Fatal error"; add_header X-Tries $upstream_status always;
    }
    location /kept/ { fastcgi_pass unix:%SCRIPTED%/fastcgi.sock; fastcgi_param ANSWER $uri; fastcgi_keep_conn on; }
  }`
  return text.replaceAll('%SCRIPTED%/well', well).replaceAll('%SCRIPTED%', folder)
}

export const GATEWAYS_FILES = { 'local.txt': 'the local file\n' }

/** Whether each is kept as a file. What a HEAD is answered with is not, though nginx would keep an empty one. */
const STORED = [
  'words',
  'length',
  'long',
  '404',
  'strange',
  'empty',
  'no-head',
  'cut-head',
  'plain',
  'dated',
  '304',
]

const ERROR_STREAM = ['warned', 'fatal', 'mute']
const BROKEN = ['cut-head', 'no-field', 'no-status']

function casesOf(gateway: string): ReturnType<typeof get>[] {
  const at = (paths: readonly string[]): string[] => paths.map((path) => `/${gateway}/${path}`)
  const body = (path: string): ReturnType<typeof get>[] => [
    get(`/${gateway}/${path}`, { 'Content-Length': '4', 'Content-Type': 'text/x' }, 'POST', 'body'),
    get(`/${gateway}/${path}`, { 'Content-Length': '0' }, 'POST'),
    get(`/${gateway}/${path}`, { 'X-Own': '1', Range: 'bytes=0-1' }),
  ]
  // in uwsgi nginx drops a status line that is none, and passes Status on
  const odd = gateway === 'uwsgi' ? ['no-status', 'line-first'] : []
  const names = Object.keys(SAID).filter((name) => !ERROR_STREAM.includes(name) && !odd.includes(name))
  // of a head that breaks off nginx remembers the fields before
  const seen = names.filter((name) => !BROKEN.includes(name))
  return [
    ...many(at(names.map((name) => `pass/${name}`))),
    ...many(at(seen.map((name) => `seen/${name}`))),
    ...['plain', '204', '302', '404', 'length', 'empty', 'go'].map((name) =>
      get(`/${gateway}/pass/${name}`, {}, 'HEAD'),
    ),
    ...many(at(['hide/plain', 'hide/dated', 'show/plain', 'ignore/go', 'ignore/charset', 'ignore/plain'])),
    ...many(
      at(['302', '401', '403', '404', '500', '503', '429', 'plain', 'go'].map((it) => `intercept/${it}`)),
    ),
    ...many(
      at(['recursive/404', 'unbuffered/plain', 'unbuffered/long', 'unbuffered/empty', 'unbuffered/no-head']),
    ),
    ...many(at(['small/length', 'small/plain', 'small/dated'])),
    ...['pass/echo', 'unbuffered/echo', 'fields/echo'].flatMap(body),
    // the others would wait for the length that they are told
    ...(gateway === 'fastcgi' ? body('body/echo') : []),
    get(`/${gateway}/pass/echo`, { 'Transfer-Encoding': 'chunked' }, 'POST', '4\r\nbody\r\n0\r\n\r\n'),
    get(`/${gateway}/pass/dated`, { 'If-None-Match': '"own"' }),
    get(`/${gateway}/pass/dated`, { 'If-Modified-Since': 'Tue, 14 Nov 2023 22:13:20 GMT' }),
    get(`/${gateway}/pass/dated`, { Range: 'bytes=2-4' }),
    get(`/${gateway}/intercept/fishing`),
    get(`/${gateway}/ranges/words`, { Range: 'bytes=2-4' }),
    ...STORED.map((name) => get(`/${gateway}/store/${name}?as=deep/${name}`)),
    get(`/${gateway}/store/words?as=posted`, { 'Content-Length': '4' }, 'POST', 'body'),
    get(`/${gateway}/ranges/dated`, { Range: 'bytes=2-4' }),
    get(`/${gateway}/ranges/dated`, { Range: 'bytes=99-' }),
    get(`/${gateway}/ranges/404`, { Range: 'bytes=2-4' }),
    ...many(at(['params/?a=1&b=2', 'params/', 'variable/plain', 'dead/plain', 'dead-first/plain'])),
    get(`/${gateway}/params/?a=1`, { 'X-Own': 'of-the-client', 'X-Gone': 'of-the-client' }),
    ...many(
      at(['next/503', 'next/404', 'next/429', 'next/no-head', 'next/no-field', 'next/500', 'next/plain']),
    ),
    ...many(at(['next-own/500', 'next-off/503', 'next-one/503'])),
    ...['next/503', 'next-own/500', 'next-off/503', 'dead-first/plain'].map((path) =>
      get(`/${gateway}/${path}`, { 'Content-Length': '4' }, 'POST', 'body'),
    ),
  ]
}

const fastcgi = [
  ...many([
    '/a.php',
    '/a.php/info/more',
    '/dir.php/b.php/x',
    '/a.php/%20x?q',
    '/indexed/',
    '/indexed/sub/',
    '/indexed/x',
  ]),
  ...many([
    '/catch/plain',
    '/catch/warned',
    '/catch/fatal',
    '/catch/mute',
    '/catch-next/fatal',
    '/catch-next/warned',
  ]),
  ...many(['/fastcgi/pass/warned', '/fastcgi/pass/fatal', '/fastcgi/pass/mute', '/kept/plain', '/kept/long']),
]

export const GATEWAYS_CASES = {
  ...Object.fromEntries(GATEWAYS.map((gateway) => [gateway, casesOf(gateway)])),
  'fastcgi alone': fastcgi,
}

/** When all of the others are through. */
export const STORED_CASES = Object.fromEntries(
  GATEWAYS.map((gateway) => [
    `${gateway}: what was stored`,
    many([...STORED.map((name) => `deep/${name}`), 'posted'].map((name) => `/stored-${gateway}/${name}`)),
  ]),
)
