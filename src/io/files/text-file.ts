/** Small text files, read whole and at once: sources and configuration at start, never while requests run. */
import { readFileSync, statSync, openSync } from 'node:fs'

/** Undefined where it cannot be read, for whatever reason. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

/** Descriptor of a file for the standard error of a child. @throws the system's error */
export function openAppending(path: string): number {
  return openSync(path, 'a')
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
