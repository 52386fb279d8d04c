/**
 * The one response writer. Handlers say status, fields and body; framing, Connection and Date are decided here and
 * nowhere else. Bodies are whole text, a file, or a stream of chunks with back-pressure.
 */
import { hasNoContent } from '../http/status.ts'
import { encodeHeaderLine } from '../protocol/http1/header-lines.ts'
import { LAST_CHUNK, chunkHead } from '../protocol/http1/response-encoder.ts'
import { addConfiguredHeaders } from './configured-headers.ts'
import { limitKeepAlive } from './keep-alive.ts'
import { PaceSink, sizeOf } from './pace-sink.ts'
import { contentTypeOf, currentSecond, responseHead } from './response-head.ts'
import type { FileEntry } from '../io/files/file-cache.ts'
import type { LocationSettings } from './server-config.ts'
import type { BodySink, MakeSink, ResponseOutput } from './response-output.ts'
import type { Request } from './request.ts'

/** Whole body as Latin-1 text: head and body leave in one write. */
export function sendText(request: Request, text: string): void {
  declareLength(request, text.length)
  if (outputOf(request)) {
    if (beginOutput(request)) request.output?.write(Buffer.from(text, 'latin1'), true)
    return
  }
  const head = beginHead(request)
  const bodyless = request.method === 'HEAD' || hasNoContent(request.status)
  finishAfter(request, request.connection.io.write(bodyless ? head : head + countBody(request, text)))
}

/** Whether a body leaves as it is given. */
export function isUnfiltered(request: Request): boolean {
  return outputOf(request) === undefined
}

/** Whole body as bytes, which nobody may write into, for a response that has a body and no filters. */
export function sendBytes(request: Request, bytes: Buffer): void {
  declareLength(request, bytes.length)
  const head = beginHead(request) // may throw: not while corked
  const { io } = request.connection
  io.cork()
  io.write(head)
  io.write(bytes)
  io.uncork()
  request.bodyBytesSent += bytes.length
  finishAfter(request, !io.willDrain)
}

/** The whole answer with a small file: within a second, the same fields give the same text. */
export function sendFileText(request: Request, entry: FileEntry, text: string): void {
  if (outputOf(request) || !isRepeatable(request)) {
    sendText(request, text)
    return
  }
  const ready = readyResponse(request, entry, text)
  request.headSent = true
  request.headBytes = ready.text.length - text.length
  request.bodyBytesSent += text.length
  finishAfter(request, request.connection.io.write(ready.text))
}

/** Nothing but the file, the location's settings and `keepAlive` decides how the answer looks. */
function isRepeatable(request: Request): boolean {
  const { location, head } = request
  const { settings } = location
  return (
    request.method === 'GET' &&
    request.status === 200 &&
    request.errorStatus === 0 &&
    head.framing.kind === 'none' &&
    head.version !== 9 &&
    location !== request.server.outer &&
    settings.addedHeaders.length === 0 &&
    settings.expires.kind === 'off' &&
    request.extraHeaders.length === 0 &&
    request.parent === undefined &&
    request.contentEncoding === undefined &&
    !request.varies &&
    !request.failed
  )
}

/** Kept at the entry; a file that several locations serve in turns keeps that of the last. */
interface ReadyResponse {
  readonly settings: LocationSettings
  readonly contentType: string | undefined
  readonly keepAlive: boolean
  /** When the Date field was true. */
  readonly second: number
  readonly text: string
}

function readyResponse(request: Request, entry: FileEntry, text: string): ReadyResponse {
  const { settings } = request.location
  const contentType = contentTypeOf(request) // with its charset, which may be a variable's
  const { keepAlive } = request
  const second = currentSecond()
  const kept = entry.derived as ReadyResponse | undefined
  if (
    kept?.second === second &&
    kept.settings === settings &&
    kept.contentType === contentType &&
    kept.keepAlive === keepAlive
  ) {
    return kept
  }
  request.contentLength = text.length
  const made = { settings, contentType, keepAlive, second, text: responseHead(request) + text }
  entry.derived = made
  return made
}

/** Unless a filter that has seen the response will change it. */
export function declareLength(request: Request, bytes: number): void {
  if (!request.filtered || request.contentLength >= 0) request.contentLength = bytes
}

/** The head alone: HEAD, 304, and what has no body. `contentLength` stays what the handler said. */
export function sendHeadOnly(request: Request): void {
  const output = outputOf(request)
  if (output) {
    request.headSent = true
    output.begin(true)
  } else finishAfter(request, request.connection.io.write(beginHead(request)))
}

/** The head of a 101: no body follows, and the request goes on as a tunnel. */
export function switchProtocols(request: Request): void {
  request.connection.io.write(beginHead(request))
}

function countBody(request: Request, text: string): string {
  request.bodyBytesSent += text.length
  return text
}

/** Decides framing and makes the head. Nothing may change a response field after it. */
function beginHead(request: Request): string {
  if (request.errorStatus > 0) request.status = request.errorStatus
  if (request.location === request.server.outer) limitKeepAlive(request) // no location was come to
  if (request.keepAlive && request.head.framing.kind !== 'none' && !request.body?.live)
    request.connection.discardReceived(request)
  const head = request.head.version === 9 ? '' : responseHead(request)
  request.headSent = true
  request.headBytes = head.length
  return head
}

