/** Rows of the core of the http server (nginx, ngx_http_core_module). A table. */
import { readChoice, readMilliseconds, readNumber, readSeconds, readSize } from '../config/arguments.ts'
import type { ComplexValue } from '../config/complex-value.ts'
import { parseComplexValue } from '../config/complex-value.ts'
import type { AnyDirective, BlockDirective, Context, Directive, ListDirective } from '../config/directive.ts'
import {
  buffersRow,
  choiceRow,
  choicesRow,
  flagRow,
  millisecondsRow,
  numberRow,
  offsetRow,
  sizeRow,
  textRow,
  valueRow,
} from '../config/rows.ts'
import { acceptedDirectives } from './accepted-directives.ts'
import { disableSymlinks } from './disable-symlinks.ts'
import { openFileDirectives } from './open-file-directives.ts'
import { parseListen, type Listen } from './listen.ts'
import { checkServerName } from './server-name.ts'
import { parseLocation, type LocationMatcher } from './location-matcher.ts'
import type { MinRate } from './server-config.ts'
import type { DisabledBrowser } from './keep-alive.ts'
import { tempPathRow } from './temp-path.ts'
import { DEFAULT_TYPES, parseTypes } from './types-block.ts'

const HTTP: readonly Context[] = ['http', 'server', 'location']
const HTTP_IF: readonly Context[] = ['http', 'server', 'location', 'location if']
const SERVER: readonly Context[] = ['http', 'server']

export const http: BlockDirective<undefined> = {
  kind: 'block',
  name: 'http',
  contexts: ['main'],
  args: 0,
  syntax: '{ ... }',
  doc: 'Holds the settings of the web server.',
  opens: 'http',
  once: true,
  parse: () => undefined,
}

export const server: BlockDirective<undefined> = {
  kind: 'block',
  name: 'server',
  contexts: ['http'],
  args: 0,
  syntax: '{ ... }',
  doc: 'One virtual server: chosen by the address it listens on and by the Host field.',
  opens: 'server',
  parse: () => undefined,
}

export const location: BlockDirective<LocationMatcher> = {
  kind: 'block',
  name: 'location',
  contexts: ['server', 'location'],
  args: [1, 2],
  syntax: '[ = | ~ | ~* | ^~ ] uri { ... } | @name { ... }',
  doc: 'Settings for the requests whose normalised path matches: exactly, by prefix, or by regular expression.',
  opens: 'location',
  parse: parseLocation,
}

export const listen: ListDirective<readonly Listen[]> = {
  kind: 'list',
  name: 'listen',
  contexts: ['server'],
  args: { min: 1 },
  syntax:
    'address[:port[-port]] | port[-port] | unix:path [default_server] [ssl] [proxy_protocol] [backlog=number] [ipv6only=on|off] [so_keepalive=on|off|[idle]:[interval]:[count]]',
  doc: 'An address on which the server takes connections. A name must be in the hosts file of the machine; it stands for all its addresses.',
  parse: parseListen,
}

export const serverName: ListDirective<readonly string[]> = {
  kind: 'list',
  name: 'server_name',
  contexts: ['server'],
  args: { min: 1 },
  syntax: 'name ...',
  doc: 'Names of the server: exact, `*.example.com`, `.example.com`, `www.example.*` or `~regular expression`.',
  inherit: false,
  parse: (args, at) => args.map(({ text }) => checkServerName(text, at)),
}

/** A root of files: which of the two directives gave it, as written. */
export interface RootPath {
  readonly value: ComplexValue
  readonly alias: boolean
}

export const root: Directive<RootPath> = {
  kind: 'single',
  name: 'root',
  contexts: HTTP_IF,
  args: 1,
  syntax: 'path',
  default: { value: parseComplexValue('html'), alias: false },
  defaultText: 'html',
  doc: 'Folder of files: the path of a request is appended to it. Relative to the prefix.',
  parse: ([word]) => ({
    value: parseComplexValue((word?.text ?? '').replace(/(.)\/+$/, '$1')),
    alias: false,
  }),
}

