import type { Settings } from '../conf/settings.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { anonymousUser, type RequestUser } from '../http/request-user.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { constantTimeEqual } from '../signing/salted-hmac.ts'

/** Gives the request `user()`: found out when it is first asked for, and then remembered. */
export class AuthenticationMiddleware implements MiddlewareHooks {
  readonly #getUser: (request: HttpRequest) => MaybePromise<RequestUser>

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#getUser = settings.getUser ?? (() => anonymousUser)
  }

  /** @throws ImproperlyConfigured without a session */
  processRequest(request: HttpRequest): void {
    if (!request.hasSession) {
      throw new ImproperlyConfigured(
        'AuthenticationMiddleware needs SessionMiddleware: put SessionMiddleware into settings.middleware before it.',
      )
    }
    request.setUser(remembered(() => this.#getUser(request)))
  }
}

/** Where the session keeps the hash that `login` found. */
export const sessionHashKey = '_auth_user_hash'

/**
 * Ends a session that was begun before its user's password changed. Since Django 1.10 `getUser` itself does this; the
 * class is for the flat lists, and for a `getUser` that does not.
 */
export class SessionAuthenticationMiddleware implements MiddlewareHooks {
  /** @throws ImproperlyConfigured before AuthenticationMiddleware */
  processRequest(request: HttpRequest): void {
    if (!request.hasUser) {
      throw new ImproperlyConfigured(
        'SessionAuthenticationMiddleware needs AuthenticationMiddleware before it in the settings.',
      )
    }
    const load = request.userLoader
    request.setUser(remembered(() => chain(load(), (user) => verified(request, user))))
  }
}

function verified(request: HttpRequest, user: RequestUser): MaybePromise<RequestUser> {
  if (!user.isAuthenticated || user.getSessionAuthHash === undefined) return user
  const hash = user.getSessionAuthHash()
  return chain(request.session.get(sessionHashKey), (kept) => {
    if (typeof kept === 'string' && constantTimeEqual(kept, hash)) return user
    return chain(request.session.flush(), () => anonymousUser)
  })
}

/** Asks once; whoever asks meanwhile waits for the same answer. */
function remembered<T>(load: () => MaybePromise<T>): () => MaybePromise<T> {
  let known: MaybePromise<T> | undefined
  return () => (known ??= load())
}
