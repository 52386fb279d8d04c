/** What a privileged master makes for workers that run as another user. */
import { chmodSync, closeSync, chownSync, lchownSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** A folder that only its owner enters; one that is there and belongs to us is handed over. */
export function makeOwnedFolder(path: string, owner: Owner | undefined): void {
  if (!owner) {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    return
  }
  // the way to it is for everybody: the owner is another than we
  mkdirSync(dirname(path), { recursive: true })
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const { uid, mode } = statSync(path)
  if (uid === process.getuid?.() && (mode & 0o007) === 0) chownSync(path, owner.uid, owner.gid)
}

/**
 * Where programs of `owner` listen for those of `visitor`, who may pass and meet what each socket's own mode lets them.
 * Under anybody but root all are the same.
 */
export function makeSocketFolder(path: string, owner: Owner | undefined, visitor: Owner | undefined): void {
  makeOwnedFolder(path, owner)
  if (process.getuid?.() !== 0) return
  lchownSync(path, owner?.uid ?? 0, visitor?.gid ?? owner?.gid ?? 0) // it may be another's than before a reload
  chmodSync(path, 0o710)
}

/** A socket that its process left, where there is one. What cannot be removed, whoever listens there next says. */
export function removePath(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // not ours, or a folder
  }
}

/** A log that was rotated away, made anew for workers that may not make it. @throws the system's error */
export function makeOwnedFile(path: string, { uid, gid }: Owner): void {
  closeSync(openSync(path, 'a', 0o644))
  chownSync(path, uid, gid)
}
