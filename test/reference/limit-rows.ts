/**
 * Every bound on what a stranger, an application or an upstream can make us do or keep, with where its default stands
 * and the tests that reach it. A table: `conf/limits.md` is made from it.
 */
import type { NamedTests } from '../support/named-tests.ts'

/** Where a default is written down, which is where the page takes it from. */
export type DefaultPlace =
  /** A row of the directive tables, by its name; the section where two rows have one. */
  | { readonly directive: string; readonly context?: string }
  /** A setting of the framework. */
  | { readonly setting: string }
  /** `const NAME = value`, or `name: value` in an object, of a file below src/: a bound without a directive. */
  | { readonly file: string; readonly constant: string; readonly unit: string }

export interface LimitRow {
  readonly of: string
  readonly place: DefaultPlace
  /** What happens at it. */
  readonly then: string
  readonly tests: readonly NamedTests[]
}

const FAULTS = 'system/front-faults/cases.ts'
const TIME = 'system/front-time.test.ts'
const LIMITS = 'system/limits.test.ts'
const FLOW = 'system/upstream-flow.test.ts'
const UPSTREAMS = 'system/upstream-faults.ts'
const APP = 'system/app-faults.test.ts'
const REQUEST_DECODER = 'protocol/http1/request-decoder.test.ts'
const DEFAULTS = 'web/defaults.test.ts'

const directive = (name: string, context?: string): DefaultPlace =>
  context === undefined ? { directive: name } : { directive: name, context }
const constant = (file: string, name: string, unit: string): DefaultPlace => ({ file, constant: name, unit })