export const alias: Directive<ComplexValue | undefined> = {
  kind: 'single',
  name: 'alias',
  contexts: ['location'],
  args: 1,
  syntax: 'path',
  default: undefined,
  inherit: false,
  doc: 'Replaces the part of the path that the location matched. Relative to the prefix.',
  parse: ([word], at) => {
    if (at.statement.args.length > 0 && word) return parseComplexValue(word.text)
    return undefined
  },
}

export const types: Directive<ReadonlyMap<string, string>> = {
  kind: 'single',
  name: 'types',
  contexts: HTTP,
  args: 0,
  entries: true,
  syntax: '{ type extension ...; ... }',
  default: DEFAULT_TYPES,
  defaultText: 'text/html html; image/gif gif; image/jpeg jpg',
  doc: 'Content types by the extension of a file name.',
  parse: (_args, at) => parseTypes(at),
}

export const internal: Directive<boolean> = {
  kind: 'single',
  name: 'internal',
  contexts: ['location'],
  args: 0,
  syntax: '',
  default: false,
  defaultText: '',
  inherit: false,
  doc: 'Only internal redirects reach the location; a client gets 404.',
  parse: () => true,
}

const METHODS = new Set(
  'GET HEAD POST PUT DELETE MKCOL COPY MOVE OPTIONS PROPFIND PROPPATCH LOCK UNLOCK PATCH'.split(' '),
)

export const limitExcept: BlockDirective<ReadonlySet<string>> = {
  kind: 'block',
  name: 'limit_except',
  contexts: ['location'],
  args: { min: 1 },
  syntax: 'method ... { ... }',
  doc: 'Settings for all methods but these; GET stands for HEAD too.',
  opens: 'limit_except',
  once: true,
  parse: (args, at) => {
    const allowed = args.map(({ text }) => {
      const method = text.toUpperCase()
      return METHODS.has(method) ? method : at.fail(`invalid method "${text}"`)
    })
    return new Set(allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed)
  },
}

/** One `error_page`: statuses, what to do with the answer's status, where to. */
export interface ErrorPageRow {
  readonly statuses: readonly number[]
  readonly overwrite: number | undefined
  readonly target: ComplexValue
}

export const errorPage: ListDirective<ErrorPageRow> = {
  kind: 'list',
  name: 'error_page',
  contexts: HTTP_IF,
  args: { min: 2 },
  syntax: 'code ... [=[response]] uri',
  doc: 'Where the answer for a status comes from: a path, a URL (redirect) or a named location.',
  parse: (args, at) => {
    const words = args.map((word) => word.text)
    const target = words.pop() ?? ''
    let overwrite: number | undefined
    if (words.at(-1)?.startsWith('=')) {
      const text = (words.pop() ?? '').slice(1)
      if (text !== '' && !/^\d+$/.test(text)) at.fail(`invalid value "=${text}"`)
      overwrite = text === '' ? 0 : Number(text)
      if (words.length === 0) at.fail(`invalid value "=${text}"`)
    }
    const statuses = words.map((text) => {
      if (!/^\d+$/.test(text)) at.fail(`invalid value "${text}"`)
      const status = Number(text)
      if (status === 499) at.fail(`invalid value "${text}"`) // there is nobody to send a page to
      if (status < 300 || status > 599) at.fail(`value "${text}" must be between 300 and 599`)
      return status
    })
    return { statuses, overwrite, target: parseComplexValue(target) }
  },
}

const readTokens = readChoice(['on', 'off', 'build'])

/** `keepalive_timeout`: how long, and what the `Keep-Alive` field says. */
export interface KeepaliveTimeout {
  readonly timeoutMs: number
  /** Seconds, 0 for no field. */
  readonly headerSeconds: number
}

