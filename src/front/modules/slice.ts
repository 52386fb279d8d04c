/**
 * `slice` and `$slice_range`: a response fetched piece by piece, each with a request of its own for a range, so that
 * pieces can be kept apart (nginx slice module; a body filter). The pieces follow each other: the next is asked for
 * when the one before has been passed on.
 */
import { parseContentRange, type ContentRange } from '../../http/content-range.ts'
import type { ByteRange } from '../../http/range.ts'
import { sizeRow } from '../../config/rows.ts'
import type { FrontModule } from '../front-module.ts'
import { OrderedBody } from '../ordered-body.ts'
import type { Request } from '../request.ts'
import type { BodySink, MakeSink } from '../response-output.ts'
import { specialPage } from '../special-response.ts'
import type { LocationSettings } from '../server-config.ts'
import { makeSubrequest } from '../subrequest.ts'
import { cutToRange, requestedRange } from '../upstream/forced-range.ts'

const size = sizeRow({
  name: 'slice',
  contexts: ['http', 'server', 'location'],
  default: 0,
  doc: 'Bytes of the pieces in which a response is fetched; 0 for the whole at once.',
})

/** One sliced response, shared by the client's request and those for its pieces. */
interface Slices {
  readonly size: number
  /** First byte of the piece that is asked for, or of the next one. */
  start: number
  /** `$slice_range` */
  range: string
  etag: string | undefined
  /** Whether the piece under way is what was asked for. */
  active: boolean
}

const slicesOf = new WeakMap<Request, Slices>()
const sizes = new WeakMap<LocationSettings, number>()

const NO_BYTES = Buffer.alloc(0)

function rangeText(start: number, length: number): string {
  return `bytes=${start}-${start + length - 1}`
}

/** Begins slicing when it is first asked for. */
function sliceRange(request: Request): string | undefined {
  const known = slicesOf.get(request)
  if (known) return known.range
  if (request.parent || request.status !== 0) return undefined
  const length = sizes.get(request.location.settings) ?? 0
  if (length === 0) return undefined
  const start = length * Math.floor(wantedStart(request) / length)
  const slices = { size: length, start, range: rangeText(start, length), etag: undefined, active: false }
  slicesOf.set(request, slices)
  return slices.range
}

/** Where the client's only range begins; 0 where that depends on the response. */
function wantedStart({ headers }: Request): number {
  const range = headers.get('range')
  if (range === undefined || headers.has('if-range') || range.includes(',')) return 0
  const digits = /^bytes= *([0-9]+)/i.exec(range)?.[1]
  const start = Number(digits ?? 0)
  return Number.isSafeInteger(start) ? start : 0
}

/** Takes the head of a piece; what it is of, or what is wrong with it. */
function takePiece(request: Request, slices: Slices): ContentRange | string {
  if (request.status !== 206) return `unexpected status code ${request.status} in slice response`
  if (slices.etag !== undefined && request.etag !== slices.etag) return 'etag mismatch in slice response'
  slices.etag = request.etag
  const at = request.extraHeaders.findIndex(
    (word, index) => index % 2 === 0 && word.toLowerCase() === 'content-range',
  )
  const range = at < 0 ? undefined : parseContentRange(request.extraHeaders[at + 1] ?? '')
  if (!range) return 'invalid range in slice response'
  const { start, end, length } = range
  if (length === undefined) return 'no complete length in slice response'
  const last = Math.min(start + slices.size, length)
  if (start !== slices.start || end !== last) return `unexpected range in slice response: ${start}-${end}`
  slices.start = last
  slices.active = true
  return range
}

function fail(request: Request, message: string): void {
  request.location.settings.errorLog.request('error', request, message)
  request.connection.abort()
}

/** What of the pieces the client gets. */
class CutSink implements BodySink {
  /** Of the next byte that comes. */
  position: number
  readonly #part: ByteRange
  readonly #next: BodySink

  constructor(position: number, part: ByteRange, next: BodySink) {
    this.position = position
    this.#part = part
    this.#next = next
  }

  write(chunk: Buffer, last: boolean): boolean {
    const cut = cutToRange(chunk, this.position, this.#part)
    this.position += chunk.length
    return cut.length > 0 || last ? this.#next.write(cut, last) : true
  }
}

class SliceSink implements BodySink {
  readonly #request: Request
  readonly #slices: Slices
  readonly #end: number
  readonly #cut: CutSink
  readonly #body: OrderedBody

