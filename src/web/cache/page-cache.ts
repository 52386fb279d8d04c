/** Whole responses in a cache: which may be kept, and under which key. */
import { createHash } from 'node:crypto'
import { formatHttpDate, parseHttpDate } from '../../http/http-date.ts'
import { cacheDirectivesOf, maxAgeOf, patchCacheControl } from '../http/cache-control.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { isRenderable, TemplateResponse } from '../http/template-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import type { Cache } from './cache.ts'

export interface PageCacheOptions {
  readonly cache: Cache
  readonly keyPrefix: string
  /** Seconds for responses that do not say. */
  readonly seconds: number
  /** What a response says of its age is not asked. */
  readonly fixed: boolean
}

/** A response as it is kept. A type, because an interface would not be known to be JSON. */
type KeptResponse = {
  readonly status: number
  readonly reason: string
  readonly headers: readonly (readonly [string, string])[]
  readonly cookies: readonly string[]
  /** Base64. */
  readonly body: string
}

/** Headers that a page may vary by before it counts as one that is never the same. */
const MAX_VARY = 20

function varyOf(response: OutgoingResponse): string[] {
  const names = (response.headers.get('Vary') ?? '').split(',').map((name) => name.trim().toLowerCase())
  return [...new Set(names.filter((name) => name !== ''))].sort()
}

/** Says how long the response is good, where it does not say so itself. @param seconds from now */
export function patchResponseHeaders(response: OutgoingResponse, seconds: number, nowMs: number): void {
  const age = Math.max(0, Math.trunc(seconds))
  response.headers.setDefault('Expires', formatHttpDate(nowMs / 1000 + age))
  patchCacheControl(response, { maxAge: age })
}

/**
 * Django leaves this to who writes the view: a page that looked into the session, or has a token in it, was made for
 * one visitor. The middleware that say so run only after a decorator on the view.
 */
function noteCookies(request: HttpRequest, response: OutgoingResponse): void {
  const personal =
    (request.hasSession && request.session.accessed) || request.csrfState?.cookieNeedsUpdate === true
  if (personal) response.headers.addTokens('Vary', 'Cookie')
}

/** Whether others may be given this response. */
function mayBeKept(request: HttpRequest, response: OutgoingResponse): boolean {
  if (response.streaming || (response.status !== 200 && response.status !== 304)) return false
  const directives = cacheDirectivesOf(response)
  if (directives.has('private') || directives.has('no-store') || directives.has('no-cache')) return false
  const vary = varyOf(response)
  if (vary.includes('*') || vary.length > MAX_VARY) return false
  if (isForWhoAuthorized(request, directives, vary)) return false
  if (request.hasMessages && request.messages.hasShown === true) return false
  if (beginsSomething(request, response)) return false
  return response.cookies.size === 0 || vary.includes('cookie')
}

/**
 * Whether the response makes its visitor known by something that the request did not have: a session, a token, any
 * cookie. What keys tell apart is the request, and others may send one that is the same to the letter. Django keeps it
 * as soon as the request has any cookie at all, and then gives one visitor's new session to the next.
 */
function beginsSomething(request: HttpRequest, response: OutgoingResponse): boolean {
  if (response.headers.has('Set-Cookie') || request.csrfState?.isNew === true) return true
  for (const [name, { value }] of response.cookies) if (request.COOKIES.get(name) !== value) return true
  // A decorator on the view sees the session before it is saved, and so before its cookie.
  if (!request.hasSession || !request.session.modified) return false
  return request.session.key !== request.COOKIES.get(request.settings.sessionCookieName)
}

/**
 * RFC 9111, section 3.5: what was asked for with `Authorization` is for who sent that, unless the view says otherwise.
 * Django keeps it; the address of such a page is all that a stranger would need.
 */
