/** Files as the locations see them: through `open_file_cache` where it is on. */
import { monotonicMs } from '../io/clock.ts'
import type { FileLookup } from '../io/files/file-cache.ts'
import { filePath } from '../util/file-path.ts'
import type { Request } from './request.ts'

/** `name` is a path in Latin-1 code points, as `requestFilename` gives it. */
export function lookUpFile(request: Request, name: string): FileLookup {
  const { openFiles } = request.location.settings
  const { files } = request.connection.server
  const path = filePath(name)
  return openFiles ? openFiles.cache.lookup(path, openFiles.rules, files, monotonicMs()) : files.lookup(path)
}

/** What is there is not what was found: the next look-up asks anew. */
export function forgetFile(request: Request, name: string): void {
  request.location.settings.openFiles?.cache.forget(filePath(name))
}
