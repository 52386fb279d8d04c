/** Files from disk: the content handler of a location that nothing else answers (nginx static, range, not_modified). */
import type { FileEntry } from '../../io/files/file-cache.ts'
import { allowsRange, evaluateConditions, type Verdict } from '../../http/conditional.ts'
import { parseRange, type ByteRange } from '../../http/range.ts'
import { mimeType } from '../mime-types.ts'
import { FileSender, type FilePart } from '../file-sender.ts'
import { DONE, type Outcome } from '../outcome.ts'
import { redirectToSlash } from '../redirect.ts'
import type { Request } from '../request.ts'
import { contentTypeOf } from '../response-head.ts'
import { applyFilters, hasBody, sendHeadOnly, sendText } from '../response.ts'
import { requestFilename } from '../variables.ts'
import { filePath } from '../../util/file-path.ts'
import type { FrontModule } from '../front-module.ts'

/** POST gets as far as nginx lets it: a folder is a redirect, what is missing is missing, a file takes none. */
function serveStatic(request: Request): Outcome {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405
  if (request.uri.endsWith('/')) return refuseFolder(request)
  const name = requestFilename(request)
  const found = request.connection.server.files.lookup(filePath(name))
  switch (found.kind) {
    case 'file':
      return method === 'POST' ? 405 : sendEntry(request, found)
    case 'directory':
      return redirectToSlash(request)
    case 'notFound':
      if (request.location.settings.logNotFound) logFault(request, 'error', name, found.error)
      return 404
    case 'denied':
      logFault(request, 'error', name, found.error)
      return 403
    case 'other':
      request.location.settings.errorLog.request('crit', request, `"${name}" is not a regular file`)
      return 404
    case 'error':
      logFault(request, 'crit', name, found.error)
      return 500
  }
}

function logFault(
  request: Request,
  level: 'error' | 'crit',
  name: string,
  error: NodeJS.ErrnoException,
): void {
  const reason = error.message.replace(/^[A-Z]+: /, '').replace(/, (open|stat) .*$/, '')
  request.location.settings.errorLog.request(
    level,
    request,
    `open() "${name}" failed (${-(error.errno ?? 0)}: ${sentence(reason)})`,
  )
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Answers with a file that was looked up. */
function sendEntry(request: Request, entry: FileEntry): Outcome {
  const { settings } = request.location
  request.status = request.errorStatus > 0 ? request.errorStatus : 200
  request.contentType = mimeType(settings, request.uri)
  request.lastModified = entry.mtimeSeconds
  request.etag = settings.etag ? entry.etag : undefined
  if (request.status === 200) {
    const verdict = checkConditions(request, entry)
    if (verdict === 'not_modified') {
      request.status = 304
      request.contentType = undefined
      sendHeadOnly(request)
      return DONE
    }
    if (verdict === 'failed') return 412
    request.acceptRanges = settings.maxRanges !== 0
    request.contentLength = entry.size
    applyFilters(request) // what a filter changes is never sent in ranges
    const range = request.headers.get('range')
    if (range !== undefined && request.acceptRanges) return sendRanges(request, entry, range)
  }
  if (entry.text !== undefined) sendText(request, entry.text)
  else streamParts(request, entry, [{ prefix: '', start: 0, end: entry.size }], entry.size)
  return DONE
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
  request.contentLength = length
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

/** A folder without an index file: forbidden, as nothing lists it. */
function refuseFolder(request: Request): Outcome {
  const name = requestFilename(request)
  const found = request.connection.server.files.lookup(filePath(name))
  if (found.kind !== 'directory') return 404
  request.location.settings.errorLog.request('error', request, `directory index of "${name}" is forbidden`)
  return 403
}

export const staticModule: FrontModule = {
  name: 'static',
  directives: [],
  phases: {
    content: () => serveStatic,
  },
}
