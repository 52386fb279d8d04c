/**
 * The one response writer. Handlers say status, fields and body; framing, Connection and Date are decided here and
 * nowhere else. Bodies are whole text, a file, or a stream of chunks with back-pressure.
 */
import { hasNoContent } from '../http/status.ts'
import { LAST_CHUNK, chunkHead } from '../protocol/http1/response-encoder.ts'
import { responseHead } from './response-head.ts'
import type { Request } from './request.ts'

/** Whole body as Latin-1 text: head and body leave in one write. */
export function sendText(request: Request, text: string): void {
  request.contentLength = text.length
  const head = beginHead(request)
  const bodyless = request.method === 'HEAD' || hasNoContent(request.status)
  finishAfter(request, request.connection.io.write(bodyless ? head : head + countBody(request, text)))
}

/** The head alone: HEAD, 304, and what has no body. `contentLength` stays what the handler said. */
export function sendHeadOnly(request: Request): void {
  finishAfter(request, request.connection.io.write(beginHead(request)))
}

function countBody(request: Request, text: string): string {
  request.bodyBytesSent += text.length
  return text
}

/** Decides framing and makes the head. Nothing may change a response field after it. */
function beginHead(request: Request): string {
  if (request.errorStatus > 0) request.status = request.errorStatus
  if (request.keepAlive && request.head.framing.kind !== 'none') request.connection.discardReceived(request)
  const head = request.head.version === 9 ? '' : responseHead(request)
  request.headSent = true
  request.headBytes = head.length
  return head
}

/**
 * Writes the head of a response whose body follows in pieces, together with the first of it (Latin-1 text, may be
 * empty). Answers false when the writer should wait.
 */
export function beginStream(request: Request, text = ''): boolean {
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

/** Ends a streamed body. */
export function endStream(request: Request): void {
  if (request.chunked && hasBody(request)) finishAfter(request, request.connection.io.write(LAST_CHUNK))
  else finishAfter(request, request.connection.io.pendingBytes === 0)
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
