/** Files from disk: the content handler of a location that nothing else answers (nginx static, range, not_modified). */
import type { FrontModule } from '../front-module.ts'
import { forgetFile, lookUpFile, wasReplaced } from '../look-up-file.ts'
import type { Outcome } from '../outcome.ts'
import { redirectToSlash } from '../redirect.ts'
import type { Request } from '../request.ts'
import { refusesRewritten } from '../rewritten-alias.ts'
import { sendEntry } from '../send-entry.ts'
import { requestFilename } from '../variables.ts'
import { strerror } from '../../util/strerror.ts'

/** POST gets as far as nginx lets it: a folder is a redirect, what is missing is missing, a file takes none. */
function serveStatic(request: Request): Outcome {
  const { method } = request
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return 405
  if (request.pathReplaced && refusesRewritten(request)) return 500
  if (request.uri.endsWith('/')) return refuseFolder(request)
  const name = requestFilename(request)
  try {
    return serveFile(request, name)
  } catch (error) {
    if (request.headSent || !isSystemError(error)) throw error
    request.resetResponse()
    // replaced between the look-up and the opening: what is there now counts
    if (wasReplaced(error)) {
      forgetFile(request, name)
      return serveFile(request, name)
    }
    logFault(request, 'crit', name, error)
    return 500
  }
}

function serveFile(request: Request, name: string): Outcome {
  const found = lookUpFile(request, name)
  switch (found.kind) {
    case 'file':
      return request.method === 'POST' ? 405 : sendEntry(request, found)
    case 'directory':
      return redirectToSlash(request)
    case 'notFound':
      if (request.location.settings.logNotFound) logFault(request, 'error', name, found.error)
      return 404
    case 'denied':
      logFault(request, 'error', name, found.error)
      return 403
    case 'other':
      request.location.settings.errorLog.request('crit', request, `"${name}" is not a regular file`)
      return 404
    case 'error':
      logFault(request, 'crit', name, found.error)
      return 500
  }
}

function logFault(
  request: Request,
  level: 'error' | 'crit',
  name: string,
  error: NodeJS.ErrnoException,
): void {
  request.location.settings.errorLog.request(level, request, `open() "${name}" failed (${strerror(error)})`)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error
}

/** A folder without an index file: forbidden, as nothing lists it. */
function refuseFolder(request: Request): Outcome {
  const name = requestFilename(request)
  const found = lookUpFile(request, name)
  if (found.kind === 'denied') {
    request.location.settings.errorLog.request(
      'error',
      request,
      `"${name}" is forbidden (${strerror(found.error)})`,
    )
    return 403
  }
  if (found.kind === 'notFound' && request.location.settings.logNotFound)
    request.location.settings.errorLog.request(
      'error',
      request,
      `"${name}" is not found (${strerror(found.error)})`,
    )
  if (found.kind !== 'directory') return 404
  request.location.settings.errorLog.request('error', request, `directory index of "${name}" is forbidden`)
  return 403
}

export const staticModule: FrontModule = {
  name: 'static',
  directives: [],
  phases: {
    content: () => serveStatic,
  },
}