export const keepaliveTimeout: Directive<KeepaliveTimeout> = {
  kind: 'single',
  name: 'keepalive_timeout',
  contexts: HTTP,
  args: [1, 2],
  syntax: 'timeout [header_timeout]',
  default: { timeoutMs: 75_000, headerSeconds: 0 },
  defaultText: '75s',
  doc: 'How long an idle connection stays open; 0 closes it after each response.',
  parse: ([timeout, header], at) => ({
    timeoutMs: readMilliseconds(timeout?.text ?? '', at),
    headerSeconds: header ? readSeconds(header.text, at) : 0,
  }),
}

export const maxRanges: Directive<number | undefined> = valueRow<number | undefined>(
  {
    name: 'max_ranges',
    contexts: HTTP,
    default: undefined,
    defaultText: '100 and no more than two that overlap',
    doc: 'Most ranges in one request; 0 turns ranges off.',
  },
  'number',
  readNumber(),
)

export const satisfy = choiceRow(
  {
    name: 'satisfy',
    contexts: HTTP,
    default: 'all',
    doc: 'Whether all checks of the access phase (address, password, subrequest) must agree, or any.',
  },
  ['all', 'any'],
)
export const authDelay = millisecondsRow({
  name: 'auth_delay',
  contexts: HTTP,
  default: 0,
  defaultText: '0s',
  doc: 'How long an answer 401 waits.',
})
export const clientMaxBodySize = offsetRow({
  name: 'client_max_body_size',
  contexts: HTTP,
  default: 1 << 20,
  defaultText: '1m',
  doc: 'Largest request body; a larger one is answered 413. 0 for no limit.',
})
export const clientBodyBufferSize = sizeRow({
  name: 'client_body_buffer_size',
  contexts: HTTP,
  default: 16_384,
  defaultText: '16k',
  doc: 'Part of a request body kept in memory; the rest goes to a temporary file.',
})
export const clientBodyTempPath = tempPathRow({
  name: 'client_body_temp_path',
  doc: 'Folder of request bodies that outgrow their buffer, with up to three levels of subfolders. run/client_body_temp without it.',
})
export const clientBodyInFileOnly = choiceRow(
  {
    name: 'client_body_in_file_only',
    contexts: HTTP,
    default: 'off',
    doc: 'Puts every request body into a file that has a name: `on` leaves it there, `clean` removes it after the request.',
  },
  ['off', 'on', 'clean'],
)

const DEFAULT_MIN_RATE_AFTER_MS = 10_000

/** What `strict_http on` asks of a body that the conf says nothing of. */
export const STRICT_BODY_MIN_RATE: MinRate = { bytesPerSecond: 128, afterMs: DEFAULT_MIN_RATE_AFTER_MS }

