/** What a privileged master makes for workers that run as another user. */
import {
  chmodSync,
  closeSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** Permission bits of a folder where everybody makes what only he removes. */
const STICKY_FOR_ALL = 0o1002

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
 * The same for sockets of ours. Where everybody makes folders (/tmp), whoever made this one first could put sockets of
 * his own in the place of ours.
 * @throws the system's error, and Error for a folder of somebody else in such a place
 */
export function makePrivateFolder(path: string, owner: Owner | undefined): void {
  makeOwnedFolder(path, owner)
  refuseForeign(path, owner)
}

function refuseForeign(path: string, owner: Owner | undefined): void {
  if ((statSync(dirname(path)).mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL) return
  const folder = lstatSync(path)
  const known = [0, process.getuid?.(), owner?.uid]
  if (!folder.isDirectory() || !known.includes(folder.uid)) throw new Error(`"${path}" is somebody else's`)
}

/**
 * Where programs of `owner` listen for those of `visitor`, who may pass and meet what each socket's own mode lets them.
 * Under anybody but root all are the same.
 */
export function makeSocketFolder(path: string, owner: Owner | undefined, visitor: Owner | undefined): void {
  makeOwnedFolder(path, owner)
  refuseForeign(dirname(path), undefined)
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
