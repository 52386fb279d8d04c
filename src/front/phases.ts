/**
 * The way of a request: server-rewrite, find-location, rewrite, preaccess, access, precontent, content. The runner is
 * synchronous until a handler waits, and a handler that answers for itself (DONE) ends it.
 */
import { Http1Error } from '../protocol/http1/http1-error.ts'
import { answerWithStatus } from './error-page.ts'
import { limitKeepAlive } from './keep-alive.ts'
import { ALLOWED, DONE, NAMED, NEXT, RELOCATE, STATUS_CLOSE } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { Request } from './request.ts'
import { redirectToSlash } from './redirect.ts'
import type { PhaseHandler } from './server-config.ts'

/** Ends a request with a status: through `error_page`, or with the server's own page. */
export function finishWithStatus(request: Request, status: number): void {
  let outcome: Outcome
  try {
    if (request.takesStatus?.(status)) return
    outcome = answerWithStatus(request, status)
  } catch (error) {
    failRequest(request, error)
    return
  }
  if (outcome !== DONE) settle(request, outcome)
}

/** Runs a subrequest: from the server's rewrites on, as an internal redirect. */
export function runSubrequestPhases(request: Request): void {
  if (request.resumeAt) {
    request.location = request.resumeAt.location
    request.phase = request.resumeAt.phase
    runLocation(request)
    return
  }
  relocate(request, runServerRewrite)
}

/** Runs a new request from the start. */
export function runPhases(request: Request): void {
  request.phase = 0
  runServerRewrite(request)
}

function runServerRewrite(request: Request): void {
  const handlers = request.server.serverRewrite
  if (handlers.length === 0) {
    findLocation(request)
    return
  }
  runHandlers(request, handlers, handlers.length, () => findLocation(request))
}

/** Looks the location up by `request.uri` and goes on there. */
function findLocation(request: Request): void {
  const match = request.server.locations.find(request.uri)
  if (match.autoRedirect) {
    finishWithStatus(request, redirectToSlash(request))
    return
  }
  if (match.captures) {
    request.captures = match.captures
    match.assign?.(request, match.captures)
  }
  const location = match.location ?? request.server.outer
  if (location.internal && !request.internal) {
    request.location = location
    finishWithStatus(request, 404)
    return
  }
  enterLocation(request, location)
}

/** Runs a location's phases from its rewrite phase on: named locations enter here too. */
function enterLocation(request: Request, location: Request['location']): void {
  const { limitExcept } = location
  request.location = limitExcept && !limitExcept.allowed.has(request.method) ? limitExcept.location : location
  request.uriChanged = false
  request.pathReplaced = false
  request.uriBehindAlias = false
  if (location.aliasClimbs && request.uri.startsWith('..', location.prefix.length)) {
    location.settings.errorLog.request('error', request, 'the path leads out of the alias of its location')
    finishWithStatus(request, 404)
    return
  }
  if (location.settings.errorLog.debug) {
    location.settings.errorLog.request(
      'debug',
      request,
      `http uri: "${request.uri}", args: "${request.args}"`,
    )
    location.settings.errorLog.request('debug', request, `using configuration "${location.label}"`)
  }
  const refused = checkBodyLength(request)
  if (refused !== 0) {
    finishWithStatus(request, refused)
    return
  }
  limitKeepAlive(request)
  request.phase = 0
  runLocation(request)
}

function checkBodyLength(request: Request): number {
  const { framing } = request.head
  if (framing.kind !== 'length' || request.bodyRefused) return 0
  const most = request.location.settings.maxBodyBytes
  if (most === 0 || framing.length <= most) return 0
  request.location.settings.errorLog.request(
    'error',
    request,
    `client intended to send too large body: ${framing.length} bytes`,
  )
  request.bodyRefused = true
  return 413
}

