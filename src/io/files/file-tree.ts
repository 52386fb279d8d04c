/** Files and folders changed, copied and moved, off the event loop. Paths are those of `filePath`. */
import { randomBytes } from 'node:crypto'
import { chmod, copyFile, lstat, mkdir, readdir, rename, rmdir, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'

export interface NodeFacts {
  readonly isFolder: boolean
}

/** What failed of many; the others went on. */
export type TreeFault = (call: string, path: string, error: unknown) => void

/** Of the name itself, links not followed. Rejects with the system's error. */
export async function factsOf(path: string): Promise<NodeFacts> {
  return { isFolder: (await lstat(path)).isDirectory() }
}

/** Where links lead; undefined for nothing. */
export async function folderThere(path: string): Promise<boolean | undefined> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return undefined
  }
}

export async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode })
}

/** Every folder above `path` that is missing. */
async function makeFoldersAbove(path: string, mode: number): Promise<void> {
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
    await mkdir(path.slice(0, at), { mode }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' && error.code !== 'EACCES') throw error
    })
  }
}

export async function deleteFile(path: string): Promise<void> {
  await unlink(path)
}

/** A folder with all that is in it. Rejects when it is still there. */
export async function deleteFolder(path: string, onFault: TreeFault): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) {
      await deleteFolder(inner, onFault).catch((error: unknown) => onFault('rmdir', inner, error))
    } else await unlink(inner).catch((error: unknown) => onFault('unlink', inner, error))
  }
  await rmdir(path)
}

/** With its permissions and time; what was there is written over. */
export async function copyFileWhole(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const { mode, atime, mtime } = await stat(from)
  await chmod(to, mode & 0o777)
  await utimes(to, atime, mtime)
}

/** The files and folders in `from` into `to`, which is there; links and devices stay behind. */
export async function copyTree(from: string, to: string, onFault: TreeFault): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isFile()) {
      await copyFileWhole(source, target).catch((error: unknown) => onFault('copy', source, error))
    } else if (entry.isDirectory()) {
      await copyFolder(source, target, onFault).catch((error: unknown) => onFault('mkdir', target, error))
    }
  }
}

/** Folder, content and time. */
export async function copyFolder(from: string, to: string, onFault: TreeFault): Promise<void> {
  const { mode, atime, mtime } = await stat(from)
  await mkdir(to, { mode: (mode & 0o777) | ((mode & 0o444) >> 2) })
  await copyTree(from, to, onFault)
  await utimes(to, atime, mtime)
}

export async function renameNode(from: string, to: string): Promise<void> {
  await rename(from, to)
}

export interface Placing {
  /** Permissions that the file gets; those it has where it is undefined. */
  readonly mode?: number | undefined
  /** Its time, seconds since the epoch. */
  readonly mtimeSeconds?: number | undefined
  /** Permissions of folders that are made for it; without it none is made. */
  readonly folderMode?: number | undefined
}

/** Gives a file its name, whole or not at all; on another file system it is copied beside its place first. */
export async function placeFile(from: string, to: string, placing: Placing): Promise<void> {
  const { mode, mtimeSeconds, folderMode } = placing
  if (mode !== undefined) await chmod(from, mode)
  if (mtimeSeconds !== undefined) await utimes(from, mtimeSeconds, mtimeSeconds)
  try {
    await move(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folderMode === undefined) throw error
    await makeFoldersAbove(to, folderMode)
    await move(from, to)
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    const beside = `${to}.${randomBytes(6).toString('hex')}`
    try {
      await copyFileWhole(from, beside)
      await rename(beside, to)
    } catch (fault) {
      await unlink(beside).catch(() => undefined)
      throw fault
    }
    await unlink(from)
  }
}
