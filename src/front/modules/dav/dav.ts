/** PUT, DELETE, MKCOL, COPY and MOVE of files (nginx dav module; RFC 4918 without properties and locks). */
import type { Context } from '../../../config/directive.ts'
import { choicesRow, flagRow, numberRow } from '../../../config/rows.ts'
import * as tree from '../../../io/files/file-tree.ts'
import { filePath } from '../../../util/file-path.ts'
import { accessRow, folderAccess } from '../../access-row.ts'
import type { FrontModule } from '../../front-module.ts'
import { forgetFile } from '../../look-up-file.ts'
import { NEXT, type Outcome } from '../../outcome.ts'
import type { Request } from '../../request.ts'
import { requestFilename } from '../../variables.ts'
import { finishCreated, finishPlain } from './answers.ts'
import { copyOrMove } from './copy-move.ts'
import { logTreeFault, refuse, systemFault } from './dav-fault.ts'
import { readDepth } from './depth.ts'
import { put } from './put.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']

const methods = choicesRow(
  {
    name: 'dav_methods',
    contexts: CONTEXTS,
    default: new Set(['off'] as const),
    defaultText: 'off',
    doc: 'Methods by which clients may change files.',
  },
  ['off', 'put', 'delete', 'mkcol', 'copy', 'move'],
)
const makesFolders = flagRow({
  name: 'create_full_put_path',
  contexts: CONTEXTS,
  default: false,
  doc: 'Whether PUT makes the folders above a file.',
})
const minDeleteDepth = numberRow({
  name: 'min_delete_depth',
  contexts: CONTEXTS,
  default: 0,
  doc: 'Elements that a path needs for DELETE.',
})
const access = accessRow({
  name: 'dav_access',
  contexts: CONTEXTS,
  doc: 'Permissions of files and folders that clients make.',
})

function hasBody({ head: { framing } }: Request): boolean {
  return framing.kind === 'chunked' || (framing.kind === 'length' && framing.length > 0)
}

/** Slashes that something follows, as nginx counts them. */
function isDeepEnough(uri: string, least: number): boolean {
  let depth = 0
  for (let at = uri.indexOf('/'); at >= 0; at = uri.indexOf('/', at + 1)) {
    depth += 1
    if (depth >= least && at + 1 < uri.length) return true
  }
  return false
}

function remove(request: Request, leastDepth: number): Outcome | Promise<Outcome> {
  if (hasBody(request)) return refuse(request, 415, 'DELETE with body is unsupported')
  const { uri } = request
  if (leastDepth > 0 && !isDeepEnough(uri, leastDepth))
    return refuse(request, 409, `insufficient URI depth:${uri.split('/').length - 1} to DELETE`)
  const name = requestFilename(request)
  forgetFile(request, name)
  return removeNode(request, filePath(name))
}

async function removeNode(request: Request, path: string): Promise<Outcome> {
  let isFolder
  try {
    ;({ isFolder } = await tree.factsOf(path))
  } catch (error) {
    const status = (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 409 : 404
    return systemFault(request, 'lstat', path, error, status)
  }
  if (isFolder && !request.uri.endsWith('/'))
    return refuse(request, 409, `DELETE "${path}" failed (21: Is a directory)`)
  const depth = readDepth(request, isFolder ? 'infinity' : '0')
  if (depth !== 'infinity' && (isFolder || depth !== '0'))
    return refuse(request, 400, `"Depth" header must be ${isFolder ? 'infinity' : '0 or infinity'}`)
  try {
    if (isFolder) await tree.deleteFolder(path.slice(0, -1), logTreeFault(request))
    else await tree.deleteFile(path)
  } catch (error) {
    return systemFault(request, isFolder ? 'rmdir' : 'unlink', path, error, 404)
  }
  return finishPlain(request, 204)
}

function makeCollection(request: Request, mode: number): Outcome | Promise<Outcome> {
  if (hasBody(request)) return refuse(request, 415, 'MKCOL with body is unsupported')
  if (!request.uri.endsWith('/')) return refuse(request, 409, 'MKCOL can create a collection only')
  const path = filePath(requestFilename(request)).slice(0, -1)
  return tree.makeFolder(path, folderAccess(mode)).then(
    () => finishCreated(request),
    (error: unknown) => systemFault(request, 'mkdir', path, error, 409),
  )
}

export const davModule: FrontModule = {
  name: 'dav',
  directives: [methods, makesFolders, minDeleteDepth, access],
  phases: {
    content: (scope) => {
      const allowed = new Set(Array.from(scope.get(methods), (method) => method.toUpperCase()))
      allowed.delete('OFF')
      if (allowed.size === 0) return undefined
      const leastDepth = scope.get(minDeleteDepth)
      const mode = scope.get(access)
      const rules = { access: mode, makesFolders: scope.get(makesFolders) }
      return (request) => {
        const { method } = request
        if (!allowed.has(method)) return NEXT
        switch (method) {
          case 'PUT':
            return put(request, rules)
          case 'DELETE':
            return remove(request, leastDepth)
          case 'MKCOL':
            return makeCollection(request, mode)
          default:
            return hasBody(request)
              ? refuse(request, 415, 'COPY and MOVE with body are unsupported')
              : copyOrMove(request, mode)
        }
      }
    },
  },
}
