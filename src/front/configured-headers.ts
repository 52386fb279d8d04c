/** `add_header` and `expires`: fields that the conf puts on responses of its choice (nginx headers module). */
import { formatHttpDate } from '../http/http-date.ts'
import type { Request } from './request.ts'

/** Statuses that `add_header` without `always` and `expires` apply to. */
const DEFAULT_STATUSES = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308])

const MAX_EXPIRES = 'Thu, 31 Dec 2037 23:55:55 GMT'
const EPOCH_EXPIRES = 'Thu, 01 Jan 1970 00:00:01 GMT'

export function addConfiguredHeaders(request: Request): void {
  const { expires, addedHeaders } = request.location.settings
  if (expires.kind === 'off' && addedHeaders.length === 0) return
  request.configuredFrom = request.extraHeaders.length
  const usual = DEFAULT_STATUSES.has(request.status)
  if (usual && expires.kind !== 'off') addExpires(request)
  for (const header of addedHeaders) {
    if (!usual && !header.always) continue
    const value = header.value.evaluate(request)
    if (header.replaces === 'last-modified') request.lastModified = -1
    else if (header.replaces === 'etag') request.etag = undefined
    if (value !== '') request.addHeader(header.name, oneLine(value))
  }
  request.configuredEnd = request.extraHeaders.length
}

/** Line ends in a value of the conf become spaces (RFC 9110 section 5.5): the field stays one field. */
function oneLine(value: string): string {
  return /[\r\n\0]/.test(value) ? value.replace(/[\r\n\0]/g, ' ') : value
}

/** What an upstream said of the same goes. */
function addExpires(request: Request): void {
  const { kind, seconds } = request.location.settings.expires
  const now = Math.floor(Date.now() / 1000)
  request.removeHeader('expires')
  request.removeHeader('cache-control')
  switch (kind) {
    case 'max':
      request.addHeader('Expires', MAX_EXPIRES)
      request.addHeader('Cache-Control', 'max-age=315360000')
      return
    case 'epoch':
      request.addHeader('Expires', EPOCH_EXPIRES)
      request.addHeader('Cache-Control', 'no-cache')
      return
    default: {
      const base = kind === 'modified' && request.lastModified >= 0 ? request.lastModified : now
      const at = kind === 'daily' ? nextTimeOfDay(seconds) : base + seconds
      request.addHeader('Expires', formatHttpDate(at))
      request.addHeader('Cache-Control', at < now ? 'no-cache' : `max-age=${at - now}`)
    }
  }
}

/** When the local clock shows so many seconds after midnight next, seconds since the epoch. */
function nextTimeOfDay(seconds: number): number {
  const at = new Date()
  const nowMs = at.getTime()
  at.setHours(0, 0, seconds, 0)
  if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1)
  return Math.floor(at.getTime() / 1000)
}
