/**
 * The rows that every gateway protocol has under its own prefix (`fastcgi_read_timeout`, `uwsgi_read_timeout`, ...):
 * one table, made once per protocol.
 */
import { readPath } from '../../config/arguments.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { AnyDirective, Context, Directive } from '../../config/directive.ts'
import {
  buffersRow,
  choicesRow,
  complexValueRow,
  flagRow,
  listRow,
  millisecondsRow,
  numberRow,
  offsetRow,
  sizeRow,
} from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { accessRow } from '../access-row.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'
import { requestFilename } from '../variables.ts'
import { readLevels } from '../temp-path.ts'
import type { Value } from '../value.ts'
import { cacheRows, type CacheRows } from './cache-directives.ts'
import { parseLocalAddress } from './local-address.ts'
import { DEFAULT_HIDDEN } from './response-fields.ts'
import { rememberPass } from './pass-settings.ts'
import type { NextUpstreamCondition, UpstreamSettings } from './upstream-settings.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const CONDITIONS = [
  'error',
  'timeout',
  'invalid_header',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'non_idempotent',
  'off',
] as const

type MoreRows = ReturnType<typeof bufferRows> & ReturnType<typeof socketRows> & ReturnType<typeof storeRows>

export interface GatewayRows extends MoreRows {
  readonly cache: CacheRows['cache']
  readonly connectTimeout: Directive<number>
  readonly sendTimeout: Directive<number>
  readonly readTimeout: Directive<number>
  readonly interceptErrors: Directive<boolean>
  readonly ignoreClientAbort: Directive<boolean>
  readonly passRequestBody: Directive<boolean>
  readonly passRequestHeaders: Directive<boolean>
  readonly nextUpstream: Directive<ReadonlySet<NextUpstreamCondition | 'off'>>
  readonly nextUpstreamTries: Directive<number>
  readonly nextUpstreamTimeout: Directive<number>
  readonly hideHeader: ReturnType<typeof listRow<string>>
  readonly passHeader: ReturnType<typeof listRow<string>>
  readonly ignoreHeaders: Directive<ReadonlySet<string>>
  readonly all: readonly AnyDirective[]
}

const lowerCase = (text: string): string => text.toLowerCase()

/** Whoever was beside a killed worker's killer is repeated once; so is the killer, and then no more. */
const APP_TRIES = 2

/** Rows whose names begin with `prefix_`. */
export function gatewayRows(prefix: string): GatewayRows {
  const at = { contexts: CONTEXTS }
  const { cache, all: cached } = cacheRows(prefix)
  const more = { ...bufferRows(prefix), ...socketRows(prefix), ...storeRows(prefix) }
  const rows = {
    connectTimeout: millisecondsRow({
      ...at,
      name: `${prefix}_connect_timeout`,
      default: 60_000,
      defaultText: '60s',
      doc: 'Longest time to connect; 504 after it.',
    }),
    sendTimeout: millisecondsRow({
      ...at,
      name: `${prefix}_send_timeout`,
      default: 60_000,
      defaultText: '60s',
      doc: 'Longest time in which the upstream takes nothing of a request.',
    }),
    readTimeout: millisecondsRow({
      ...at,
      name: `${prefix}_read_timeout`,
      default: 60_000,
      defaultText: '60s',
      doc: 'Longest time between two reads of a response; 504 after it.',
    }),
    interceptErrors: flagRow({
      ...at,
      name: `${prefix}_intercept_errors`,
      default: false,
      doc: 'Whether error_page answers for statuses from 300 of the upstream.',
    }),
    ignoreClientAbort: flagRow({
      ...at,
      name: `${prefix}_ignore_client_abort`,
      default: false,
      doc: 'Whether a request goes on when its client is gone.',
    }),
    passRequestBody: flagRow({
      ...at,
      name: `${prefix}_pass_request_body`,
      default: true,
      doc: 'Whether the body is passed.',
    }),
    passRequestHeaders: flagRow({
      ...at,
      name: `${prefix}_pass_request_headers`,
      default: true,
      doc: 'Whether the fields of the request are passed.',
    }),
    nextUpstream: choicesRow(
      {
        ...at,
        name: `${prefix}_next_upstream`,
        default: new Set(['error', 'timeout'] as const),
        doc: 'When the next server of a group is tried. A request that is not idempotent is repeated only when nothing of it was sent, or with non_idempotent.',
      },
      CONDITIONS,
    ),
    nextUpstreamTries: numberRow({
      ...at,
      name: `${prefix}_next_upstream_tries`,
      default: prefix === 'app' ? APP_TRIES : 0,
      doc:
        prefix === 'app'
          ? 'Most workers tried; 0 for no limit, so that a request that kills its worker kills them all.'
          : 'Most servers tried; 0 for no limit.',
    }),
    nextUpstreamTimeout: millisecondsRow({
      ...at,
      name: `${prefix}_next_upstream_timeout`,
      default: 0,
      defaultText: '0',
      doc: 'Time after which no further server is tried; 0 for no limit.',
    }),
    hideHeader: listRow<string>(
      { ...at, name: `${prefix}_hide_header`, doc: 'A field of the upstream that the client does not get.' },
      'field',
      lowerCase,
    ),
    passHeader: listRow<string>(
      {
        ...at,
        name: `${prefix}_pass_header`,
        doc: 'A field that the client gets although it is hidden by default.',
      },
      'field',
      lowerCase,
    ),
    ignoreHeaders: ignoreHeadersRow(prefix),
  }
  return {
    ...rows,
    ...more,
    cache,
    all: [
      ...Object.values(rows),
      ...Object.values(more),
      // An application of our own keeps what is worth keeping itself: there never was such a directive.
      ...(prefix === 'app' ? [] : cached),
      ...inertRows(prefix),
    ],
  }
}

