import type { Settings } from '../conf/settings.ts'
import { csrfStateOf, renewSecret } from '../csrf/csrf-token.ts'
import { OriginCheck } from '../csrf/origin-check.ts'
import { hasTokenForm, secretOf, tokenMatches } from '../csrf/token.ts'
import { ImproperlyConfigured, UnreadablePostError } from '../exceptions.ts'
import { escapeHtml } from '../handlers/escape-html.ts'
import type { EarlyAnswer, GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import { logResponse } from '../handlers/request-log.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponseForbidden } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, rescued, type MaybePromise } from '../maybe-promise.ts'
import type { ViewFunction } from '../urls/url-pattern.ts'

/** Methods that change nothing (RFC 9110 section 9.2.1): only they pass without a token. */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Where the session keeps the secret, when `csrfUseSessions` says so. */
const sessionKey = '_csrftoken'

/** A request that failed the check; the reason is for the log and the debug page. */
class CsrfRejection extends Error {
  override readonly name = 'CsrfRejection'
}

/** Refuses requests that change something, unless their page was ours: they carry a token that only we know. */
export class CsrfViewMiddleware implements MiddlewareHooks {
  readonly #settings: Settings
  readonly #origins: OriginCheck

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#settings = settings
    this.#origins = new OriginCheck(settings)
  }

  processRequest(request: HttpRequest): EarlyAnswer {
    return chain(this.#storedToken(request), (token) => {
      if (token === undefined) return
      const state = csrfStateOf(request)
      if (hasTokenForm(token)) {
        state.secret = secretOf(token)
        return
      }
      // Somebody else's writing: replaced.
      renewSecret(state)
    })
  }

  #storedToken(request: HttpRequest): MaybePromise<string | undefined> {
    if (!this.#settings.csrfUseSessions) return request.COOKIES.get(this.#settings.csrfCookieName)
    if (!request.hasSession) {
      throw new ImproperlyConfigured(
        'settings.csrfUseSessions needs SessionMiddleware in settings.middleware before CsrfViewMiddleware.',
      )
    }
    return chain(request.session.get(sessionKey), (token) => (typeof token === 'string' ? token : undefined))
  }

  processView(request: HttpRequest, view: ViewFunction<never>): EarlyAnswer {
    const state = csrfStateOf(request)
    if (state.processingDone || isExempt(view)) return undefined
    if (safeMethods.has(request.method) || !request.enforceCsrfChecks) {
      state.processingDone = true
      return undefined
    }
    return rescued<OutgoingResponse | undefined>(
      () =>
        chain(this.#check(request), () => {
          state.processingDone = true
          return undefined
        }),
      (error) => {
        if (error instanceof CsrfRejection) return this.#reject(request, error)
        throw error
      },
    )
  }

  /** @throws CsrfRejection */
  #check(request: HttpRequest): MaybePromise<void> {
    const origin = request.headers.get('Origin')
    if (origin !== undefined) {
      if (!this.#origins.originIsGood(request, origin)) {
        throw new CsrfRejection(
          `Origin checking failed - ${origin.slice(0, 200)} does not match any trusted origins.`,
        )
      }
    } else if (request.isSecure()) {
      const fault = this.#origins.refererFault(request)
      if (fault !== null) throw new CsrfRejection(fault)
    }
    return chain(this.#storedToken(request), (stored) =>
      chain(formToken(request), (token) => this.#compare(request, stored, token)),
    )
  }

  #compare(request: HttpRequest, stored: string | undefined, fromForm: string): void {
    const place = this.#settings.csrfUseSessions ? 'session' : 'cookie'
    if (stored === undefined) throw new CsrfRejection(`CSRF ${place} not set.`)
    if (!hasTokenForm(stored)) throw new CsrfRejection(`CSRF ${place} has incorrect form.`)
    const header = request.META[this.#settings.csrfHeaderName]
    const token = fromForm !== '' ? fromForm : typeof header === 'string' ? header : ''
    if (token === '') throw new CsrfRejection('CSRF token missing.')
    const where = fromForm !== '' ? 'POST' : 'the HTTP header'
    if (!hasTokenForm(token)) throw new CsrfRejection(`CSRF token from ${where} has incorrect form.`)
    if (!tokenMatches(token, secretOf(stored))) throw new CsrfRejection(`CSRF token from ${where} incorrect.`)
  }

  #reject(request: HttpRequest, rejection: CsrfRejection): MaybePromise<OutgoingResponse> {
    const view = this.#settings.csrfFailureView
    const response =
      view === null ? failurePage(rejection.message, this.#settings.debug) : view(request, rejection)
    return chain(response, (page) => {
      logResponse(request, page, `Forbidden (${rejection.message})`)
      return page
    })
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    const state = request.csrfState
    if (state === null || !state.cookieNeedsUpdate || state.secret === null) return response
    state.cookieNeedsUpdate = false
    if (this.#settings.csrfUseSessions) return this.#keepInSession(request, response, state.secret)
    this.#setCookie(response, state.secret)
    return response
  }

  #keepInSession(
    request: HttpRequest,
    response: OutgoingResponse,
    secret: string,
  ): MaybePromise<OutgoingResponse> {
    return chain(request.session.get(sessionKey), (kept) => {
      if (kept !== secret) request.session.set(sessionKey, secret)
      return response
    })
  }

  #setCookie(response: OutgoingResponse, secret: string): void {
    const settings = this.#settings
    const options = {
      maxAge: settings.csrfCookieAge,
      domain: settings.csrfCookieDomain,
      path: settings.csrfCookiePath,
      secure: settings.csrfCookieSecure,
      httpOnly: settings.csrfCookieHttpOnly,
      sameSite: settings.csrfCookieSameSite,
    }
    response.setCookie(settings.csrfCookieName, secret, options, settings.now())
    response.headers.addTokens('Vary', 'Cookie')
  }
}

function isExempt(view: ViewFunction<never>): boolean {
  return 'csrfExempt' in view && view.csrfExempt === true
}

/** The form's field; '' when there is none, or when the client went away before it came. */
function formToken(request: HttpRequest): MaybePromise<string> {
  if (request.method !== 'POST') return ''
  return rescued(
    () => chain(request.form(), ({ fields }) => fields.get('csrfmiddlewaretoken') ?? ''),
    (error) => {
      if (error instanceof UnreadablePostError) return ''
      throw error
    },
  )
}

function failurePage(reason: string, debug: boolean): OutgoingResponse {
  const why = debug ? `<p>Reason: ${escapeHtml(reason)}</p>` : ''
  return new HttpResponseForbidden(
    '<!doctype html>\n<html lang="en">\n<head>\n  <meta charset="utf-8">\n  <meta name="robots" content="none">\n' +
      '  <title>403 Forbidden</title>\n</head>\n<body>\n  <h1>Forbidden</h1>\n' +
      '  <p>This form could not be checked to be from this site. Go back, load the page again and send it once more. ' +
      `If your browser refuses cookies, allow them for this site.</p>${why}\n</body>\n</html>\n`,
  )
}
