/** Conditional requests (RFC 9110 section 13): what the client has, against what there is. */
import { listHasEtag } from '../../http/etag.ts'
import { formatHttpDate, parseHttpDate } from '../../http/http-date.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse, HttpResponseNotModified } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'

export interface Stamps {
  /** With its quotes, and `W/` before them if it is weak. */
  readonly etag: string | null
  /** Milliseconds since the epoch. */
  readonly lastModifiedMs: number | null
}

const etagForm = /^(?:W\/)?"[^"]*"$/

export function quoteEtag(etag: string): string {
  return etagForm.test(etag) ? etag : `"${etag.replaceAll('"', '')}"`
}

/** Whole seconds since the epoch: HTTP dates know no finer. */
function dateOf(request: HttpRequest, name: string): number | null {
  const text = request.headers.get(name)
  return text === undefined ? null : (parseHttpDate(text) ?? null)
}

/** Null when the request goes on to its response. Order of RFC 9110 section 13.2.2. */
export function notModifiedOrFailed(
  request: HttpRequest,
  { etag, lastModifiedMs }: Stamps,
): OutgoingResponse | null {
  const ifMatch = request.headers.get('If-Match')
  const ifNoneMatch = request.headers.get('If-None-Match')
  const lastModified = lastModifiedMs === null ? null : Math.floor(lastModifiedMs / 1000)
  const unmodifiedSince = dateOf(request, 'If-Unmodified-Since')
  if (ifMatch !== undefined && !matches(ifMatch, etag, false)) return preconditionFailed()
  if (ifMatch === undefined && unmodifiedSince !== null && (lastModified ?? Infinity) > unmodifiedSince) {
    return preconditionFailed()
  }
  const safe = request.method === 'GET' || request.method === 'HEAD'
  if (ifNoneMatch !== undefined) {
    if (!matches(ifNoneMatch, etag, true)) return null
    return safe ? new HttpResponseNotModified() : preconditionFailed()
  }
  const modifiedSince = safe ? dateOf(request, 'If-Modified-Since') : null
  if (modifiedSince === null || lastModified === null) return null
  return lastModified <= modifiedSince ? new HttpResponseNotModified() : null
}

function matches(header: string, etag: string | null, weak: boolean): boolean {
  if (etag === null) return false
  return header.trim() === '*' || listHasEtag(header, etag, weak)
}

function preconditionFailed(): OutgoingResponse {
  return new HttpResponse('', { status: 412 })
}

/** Adds the stamps to a response that has none of its own. */
export function conditionalResponse(
  request: HttpRequest,
  response: OutgoingResponse,
  stamps: Stamps,
): OutgoingResponse {
  const safe = request.method === 'GET' || request.method === 'HEAD'
  if (!safe) return response
  if (stamps.lastModifiedMs !== null) {
    response.headers.setDefault('Last-Modified', formatHttpDate(stamps.lastModifiedMs / 1000))
  }
  if (stamps.etag !== null) response.headers.setDefault('ETag', stamps.etag)
  return response
}

/** The 304 or 412 in the place of a response that is made already; what caches need of its headers goes along. */
export function insteadOf(
  request: HttpRequest,
  response: OutgoingResponse,
  stamps: Stamps,
): OutgoingResponse {
  const early = notModifiedOrFailed(request, stamps)
  if (early === null) return response
  if (early.status === 304) {
    // RFC 9110 section 15.4.5.
    for (const name of [
      'Cache-Control',
      'Content-Location',
      'Date',
      'ETag',
      'Expires',
      'Last-Modified',
      'Vary',
    ]) {
      const value = response.headers.get(name)
      if (value !== undefined) early.headers.set(name, value)
    }
  }
  early.adoptCookies(response)
  return early
}
