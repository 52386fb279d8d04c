/** Folders of files as a whole: finding, reading, writing. For commands, not for requests. */
import { constants } from 'node:fs'
import {
  type FileHandle,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { dirname, join, sep } from 'node:path'

/** Paths of the files below a folder, with slashes, sorted. Symbolic links are not followed: they may lead anywhere. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  const start = folder.endsWith(sep) ? folder.length : folder.length + 1
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(start).split(sep).join('/'))
    .sort()
}

/** A path below a folder. @throws RangeError for one that leads out of it */
function below(folder: string, path: string): string {
  const parts = path.split('/')
  if (
    path === '' ||
    path.includes('\0') ||
    path.includes('\\') ||
    parts.some((part) => ['', '.', '..'].includes(part))
  ) {
    throw new RangeError(`Not a path of a file in the folder: ${JSON.stringify(path)}`)
  }
  return join(folder, ...parts)
}

/** The file's own path, null where there is none, or only through a link that leads out of the folder. */
async function fileBelow(folder: string, path: string): Promise<string | null> {
  const full = below(folder, path)
  const stats = await lstat(full).catch(() => undefined)
  if (stats?.isFile() !== true) return null
  const [root, real] = await Promise.all([realpath(folder), realpath(full)])
  return real.startsWith(root.endsWith(sep) ? root : root + sep) ? real : null
}

/** Null where there is no file. @throws RangeError as `below`, and the system's error */
export async function readBelow(folder: string, path: string): Promise<Buffer | null> {
  const file = await fileBelow(folder, path)
  return file === null ? null : readFile(file)
}

/** A file opened for reading; `close` ends it, also when nobody has read it to its end. */
export interface OpenedFile {
  /** Bytes. */
  readonly size: number
  readonly mtimeMs: number
  readonly chunks: AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Null where there is no file. @throws RangeError as `below`, and the system's error */
export async function openBelow(folder: string, path: string): Promise<OpenedFile | null> {
  const file = await fileBelow(folder, path)
  if (file === null) return null
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { size, mtimeMs } = await handle.stat()
    return { size, mtimeMs, chunks: chunksOf(handle, size), close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** No more than its size when it was opened, which is what is announced: a log may grow while it is sent. */
async function* chunksOf(handle: FileHandle, size: number): AsyncIterable<Uint8Array> {
  if (size > 0) yield* handle.createReadStream({ autoClose: false, start: 0, end: size - 1 })
}

/** The file appears whole; folders are made. @throws RangeError as `below`, and the system's error */
export async function writeBelow(folder: string, path: string, content: Uint8Array | string): Promise<void> {
  const full = below(folder, path)
  await mkdir(dirname(full), { recursive: true })
  const fresh = `${full}.${randomBytes(6).toString('hex')}`
  await writeFile(fresh, content)
  await rename(fresh, full)
}

/** Removes what is in the folder, not the folder. */
export async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
}