export const LIMIT_ROWS: Readonly<Record<string, readonly LimitRow[]>> = {
  'What clients send': [
    { of: 'a request line, or one line of the head', place: directive('large_client_header_buffers'), then: '414, 400', tests: [[FAULTS, 'with a target above 8 KiB', 'line above the buffers']] },
    { of: 'the whole head', place: directive('large_client_header_buffers'), then: '400', tests: [[FAULTS, 'block above the buffers']] },
    { of: 'lines in the head, and in the trailers', place: directive('max_headers'), then: '400', tests: [[FAULTS, 'count above a thousand', 'too many trailers']] },
    { of: 'a method', place: constant('protocol/http1/request-line.ts', 'MAX_METHOD', 'bytes'), then: '400', tests: [[FAULTS, 'with a method of 65 letters']] },
    { of: 'empty lines before a request', place: constant('protocol/http1/request-decoder.ts', 'MAX_EMPTY_LINES', 'lines'), then: '400', tests: [[REQUEST_DECODER, 'four empty lines before', 'five empty lines before']] },
    { of: 'a body', place: directive('client_max_body_size'), then: '413', tests: [[FAULTS, 'above the limit', 'above the limit, with Expect']] },
    { of: 'a body in memory; more goes to a file', place: directive('client_body_buffer_size'), then: 'a temporary file', tests: [[TIME, 'does not grow with a body that goes to a file'], ['system/front-body.test.ts', 'off keeps small ones in memory']] },
    { of: 'the size of a chunk, as it is written', place: constant('protocol/http1/chunk-line.ts', 'MAX_SIZE_DIGITS', 'digits'), then: '400', tests: [[FAULTS, 'size of 17 digits']] },
    { of: 'the line of a chunk, with its extensions', place: constant('protocol/http1/chunked-decoder.ts', 'MAX_CHUNK_LINE', 'bytes'), then: '400', tests: [[FAULTS, 'extension of 64 KiB']] },
    { of: 'extensions of all chunks since data came that is worth them', place: constant('protocol/http1/chunked-decoder.ts', 'MAX_OVERHEAD', 'bytes'), then: '400', tests: [[FAULTS, 'one-byte chunks with long extensions']] },
    { of: 'bytes sent behind a request that is being answered', place: constant('front/client-input.ts', 'MAX_WAITING_BYTES', 'bytes'), then: 'not read', tests: [[TIME, 'does not grow with what is sent behind a request under way']] },
    { of: 'parts of a Range, and of these that overlap', place: directive('max_ranges'), then: 'the whole, 200', tests: [[FAULTS, 'list of 1300 parts', 'list of 1300 overlapping parts']] },
    { of: 'members read of Accept, Accept-Encoding, Accept-Language', place: constant('http/quality-list.ts', 'MAX_MEMBERS', 'members'), then: 'the rest is not read', tests: [['http/quality-list.test.ts', 'no more than 64 members are read']] },
    { of: 'a header of the PROXY protocol', place: constant('protocol/proxy-protocol/proxy-header.ts', 'MAX_HEADER_BYTES', 'bytes'), then: 'closed', tests: [['protocol/proxy-protocol/proxy-header.test.ts', 'waits for its end, but not for ever']] },
    { of: 'a TLS hello', place: constant('protocol/tls/client-hello.ts', 'MAX_HELLO_BYTES', 'bytes'), then: 'alert, closed', tests: [['protocol/tls/client-hello.test.ts', 'does not wait for one that is too long, wherever its records are cut']] },
  ],
  'How long clients take': [
    { of: 'the whole head, and the TLS handshake', place: directive('client_header_timeout'), then: '408, closed', tests: [[TIME, 'is for the whole head: bytes that trickle do not extend it', 'closes a connection on which nothing is sent'], ['system/front-tls-faults.test.ts', 'half a hello']] },
    { of: 'between two reads of a body', place: directive('client_body_timeout'), then: '408, closed', tests: [[TIME, 'ends a body that stalls, logged with 408, and no application hears of it']] },
    { of: 'bytes a second of a body', place: directive('client_body_min_rate'), then: '408, closed', tests: [['system/front-body.test.ts', 'ends a request whose body trickles, though each byte comes in time', 'lets a body be that is fast enough']] },
    { of: 'between two writes of a response', place: directive('send_timeout'), then: 'closed', tests: [[TIME, "describe('send_timeout'", 'lets a client be that reads slowly']] },
    { of: 'between two requests', place: directive('keepalive_timeout'), then: 'closed', tests: [[TIME, 'closes an idle connection without a word']] },
    { of: 'requests on one connection', place: directive('keepalive_requests', 'http'), then: 'the last has Connection: close', tests: [[LIMITS, 'is answered that many requests, the last with Connection: close']] },
    { of: 'the life of a connection', place: directive('keepalive_time', 'http'), then: 'Connection: close', tests: [[LIMITS, 'that is older than keepalive_time has its last answer']] },
    { of: 'reading on after an answer that came before the end of the body', place: directive('lingering_time'), then: 'closed', tests: [[TIME, 'ends after lingering_time though the client goes on sending']] },
    { of: 'waiting for more of it', place: directive('lingering_timeout'), then: 'closed', tests: [[TIME, 'ends after lingering_timeout when the client neither sends nor closes']] },
    { of: 'memory of the brotli and zstd coders of one worker', place: constant('front/codec-memory.ts', 'ALL_BYTES', 'bytes'), then: 'the next coding that the client accepts, or none', tests: [['front/modules/coded-clients.test.ts', 'is in another coding, or in none, while slow clients have all memory that brotli may']] },
    { of: 'connections of one worker', place: directive('worker_connections'), then: 'the longest idle one closed; none idle: not accepted', tests: [[TIME, 'makes the longest idle connection give way to a new one'], ['system/worker-standing.test.ts', 'more connections than descriptors: the worker serves on and stays below its limit']] },
    { of: 'the end of a worker: what is under way', place: directive('worker_shutdown_timeout'), then: 'cut', tests: [[FLOW, 'lives through a reload until worker_shutdown_timeout'], ['process/master.test.ts', 'a worker that drains past its limit is killed']] },
  ],
  'What one request may cause': [
    { of: 'changes of its URI: rewrites, error pages, internal redirects', place: constant('front/request.ts', 'MAX_URI_CHANGES', 'changes'), then: '500', tests: [[LIMITS, 'of a rewrite ends with 500', 'of internal redirects ends with 500']] },
    { of: 'subrequests in each other', place: constant('front/subrequest.ts', 'MAX_DEPTH', 'levels'), then: 'left out, logged', tests: [[LIMITS, 'of a page that includes itself ends']] },
    { of: 'passwords of auth_basic that wait to be hashed', place: constant('front/crypt/password-thread.ts', 'MAX_WAITING', 'requests'), then: '503', tests: [['front/crypt/password-thread.test.ts', 'takes no more than its queue holds']] },
    { of: 'a shared zone that is full', place: constant('front/zones/keeper-client.ts', 'MAX_WAITING', 'questions'), then: 'the worker decides alone', tests: [['front/zones/tables.test.ts', 'refuse a new key when the zone is full, and no known one'], ['system/front-zones.test.ts', 'let requests go on while the keeper stands still']] },
  ],
  'What upstreams answer': [
    { of: 'connecting', place: directive('proxy_connect_timeout'), then: 'the next one, 504', tests: [[LIMITS, 'An upstream that takes no connection is given up after proxy_connect_timeout']] },
    { of: 'between two reads', place: directive('proxy_read_timeout'), then: '504, or cut', tests: [[UPSTREAMS, 'nothing at all', 'the middle of a body, then nothing']] },
    { of: 'the head', place: directive('proxy_buffer_size'), then: '502', tests: [[UPSTREAMS, 'a head without end']] },
    { of: 'lines in the head', place: constant('front/upstream/http-channel.ts', 'MAX_HEADERS', 'lines'), then: '502', tests: [[UPSTREAMS, 'more lines than a head may have']] },
    { of: 'interim responses before the real one', place: constant('protocol/http1/response-decoder.ts', 'MAX_INTERIM', 'responses'), then: '502', tests: [[UPSTREAMS, 'interim responses without end', 'early hints without end'], ['protocol/http1/response-decoder.test.ts', 'endless interim ones']] },
    { of: 'a response that waits for a slow client, in a file', place: directive('proxy_max_temp_file_size'), then: 'the upstream waits', tests: [[FLOW, 'does where nothing may go to a file, and where the file is full']] },
    { of: 'one response on a connection that is shared', place: constant('front/upstream/held-response.ts', 'MAX_BYTES', 'bytes'), then: 'its connection is read no further', tests: [['front/fastcgi-channel.test.ts', 'stops reading when a paused answer grows beyond its bound, and takes no further request meanwhile']] },
    { of: 'peers that one request is sent to', place: directive('app_next_upstream_tries'), then: 'the last answer', tests: [['system/app-exhaustion.test.ts', 'an idempotent request that kills its worker is repeated once: two of three die, no more']] },
    { of: 'asking a name server', place: directive('resolver_timeout'), then: '502', tests: [['system/upstream-failures.test.ts', 'whose name nobody knows: 502, and the name in the log'], ['io/dns/name-resolver.test.ts', 'lets each wait no longer than it wants, and the answer is there for the next']] },
  ],
  'What an application server is sent': [
    { of: 'a block of uwsgi variables', place: constant('protocol/uwsgi/packet.ts', 'MAX_BLOCK', 'bytes'), then: '400 before it is sent', tests: [['system/upstream-failures.test.ts', 'is never sent a block of uwsgi variables that its 16-bit size could not say'], ['protocol/uwsgi/request-decoder.test.ts', 'a block past the limit']] },
    { of: 'FastCGI params of one request', place: constant('protocol/fastcgi/request-decoder.ts', 'paramsBytes', 'bytes'), then: 'closed', tests: [['protocol/fastcgi/request-decoder.test.ts', 'params past the limit in one record', 'params past the limit in many records', 'too many params']] },
    { of: 'FastCGI params that are unfinished, of all requests', place: constant('protocol/fastcgi/request-decoder.ts', 'pendingParamsBytes', 'bytes'), then: 'closed', tests: [['protocol/fastcgi/request-decoder.test.ts', 'unfinished params of two requests past the limit for all']] },
    { of: 'requests at once on one FastCGI connection', place: constant('protocol/fastcgi/request-decoder.ts', 'requests', 'requests'), then: 'FCGI_OVERLOADED', tests: [['app/fastcgi.test.ts', 'too many requests are overload; the connection lives'], ['protocol/fastcgi/request-decoder.test.ts', 'a request past the limit']] },
    { of: 'a head in SCGI', place: constant('protocol/scgi/request-decoder.ts', 'headerBytes', 'bytes'), then: 'closed', tests: [['protocol/scgi/request-decoder.test.ts', 'headers at the limit'], ['system/hostile-fronts.ts', 'a length above the limit']] },
  ],
  'What an application does': [
    { of: 'requests that wait for a turn', place: directive('queue', 'app'), then: '503 with Retry-After', tests: [[APP, 'one that is slow: the queue is bounded, the rest gets a 503'], ['system/app-command.test.ts', 'concurrency and queue: what is too much gets 503 with Retry-After']] },
    { of: 'one request', place: directive('harakiri'), then: 'cancelled, 504, or the worker replaced', tests: [[APP, 'an endless loop: the line of code', 'a wait that never ends: its stage and age']] },
    { of: 'an event loop that stands still', place: directive('heartbeat'), then: 'killed, replaced', tests: [['process/master.test.ts', 'a silent worker is killed after the limit and replaced'], ['system/master.test.ts', 'so is a stopped process']] },
    { of: 'its start', place: directive('boot_timeout'), then: 'killed; at a reload the old one stays', tests: [['process/master.test.ts', 'a worker that is never ready is killed at the boot limit']] },
    { of: 'resident memory of a worker', place: directive('reload_on_rss'), then: 'replaced, nobody waits', tests: [[APP, 'a leak: a successor takes over and nobody waits']] },
    { of: 'each half of the young generation of its heap, and of a front worker', place: constant('cli/own-program.ts', 'SEMI_SPACE_MIB', 'MiB'), then: 'collected', tests: [['system/young-generation.test.ts', 'is two halves of 16 MiB', 'is what NODE_OPTIONS say of an application that has its own']] },
    { of: 'deaths one after the other', place: constant('process/respawn-delay.ts', 'MAX_DELAY_MS', 'ms between starts'), then: 'started ever more seldom', tests: [['process/master.test.ts', 'waits longer each time from the third death in a row, and no longer after a long life']] },
    { of: 'one line of its log', place: constant('process/line-splitter.ts', 'MAX_LINE', 'characters'), then: 'broken', tests: [['process/line-splitter.test.ts', 'a line without an end is bounded']] },
    { of: 'lines of a log that its disk does not take', place: constant('io/log-stream.ts', 'MAX_PENDING_BYTES', 'bytes'), then: 'dropped and counted', tests: [['io/log-destination.test.ts', 'that nobody reads holds no writer; what was dropped is counted', 'on a full disk loses lines, says so once on stderr and with their number in the log, and goes on']] },
  ],
  'What a site of the framework is sent': [
    { of: 'a body or form without its files', place: { setting: 'dataUploadMaxMemorySize' }, then: '400', tests: [[DEFAULTS, 'a byte more of form', 'a byte more of body', 'a field of 2.5 MiB in a part']] },
    { of: 'fields of a query or form', place: { setting: 'dataUploadMaxNumberFields' }, then: '400', tests: [[DEFAULTS, '1001 fields', 'a query has 1000 fields, too']] },
    { of: 'files of a form', place: { setting: 'dataUploadMaxNumberFiles' }, then: '400', tests: [[DEFAULTS, '101 files']] },
    { of: 'a file in memory; more goes to a file', place: { setting: 'fileUploadMaxMemorySize' }, then: 'a temporary file', tests: [[DEFAULTS, 'a file above 2.5 MiB']] },
    { of: 'a password', place: constant('web/auth/passwords.ts', 'PASSWORD_MAX_LENGTH', 'characters'), then: 'matches nothing, costs nothing', tests: [['web/auth/passwords.test.ts', 'longer than 4096 characters costs nothing and matches nothing']] },
    { of: 'sign-ins that fail, of one name from one address', place: constant('web/auth/attempt-limiter.ts', 'perNameAndAddress', 'in 5 minutes'), then: '429', tests: [['web/auth/sign-in.test.ts', 'are answered 429 with the time to wait, for that name from there only']] },
    { of: 'sign-ins that fail, from one address', place: constant('web/auth/attempt-limiter.ts', 'perAddress', 'in 5 minutes'), then: '429', tests: [['web/auth/passwords.test.ts', 'stops one name from one address, then the address, and lets go after the window']] },
    { of: 'forms in a formset', place: constant('web/forms/formset.ts', 'MAX_NUM', 'forms'), then: 'the rest is not made', tests: [['web/forms/form.test.ts', 'makes no more forms than its maximum and a thousand, however many are announced']] },
    { of: 'a session', place: { setting: 'sessionCookieAge' }, then: 'is none any more', tests: [['web/middleware/attacks.test.ts', 'a signed session that was changed, cut or has expired is none']] },
    { of: 'templates in each other', place: constant('web/template/template.ts', 'MAX_TEMPLATE_DEPTH', 'levels'), then: '500', tests: [['web/template/errors.test.ts', 'more than 100 levels deep']] },
    { of: 'pages above 16 KiB that GZipMiddleware compresses at once', place: constant('web/middleware/gzip-middleware.ts', 'MAX_AT_ONCE', 'pages'), then: 'they wait', tests: [['web/middleware/gzip-middleware.test.ts', 'large pages are compressed few at a time, and all of them']] },
    { of: 'a question to PostgreSQL', place: constant('web/db/connect.ts', 'DEFAULT_STATEMENT_TIMEOUT_MS', 'ms'), then: '503', tests: [['web/db/postgres.test.ts', 'that is too slow is given up, and the connection serves on']] },
    { of: 'waiting for a connection of the pool, or a lock of SQLite', place: constant('web/db/connect.ts', 'DEFAULT_TIMEOUT_MS', 'ms'), then: '503', tests: [['web/db/postgres.test.ts', 'waits for a connection of the pool no longer than the time-out, and the pool goes back to its size'], ['web/db/sqlite.test.ts', 'locked by another process is waited for, without stopping the event loop, and then given up']] },
  ],
  'What a conf says': [
    { of: 'blocks in each other, over files too', place: constant('config/parser.ts', 'MAX_DEPTH', 'levels'), then: 'not started', tests: [['config/parser.test.ts', 'refuses nesting that could exhaust a stack, at its line'], ['config/load.test.ts', 'bounds nesting over files']] },
    { of: 'statements', place: constant('config/parser.ts', 'MAX_STATEMENTS', 'statements'), then: 'not started', tests: [['config/parser.test.ts', 'counts statements over several texts']] },
    { of: 'files in each other', place: constant('config/load.ts', 'MAX_INCLUDE_DEPTH', 'files'), then: 'not started', tests: [['config/load.test.ts', 'bounds the number of open files']] },
    { of: 'includes', place: constant('config/load.ts', 'MAX_INCLUDES', 'includes'), then: 'not started', tests: [['config/load.test.ts', 'bounds includes that multiply']] },
    { of: 'one file', place: constant('config/load.ts', 'MAX_BYTES', 'bytes'), then: 'not started', tests: [['config/load.test.ts', 'is refused when it is huge, without being parsed']] },
    { of: 'one word', place: constant('config/lexer.ts', 'MAX_PARAMETER', 'bytes'), then: 'not started', tests: [['cli/command-line.test.ts', 'a word of a megabyte']] },
  ],
} // prettier-ignore