function isForWhoAuthorized(
  request: HttpRequest,
  directives: ReadonlyMap<string, unknown>,
  vary: readonly string[],
): boolean {
  if (request.META['HTTP_AUTHORIZATION'] === undefined || vary.includes('authorization')) return false
  return !['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name))
}

/** Keeps the response if it may be kept, under a key of the request and of what the response varies by. */
export function keepPage(
  request: HttpRequest,
  response: OutgoingResponse,
  options: PageCacheOptions,
): MaybePromise<OutgoingResponse> {
  noteCookies(request, response)
  if (!mayBeKept(request, response)) return response
  const seconds = options.fixed ? options.seconds : (maxAgeOf(response) ?? options.seconds)
  if (seconds === 0 && !options.fixed) return response
  patchResponseHeaders(response, seconds, request.settings.now())
  if (seconds <= 0 || response.status !== 200) return response
  if (response instanceof TemplateResponse && !response.isRendered) {
    response.addPostRenderCallback((rendered) => {
      // What its template looked into, nobody knew before.
      noteCookies(request, rendered)
      if (!mayBeKept(request, rendered)) return undefined
      return chain(store(request, rendered, seconds, options), () => undefined)
    })
    return response
  }
  // Another kind that is rendered late has nothing to keep yet.
  if (isRenderable(response) && !response.isRendered) return response
  return chain(store(request, response, seconds, options), () => response)
}

function store(
  request: HttpRequest,
  response: OutgoingResponse,
  timeout: number,
  { cache, keyPrefix }: PageCacheOptions,
): MaybePromise<void> {
  if (!(response instanceof HttpResponse)) return
  const vary = varyOf(response)
  const kept: KeptResponse = {
    status: response.status,
    reason: response.reasonPhrase,
    headers: response.headers.toPairs().map(([name, value]) => [name, value] as const),
    cookies: Array.from(response.cookies.values(), String),
    body: response.content.toString('base64'),
  }
  return chain(cache.set(headerKey(request, keyPrefix), vary, { timeout }), () =>
    cache.set(pageKey(request, keyPrefix, request.method, vary), kept, { timeout }),
  )
}

/** What is kept for this request; null when nothing is. A HEAD is answered by what was kept for GET. */
export function keptPage(
  request: HttpRequest,
  { cache, keyPrefix }: Pick<PageCacheOptions, 'cache' | 'keyPrefix'>,
): MaybePromise<OutgoingResponse | null> {
  return chain(cache.get<readonly string[]>(headerKey(request, keyPrefix)), (vary) => {
    if (vary === undefined) return null
    const find = (method: string): MaybePromise<KeptResponse | undefined> =>
      cache.get<KeptResponse>(pageKey(request, keyPrefix, method, vary))
    return chain(find('GET'), (kept) => {
      if (kept !== undefined || request.method !== 'HEAD') return revived(request, kept)
      return chain(find('HEAD'), (head) => revived(request, head))
    })
  })
}

function revived(request: HttpRequest, kept: KeptResponse | undefined): OutgoingResponse | null {
  if (kept === undefined) return null
  const response = new HttpResponse(Buffer.from(kept.body, 'base64'), {
    status: kept.status,
    reason: kept.reason,
  })
  response.headers.delete('Content-Type')
  for (const [name, value] of kept.headers) response.headers.set(name, value)
  for (const cookie of kept.cookies) response.adoptCookieText(cookie)
  const expires = parseHttpDate(response.headers.get('Expires') ?? '')
  const maxAge = maxAgeOf(response)
  if (maxAge !== null && expires !== undefined) {
    const remaining = expires - Math.floor(request.settings.now() / 1000)
    response.headers.set('Age', Math.max(0, maxAge - remaining))
  }
  return response
}

/** Scheme, host, path and query: one site may answer for many hosts. */
function urlHash(request: HttpRequest): string {
  return sha(request.buildAbsoluteUri())
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40)

function headerKey(request: HttpRequest, prefix: string): string {
  return `views.decorators.cache.cache_header.${prefix}.${urlHash(request)}`
}

function pageKey(request: HttpRequest, prefix: string, method: string, vary: readonly string[]): string {
  // The length stands before each value: no two lists of values are one text.
  const values = vary.map((name) => {
    const value = request.headers.get(name)
    return value === undefined ? '-' : `${value.length}:${value}`
  })
  return `views.decorators.cache.cache_page.${prefix}.${method}.${urlHash(request)}.${sha(values.join())}`
}
