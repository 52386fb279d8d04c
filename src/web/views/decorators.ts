/** Functions around view functions. Each keeps the marks that others have put on the view. */
import { formatHttpDate } from '../../http/http-date.ts'
import { PermissionDenied } from '../exceptions.ts'
import { patchCacheControl, type CacheDirectives } from '../http/cache-control.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseNotAllowed, HttpResponseRedirect } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { quote } from '../http/percent.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { conditionalResponse, notModifiedOrFailed, quoteEtag } from '../middleware/conditional.ts'
import { loggerOf } from '../handlers/request-log.ts'
import { resolveUrl } from '../shortcuts.ts'
import type { ViewFunction } from '../urls/url-pattern.ts'
import type { ViewDecorator } from './view.ts'

type Around = <K>(
  view: ViewFunction<K>,
  request: HttpRequest,
  kwargs: K,
  args: readonly string[],
) => MaybePromise<OutgoingResponse>

/** A decorator from what it does with one call. The marks of the view, its name and class among them, go along. */
export function decorator(around: Around): ViewDecorator {
  return (view) => marked(view, (request, kwargs, args) => around(view, request, kwargs, args))
}

function marked<K>(view: ViewFunction<K>, wrapper: ViewFunction<K>): ViewFunction<K> {
  Object.defineProperty(wrapper, 'name', { value: view.name })
  return Object.assign(wrapper, view)
}

/** Adds marks without changing the view that was given. */
function withMarks<K>(view: ViewFunction<K>, marks: object): ViewFunction<K> {
  return Object.assign(
    marked(view, (request, kwargs, args) => view(request, kwargs, args)),
    marks,
  )
}

/** Does something to every response of the view. */
function changing(change: (response: OutgoingResponse, request: HttpRequest) => void): ViewDecorator {
  return decorator((view, request, kwargs, args) =>
    chain(view(request, kwargs, args), (response) => {
      change(response, request)
      return response
    }),
  )
}

/** 405 for any other method. */
export function requireHttpMethods(...methods: readonly string[]): ViewDecorator {
  const allowed = methods.map((method) => method.toUpperCase())
  return decorator((view, request, kwargs, args) => {
    if (allowed.includes(request.method)) return view(request, kwargs, args)
    loggerOf(request).warn({ status: 405, method: request.method }, `Method Not Allowed (${request.method})`)
    const response = new HttpResponseNotAllowed(allowed)
    response.logged = true
    return response
  })
}

/** Other methods than GET get a 405. */
export const requireGET = requireHttpMethods('GET')
/** Other methods than POST get a 405. */
export const requirePOST = requireHttpMethods('POST')
/** GET and HEAD. */
export const requireSafe = requireHttpMethods('GET', 'HEAD')

/** The view takes requests without a CSRF token: only for callers that no browser's cookies speak for. */
export const csrfExempt: ViewDecorator = (view) => withMarks(view, { csrfExempt: true })

/** The view runs in no transaction, also where the database has `atomicRequests`. */
export const nonAtomicRequests: ViewDecorator = (view) => withMarks(view, { nonAtomicRequests: true })

/** The page may stand in any frame. */
export const xframeOptionsExempt: ViewDecorator = changing((response) => {
  response.xframeOptionsExempt = true
})

/** The page may stand in no frame, whatever the setting says. */
export const xframeOptionsDeny: ViewDecorator = changing((response) => {
  response.headers.setDefault('X-Frame-Options', 'DENY')
})

/** The page may stand in frames of its own site. */
export const xframeOptionsSameorigin: ViewDecorator = changing((response) => {
  response.headers.setDefault('X-Frame-Options', 'SAMEORIGIN')
})

/** No cache keeps the response. */
export const neverCache: ViewDecorator = changing((response, request) => {
  response.headers.setDefault('Expires', formatHttpDate(request.settings.now() / 1000))
  // The view may have said that everybody may keep it.
  const never = { maxAge: 0, noCache: true, noStore: true, mustRevalidate: true, private: true }
  patchCacheControl(response, never)
})

