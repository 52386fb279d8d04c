/** `gzip`, `brotli`, `zstd`, and `gunzip`: responses coded and decoded on their way (body filters). */
import * as zlib from 'node:zlib'
import type { AnyDirective, Context, Directive } from '../../config/directive.ts'
import { buffersRow, flagRow, numberRow, sizeRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { CodecSink, type Codec } from '../codec-sink.ts'
import type { FrontModule } from '../front-module.ts'
import { acceptsCoding } from '../gzip-acceptance.ts'
import { codingConditions, conditionRows, gzipVary } from '../coding-conditions.ts'
import type { Request } from '../request.ts'
import { loseLength, weakenEtag } from '../representation.ts'
import { isOfTypes, typesRow } from '../types-row.ts'
import type { MakeSink, ResponseFilter } from '../response-output.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const IN_IF: readonly Context[] = ['http', 'server', 'location', 'location if']

interface CodingRows {
  readonly coding: 'gzip' | 'br' | 'zstd'
  readonly enabled: Directive<boolean>
  readonly minLength: Directive<number>
  readonly level: Directive<number>
  readonly types: Directive<ReadonlySet<string>>
  readonly codec: (level: number) => Codec
}

/** The same rows for every coding; `text/html` is always among the types. */
function codingRows(
  name: 'gzip' | 'brotli' | 'zstd',
  coding: CodingRows['coding'],
  levels: { readonly initial: number; readonly min: number; readonly max: number },
  codec: CodingRows['codec'],
): CodingRows {
  return {
    coding,
    codec,
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

const gzip = codingRows('gzip', 'gzip', { initial: 1, min: 1, max: 9 }, (level) => ({
  whole: (body) => zlib.gzipSync(body, { level }),
  stream: () => zlib.createGzip({ level }),
}))
const brotli = codingRows('brotli', 'br', { initial: 6, min: 0, max: 11 }, (level) => {
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: level }
  return {
    whole: (body) => zlib.brotliCompressSync(body, { params }),
    stream: () => zlib.createBrotliCompress({ params }),
  }
})
const zstd = codingRows('zstd', 'zstd', { initial: 3, min: 1, max: 22 }, (level) => {
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: level }
  return {
    whole: (body) => zlib.zstdCompressSync(body, { params }),
    stream: () => zlib.createZstdCompress({ params }),
  }
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
    codec: rows.codec(scope.get(rows.level)),
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
    const chosen = fit.find(({ coding }) => acceptsCoding(request, coding, conditions))
    if (!chosen) return undefined
    request.contentEncoding = chosen.coding
    changeBody(request)
    return (next) => (request.coded = new CodecSink(request, chosen.codec, next))
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
    return (next) => new CodecSink(request, GUNZIP, next)
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
