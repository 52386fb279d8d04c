/** Files of a project that commands read and write: never while requests run. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The names in a folder; none where it is not there. */
export function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A new file, with the folders above it. @throws the system's error: EEXIST for one that is there */
export function createFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { flag: 'wx' })
}
