/** What nginx answers and logs where changing a file fails. */
import type { TreeFault } from '../../../io/files/file-tree.ts'
import { strerror } from '../../../util/strerror.ts'
import type { Outcome } from '../../outcome.ts'
import type { Request } from '../../request.ts'

/** The client's fault: said in the log, and answered. */
export function refuse(request: Request, status: number, message: string): Outcome {
  request.location.settings.errorLog.request('error', request, message)
  return status
}

const REFUSALS = new Map([
  ['EACCES', 403],
  ['EPERM', 403],
  ['EEXIST', 405],
])
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'])

/** `missing`: the status for a name that leads nowhere. */
export function systemFault(
  request: Request,
  call: string,
  path: string,
  error: unknown,
  missing: number,
): Outcome {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const expected = MISSING.has(code) ? missing : REFUSALS.get(code)
  request.location.settings.errorLog.request(
    expected === undefined ? 'crit' : 'error',
    request,
    `${call}() "${path}" failed (${strerror(error)})`,
  )
  return expected ?? (code === 'ENOSPC' ? 507 : 500)
}

/** Something within a folder: the rest goes on. */
export function logTreeFault(request: Request): TreeFault {
  return (call, path, error) => void systemFault(request, call, path, error, 0)
}