const IGNORABLE = [
  'X-Accel-Redirect',
  'X-Accel-Expires',
  'X-Accel-Limit-Rate',
  'X-Accel-Buffering',
  'X-Accel-Charset',
  'Expires',
  'Cache-Control',
  'Set-Cookie',
  'Vary',
]

function ignoreHeadersRow(prefix: string): Directive<ReadonlySet<string>> {
  return {
    kind: 'single',
    name: `${prefix}_ignore_headers`,
    contexts: CONTEXTS,
    args: { min: 1 },
    syntax: 'field ...',
    default: new Set(),
    doc: 'Fields of the upstream whose orders to us are not carried out.',
    parse: (args, at) => {
      const names = args.map(({ text }) => text)
      const unknown = names.find((name) => !IGNORABLE.some((known) => lowerCase(known) === lowerCase(name)))
      return unknown === undefined ? new Set(names.map(lowerCase)) : at.fail(`invalid value "${unknown}"`)
    },
    merge: (earlier, later) => new Set([...earlier, ...later]),
  }
}

/** How a response is held between the upstream and a slower client. */
function bufferRows(prefix: string) {
  const at = { contexts: CONTEXTS }
  return {
    buffering: flagRow({
      ...at,
      name: `${prefix}_buffering`,
      default: true,
      doc: 'Whether a response is taken from the upstream as fast as it comes, into memory and then a temporary file, however slow the client is. Event streams never are.',
    }),
    buffers: buffersRow({
      ...at,
      name: `${prefix}_buffers`,
      default: { count: 8, size: 4096 },
      defaultText: '8 4k',
      doc: 'Memory in which a response waits for its client, before the temporary file is used.',
    }),
    bufferSize: sizeRow({
      ...at,
      name: `${prefix}_buffer_size`,
      default: 32_768,
      defaultText: '32k',
      doc: 'Largest head of a response.',
    }),
    maxTempFileSize: offsetRow({
      ...at,
      name: `${prefix}_max_temp_file_size`,
      default: 1 << 30,
      defaultText: '1024m',
      doc: 'Largest temporary file of a response; 0 for none. Beyond it the upstream waits for the client.',
    }),
    tempPath: tempPathRow(`${prefix}_temp_path`),
    requestBuffering: flagRow({
      ...at,
      name: `${prefix}_request_buffering`,
      default: true,
      doc: 'Whether a request body is read whole before the upstream is asked; off passes it on as it comes.',
    }),
    limitRate: complexValueRow<undefined>({
      ...at,
      name: `${prefix}_limit_rate`,
      default: undefined,
      defaultText: '0',
      doc: 'Bytes per second that are read of a buffered response; 0 for no limit.',
    }),
  }
}

