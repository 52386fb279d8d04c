/** Where a path leads once all symbolic links are followed. */
import { realpathSync } from 'node:fs'
import { filePath } from '../../util/file-path.ts'

/** Path and answer are Latin-1 code points, one per byte. @throws the system's error */
export function realPath(path: string): string {
  return realpathSync.native(filePath(path), 'buffer').toString('latin1')
}
