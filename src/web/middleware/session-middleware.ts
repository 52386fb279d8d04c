import type { Settings } from '../conf/settings.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { Session } from '../sessions/session.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import { SignedCookieStore } from '../sessions/signed-cookie-store.ts'

/** Gives each request its session, and saves what the request changed. */
export class SessionMiddleware implements MiddlewareHooks {
  readonly #settings: Settings
  readonly #store: SessionStore
  readonly #options: ConstructorParameters<typeof Session>[2]

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#settings = settings
    this.#store =
      settings.sessionStore ?? new SignedCookieStore(settings, settings.sessionCookieAge, settings.now)
    this.#options = {
      cookieAge: settings.sessionCookieAge,
      expireAtBrowserClose: settings.sessionExpireAtBrowserClose,
      now: settings.now,
    }
  }

  processRequest(request: HttpRequest): void {
    const key = request.COOKIES.get(this.#settings.sessionCookieName) ?? null
    request.session = new Session(this.#store, key, this.#options)
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    if (!request.hasSession) return response
    const { session } = request
    if (!session.accessed && !session.modified && !this.#settings.sessionSaveEveryRequest) {
      // Also a session that nobody looked at may have a cookie that can be none.
      return session.key === null && this.#hasCookie(request) ? this.#endSession(response) : response
    }
    return chain(session.isEmpty(), (empty) => {
      if (session.accessed || (empty && this.#hasCookie(request)))
        response.headers.addTokens('Vary', 'Cookie')
      if (empty) return this.#hasCookie(request) ? this.#endSession(response) : response
      const save = session.modified || this.#settings.sessionSaveEveryRequest
      // What an error left half done is not kept.
      return save && response.status !== 500 ? this.#save(session, response) : response
    })
  }

  #hasCookie(request: HttpRequest): boolean {
    return request.COOKIES.has(this.#settings.sessionCookieName)
  }

  #endSession(response: OutgoingResponse): OutgoingResponse {
    const { sessionCookieName, sessionCookiePath, sessionCookieDomain, sessionCookieSameSite } =
      this.#settings
    response.deleteCookie(sessionCookieName, {
      path: sessionCookiePath,
      domain: sessionCookieDomain,
      sameSite: sessionCookieSameSite,
    })
    response.headers.addTokens('Vary', 'Cookie')
    return response
  }

  #save(session: Session, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    return chain(session.save(), (key) =>
      chain(session.getExpireAtBrowserClose(), (closes) =>
        chain(session.getExpiryAge(), (age) => this.#setCookie(response, key, closes ? null : age)),
      ),
    )
  }

  #setCookie(response: OutgoingResponse, key: string, maxAge: number | null): OutgoingResponse {
    const settings = this.#settings
    const options = {
      maxAge,
      domain: settings.sessionCookieDomain,
      path: settings.sessionCookiePath,
      secure: settings.sessionCookieSecure,
      httpOnly: settings.sessionCookieHttpOnly,
      sameSite: settings.sessionCookieSameSite,
    }
    response.setCookie(settings.sessionCookieName, key, options, settings.now())
    return response
  }
}
