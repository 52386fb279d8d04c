/** What a response loses when a filter makes another body of it. */
import { weaken } from '../http/etag.ts'
import type { Request } from './request.ts'

/** Length and ranges are those of the body that goes out, which nobody knows yet. */
export function loseLength(request: Request): void {
  request.contentLength = -1
  request.acceptRanges = false
}

/** Equal tags no longer mean equal bytes. */
export function weakenEtag(request: Request): void {
  const { etag } = request
  if (etag !== undefined) request.etag = /^(?:W\/)?"/.test(etag) ? weaken(etag) : undefined
}

/** `*_last_modified`: a page that depends on more than its file says nothing of its age unless it is told to. */
export function weakenIdentity(request: Request, keepsDate: boolean): void {
  if (keepsDate) weakenEtag(request)
  else {
    request.lastModified = -1
    request.etag = undefined
  }
}
