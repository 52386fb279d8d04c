/** `gzip`, `brotli`, `zstd`, and `gunzip`: responses coded and decoded on their way (body filters). */
import * as zlib from 'node:zlib'
import type { AnyDirective, Context, Directive } from '../../config/directive.ts'
import { buffersRow, flagRow, numberRow, sizeRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { CodecShare } from '../codec-memory.ts'
import { CodecSink, type Codec } from '../codec-sink.ts'
import type { FrontModule } from '../front-module.ts'
import { acceptsCoding } from '../gzip-acceptance.ts'
import { GzipSink } from '../gzip-sink.ts'
import { codingConditions, conditionRows, gzipVary } from '../coding-conditions.ts'
import type { Request } from '../request.ts'
import { loseLength, weakenEtag } from '../representation.ts'
import { isOfTypes, typesRow } from '../types-row.ts'
import type { BodySink, MakeSink, ResponseFilter } from '../response-output.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const IN_IF: readonly Context[] = ['http', 'server', 'location', 'location if']

interface CodingRows {
  readonly coding: 'gzip' | 'br' | 'zstd'
  readonly enabled: Directive<boolean>
  readonly minLength: Directive<number>
  readonly level: Directive<number>
  readonly types: Directive<ReadonlySet<string>>
  readonly coder: (level: number) => TakeCoder
}

/** Makes the filter of one response; undefined when no memory is left for its coder. */
type TakeCoder = (request: Request) => MakeCoder | undefined
type MakeCoder = (next: BodySink) => CodecSink | GzipSink

const MIB = 1024 * 1024
/** As ngx_brotli has it: a wider window gathers its megabytes before it gives anything. */
const BROTLI_WINDOW_LOG = 19
/** From here on a coder's tables would be 45 to 700 MiB, and the window wider than browsers take (RFC 9659). */
const ZSTD_WIDE_LEVEL = 10

/** `bytes`: what a coder was measured to hold. */
function inShare(codec: Codec, bytes: number): TakeCoder {
  return (request) => {
    const share = CodecShare.take(request, bytes)
    return share && ((next) => new CodecSink(request, codec, share, next))
  }
}

/** The same rows for every coding; `text/html` is always among the types. */
function codingRows(
  name: 'gzip' | 'brotli' | 'zstd',
  coding: CodingRows['coding'],
  levels: { readonly initial: number; readonly min: number; readonly max: number },
  coder: CodingRows['coder'],
): CodingRows {
  return {
    coding,
    coder,
    enabled: flagRow({
      name,
      contexts: IN_IF,
      default: false,
      doc: `Whether responses are coded with ${name}.`,
    }),
    minLength: sizeRow({
      name: `${name}_min_length`,
      contexts: CONTEXTS,
      default: 20,
      defaultText: '20',
      doc: 'Shortest response that is coded, by its Content-Length.',
    }),
    level: numberRow(
      {
        name: `${name}_comp_level`,
        contexts: CONTEXTS,
        default: levels.initial,
        doc: 'How hard to compress.',
      },
      levels,
    ),
    types: typesRow({
      name: `${name}_types`,
      contexts: CONTEXTS,
      doc: 'Types that are coded besides text/html; * for all.',
    }),
  }
}

const gzip = codingRows('gzip', 'gzip', { initial: 1, min: 1, max: 9 }, (level) => (request) => {
  return (next) => new GzipSink(request, level, next)
})
const brotli = codingRows('brotli', 'br', { initial: 6, min: 0, max: 11 }, (level) => {
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants
  const params = { [BROTLI_PARAM_QUALITY]: level, [BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_LOG }
  const codec: Codec = {
    whole: (body) => zlib.brotliCompressSync(body, { params }),
    stream: () => zlib.createBrotliCompress({ params }),
  }
  return inShare(codec, level <= 4 ? 3 * MIB : level <= 6 ? 5 * MIB : 32 * MIB)
})
const zstd = codingRows('zstd', 'zstd', { initial: 3, min: 1, max: 22 }, (level) => {
  const { ZSTD_c_compressionLevel, ZSTD_c_windowLog, ZSTD_c_hashLog, ZSTD_c_chainLog } = zlib.constants
  const logs = { [ZSTD_c_windowLog]: 21, [ZSTD_c_hashLog]: 21, [ZSTD_c_chainLog]: 21 }
  const params = { [ZSTD_c_compressionLevel]: level, ...(level >= ZSTD_WIDE_LEVEL && logs) }
  const codec: Codec = {
    whole: (body) => zlib.zstdCompressSync(body, { params }),
    stream: () => zlib.createZstdCompress({ params }),
  }
  return inShare(codec, level <= 3 ? 5 * MIB : level < ZSTD_WIDE_LEVEL ? 14 * MIB : 21 * MIB)
})
/** The first that the client accepts is taken. */
const CODINGS = [brotli, zstd, gzip]

const gunzip = flagRow({
  name: 'gunzip',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether gzip responses are decoded for clients that do not accept them.',
})

const MEMORY = 'the runtime manages memory'
const tuning: readonly AnyDirective[] = [
  buffersRow({ name: 'gzip_buffers', contexts: CONTEXTS, default: { count: 32, size: 4096 }, doc: 'Buffers.', noEffect: MEMORY }),
  buffersRow({ name: 'gunzip_buffers', contexts: CONTEXTS, default: { count: 32, size: 4096 }, doc: 'Buffers.', noEffect: MEMORY }),
  sizeRow({ name: 'gzip_window', contexts: CONTEXTS, default: 0, doc: 'Window.', noEffect: MEMORY }),
  sizeRow({ name: 'gzip_hash', contexts: CONTEXTS, default: 0, doc: 'Hash.', noEffect: MEMORY }),
  sizeRow({ name: 'postpone_gzipping', contexts: CONTEXTS, default: 0, doc: 'Bytes to gather.', noEffect: MEMORY }),
  flagRow({ name: 'gzip_no_buffer', contexts: CONTEXTS, default: false, doc: 'No buffering.', noEffect: MEMORY }),
] // prettier-ignore

function changeBody(request: Request): void {
  loseLength(request)
  weakenEtag(request)
}

function compileCodings(scope: Scope): ResponseFilter | undefined {
  const enabled = CODINGS.filter((rows) => scope.get(rows.enabled)).map((rows) => ({
    coding: rows.coding,
    minLength: scope.get(rows.minLength),
    types: scope.get(rows.types),
    takeCoder: rows.coder(scope.get(rows.level)),
  }))
  if (enabled.length === 0) return undefined
  const conditions = codingConditions(scope)
  const sayVary = scope.get(gzipVary)
  return (request) => {
    const { status } = request
    if (status !== 200 && status !== 403 && status !== 404) return undefined
    if (request.contentEncoding !== undefined) return undefined
    const fit = enabled.filter(
      ({ minLength, types }) =>
        (request.contentLength < 0 || request.contentLength >= minLength) && isOfTypes(request, types),
    )
    if (fit.length === 0) return undefined
    if (sayVary) request.varies = true
    for (const { coding, takeCoder } of fit) {
      const make = acceptsCoding(request, coding, conditions) ? takeCoder(request) : undefined
      if (!make) continue
      request.contentEncoding = coding
      changeBody(request)
      return (next) => (request.coded = make(next))
    }
    return undefined
  }
}

/** `$gzip_ratio`: what went in by what came out, rounded to hundredths; nothing where nothing was coded. */
function codingRatio({ coded }: Request): string | undefined {
  if (!coded || coded.bytesOut === 0) return undefined
  return (Math.round((coded.bytesIn * 100) / coded.bytesOut) / 100).toFixed(2)
}

const GUNZIP: Codec = {
  stream: () => zlib.createGunzip(),
}

function compileGunzip(scope: Scope): ResponseFilter | undefined {
  if (!scope.get(gunzip)) return undefined
  const conditions = codingConditions(scope)
  const sayVary = scope.get(gzipVary)
  return (request): MakeSink | undefined => {
    if (request.contentEncoding?.toLowerCase() !== 'gzip') return undefined
    if (sayVary) request.varies = true
    if (acceptsCoding(request, 'gzip', conditions)) return undefined
    request.contentEncoding = undefined
    changeBody(request)
    return (next) => new CodecSink(request, GUNZIP, undefined, next)
  }
}

export const gunzipModule: FrontModule = { name: 'gunzip', directives: [gunzip], filter: compileGunzip }

export const gzipModule: FrontModule = {
  name: 'gzip',
  directives: [
    ...CODINGS.flatMap(({ enabled, minLength, level, types }) => [enabled, minLength, level, types]),
    ...conditionRows,
    ...tuning,
  ],
  declare: (_http, { variables }) => {
    variables.define([{ name: 'gzip_ratio', get: codingRatio }])
    return undefined
  },
  filter: compileCodings,
}
