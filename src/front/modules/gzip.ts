/** `gzip`, `brotli`, `zstd`, and `gunzip`: responses coded and decoded on their way (body filters). */
import * as zlib from 'node:zlib'
import type { AnyDirective, Context, Directive } from '../../config/directive.ts'
import { Pcre } from '../../config/pcre.ts'
import { buffersRow, choiceRow, choicesRow, flagRow, listRow, numberRow, sizeRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import { CodecSink, type Codec } from '../codec-sink.ts'
import type { FrontModule } from '../front-module.ts'
import { acceptsCoding, type CodingConditions } from '../gzip-acceptance.ts'
import type { Request } from '../request.ts'
import type { MakeSink, ResponseFilter } from '../response-output.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const IN_IF: readonly Context[] = ['http', 'server', 'location', 'location if']

const vary = flagRow({
  name: 'gzip_vary',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether coded responses say that they depend on Accept-Encoding.',
})
const httpVersion = choiceRow(
  {
    name: 'gzip_http_version',
    contexts: CONTEXTS,
    default: '1.1',
    doc: 'Lowest version of requests that get coded answers.',
  },
  ['1.0', '1.1'],
)
const proxied = choicesRow(
  {
    name: 'gzip_proxied',
    contexts: CONTEXTS,
    default: new Set(['off'] as const),
    doc: 'Which responses to requests of proxies (Via) are coded.',
  },
  ['off', 'expired', 'no-cache', 'no-store', 'private', 'no_last_modified', 'no_etag', 'auth', 'any'],
)
const disable = listRow(
  { name: 'gzip_disable', contexts: CONTEXTS, doc: 'User agents that get no coded answers.' },
  'regex',
  (text) => new Pcre(text === 'msie6' ? 'MSIE [4-6]\\.' : text, { caseless: true }),
)

function conditionsOf(scope: Scope): CodingConditions {
  return {
    httpVersion: scope.get(httpVersion) === '1.0' ? 10 : 11,
    proxied: scope.get(proxied),
    disabled: scope.list(disable),
  }
}

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
    types: {
      kind: 'single',
      name: `${name}_types`,
      contexts: CONTEXTS,
      args: { min: 1 },
      syntax: 'mime-type ...',
      default: new Set(['text/html']),
      defaultText: 'text/html',
      doc: 'Types that are coded besides text/html; * for all.',
      parse: (args) => new Set(['text/html', ...args.map(({ text }) => text.toLowerCase())]),
    },
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

/** What a body that becomes another loses: its length, ranges, and the exact identity of its ETag. */
function changeBody(request: Request): void {
  request.contentLength = -1
  request.acceptRanges = false
  if (request.etag !== undefined && !request.etag.startsWith('W/')) request.etag = `W/${request.etag}`
}

function isOfTypes(request: Request, types: ReadonlySet<string>): boolean {
  if (types.has('*')) return true
  const [type = ''] = (request.contentType ?? '').split(';', 1)
  return types.has(type.trim().toLowerCase())
}

function compileCodings(scope: Scope): ResponseFilter | undefined {
  const enabled = CODINGS.filter((rows) => scope.get(rows.enabled)).map((rows) => ({
    coding: rows.coding,
    minLength: scope.get(rows.minLength),
    types: scope.get(rows.types),
    codec: rows.codec(scope.get(rows.level)),
  }))
  if (enabled.length === 0) return undefined
  const conditions = conditionsOf(scope)
  const sayVary = scope.get(vary)
  return (request) => {
    const { status } = request
    if (status !== 200 && status !== 403 && status !== 404) return undefined
    if (request.contentEncoding !== undefined) return undefined
    const fit = enabled.filter(
      ({ minLength, types }) =>
        (request.contentLength < 0 || request.contentLength >= minLength) && isOfTypes(request, types),
    )
    if (fit.length === 0) return undefined
    if (sayVary) request.addHeader('Vary', 'Accept-Encoding')
    const chosen = fit.find(({ coding }) => acceptsCoding(request, coding, conditions))
    if (!chosen) return undefined
    request.contentEncoding = chosen.coding
    changeBody(request)
    return (next) => new CodecSink(request, chosen.codec, next)
  }
}

const GUNZIP: Codec = {
  stream: () => zlib.createGunzip(),
}

function compileGunzip(scope: Scope): ResponseFilter | undefined {
  if (!scope.get(gunzip)) return undefined
  const conditions = conditionsOf(scope)
  const sayVary = scope.get(vary)
  return (request): MakeSink | undefined => {
    if (request.contentEncoding?.toLowerCase() !== 'gzip') return undefined
    if (sayVary) request.addHeader('Vary', 'Accept-Encoding')
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
    vary,
    httpVersion,
    proxied,
    disable,
    ...tuning,
  ],
  filter: compileCodings,
}
