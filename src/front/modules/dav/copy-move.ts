/** COPY and MOVE (RFC 4918 sections 9.8 and 9.9), with nginx's statuses: 204 for a file, 201 for a collection. */
import * as tree from '../../../io/files/file-tree.ts'
import { filePath } from '../../../util/file-path.ts'
import { strerror } from '../../../util/strerror.ts'
import { folderAccess } from '../../access-row.ts'
import { forgetFile } from '../../look-up-file.ts'
import type { Outcome } from '../../outcome.ts'
import type { Request } from '../../request.ts'
import { requestFilename } from '../../variables.ts'
import { finishPlain } from './answers.ts'
import { logTreeFault, refuse, systemFault } from './dav-fault.ts'
import { readDepth } from './depth.ts'
import { readDestination } from './destination.ts'

/** One COPY or MOVE of `from` to `to`, which are paths of the file system without a slash at their ends. */
interface Transfer {
  readonly request: Request
  readonly from: string
  readonly to: string
  readonly toFolder: boolean
  readonly overwrite: boolean
  readonly access: number
}

export function copyOrMove(request: Request, access: number): Outcome | Promise<Outcome> {
  const destination = readDestination(request)
  if (destination.kind === 'fault') return refuse(request, 400, destination.message)
  const target = destination.path
  const folders = request.uri.endsWith('/')
  if (folders !== target.endsWith('/')) {
    const shown = request.headers.get('destination') ?? ''
    return refuse(
      request,
      409,
      `both URI "${request.uri}" and "Destination" URI "${shown}" should be either collections or non-collections`,
    )
  }
  const depth = readDepth(request, 'infinity')
  if (depth !== 'infinity' && !(request.method === 'COPY' && depth === '0')) {
    const wanted = request.method === 'COPY' ? '0 or infinity' : 'infinity'
    return refuse(request, 400, `"Depth" header must be ${wanted}`)
  }
  const overwrite = readOverwrite(request)
  if (overwrite === undefined)
    return refuse(
      request,
      400,
      `client sent invalid "Overwrite" header: "${request.headers.get('overwrite') ?? ''}"`,
    )
  const to = pathOf(request, target)
  if (to === undefined)
    return refuse(request, 400, `"Destination" path "${target}" is outside of the location`)
  const from = filePath(requestFilename(request))
  return transfer({
    request,
    from: withoutSlash(from),
    to: withoutSlash(filePath(to)),
    toFolder: folders,
    overwrite,
    access,
  })
}

function readOverwrite(request: Request): boolean | undefined {
  const value = request.headers.get('overwrite')
  if (value === undefined || /^t$/i.test(value)) return true
  return /^f$/i.test(value) ? false : undefined
}

/** Where another path of this location is; undefined for one that an `alias` does not know. */
function pathOf(request: Request, uri: string): string | undefined {
  const { alias, aliasPrefix } = request.location.settings
  if (alias && aliasPrefix !== undefined && !uri.startsWith(aliasPrefix)) return undefined
  const own = request.uri
  request.uri = uri
  try {
    forgetFile(request, requestFilename(request))
    return requestFilename(request)
  } finally {
    request.uri = own
  }
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

async function transfer(job: Transfer): Promise<Outcome> {
  const { request, from, to, toFolder } = job
  let target: tree.NodeFacts | undefined
  try {
    target = await tree.factsOf(to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      return systemFault(request, 'lstat', to, error, 404)
  }
  if (target?.isFolder && !toFolder) {
    const shown = request.headers.get('destination') ?? ''
    return refuse(request, 409, `"${request.uri}" could not be ${request.method}ed to collection "${shown}"`)
  }
  if (target && !job.overwrite) return refuse(request, 412, `"${to}" could not be created (17: File exists)`)
  let source: tree.NodeFacts
  try {
    source = await tree.factsOf(from)
  } catch (error) {
    return systemFault(request, 'lstat', from, error, 404)
  }
  if (!source.isFolder) return transferFile(job)
  if (!toFolder) return refuse(request, 400, `"${request.uri}" is collection`)
  return transferFolder(job, target)
}

async function transferFile({ request, from, to, access }: Transfer): Promise<Outcome> {
  try {
    if (request.method === 'MOVE') await tree.placeFile(from, to, { folderMode: folderAccess(access) })
    else await tree.copyFileWhole(from, to)
  } catch (error) {
    const { errorLog } = request.location.settings
    const call = request.method === 'MOVE' ? 'rename' : 'copy'
    errorLog.request('crit', request, `${call}() "${from}" to "${to}" failed (${strerror(error)})`)
    return 500
  }
  return finishPlain(request, 204)
}

async function transferFolder(job: Transfer, target: tree.NodeFacts | undefined): Promise<Outcome> {
  const { request, from, to } = job
  // nginx copies such a folder into itself without end, or deletes it with its destination
  if (`${to}/`.startsWith(`${from}/`) || `${from}/`.startsWith(`${to}/`))
    return refuse(request, 403, `"${from}" and "${to}" lie within each other`)
  const onFault = logTreeFault(request)
  if (target) {
    try {
      if (target.isFolder) await tree.deleteFolder(to, onFault)
      else await tree.deleteFile(to)
    } catch (error) {
      return systemFault(request, target.isFolder ? 'rmdir' : 'unlink', to, error, 404)
    }
  }
  if (request.method === 'MOVE') {
    try {
      await tree.renameNode(from, to)
      return finishPlain(request, 201)
    } catch {
      // another file system: copied, then deleted
    }
  }
  try {
    await tree.copyFolder(from, to, onFault)
  } catch (error) {
    return systemFault(request, 'mkdir', to, error, 404)
  }
  if (request.method === 'MOVE') {
    try {
      await tree.deleteFolder(from, onFault)
    } catch (error) {
      return systemFault(request, 'rmdir', from, error, 404)
    }
  }
  return finishPlain(request, 201)
}
