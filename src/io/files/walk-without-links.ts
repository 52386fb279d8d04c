/**
 * From folder to folder to a file, seeing every symbolic link on the way (`disable_symlinks`). Each step is taken from
 * the descriptor of the step before: `/proc/self/fd/N/name` is what openat(N, "name") is elsewhere, so that nobody
 * can put a link into a part that was already seen. Without /proc every path is refused.
 */
import { closeSync, constants, fstatSync, openSync } from 'node:fs'

/** Linux: a descriptor that stands for the path alone and needs no permission to read. */
const O_PATH = 0o10000000

export interface WalkRule {
  /** A link is followed that belongs to the owner of what it leads to. */
  readonly ownersMayLink: boolean
}

export interface FileIdentity {
  readonly device: number
  readonly inode: number
}

/** `trusted` is the beginning of the path in which links are followed, '' for none. @throws ELOOP for a link */
export function walkWithoutLinks(trusted: string, rest: string, rule: WalkRule): FileIdentity {
  let fd = openSync(trusted === '' ? '/' : trusted, O_PATH)
  try {
    for (const name of rest.split('/')) {
      if (name === '' || name === '.') continue
      const next = step(fd, name, rule)
      closeSync(fd)
      fd = next
    }
    const { dev, ino } = fstatSync(fd)
    return { device: dev, inode: ino }
  } finally {
    closeSync(fd)
  }
}

function step(folder: number, name: string, rule: WalkRule): number {
  const place = `/proc/self/fd/${folder}/${name}`
  const fd = openSync(place, O_PATH | constants.O_NOFOLLOW)
  const stats = fstatSync(fd)
  if (!stats.isSymbolicLink()) return fd
  closeSync(fd)
  if (!rule.ownersMayLink) throw linkOnTheWay()
  const target = openSync(place, O_PATH)
  if (fstatSync(target).uid === stats.uid) return target
  closeSync(target)
  throw linkOnTheWay()
}

export function linkOnTheWay(): NodeJS.ErrnoException {
  const fields = { code: 'ELOOP', syscall: 'openat', errno: -40 }
  return Object.assign(new Error('ELOOP: too many symbolic links encountered'), fields)
}