/** What concerns the connection to the upstream. */
function socketRows(prefix: string) {
  const at = { contexts: CONTEXTS }
  return {
    bind: bindRow(`${prefix}_bind`),
    socketKeepalive: flagRow({
      ...at,
      name: `${prefix}_socket_keepalive`,
      default: false,
      doc: 'Whether the kernel probes idle connections to the upstream (SO_KEEPALIVE).',
    }),
  }
}

function storeRows(prefix: string) {
  return {
    store: complexValueRow<undefined>({
      contexts: CONTEXTS,
      name: `${prefix}_store`,
      default: undefined,
      defaultText: 'off',
      syntax: 'on | off | string',
      doc: 'Whether responses of status 200 are kept as files: under root or alias, or at the path given.',
    }),
    storeAccess: accessRow({
      contexts: CONTEXTS,
      name: `${prefix}_store_access`,
      doc: 'Permissions of stored files.',
    }),
    forceRanges: flagRow({
      contexts: CONTEXTS,
      name: `${prefix}_force_ranges`,
      default: false,
      doc: 'Whether ranges are served of responses that do not offer them.',
    }),
  }
}

/** `address[:port] [transparent] | off`. */
function bindRow(name: string): Directive<BindRow | undefined> {
  return {
    kind: 'single',
    contexts: CONTEXTS,
    name,
    args: [1, 2],
    syntax: 'address [transparent] | off',
    default: undefined,
    doc: 'Local address that connections to the upstream come from. The client of a transparent one cannot be imitated: the runtime has no such sockets.',
    parse: ([address, option], at) => {
      const text = address?.text ?? ''
      if (option && option.text !== 'transparent') return at.fail(`invalid parameter "${option.text}"`)
      if (text === 'off') return undefined
      const value = parseComplexValue(text)
      if (value.constant !== undefined && parseLocalAddress(text) === undefined)
        return at.fail(`invalid address "${text}"`)
      if (option)
        at.warn(`"transparent" of "${name}" is not supported: connections come from our own address`)
      return option ? undefined : { value }
    },
  }
}

export interface BindRow {
  readonly value: ComplexValue
}

/** `path [level1 [level2 [level3]]]` (ngx_conf_set_path_slot). */
function tempPathRow(name: string): Directive<string | undefined> {
  return {
    kind: 'single',
    contexts: CONTEXTS,
    name,
    args: { min: 1, max: 4 },
    syntax: 'path [level1 [level2 [level3]]]',
    default: undefined,
    doc: 'Folder of temporary files. They have no names while they are written, so that levels of folders make no difference.',
    parse: ([path, ...levels], at) => {
      readLevels(levels, at)
      return readPath('prefix')(path?.text ?? '', at)
    },
  }
}

const KERNEL = 'the runtime decides how bytes reach the socket'
const GROWS = 'tables size themselves'

/** Rows that are checked and have nothing to size or set here. */
function inertRows(prefix: string): readonly AnyDirective[] {
  const at = { contexts: CONTEXTS }
  const rows: AnyDirective[] = [
    sizeRow({
      ...at,
      name: `${prefix}_busy_buffers_size`,
      default: 8192,
      defaultText: '8k',
      doc: 'Part of the buffers that is being sent.',
      noEffect: 'what is being sent is in the socket',
    }),
    sizeRow({
      ...at,
      name: `${prefix}_temp_file_write_size`,
      default: 8192,
      defaultText: '8k',
      doc: 'Size of one write to a temporary file.',
      noEffect: 'what has come is written at once',
    }),
  ]
  const sizes = ['socket_rcvbuf', 'socket_sndbuf']
  if (prefix === 'proxy' || prefix === 'fastcgi') sizes.push('send_lowat')
  for (const name of sizes) {
    const doc = 'A size of the socket to the upstream.'
    rows.push(
      sizeRow({ ...at, name: `${prefix}_${name}`, default: 0, defaultText: '0', doc, noEffect: KERNEL }),
    )
  }
  if (prefix !== 'proxy') return rows
  for (const name of ['headers_hash_bucket_size', 'headers_hash_max_size']) {
    const doc = 'A size of a table of names.'
    rows.push(numberRow({ ...at, name: `${prefix}_${name}`, default: 512, doc, noEffect: GROWS }))
  }
  return rows
}