export const clientBodyMinRate: Directive<MinRate | undefined> = {
  kind: 'single',
  name: 'client_body_min_rate',
  contexts: HTTP,
  args: [1, 2],
  syntax: 'off | size [after=time]',
  default: undefined,
  defaultText: 'off; 128 with strict_http on',
  doc: 'Bytes per second that a request body has to keep up on the average, after some time for the start; 408 below it. Own to Portico.',
  parse: ([rate, after], at) => {
    if (after && !after.text.startsWith('after=')) at.fail(`invalid parameter "${after.text}"`)
    const afterMs = after ? readMilliseconds(after.text.slice(6), at) : DEFAULT_MIN_RATE_AFTER_MS
    const bytesPerSecond = rate?.text === 'off' ? Infinity : readSize(rate?.text ?? '', at)
    if (bytesPerSecond === 0) at.fail('"client_body_min_rate" must be greater than 0')
    return { bytesPerSecond: bytesPerSecond === Infinity ? 0 : bytesPerSecond, afterMs }
  },
}
export const clientBodyTimeout = millisecondsRow({
  name: 'client_body_timeout',
  contexts: HTTP,
  default: 60_000,
  defaultText: '60s',
  doc: 'Longest time between two reads of a request body; 408 after it.',
})
export const clientHeaderTimeout = millisecondsRow({
  name: 'client_header_timeout',
  contexts: SERVER,
  default: 60_000,
  defaultText: '60s',
  doc: 'Time for the whole head of a request; the connection is closed after it.',
})
export const clientHeaderBufferSize = sizeRow({
  name: 'client_header_buffer_size',
  contexts: SERVER,
  default: 1024,
  defaultText: '1k',
  doc: 'Accepted for nginx; heads are bounded by large_client_header_buffers alone.',
})
export const largeClientHeaderBuffers = buffersRow({
  name: 'large_client_header_buffers',
  contexts: SERVER,
  default: { count: 4, size: 8192 },
  defaultText: '4 8k',
  doc: 'Longest line of a head (414 or 400 beyond it), and times their number the longest head.',
})
export const maxHeaders = numberRow(
  {
    name: 'max_headers',
    contexts: SERVER,
    default: 1000,
    doc: 'Most header fields in one request; 400 beyond it.',
  },
  { min: 1 },
)
export const sendTimeout = millisecondsRow({
  name: 'send_timeout',
  contexts: HTTP,
  default: 60_000,
  defaultText: '60s',
  doc: 'Longest time in which a client takes nothing of a response.',
})
export const lingeringTime = millisecondsRow({
  name: 'lingering_time',
  contexts: HTTP,
  default: 30_000,
  defaultText: '30s',
  doc: 'Longest time for which bytes of a client are read away after its answer.',
})
export const lingeringTimeout = millisecondsRow({
  name: 'lingering_timeout',
  contexts: HTTP,
  default: 5_000,
  defaultText: '5s',
  doc: 'Longest wait for more bytes while lingering.',
})
export const lingeringClose = choiceRow(
  {
    name: 'lingering_close',
    contexts: HTTP,
    default: 'on',
    doc: 'Whether a connection with unread bytes is read on after our FIN.',
  },
  ['off', 'on', 'always'],
)
export const keepaliveRequests = numberRow({
  name: 'keepalive_requests',
  contexts: HTTP,
  default: 1000,
  doc: 'Most requests on one connection.',
})
export const keepaliveDisable = {
  ...choicesRow(
    {
      name: 'keepalive_disable',
      contexts: HTTP,
      default: new Set(['msie6'] as const),
      defaultText: 'msie6',
      doc: 'Old browsers that get no keep-alive: Explorer up to 6 after a POST, Safari on macOS always.',
    },
    ['none', 'msie6', 'safari'],
  ),
  args: [1, 2],
} satisfies Directive<ReadonlySet<DisabledBrowser>>
export const keepaliveMinTimeout = millisecondsRow({
  name: 'keepalive_min_timeout',
  contexts: HTTP,
  default: 1000,
  defaultText: '1s',
  doc: 'How long an idle connection stays open though its worker shuts down. nginx: 0 by default.',
})
export const keepaliveTime = millisecondsRow({
  name: 'keepalive_time',
  contexts: HTTP,
  default: 3_600_000,
  defaultText: '1h',
  doc: 'Age after which a connection is closed at the end of a request.',
})
export const defaultType = textRow<string>({
  name: 'default_type',
  contexts: HTTP,
  default: 'text/plain',
  doc: 'Content type of files whose extension is not in types.',
})
export const serverTokens: Directive<boolean> = valueRow(
  {
    name: 'server_tokens',
    contexts: HTTP,
    default: true,
    defaultText: 'on',
    doc: 'Whether the version is shown in the Server field and on error pages. A build has no name of its own: build is on.',
  },
  'on | off | build',
  (text, at) => readTokens(text, at) !== 'off',
)
export const etag = flagRow({
  name: 'etag',
  contexts: HTTP,
  default: true,
  doc: 'Whether files get an ETag.',
})
export const ifModifiedSince = choiceRow(
  { name: 'if_modified_since', contexts: HTTP, default: 'exact', doc: 'How If-Modified-Since is compared.' },
  ['off', 'exact', 'before'],
)
export const absoluteRedirect = flagRow({
  name: 'absolute_redirect',
  contexts: HTTP,
  default: true,
  doc: 'Whether redirects of the server name scheme and host.',
})
export const portInRedirect = flagRow({
  name: 'port_in_redirect',
  contexts: HTTP,
  default: true,
  doc: 'Whether absolute redirects name the port.',
})
export const serverNameInRedirect = flagRow({
  name: 'server_name_in_redirect',
  contexts: HTTP,
  default: false,
  doc: 'Whether absolute redirects use the first server_name instead of the Host field.',
})
export const recursiveErrorPages = flagRow({
  name: 'recursive_error_pages',
  contexts: HTTP,
  default: false,
  doc: 'Whether an error on the way to an error page is looked up in error_page again.',
})
export const logNotFound = flagRow({
  name: 'log_not_found',
  contexts: HTTP,
  default: true,
  doc: 'Whether missing files are written to the error log.',
})
export const logSubrequest = flagRow({
  name: 'log_subrequest',
  contexts: HTTP,
  default: false,
  doc: 'Whether subrequests are written to the access log.',
})
export const subrequestOutputBufferSize = sizeRow({
  name: 'subrequest_output_buffer_size',
  contexts: HTTP,
  default: 4096,
  defaultText: '4k',
  doc: 'Largest answer of a subrequest that becomes the value of a variable.',
})
export const resetTimedout = flagRow({
  name: 'reset_timedout_connection',
  contexts: HTTP,
  default: false,
  doc: 'Whether connections that timed out are closed with RST.',
})
export const chunkedTransferEncoding = flagRow({
  name: 'chunked_transfer_encoding',
  contexts: HTTP,
  default: true,
  doc: 'Whether responses of unknown length are chunked in HTTP/1.1.',
})
export const mergeSlashes = flagRow({
  name: 'merge_slashes',
  contexts: SERVER,
  default: true,
  doc: 'Whether adjacent slashes of a path become one.',
})
export const underscoresInHeaders = flagRow({
  name: 'underscores_in_headers',
  contexts: SERVER,
  default: false,
  doc: 'Whether names of fields may hold underscores.',
})
export const ignoreInvalidHeaders = flagRow({
  name: 'ignore_invalid_headers',
  contexts: SERVER,
  default: true,
  doc: 'Whether fields with invalid names are left out instead of being refused.',
})
export const strictHttp = flagRow({
  name: 'strict_http',
  contexts: SERVER,
  default: false,
  doc: 'Refuses everything that a strict reading of RFC 9110 and 9112 refuses. Own to Portico.',
})

