/** Finishing a request with a status: `error_page` first, the server's own page otherwise. */
import { DONE, NAMED, RELOCATE, STATUS_CLIENT_CLOSED, STATUS_CLOSE, type Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import { sendText } from './response.ts'
import type { ErrorPage } from './server-config.ts'
import { specialPage, wireStatus } from './special-response.ts'

/** `error_page 404 = /x`: the status of the answer goes out, but no second error page is looked for. */
const ANY_STATUS = -1

/** Statuses after which nginx closes the connection: what follows on it cannot be trusted or is not wanted. */
const CLOSING = new Set([400, 408, 413, 414, 494, 495, 496, 497, 500, 501])

/**
 * Answers with this status and no content of its own, or prepares the redirect to the page for it: RELOCATE and NAMED
 * are for the phase runner to carry out.
 */
export function answerWithStatus(request: Request, status: number): Outcome {
  if (request.headSent || request.finished) return DONE
  if (status === STATUS_CLOSE || status === STATUS_CLIENT_CLOSED) {
    request.status = status
    request.connection.abort()
    return DONE
  }
  if (CLOSING.has(status)) request.keepAlive = false
  const page = request.errorStatus === 0 ? request.location.settings.errorPages.get(status) : undefined
  if (page) return prepareErrorPage(request, status, page)
  sendStatusPage(request, status)
  return DONE
}

/** Goes to the page that `error_page` names for this status. Location and other fields of the failure are dropped. */
function prepareErrorPage(request: Request, status: number, page: ErrorPage): Outcome {
  const target = page.target.evaluate(request)
  if (status < 301 || status > 308) request.resetResponse()
  if (page.kind === 'url') {
    const redirect =
      page.overwrite !== undefined && page.overwrite >= 301 && page.overwrite <= 308 ? page.overwrite : 302
    request.addHeader('Location', target)
    sendStatusPage(request, redirect)
    return DONE
  }
  request.errorStatus =
    page.overwrite === undefined ? status : page.overwrite === 0 ? ANY_STATUS : page.overwrite
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

/** The server's own page, with the status that an `error_page` in progress asks for. */
function sendStatusPage(request: Request, status: number): void {
  const { settings } = request.location
  request.status = status
  if (request.errorStatus > 0) request.status = request.errorStatus
  const shown = request.status
  request.contentType = 'text/html'
  request.etag = undefined
  request.lastModified = -1
  const wire = wireStatus(shown)
  request.status = shown
  if (wire === 204 || wire === 304 || wire < 200) sendText(request, '')
  else sendText(request, specialPage(shown, settings.serverTokens))
}