/** What caches are told: `cacheControl({ public: true, maxAge: 3600 })`. */
export function cacheControl(directives: CacheDirectives): ViewDecorator {
  return changing((response) => patchCacheControl(response, directives))
}

/** Says which request headers the response depends on. */
export function varyOnHeaders(...names: readonly string[]): ViewDecorator {
  return changing((response) => response.headers.addTokens('Vary', ...names))
}

/** Adds `Vary: Cookie`. */
export const varyOnCookie = varyOnHeaders('Cookie')

type Stamp<R> = (request: HttpRequest, kwargs: Readonly<Record<string, unknown>>) => MaybePromise<R | null>

/**
 * Answers 304 or 412 without calling the view, when the client's copy is what `etag` and `lastModified` say it is
 * (RFC 9110 section 13).
 */
export function condition({
  etag,
  lastModified,
}: {
  readonly etag?: Stamp<string>
  readonly lastModified?: Stamp<Date>
}): ViewDecorator {
  return decorator((view, request, kwargs, args) => {
    const captured = recordOf(kwargs)
    return chain(etag?.(request, captured) ?? null, (tag) =>
      chain(lastModified?.(request, captured) ?? null, (date) => {
        const stamps = { etag: tag === null ? null : quoteEtag(tag), lastModifiedMs: date?.getTime() ?? null }
        const early = notModifiedOrFailed(request, stamps)
        return chain(early ?? view(request, kwargs, args), (response) =>
          conditionalResponse(request, response, stamps),
        )
      }),
    )
  })
}

function recordOf(kwargs: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(kwargs ?? {}))
}

/** Answers 304 or 412 without calling the view, by the entity tag that `stamp` gives. */
export function etag(stamp: Stamp<string>): ViewDecorator {
  return condition({ etag: stamp })
}

/** Answers 304 or 412 without calling the view, by the time that `stamp` gives. */
export function lastModified(stamp: Stamp<Date>): ViewDecorator {
  return condition({ lastModified: stamp })
}

/** Sends whoever does not pass to the sign-in page, with the way back in `next`. */
export function userPassesTest(
  passes: (user: Awaited<ReturnType<HttpRequest['user']>>) => MaybePromise<boolean>,
  options: { readonly loginUrl?: string; readonly redirectFieldName?: string } = {},
): ViewDecorator {
  return decorator((view, request, kwargs, args) =>
    chain(request.user(), (user) =>
      chain(passes(user), (passed) =>
        passed
          ? view(request, kwargs, args)
          : redirectToLogin(request, options.loginUrl, options.redirectFieldName ?? 'next'),
      ),
    ),
  )
}

/** Sends visitors who are not signed in to `settings.loginUrl`, with the way back in `next`. */
export const loginRequired: ViewDecorator = userPassesTest((user) => user.isAuthenticated)

/**
 * Lets in who may do all of these (`blog.change_article`). With `raiseException` the others get 403, else the sign-in
 * page: who is signed in already then gets 403 as well, and no endless round.
 */
export function permissionRequired(
  permissions: string | readonly string[],
  options: { readonly loginUrl?: string; readonly raiseException?: boolean } = {},
): ViewDecorator {
  const needed = typeof permissions === 'string' ? [permissions] : permissions
  return decorator(async (view, request, kwargs, args) => {
    const user = await request.user()
    const answers = await Promise.all(needed.map(async (one) => user.hasPerm?.(one) ?? false))
    if (answers.every(Boolean)) return view(request, kwargs, args)
    if (options.raiseException === true || user.isAuthenticated) throw new PermissionDenied()
    return redirectToLogin(request, options.loginUrl)
  })
}

/** The sign-in page, which will come back here. */
export function redirectToLogin(
  request: HttpRequest,
  loginUrl = request.settings.loginUrl,
  redirectFieldName = 'next',
): HttpResponseRedirect {
  const url = resolveUrl(request, loginUrl)
  const separator = url.includes('?') ? '&' : '?'
  return new HttpResponseRedirect(`${url}${separator}${redirectFieldName}=${quote(request.getFullPath())}`)
}
