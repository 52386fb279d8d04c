/** Files and folders by byte-string paths (one code unit per byte), for readers that are indifferent to encodings. */
import { readFileSync, readdirSync } from 'node:fs'
import { filePath } from '../../util/file-path.ts'

/** The whole file, one code unit per byte. @throws the system's error */
export function readBytes(path: string): string {
  return readFileSync(filePath(path), 'latin1')
}

/** Names in a folder; none where there is no folder or it cannot be read. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(filePath(path), { encoding: 'latin1' })
  } catch {
    return []
  }
}
