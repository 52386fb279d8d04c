import { createHash } from 'node:crypto'
import { parseHttpDate } from '../../http/http-date.ts'
import type { MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { insteadOf } from './conditional.ts'

/** Gives responses an ETag, and answers 304 to clients that have the response already. */
export class ConditionalGetMiddleware implements MiddlewareHooks {
  processResponse(request: HttpRequest, response: OutgoingResponse): OutgoingResponse {
    if (request.method !== 'GET' && request.method !== 'HEAD') return response
    const { headers } = response
    if (!headers.has('ETag') && mayHaveEtag(response)) {
      // A name for the content, no secret: what is fast does.
      headers.set('ETag', `"${createHash('sha1').update(response.content).digest('hex')}"`)
    }
    const etag = headers.get('ETag') ?? null
    const modified = parseHttpDate(headers.get('Last-Modified') ?? '')
    const lastModifiedMs = modified === undefined ? null : modified * 1000
    // An error is no representation of what was asked for (RFC 9110 section 13.2.1).
    const successful = response.status >= 200 && response.status < 300
    if (!successful || (etag === null && lastModifiedMs === null)) return response
    return insteadOf(request, response, { etag, lastModifiedMs })
  }
}

function mayHaveEtag(response: OutgoingResponse): response is HttpResponse {
  if (!(response instanceof HttpResponse) || response.contentLength === 0) return false
  const directives = response.headers.get('Cache-Control')?.toLowerCase().split(',') ?? []
  return !directives.some((directive) => directive.trim() === 'no-store')
}
