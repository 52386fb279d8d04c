/** A path that a rewrite replaced within its location says nothing of what an alias stands for. */
import type { Request } from './request.ts'

/** Whether no file can be looked for; it is logged then, and the answer is 500 as in nginx. */
export function refusesRewritten(request: Request): boolean {
  const { location } = request
  if (!request.pathReplaced || !location.settings.alias) return false
  location.settings.errorLog.request(
    'error',
    request,
    `"alias" cannot be used in location "${location.prefix}" where URI was rewritten`,
  )
  return true
}
