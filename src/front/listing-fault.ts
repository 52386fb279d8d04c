/** The status for a folder that cannot be read. */
import { strerror } from '../util/strerror.ts'
import type { Outcome } from './outcome.ts'
import type { Request } from './request.ts'

export function listingFault(request: Request, path: string, error: NodeJS.ErrnoException): Outcome {
  const { errorLog, logNotFound } = request.location.settings
  const missing = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(error.code ?? '')
  const denied = error.code === 'EACCES' || error.code === 'ELOOP'
  if (!missing || logNotFound) {
    const level = missing || denied ? 'error' : 'crit'
    errorLog.request(level, request, `opendir() "${path}" failed (${strerror(error)})`)
  }
  return missing ? 404 : denied ? 403 : 500
}