/**
 * Lets the filters of the location see the response, once; they may change its fields. Handlers call it where the
 * way they answer depends on it (a range of what a filter changes cannot be sent).
 */
export function applyFilters(request: Request): void {
  const { filters } = request.location
  if (request.filtered || request.destination?.headOnly) return
  request.filtered = true
  if (!request.parent && !request.failed) addConfiguredHeaders(request) // they know nothing of what filters change
  let makers: MakeSink[] | undefined
  for (const filter of filters) {
    const make = filter(request)
    if (make) (makers ??= []).push(make)
  }
  const { limitRate } = request
  if (limitRate > 0 && !request.parent) {
    const free = sizeOf(request.location.settings.limitRateAfter, request)
    const pace: MakeSink = (next) => new PaceSink(request, limitRate, free, next)
    ;(makers ??= []).push(pace)
  }
  if (makers) request.output = new FilteredOutput(request, makers)
}

function outputOf(request: Request): ResponseOutput | undefined {
  if (request.location.filters.length > 0 || request.limitRate > 0) applyFilters(request)
  return request.output
}

/** Whether a body follows. */
function beginOutput(request: Request): boolean {
  const bodyless = !hasBody(request)
  request.headSent = true
  request.output?.begin(bodyless)
  return !bodyless
}

/** The location's filters before the connection. */
class FilteredOutput implements ResponseOutput {
  readonly #request: Request
  readonly #first: BodySink

  constructor(request: Request, makers: readonly MakeSink[]) {
    this.#request = request
    let sink: BodySink = request.destination ?? new WireSink(request)
    for (const make of makers.toReversed()) sink = make(sink)
    this.#first = sink
  }

  begin(bodyless: boolean): void {
    const request = this.#request
    if (request.destination) {
      request.destination.begin(bodyless)
      return
    }
    const more = request.connection.io.write(beginHead(request))
    if (bodyless) finishAfter(request, more)
  }

  write(chunk: Buffer, last: boolean): boolean {
    return this.#first.write(chunk, last)
  }
}

/** The end of every chain: frames what is left and ends the request. */
class WireSink implements BodySink {
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
  }

  write(chunk: Buffer, last: boolean): boolean {
    const request = this.#request
    if (request.connection.closed || request.finished) return true
    const { io } = request.connection
    io.cork()
    const more = writeToWire(request, chunk)
    if (last) io.write(request.chunked ? lastChunk(request) : '')
    io.uncork()
    if (last) finishAfter(request, !io.willDrain)
    else if (!more) request.connection.armSendTimeout()
    return more
  }
}

/** The last chunk with the trailer fields of `add_trailer`. */
function lastChunk(request: Request): string {
  if (!request.trailers) return LAST_CHUNK
  let text = '0\r\n'
  for (const [name, value] of request.trailers(request)) text += encodeHeaderLine(name, value)
  return `${text}\r\n`
}

/**
 * Writes the head of a response whose body follows in pieces, together with the first of it (Latin-1 text, may be
 * empty). Answers false when the writer should wait.
 */
export function beginStream(request: Request, text = ''): boolean {
  const output = outputOf(request)
  if (output) {
    if (!beginOutput(request) || text === '') return true
    return output.write(Buffer.from(text, 'latin1'), false)
  }
  const head = beginHead(request)
  if (text === '') return request.connection.io.write(head)
  request.bodyBytesSent += text.length
  const framed = request.chunked ? `${chunkHead(text.length)}${text}\r\n` : text
  return request.connection.io.write(head + framed)
}

/** Whether the response has a body on the wire at all: `writeChunk` must not be called otherwise. */
export function hasBody(request: Request): boolean {
  return request.method !== 'HEAD' && !hasNoContent(request.status)
}

/** One piece of the body. Answers false when the writer should wait (`connection.waitForDrain`). */
export function writeChunk(request: Request, chunk: Buffer): boolean {
  if (chunk.length === 0) return true
  if (request.output) return request.output.write(chunk, false)
  return writeToWire(request, chunk)
}

function writeToWire(request: Request, chunk: Buffer): boolean {
  if (chunk.length === 0) return true
  const { io } = request.connection
  request.bodyBytesSent += chunk.length
  if (!request.chunked) return io.write(chunk)
  io.cork()
  io.write(chunkHead(chunk.length))
  io.write(chunk)
  const more = io.write('\r\n')
  io.uncork()
  return more
}

const NO_BYTES = Buffer.alloc(0)

/** Ends a streamed body. */
export function endStream(request: Request): void {
  if (request.output) {
    if (hasBody(request)) request.output.write(NO_BYTES, true)
  } else if (request.chunked && hasBody(request))
    finishAfter(request, request.connection.io.write(lastChunk(request)))
  else finishAfter(request, !request.connection.io.willDrain)
}

/** Logs and goes on with the connection once the last byte has left. */
function finishAfter(request: Request, written: boolean): void {
  const { connection } = request
  if (written) {
    connection.requestFinished(request)
    return
  }
  connection.waitForDrain({
    onDrain: () => connection.requestFinished(request),
    onGone: () => undefined,
  })
}
