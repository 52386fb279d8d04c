/** `add_header` and `expires`: fields that the conf puts on responses of its choice (nginx headers module). */
import { formatHttpDate, parseHttpDate } from '../http/http-date.ts'
import { parseExpires } from './expires.ts'
import type { Request } from './request.ts'
import type { AddedHeader, Expires, LocationSettings } from './server-config.ts'

/** Statuses that `add_header` without `always` and `expires` apply to. */
const USUAL_STATUSES = new Set([200, 201, 204, 206, 301, 302, 303, 304, 307, 308])

const MAX_EXPIRES = 'Thu, 31 Dec 2037 23:55:55 GMT'
const EPOCH_EXPIRES = 'Thu, 01 Jan 1970 00:00:01 GMT'

export function isUsualStatus(status: number): boolean {
  return USUAL_STATUSES.has(status)
}

export function addConfiguredHeaders(request: Request): void {
  const { expires, addedHeaders } = request.location.settings
  if (expires.kind === 'off' && addedHeaders.length === 0) return
  const usual = USUAL_STATUSES.has(request.status)
  if (usual && expires.kind !== 'off') addExpires(request, expires)
  request.configuredFrom = request.extraHeaders.length
  for (const header of addedHeaders) {
    if (usual || header.always) addHeader(request, header)
  }
  request.configuredEnd = request.extraHeaders.length
}

function addHeader(request: Request, { name, value, replaces }: AddedHeader): void {
  const text = oneLine(value.evaluate(request))
  if (replaces === 'etag') {
    request.etag = text === '' ? undefined : text
    return
  }
  if (replaces === 'last-modified') {
    request.lastModified = parseHttpDate(text) ?? -1
    if (request.lastModified >= 0 && formatHttpDate(request.lastModified) === text) return
    request.lastModified = -1
  }
  if (text !== '') request.addHeader(name, text)
}

/** Line ends in a value of the conf become spaces (RFC 9110 section 5.5): the field stays one field. */
export function oneLine(value: string): string {
  return /[\r\n\0]/.test(value) ? value.replace(/[\r\n\0]/g, ' ') : value
}

function addExpires(request: Request, setting: LocationSettings['expires']): void {
  const expires = setting.kind === 'evaluated' ? evaluate(request, setting) : setting
  if (!expires || expires.kind === 'off') return
  const [date, control] = freshness(request, expires)
  // an application's own fields give way: there is one answer to how long a response is fresh
  request.removeHeader('expires')
  request.removeHeader('cache-control')
  request.addHeader('Expires', date)
  request.addHeader('Cache-Control', control)
}

/** What is no time leaves the response as it is. */
function evaluate(
  request: Request,
  { value, modified }: LocationSettings['expires'] & { readonly kind: 'evaluated' },
): Expires | undefined {
  try {
    return parseExpires(value.evaluate(request), modified)
  } catch {
    return undefined
  }
}

/** Values of Expires and of Cache-Control. */
function freshness(request: Request, { kind, seconds }: Expires): readonly [string, string] {
  const now = Math.floor(Date.now() / 1000)
  switch (kind) {
    case 'max':
      return [MAX_EXPIRES, 'max-age=315360000']
    case 'epoch':
      return [EPOCH_EXPIRES, 'no-cache']
    default: {
      if (seconds === 0 && kind !== 'daily') return [formatHttpDate(now), 'max-age=0']
      const base = kind === 'modified' && request.lastModified >= 0 ? request.lastModified : now
      const at = kind === 'daily' ? nextTimeOfDay(seconds) : base + seconds
      return [formatHttpDate(at), seconds < 0 || at < now ? 'no-cache' : `max-age=${at - now}`]
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