/** What a protocol says for itself. */
type OwnSettings = Pick<
  UpstreamSettings,
  | 'scheme'
  | 'target'
  | 'fixedTarget'
  | 'logServerErrors'
  | 'readsRest'
  | 'hiddenByDefault'
  | 'rewriteField'
  | 'catchStderr'
  | 'passTrailers'
  | 'omitsMissingIdentity'
  | 'earlyHints'
>

/** Compiles what a scope says of a `*_pass`. */
export function gatewaySettings(
  rows: GatewayRows,
  scope: Scope,
  context: CompileContext,
  own: OwnSettings,
): UpstreamSettings {
  const conditions = scope.get(rows.nextUpstream)
  const hidden = new Set([...DEFAULT_HIDDEN, ...own.hiddenByDefault, ...scope.list(rows.hideHeader)])
  for (const name of scope.list(rows.passHeader)) hidden.delete(name)
  const buffers = scope.get(rows.buffers)
  return rememberPass(scope, {
    ...own,
    connectTimeoutMs: scope.get(rows.connectTimeout),
    sendTimeoutMs: scope.get(rows.sendTimeout),
    readTimeoutMs: scope.get(rows.readTimeout),
    interceptErrors: scope.get(rows.interceptErrors),
    ignoreClientAbort: scope.get(rows.ignoreClientAbort),
    passRequestBody: scope.get(rows.passRequestBody),
    requestBuffering: scope.get(rows.requestBuffering),
    nextUpstream: new Set(
      [...conditions].filter(
        (name): name is NextUpstreamCondition => name !== 'off' && !conditions.has('off'),
      ),
    ),
    nextUpstreamTries: scope.get(rows.nextUpstreamTries),
    nextUpstreamTimeoutMs: scope.get(rows.nextUpstreamTimeout),
    hiddenHeaders: hidden,
    ignoredHeaders: scope.get(rows.ignoreHeaders),
    buffering: scope.get(rows.buffering),
    bufferBytes: buffers.count * buffers.size,
    maxTempBytes: scope.get(rows.maxTempFileSize),
    tempFolder: scope.get(rows.tempPath),
    limitRate: optionalValue(scope, rows.limitRate, context),
    store: storePath(scope, rows, context),
    storeAccess: scope.get(rows.storeAccess),
    forceRanges: scope.get(rows.forceRanges),
    dialling: dialling(scope, rows, context),
  })
}

/** The compiled value of a row that has no default. */
export function optionalValue(
  scope: Scope,
  row: Directive<ComplexValue | undefined>,
  context: CompileContext,
): Value | undefined {
  const value = scope.get(row)
  const bound = scope.find(row)
  return value && bound ? context.value(value, bound.statement) : undefined
}

/** Whether responses go to a cache: what is asked of the upstream then is the whole of them. */
export function caches(rows: Pick<GatewayRows, 'cache'>, scope: Scope): boolean {
  const zone = scope.get(rows.cache)
  return zone !== undefined && zone.constant !== 'off'
}

function storePath(
  scope: Scope,
  rows: GatewayRows,
  context: CompileContext,
): ((request: Request) => string) | undefined {
  const { constant } = scope.get(rows.store) ?? { constant: 'off' }
  if (constant === 'off') return undefined
  return constant === 'on' ? requestFilename : optionalValue(scope, rows.store, context)?.evaluate
}

function dialling(scope: Scope, rows: GatewayRows, context: CompileContext): UpstreamSettings['dialling'] {
  const keepAlive = scope.get(rows.socketKeepalive)
  const bind = scope.get(rows.bind)
  const at = scope.find(rows.bind)?.statement
  const local = bind && at && context.value(bind.value, at)
  if (!local) return () => (keepAlive ? KEPT_ALIVE : PLAIN)
  return (request) => {
    const text = local.evaluate(request)
    const address = text === '' ? undefined : parseLocalAddress(text)
    return { keepAlive, localAddress: address?.host, localPort: address?.port }
  }
}

const PLAIN = { keepAlive: false, localAddress: undefined, localPort: undefined }
const KEPT_ALIVE = { ...PLAIN, keepAlive: true }
