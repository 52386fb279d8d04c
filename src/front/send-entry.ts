/** A file as the answer: conditions, ranges, then its bytes (nginx's static, range and not_modified). */
import { allowsRange, evaluateConditions, type Verdict } from '../http/conditional.ts'
import { parseRange, type ByteRange } from '../http/range.ts'
import type { FileEntry } from '../io/files/file-cache.ts'
import { FileSender, type FilePart } from './file-sender.ts'
import { mimeType } from './mime-types.ts'
import { DONE, type Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import { contentTypeOf } from './response-head.ts'
import {
  applyFilters,
  declareLength,
  hasBody,
  isUnfiltered,
  sendBytes,
  sendFileText,
  sendHeadOnly,
  sendText,
} from './response.ts'

/** Answers with a file that was looked up. */
export function sendEntry(request: Request, entry: FileEntry): Outcome {
  const { settings } = request.location
  request.status = request.errorStatus > 0 ? request.errorStatus : 200
  request.contentType ??= mimeType(settings, request.uri) // X-Accel-Redirect brings that of the application
  request.lastModified = entry.mtimeSeconds
  request.etag = settings.etag ? entry.etag : undefined
  if (request.status === 200 && !request.parent) {
    const verdict = checkConditions(request, entry)
    if (verdict === 'not_modified') {
      request.status = 304
      request.contentType = undefined
      request.contentEncoding = undefined
      sendHeadOnly(request)
      return DONE
    }
    if (verdict === 'failed') {
      request.contentEncoding = undefined // that of the file, not of the page that says so
      return 412
    }
    request.acceptRanges = settings.maxRanges !== 0
    request.contentLength = entry.size
    applyFilters(request) // what a filter changes is never sent in ranges
    const range = request.headers.get('range')
    if (range !== undefined && request.acceptRanges) return sendRanges(request, entry, range)
  } else declareLength(request, entry.size) // filters ask for it
  if (entry.text !== undefined) sendFileText(request, entry, entry.text)
  else sendLarge(request, entry)
  return DONE
}

/** From memory where it is kept there and goes out as it is. */
function sendLarge(request: Request, entry: FileEntry): void {
  const plain = hasBody(request) && isUnfiltered(request)
  const bytes = plain ? request.connection.server.files.contentOf(entry) : undefined
  if (bytes) sendBytes(request, bytes)
  else streamParts(request, entry, [{ prefix: '', start: 0, end: entry.size }], entry.size)
}

function checkConditions(request: Request, entry: FileEntry): Verdict {
  const validators = { etag: request.etag, lastModified: entry.mtimeSeconds }
  return evaluateConditions(
    request.method,
    request.headers,
    validators,
    request.location.settings.ifModifiedSince,
  )
}

function streamParts(
  request: Request,
  entry: FileEntry,
  parts: readonly FilePart[],
  length: number,
  suffix = '',
): void {
  declareLength(request, length)
  if (!hasBody(request)) {
    sendHeadOnly(request)
    return
  }
  new FileSender(request, entry, parts, suffix).start()
}

function sendRanges(request: Request, entry: FileEntry, header: string): Outcome {
  const { settings } = request.location
  const validators = { etag: request.etag, lastModified: entry.mtimeSeconds }
  const parsed = allowsRange(request.headers.get('if-range'), validators)
    ? parseRange(header, entry.size, settings.maxRanges)
    : ({ kind: 'ignore' } as const)
  switch (parsed.kind) {
    case 'ignore':
      if (entry.text !== undefined) sendText(request, entry.text)
      else streamParts(request, entry, [{ prefix: '', start: 0, end: entry.size }], entry.size)
      return DONE
    case 'unsatisfiable':
      request.acceptRanges = false
      request.contentEncoding = undefined
      request.addHeader('Content-Range', `bytes */${entry.size}`)
      return 416
    case 'ranges':
      return sendParts(request, entry, parsed.ranges)
  }
}

let boundaryCounter = Math.floor(Math.random() * 0x7fffffff)

function sendParts(request: Request, entry: FileEntry, ranges: readonly ByteRange[]): Outcome {
  request.status = 206
  request.acceptRanges = false // Content-Range says it
  const [only] = ranges
  if (only && ranges.length === 1) {
    request.addHeader('Content-Range', `bytes ${only.start}-${only.end - 1}/${entry.size}`)
    if (entry.text !== undefined) sendText(request, entry.text.slice(only.start, only.end))
    else streamParts(request, entry, [{ prefix: '', ...only }], only.end - only.start)
    return DONE
  }
  boundaryCounter += 1
  const boundary = String(boundaryCounter).padStart(20, '0')
  const type = contentTypeOf(request) ?? ''
  request.charset = undefined
  request.contentType = `multipart/byteranges; boundary=${boundary}`
  const parts = ranges.map(({ start, end }) => ({
    prefix: partHead(boundary, type, start, end, entry.size),
    start,
    end,
  }))
  const suffix = `\r\n--${boundary}--\r\n`
  const length = parts.reduce((sum, part) => sum + part.prefix.length + part.end - part.start, suffix.length)
  const { text } = entry
  if (text === undefined) streamParts(request, entry, parts, length, suffix)
  else
    sendText(request, parts.map((part) => part.prefix + text.slice(part.start, part.end)).join('') + suffix)
  return DONE
}

function partHead(boundary: string, type: string, start: number, end: number, size: number): string {
  const typeField = type === '' ? '' : `Content-Type: ${type}\r\n`
  return `\r\n--${boundary}\r\n${typeField}Content-Range: bytes ${start}-${end - 1}/${size}\r\n\r\n`
}