  constructor(request: Request, slices: Slices, position: number, part: ByteRange, next: BodySink) {
    this.#request = request
    this.#slices = slices
    this.#end = part.end
    this.#cut = new CutSink(position, part, next)
    this.#body = new OrderedBody(request, this.#cut)
    // a range that was not known before: pieces between are not fetched
    if (slices.start + slices.size <= part.start)
      slices.start = slices.size * Math.floor(part.start / slices.size)
  }

  write(chunk: Buffer, last: boolean): boolean {
    const more = this.#body.write(chunk, false)
    if (last) {
      this.#fetchNext()
      this.#body.start()
    }
    return more
  }

  /** A piece that breaks off would move all that follows it (nginx sends that). */
  readonly #pieceEnded = (): void => {
    const { start, active } = this.#slices
    if (active && this.#cut.position !== start && !this.#request.finished)
      fail(this.#request, `slice response ended before byte ${start}`)
    else this.#fetchNext()
  }

  #fetchNext(): void {
    const slices = this.#slices
    const request = this.#request
    if (request.finished) return
    if (!slices.active) {
      fail(request, 'missing slice response')
      return
    }
    if (slices.start >= this.#end) {
      this.#body.write(NO_BYTES, true)
      return
    }
    const { method, phase, location } = request
    const child = makeSubrequest(request, request.uri, request.args, { method, withBody: false })
    if (!child) {
      request.connection.abort()
      return
    }
    child.resumeAt = { location, phase: phase - 1 }
    slicesOf.set(child, slices)
    slices.range = rangeText(slices.start, slices.size)
    slices.active = false
    this.#cut.position = slices.start
    this.#body.include(child, this.#pieceEnded)
    this.#body.start()
  }
}

/** In place of a body of which nothing was wanted. */
class PageSink implements BodySink {
  readonly #page: Buffer
  readonly #next: BodySink

  constructor(page: string, next: BodySink) {
    this.#page = Buffer.from(page, 'latin1')
    this.#next = next
  }

  write(_chunk: Buffer, last: boolean): boolean {
    return last ? this.#next.write(this.#page, true) : true
  }
}

/** 416: the head of the first piece has come, and no other answer can take its place any more. */
function refuseRange(request: Request, length: number): MakeSink {
  const page = specialPage(416, request.location.settings.serverTokens)
  request.resetRepresentation()
  request.filtered = true
  request.status = 416
  request.contentType = 'text/html'
  request.contentLength = page.length
  request.addHeader('Content-Range', `bytes */${length}`)
  return (next) => new PageSink(page, next)
}

/** The whole of what the pieces make, or the part of it that the client asked for; undefined for none. */
function describeWhole(request: Request, length: number): ByteRange | undefined {
  const whole = { start: 0, end: length }
  request.status = 200
  request.contentLength = length
  request.removeHeader('content-range')
  request.acceptRanges = true
  const part = requestedRange(request, length)
  if (part === 'ignore') return whole
  if (part === 'unsatisfiable') return undefined
  request.acceptRanges = false
  request.status = 206
  request.contentLength = part.end - part.start
  request.addHeader('Content-Range', `bytes ${part.start}-${part.end - 1}/${length}`)
  return part
}

export const sliceModule: FrontModule = {
  name: 'slice',
  directives: [size],
  declare: (_http, context) => {
    context.variables.define([{ name: 'slice_range', get: sliceRange }])
    return undefined
  },
  remember: (scope, _context, settings) => {
    const length = scope.get(size)
    if (length > 0) sizes.set(settings, length)
  },
  filter: (scope) => {
    if (scope.get(size) === 0) return undefined
    return (request) => {
      const slices = slicesOf.get(request)
      if (!slices) return undefined
      if (!request.parent && request.status !== 206) {
        slicesOf.delete(request)
        return undefined
      }
      const piece = takePiece(request, slices)
      if (typeof piece === 'string') {
        fail(request.parent ?? request, piece)
        return undefined
      }
      if (request.parent) return undefined
      const part = describeWhole(request, piece.length ?? 0)
      if (!part) return refuseRange(request, piece.length ?? 0)
      return (next) => new SliceSink(request, slices, piece.start, part, next)
    }
  },
}
