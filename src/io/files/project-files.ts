/** Files of a project that commands read and write: never while requests run. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The names in a folder; none where it is not there. */
export function fileNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Absolute paths of the files in a folder and in those below it. @throws the system's error */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** @throws the system's error */
export function readFileBytes(path: string): Buffer {
  return readFileSync(path)
}

/** With the folders above it, in the place of what is there. @throws the system's error */
export function writeFile(path: string, content: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** The folder of a path, for the owner only where it is new. @throws the system's error */
export function makeOwnFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
}

/** A link to a folder, with the folders above it, unless there is something already. @throws the system's error */
export function linkFolder(path: string, folder: string): void {
  mkdirSync(dirname(path), { recursive: true })
  try {
    symlinkSync(folder, path, 'dir')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** A new file, with the folders above it. @throws the system's error: EEXIST for one that is there */
export function createFile(path: string, text: string, mode = 0o666): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { flag: 'wx', mode })
}
