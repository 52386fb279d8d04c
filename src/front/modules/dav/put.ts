/** PUT: the body becomes a temporary file, and that the file asked for, whole or not at all. */
import * as tree from '../../../io/files/file-tree.ts'
import { parseHttpDate } from '../../../http/http-date.ts'
import { filePath } from '../../../util/file-path.ts'
import { strerror } from '../../../util/strerror.ts'
import { folderAccess } from '../../access-row.ts'
import { forgetFile } from '../../look-up-file.ts'
import type { Outcome } from '../../outcome.ts'
import { RequestBody } from '../../request-body.ts'
import type { Request } from '../../request.ts'
import { requestFilename } from '../../variables.ts'
import { finishCreated, finishPlain } from './answers.ts'
import { refuse } from './dav-fault.ts'

export interface PutRules {
  readonly access: number
  readonly makesFolders: boolean
}

export function put(request: Request, rules: PutRules): Outcome | Promise<Outcome> {
  if (request.uri.endsWith('/')) return refuse(request, 409, 'cannot PUT to a collection')
  if (request.headers.get('content-range') !== undefined)
    return refuse(request, 501, 'PUT with range is unsupported')
  if (request.head.framing.kind === 'none') return refuse(request, 500, 'PUT request body must be in a file')
  if (request.body) {
    // read for another module, perhaps into memory
    const { body } = request
    return body.intoFile().then(
      (path) => store(request, path, rules),
      (error: unknown) => refuse(request, 500, `request body not written: ${strerror(error)}`),
    )
  }
  const { promise, resolve } = Promise.withResolvers<number>()
  const body = new RequestBody(request)
  request.body = body
  body.keepInFile()
  body.read(resolve)
  return promise.then((status) => (status === 0 ? store(request, body.filePath ?? '', rules) : status))
}

async function store(request: Request, temporary: string, rules: PutRules): Promise<Outcome> {
  const name = requestFilename(request)
  const path = filePath(name)
  const folder = await tree.folderThere(path)
  if (folder) return refuse(request, 409, `"${path}" could not be created (21: Is a directory)`)
  const date = request.headers.get('date')
  try {
    await tree.placeFile(temporary, path, {
      mode: rules.access,
      mtimeSeconds: date === undefined ? undefined : parseHttpDate(date),
      folderMode: rules.makesFolders ? folderAccess(rules.access) : undefined,
    })
  } catch (error) {
    request.location.settings.errorLog.request(
      'crit',
      request,
      `rename() "${temporary}" to "${path}" failed (${strerror(error)})`,
    )
    return 500
  }
  forgetFile(request, name)
  return folder === undefined ? finishCreated(request) : finishPlain(request, 204)
}