export const coreDirectives: readonly AnyDirective[] = [
  http,
  server,
  location,
  listen,
  serverName,
  root,
  alias,
  types,
  internal,
  limitExcept,
  satisfy,
  authDelay,
  errorPage,
  keepaliveTimeout,
  maxRanges,
  clientMaxBodySize,
  clientBodyBufferSize,
  clientBodyTempPath,
  clientBodyInFileOnly,
  clientBodyMinRate,
  clientBodyTimeout,
  clientHeaderTimeout,
  clientHeaderBufferSize,
  largeClientHeaderBuffers,
  maxHeaders,
  sendTimeout,
  lingeringTime,
  lingeringTimeout,
  lingeringClose,
  keepaliveRequests,
  keepaliveTime,
  keepaliveDisable,
  keepaliveMinTimeout,
  defaultType,
  serverTokens,
  etag,
  ifModifiedSince,
  absoluteRedirect,
  portInRedirect,
  serverNameInRedirect,
  recursiveErrorPages,
  logNotFound,
  logSubrequest,
  subrequestOutputBufferSize,
  resetTimedout,
  chunkedTransferEncoding,
  mergeSlashes,
  underscoresInHeaders,
  ignoreInvalidHeaders,
  strictHttp,
  disableSymlinks,
  ...openFileDirectives,
  ...acceptedDirectives,
]
