/** Files as the locations see them: through `open_file_cache` where it is on. */
import { monotonicMs } from '../io/clock.ts'
import { listDirectory, type DirectoryEntry } from '../io/files/directory-listing.ts'
import type { FileLookup } from '../io/files/file-cache.ts'
import { withoutLinks } from './disable-symlinks.ts'
import { filePath } from '../util/file-path.ts'
import type { Request } from './request.ts'

/** `name` is a path in Latin-1 code points, as `requestFilename` gives it. */
export function lookUpFile(request: Request, name: string): FileLookup {
  const { openFiles, symlinks } = request.location.settings
  const { files } = request.connection.server
  const path = filePath(name)
  const found = openFiles
    ? openFiles.cache.lookup(path, openFiles.rules, files, monotonicMs())
    : files.lookup(path)
  if (!symlinks) return found
  const allowed = withoutLinks(request, name, found, symlinks)
  if (!openFiles || found.kind !== 'file' || allowed.kind !== 'denied') return allowed
  // it may be refused only because another file has taken the place of the one that is remembered
  openFiles.cache.forget(path)
  return withoutLinks(request, name, files.lookup(path), symlinks)
}

/** What is in a folder. Rejects with the system's error. */
export async function listFolder(request: Request, path: string): Promise<DirectoryEntry[]> {
  if (request.location.settings.symlinks) {
    const found = lookUpFile(request, path)
    if (found.kind === 'denied') throw found.error
  }
  return await listDirectory(filePath(path))
}

/** Of opening what was found: another file, or none, is there by now. */
export function wasReplaced(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ESTALE' || error.code === 'ENOENT')
}

/** What is there is not what was found: the next look-up asks anew. */
export function forgetFile(request: Request, name: string): void {
  request.location.settings.openFiles?.cache.forget(filePath(name))
}
