/** The head of a response: nginx's order of fields, one framing decision, control bytes refused. */
import { formatHttpDate } from '../http/http-date.ts'
import { hasNoContent } from '../http/status.ts'
import { encodeHeaderLine } from '../protocol/http1/header-lines.ts'
import { statusLine, statusLineOf } from '../protocol/http1/response-encoder.ts'
import type { Request, ResponseIdentity } from './request.ts'
import { addConfiguredHeaders } from './configured-headers.ts'
import { serverToken, wireStatus } from './special-response.ts'

const SERVER_FULL = `Server: ${serverToken(true)}\r\nDate: `
const SERVER_SHORT = `Server: ${serverToken(false)}\r\nDate: `

let dateSecond = 0
let dateText = ''

/** What the Date field says now, seconds since the epoch. */
export function currentSecond(): number {
  return Math.floor(Date.now() / 1000)
}

/** The Date field's value, made once per second. */
function currentDate(): string {
  const second = currentSecond()
  if (second !== dateSecond) {
    dateSecond = second
    dateText = formatHttpDate(second)
  }
  return dateText
}

/** Fields of modification times seen of late: a site has few of them, and making one costs as much as a head. */
const lastModifiedFields = new Map<number, string>()
const MAX_LAST_MODIFIED_FIELDS = 4096

function lastModifiedField(seconds: number): string {
  let field = lastModifiedFields.get(seconds)
  if (field === undefined) {
    field = `Last-Modified: ${formatHttpDate(seconds)}\r\n`
    if (lastModifiedFields.size >= MAX_LAST_MODIFIED_FIELDS) lastModifiedFields.clear()
    lastModifiedFields.set(seconds, field)
  }
  return field
}

/** Of what a file is the answer to; the modification time of an error's page says nothing of what was asked for. */
const DATED = new Set([200, 206, 304])

/** @throws Http1Error when a field of the response holds CR, LF or NUL. */
export function responseHead(request: Request): string {
  if (!request.failed && request.configuredFrom < 0) addConfiguredHeaders(request)
  const { settings } = request.location
  const status = wireStatus(request.status)
  const bodyless = hasNoContent(status)
  let head = status === request.reasonStatus ? statusLineOf(status, request.reason) : statusLine(status)
  if (request.identity) head += identityFields(request.identity, settings.serverTokens)
  else head += (settings.serverTokens ? SERVER_FULL : SERVER_SHORT) + currentDate() + '\r\n'
  const contentType = bodyless ? undefined : contentTypeOf(request)
  if (contentType !== undefined) head += encodeHeaderLine('Content-Type', contentType)
  head += framingField(request, bodyless)
  if (request.lastModified >= 0 && DATED.has(status)) head += lastModifiedField(request.lastModified)
  head += connectionField(request)
  if (request.etag !== undefined) head += encodeHeaderLine('ETag', request.etag)
  if (request.contentEncoding !== undefined)
    head += encodeHeaderLine('Content-Encoding', request.contentEncoding)
  if (request.varies) head += 'Vary: Accept-Encoding\r\n'
  if (request.acceptRanges) head += 'Accept-Ranges: bytes\r\n'
  const extra = request.extraHeaders
  for (let index = 0; index + 1 < extra.length; index += 2) {
    head += encodeHeaderLine(extra[index] as string, extra[index + 1] as string)
  }
  return head + '\r\n'
}

/** Server and Date, those of the upstream where they are passed; '' for none. */
function identityFields({ server, date }: ResponseIdentity, tokens: boolean): string {
  return (
    (server === '' ? '' : encodeHeaderLine('Server', server ?? serverToken(tokens))) +
    (date === '' ? '' : encodeHeaderLine('Date', date ?? currentDate()))
  )
}

/** With its charset, where a filter has found out about it; undefined for no type. */
export function contentTypeOf({ contentType: type, charset }: Request): string | undefined {
  if (type === undefined || type === '') return undefined
  return charset === undefined ? type : `${type}; charset=${charset}`
}

function framingField(request: Request, bodyless: boolean): string {
  if (bodyless) return ''
  if (request.contentLength >= 0) return `Content-Length: ${request.contentLength}\r\n`
  if (request.method === 'HEAD') return ''
  if (request.head.version === 11 && request.location.settings.chunkedTransferEncoding) {
    request.chunked = true
    return 'Transfer-Encoding: chunked\r\n'
  }
  request.keepAlive = false // the end of the connection is the end of the body
  return ''
}

function connectionField(request: Request): string {
  if (request.status === 101) return 'Connection: upgrade\r\n'
  if (request.bodyWithheld) request.keepAlive = false
  if (!request.keepAlive) return 'Connection: close\r\n'
  const seconds = request.location.settings.keepaliveHeaderSeconds
  return seconds > 0
    ? `Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n`
    : 'Connection: keep-alive\r\n'
}
