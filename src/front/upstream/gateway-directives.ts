/**
 * The rows that every gateway protocol has under its own prefix (`fastcgi_read_timeout`, `uwsgi_read_timeout`, ...):
 * one table, made once per protocol.
 */
import type { AnyDirective, Context, Directive, ListDirective } from '../../config/directive.ts'
import {
  buffersRow,
  choicesRow,
  flagRow,
  listRow,
  millisecondsRow,
  numberRow,
  sizeRow,
} from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { DEFAULT_HIDDEN } from './response-fields.ts'
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

export interface GatewayRows {
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

/** Rows whose names begin with `prefix_`. */
export function gatewayRows(prefix: string): GatewayRows {
  const at = { contexts: CONTEXTS }
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
      default: 0,
      doc: 'Most servers tried; 0 for no limit.',
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
  return { ...rows, all: [...Object.values(rows), ...inertRows(prefix)] }
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

const STREAMS = 'responses are passed on as they come, and wait in the socket where the client is slower'

/** Buffers of nginx: what comes is passed on at once, so that there is nothing to size. */
function inertRows(prefix: string): readonly AnyDirective[] {
  const at = { contexts: CONTEXTS, noEffect: STREAMS, doc: 'A buffer of nginx.' }
  return [
    flagRow({ ...at, name: `${prefix}_buffering`, default: true }),
    buffersRow({ ...at, name: `${prefix}_buffers`, default: { count: 8, size: 4096 }, defaultText: '8 4k' }),
    sizeRow({ ...at, name: `${prefix}_busy_buffers_size`, default: 8192, defaultText: '8k' }),
    sizeRow({ ...at, name: `${prefix}_max_temp_file_size`, default: 1 << 30, defaultText: '1024m' }),
    sizeRow({ ...at, name: `${prefix}_temp_file_write_size`, default: 8192, defaultText: '8k' }),
    flagRow({
      ...at,
      name: `${prefix}_request_buffering`,
      default: true,
      noEffect: 'a request body is always read whole before the upstream is asked',
      doc: 'Whether a request body is read whole before it is passed.',
    }),
    ...UNBUILT.map((name) => unbuiltRow(`${prefix}_${name}`)),
    { ...unbuiltRow(`${prefix}_cache_path`), contexts: ['http'] },
  ]
}

/** Directives of nginx that nothing stands behind yet: a conf that has them starts, and says so. */
const UNBUILT = [
  'bind',
  'cache',
  'cache_background_update',
  'cache_bypass',
  'cache_key',
  'cache_lock',
  'cache_lock_age',
  'cache_lock_timeout',
  'cache_max_range_offset',
  'cache_methods',
  'cache_min_uses',
  'cache_revalidate',
  'cache_use_stale',
  'cache_valid',
  'force_ranges',
  'limit_rate',
  'no_cache',
  'socket_keepalive',
  'store',
  'store_access',
]

function unbuiltRow(name: string): ListDirective<undefined> {
  return {
    kind: 'list',
    name,
    contexts: CONTEXTS,
    args: { min: 1 },
    syntax: 'value ...',
    doc: 'As in nginx, once it is built.',
    noEffect: 'it is not built yet',
    parse: () => undefined,
  }
}

export function gatewaySettings(
  rows: GatewayRows,
  scope: Scope,
  own: Pick<UpstreamSettings, 'scheme' | 'target' | 'logServerErrors' | 'rewriteField'>,
): UpstreamSettings {
  const conditions = scope.get(rows.nextUpstream)
  const hidden = new Set([...DEFAULT_HIDDEN, ...scope.list(rows.hideHeader)])
  for (const name of scope.list(rows.passHeader)) hidden.delete(name)
  return {
    ...own,
    connectTimeoutMs: scope.get(rows.connectTimeout),
    sendTimeoutMs: scope.get(rows.sendTimeout),
    readTimeoutMs: scope.get(rows.readTimeout),
    interceptErrors: scope.get(rows.interceptErrors),
    ignoreClientAbort: scope.get(rows.ignoreClientAbort),
    passRequestBody: scope.get(rows.passRequestBody),
    nextUpstream: new Set(
      [...conditions].filter(
        (name): name is NextUpstreamCondition => name !== 'off' && !conditions.has('off'),
      ),
    ),
    nextUpstreamTries: scope.get(rows.nextUpstreamTries),
    nextUpstreamTimeoutMs: scope.get(rows.nextUpstreamTimeout),
    hiddenHeaders: hidden,
    ignoredHeaders: scope.get(rows.ignoreHeaders),
  }
}
