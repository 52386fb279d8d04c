/** Finishing a request with a status: `error_page` first, the server's own page otherwise. */
import {
  DONE,
  NAMED,
  RELOCATE,
  STATUS_CLIENT_CLOSED,
  STATUS_CLOSE,
  STATUS_TIMED_OUT,
  type Outcome,
} from './outcome.ts'
import { ANY_STATUS, type Request } from './request.ts'
import { sendText } from './response.ts'
import type { ErrorPage } from './server-config.ts'
import { hasNoContent } from '../http/status.ts'
import { specialPage, wireStatus } from './special-response.ts'

/** Statuses of a client that waits for no answer: the connection ends with a line in the log. */
const UNANSWERED = new Set([STATUS_CLOSE, STATUS_CLIENT_CLOSED, STATUS_TIMED_OUT])

/** Statuses after which nginx closes the connection: what follows on it cannot be trusted or is not wanted. */
const CLOSING = new Set([400, 413, 414, 495, 496, 497, 500, 501])

/**
 * Answers with this status and no content of its own, or prepares the redirect to the page for it: RELOCATE and NAMED
 * are for the phase runner to carry out.
 */
export function answerWithStatus(request: Request, status: number): Outcome {
  if (request.headSent || request.finished) return DONE
  request.status = status
  if (UNANSWERED.has(status)) {
    request.connection.abort()
    return DONE
  }
  if (CLOSING.has(status)) request.keepAlive = false
  const { errorPages, recursiveErrorPages } = request.location.settings
  const page = request.errorPageUsed || request.uriChangesLeft < 0 ? undefined : errorPages.get(status)
  if (page && !recursiveErrorPages) request.errorPageUsed = true
  if (page) return prepareErrorPage(request, status, page)
  sendStatusPage(request, status)
  return DONE
}

/** Goes to the page that `error_page` names for this status. Fields that say more of the failure go with it. */
function prepareErrorPage(request: Request, status: number, page: ErrorPage): Outcome {
  const target = page.target.evaluate(request)
  request.resetRepresentation()
  if (page.kind === 'url') {
    const redirect =
      page.overwrite !== undefined && page.overwrite >= 301 && page.overwrite <= 308 ? page.overwrite : 302
    request.setLocation(target)
    sendStatusPage(request, redirect)
    return DONE
  }
  request.errorStatus = page.overwrite === 0 ? ANY_STATUS : (page.overwrite ?? status)
  request.internal = true
  if (page.kind === 'named') {
    request.namedTarget = target
    return NAMED
  }
  if (request.method !== 'HEAD') request.method = 'GET'
  const query = target.indexOf('?')
  request.uri = query < 0 ? target : target.slice(0, query)
  request.args = query < 0 ? '' : target.slice(query + 1)
  return RELOCATE
}

/** The server's own page. One that has to stand in for the page of an `error_page` says what went wrong there. */
function sendStatusPage(request: Request, status: number): void {
  const { settings } = request.location
  request.status = status
  if (request.errorStatus !== 0) request.errorStatus = ANY_STATUS
  const page = hasNoContent(wireStatus(status)) ? '' : specialPage(status, settings.serverTokens)
  request.contentType = page === '' ? undefined : 'text/html'
  request.etag = undefined
  request.lastModified = -1
  sendText(request, page)
}
