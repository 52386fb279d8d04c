/** Pid files: a number and LF. Written by rename, so that a reader never sees half of one. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder where it is missing: the default one is made by the first start. */
export function writePidFile(path: string, pid: number): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = `${path}.${pid}`
  writeFileSync(temporary, `${pid}\n`)
  renameSync(temporary, path)
}

/** Undefined where there is no file or no number in it. Other errors of the system are thrown. */
export function readPidFile(path: string): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const pid = Number.parseInt(text, 10)
  return pid > 0 ? pid : undefined
}

/** Removes the file only while it names `pid`: a successor's file stays. */
export function removePidFile(path: string, pid: number): void {
  if (readPidFile(path) === pid) rmSync(path, { force: true })
}

/** @throws the system's error */
export function renamePidFile(from: string, to: string): void {
  renameSync(from, to)
}
