import type { CsrfState, HttpRequest } from '../http/http-request.ts'
import { maskSecret, newSecret } from './token.ts'

/** The notes of a request that no middleware has made any for. */
export function csrfStateOf(request: HttpRequest): CsrfState {
  request.csrfState ??= { secret: null, isNew: false, cookieNeedsUpdate: false, processingDone: false }
  return request.csrfState
}

/** A token for the form or the header of this request's page. Asking for one sets the cookie. */
export function getToken(request: HttpRequest): string {
  const state = csrfStateOf(request)
  const secret = state.secret ?? renewSecret(state)
  // Also when the browser has it: so that it lasts as long again.
  state.cookieNeedsUpdate = true
  return maskSecret(secret)
}

/** Another secret from now on: at sign-in, so that nobody who planted the old one can use it. */
export function rotateToken(request: HttpRequest): void {
  renewSecret(csrfStateOf(request))
}

/** A secret that the browser has to be told. */
export function renewSecret(state: CsrfState): string {
  const secret = newSecret()
  state.secret = secret
  state.isNew = true
  state.cookieNeedsUpdate = true
  return secret
}