function runLocation(request: Request): void {
  let { location } = request
  let { handlers } = location
  while (request.phase < handlers.length) {
    if (request.phase === location.rewriteEnd && request.uriChanged) {
      relocate(request, findLocation)
      return
    }
    const handler = handlers[request.phase] as PhaseHandler
    request.phase += 1
    let outcome: Outcome | Promise<Outcome>
    try {
      outcome = handler(request)
    } catch (error) {
      failRequest(request, error)
      return
    }
    if (typeof outcome !== 'number') {
      outcome.then(
        (late) => {
          if (!request.finished && settle(request, late)) runLocation(request)
        },
        (error: unknown) => failRequest(request, error),
      )
      return
    }
    if (outcome !== NEXT && !settle(request, outcome)) return
    if (request.location !== location) {
      // an `if` of the rewrite phase matched: its location answers, without a rewrite phase of its own
      if (request.uriChanged) {
        relocate(request, findLocation)
        return
      }
      limitKeepAlive(request)
      location = request.location
      handlers = location.handlers
      request.phase = location.rewriteEnd
    }
  }
  if (request.phase === location.rewriteEnd && request.uriChanged) {
    relocate(request, findLocation)
    return
  }
  finishWithStatus(request, 404)
}

/** Whether the phases go on with the next handler. */
function settle(request: Request, outcome: Outcome): boolean {
  switch (outcome) {
    case NEXT:
    case ALLOWED:
      return true
    case DONE:
      return false
    case RELOCATE:
      relocate(request, runServerRewrite)
      return false
    case NAMED:
      namedRedirect(request, request.namedTarget)
      return false
    default:
      finishWithStatus(request, outcome)
      return false
  }
}

/** After a rewrite the location is looked up again; internal redirects pass the server's rewrites before that. */
function relocate(request: Request, enter: (request: Request) => void): void {
  request.uriChangesLeft -= 1
  if (request.uriChangesLeft < 0) {
    request.location.settings.errorLog.request(
      'error',
      request,
      `rewrite or internal redirection cycle while processing "${request.uri}"`,
    )
    finishWithStatus(request, 500)
    return
  }
  enter(request)
}

function runHandlers(
  request: Request,
  handlers: readonly PhaseHandler[],
  count: number,
  goOn: () => void,
  from = 0,
): void {
  for (let index = from; index < count; index += 1) {
    const handler = handlers[index] as PhaseHandler
    let outcome: Outcome | Promise<Outcome>
    try {
      outcome = handler(request)
    } catch (error) {
      failRequest(request, error)
      return
    }
    if (typeof outcome !== 'number') {
      outcome.then(
        (late) => {
          if (settle(request, late)) runHandlers(request, handlers, count, goOn, index + 1)
        },
        (error: unknown) => failRequest(request, error),
      )
      return
    }
    if (!settle(request, outcome)) return
  }
  goOn()
}

/**
 * A handler that threw, which is a bug of ours, or a field that would not be one line. The request gets a 500 where
 * that is still possible; the worker goes on.
 */
export function failRequest(request: Request, error: unknown): void {
  const { errorLog } = request.location.settings
  if (error instanceof Http1Error) errorLog.request('error', request, error.message)
  else {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    errorLog.request('crit', request, `handler failed: ${text}`)
  }
  if (request.headSent || request.failed) {
    if (!request.headSent) request.status = STATUS_CLOSE
    request.connection.abort()
    return
  }
  request.failed = true
  request.resetResponse()
  finishWithStatus(request, 500)
}

/** An internal redirect (`error_page`, `try_files`, `index`, X-Accel-Redirect). `args` undefined keeps them. */
export function internalRedirect(request: Request, uri: string, args: string | undefined): void {
  request.uriChangesLeft -= 1
  if (request.uriChangesLeft < 0) {
    request.location.settings.errorLog.request(
      'error',
      request,
      `rewrite or internal redirection cycle while internally redirecting to "${uri}"`,
    )
    finishWithStatus(request, 500)
    return
  }
  request.uri = uri
  if (args !== undefined) request.args = args
  request.internal = true
  runServerRewrite(request)
}

/** Goes on in a named location; nginx answers 500 where there is none. */
export function namedRedirect(request: Request, name: string): void {
  const location = request.server.named.get(name)
  request.uriChangesLeft -= 1
  if (!location || request.uriChangesLeft < 0) {
    const fault = location ? 'rewrite or internal redirection cycle' : 'could not find named location'
    request.location.settings.errorLog.request('error', request, `${fault} "${name}"`)
    finishWithStatus(request, 500)
    return
  }
  request.internal = true
  enterLocation(request, location)
}
