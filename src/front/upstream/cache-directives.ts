/**
 * `*_cache` and its kin under one prefix: their arguments are checked as nginx checks them, and one warning at start
 * says that responses are not cached yet. A table.
 */
import {
  readFlag,
  readMilliseconds,
  readNumber,
  readOffset,
  readPath,
  readSeconds,
  readSize,
} from '../../config/arguments.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { AnyDirective, Context, Directive, ListDirective, ParseContext } from '../../config/directive.ts'
import {
  choicesRow,
  complexValueRow,
  flagRow,
  millisecondsRow,
  numberRow,
  offsetRow,
} from '../../config/rows.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const NO_CACHE = 'responses are not cached yet'
const AT = { contexts: CONTEXTS, noEffect: NO_CACHE }

const STALE = [
  'error',
  'timeout',
  'invalid_header',
  'updating',
  'http_500',
  'http_502',
  'http_503',
  'http_504',
  'http_403',
  'http_404',
  'http_429',
  'off',
] as const

export interface CacheRows {
  /** A zone's name or `off`. */
  readonly cache: Directive<ComplexValue | undefined>
  readonly all: readonly AnyDirective[]
}

export function cacheRows(prefix: string): CacheRows {
  const cache = complexValueRow<undefined>({
    ...AT,
    name: `${prefix}_cache`,
    default: undefined,
    syntax: 'zone | off',
    doc: 'Zone in which responses are kept.',
  })
  const all: AnyDirective[] = [
    cache,
    flagRow({
      ...AT,
      name: `${prefix}_cache_background_update`,
      default: false,
      doc: 'Whether a stale response is given while a new one is fetched.',
    }),
    conditions(`${prefix}_cache_bypass`, 'When a response is not taken from the cache.'),
    complexValueRow<undefined>({
      ...AT,
      name: `${prefix}_cache_key`,
      default: undefined,
      doc: 'Under which a response is kept.',
    }),
    flagRow({
      ...AT,
      name: `${prefix}_cache_lock`,
      default: false,
      doc: 'Whether only one request at a time fills an entry.',
    }),
    millisecondsRow({
      ...AT,
      name: `${prefix}_cache_lock_age`,
      default: 5000,
      defaultText: '5s',
      doc: 'Time after which another request may fill an entry, too.',
    }),
    millisecondsRow({
      ...AT,
      name: `${prefix}_cache_lock_timeout`,
      default: 5000,
      defaultText: '5s',
      doc: 'Longest wait for the request that fills an entry.',
    }),
    offsetRow({
      ...AT,
      name: `${prefix}_cache_max_range_offset`,
      default: Infinity,
      defaultText: '',
      doc: 'Ranges that begin beyond it are asked of the upstream.',
    }),
    choicesRow(
      {
        ...AT,
        name: `${prefix}_cache_methods`,
        default: new Set(['GET', 'HEAD'] as const),
        doc: 'Methods whose responses are kept.',
      },
      ['GET', 'HEAD', 'POST'],
    ),
    numberRow(
      {
        ...AT,
        name: `${prefix}_cache_min_uses`,
        default: 1,
        doc: 'Requests after which a response is kept.',
      },
      { min: 1 },
    ),
    cachePath(`${prefix}_cache_path`),
    conditions(`${prefix}_cache_purge`, 'When a request removes entries.'),
    flagRow({
      ...AT,
      name: `${prefix}_cache_revalidate`,
      default: false,
      doc: 'Whether entries that expired are asked for by conditional requests.',
    }),
    choicesRow(
      {
        ...AT,
        name: `${prefix}_cache_use_stale`,
        default: new Set(['off'] as const),
        doc: 'When an entry that expired is given.',
      },
      STALE,
    ),
    cacheValid(`${prefix}_cache_valid`),
    conditions(`${prefix}_no_cache`, 'When a response is not kept.'),
  ]
  if (prefix === 'proxy')
    all.push(
      flagRow({
        ...AT,
        name: 'proxy_cache_convert_head',
        default: true,
        doc: 'Whether HEAD becomes GET for the cache.',
      }),
    )
  return { cache, all }
}

/** `string ...`: true where one is neither empty nor `0`. */
function conditions(name: string, doc: string): ListDirective<readonly ComplexValue[]> {
  return {
    kind: 'list',
    ...AT,
    name,
    args: { min: 1 },
    syntax: 'string ...',
    doc,
    parse: (args) => args.map(({ text }) => parseComplexValue(text)),
  }
}

function cacheValid(name: string): ListDirective<undefined> {
  return {
    kind: 'list',
    ...AT,
    name,
    args: { min: 1 },
    syntax: '[code ...] time',
    doc: 'How long responses with these statuses are kept.',
    parse: (args, at) => {
      const time = args.at(-1)?.text ?? ''
      readSeconds(time, at)
      for (const { text } of args.slice(0, -1)) {
        if (text !== 'any' && !/^[1-5][0-9][0-9]$/.test(text)) at.fail(`invalid status "${text}"`)
      }
      return undefined
    },
  }
}

/** Parameters of `*_cache_path` by name. */
const PATH_PARAMETERS = new Map<string, (text: string, at: ParseContext) => unknown>([
  [
    'levels',
    (text, at) => (/^[12](:[12]){0,2}$/.test(text) ? text : at.fail(`invalid "levels" "levels=${text}"`)),
  ],
  ['use_temp_path', readFlag],
  ['keys_zone', readZone],
  ['inactive', readSeconds],
  ['max_size', readOffset],
  ['min_free', readOffset],
  ['manager_files', readNumber()],
  ['manager_sleep', readMilliseconds],
  ['manager_threshold', readMilliseconds],
  ['loader_files', readNumber()],
  ['loader_sleep', readMilliseconds],
  ['loader_threshold', readMilliseconds],
  ['purger', readFlag],
  ['purger_files', readNumber()],
  ['purger_sleep', readMilliseconds],
  ['purger_threshold', readMilliseconds],
])

function cachePath(name: string): ListDirective<undefined> {
  return {
    kind: 'list',
    name,
    contexts: ['http'],
    noEffect: NO_CACHE,
    args: { min: 2 },
    syntax: 'path keys_zone=name:size [levels=levels] [inactive=time] [max_size=size] ...',
    doc: 'Folder of a cache and its bounds.',
    parse: ([path, ...options], at) => {
      readPath('prefix')(path?.text ?? '', at)
      for (const { text } of options) {
        const equals = text.indexOf('=')
        const read = PATH_PARAMETERS.get(text.slice(0, Math.max(0, equals)))
        if (!read) return at.fail(`invalid parameter "${text}"`)
        read(text.slice(equals + 1), at)
      }
      if (!options.some(({ text }) => text.startsWith('keys_zone=')))
        return at.fail(`"${name}" must have "keys_zone" parameter`)
      return undefined
    },
  }
}

function readZone(text: string, at: ParseContext): number {
  const colon = text.indexOf(':')
  if (colon <= 0) return at.fail(`invalid keys zone size "keys_zone=${text}"`)
  return readSize(text.slice(colon + 1), at)
}
