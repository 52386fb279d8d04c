/**
 * Static files: looked up, checked and, while small, kept in memory. Every look-up asks the file system again (one
 * `stat`), so that a changed file is served new at once; what is saved is opening, reading and deriving the headers.
 *
 * The calls are synchronous, as nginx's own are: on a warm page cache a `stat` costs less than a trip through the
 * thread pool by a factor of ten.
 */
import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs'
import { LruCache } from '../../util/lru-cache.ts'

/** Largest body kept in memory as text, bytes. */
const CACHED_FILE_BYTES = 64 * 1024
/** Largest body kept in memory at all, bytes. */
const CONTENT_BYTES = 2 << 20

/** Why there is no file to serve. `notFound` covers ENOENT, ENOTDIR and ENAMETOOLONG, as in nginx's static module. */
export type FileFault = {
  readonly kind: 'notFound' | 'denied' | 'error'
  readonly error: NodeJS.ErrnoException
}

export interface FileEntry {
  readonly kind: 'file'
  readonly path: string
  readonly size: number
  /** Seconds since the epoch, whole, as Last-Modified can say it. */
  readonly mtimeSeconds: number
  readonly mtimeMs: number
  /** Of the last change of owner, mode or name too: a file that may not be read any more is not served from memory. */
  readonly ctimeMs: number
  readonly inode: number
  readonly device: number
  /** Whether its owner may execute it. */
  readonly executable: boolean
  /** nginx's form: `"mtime-size"` in hexadecimal. */
  readonly etag: string
  /** The whole content as Latin-1 text, which a socket takes together with the head in one write. */
  readonly text: string | undefined
  /** It was asked for by `contentOf` before. */
  usedBefore: boolean
  /** Slot for what a reader derives from the entry: the answer with it, ready-made. */
  derived: unknown
}

export type FileLookup = FileEntry | { readonly kind: 'directory' } | { readonly kind: 'other' } | FileFault

const DIRECTORY = { kind: 'directory' } as const
const OTHER = { kind: 'other' } as const

function describeFault(error: NodeJS.ErrnoException): FileFault {
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return { kind: 'notFound', error }
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
      return { kind: 'denied', error }
    default:
      return { kind: 'error', error }
  }
}

const NOT_FOUND_OPTIONS = { throwIfNoEntry: false } as const

interface Content {
  readonly entry: FileEntry
  readonly bytes: Buffer
}

export class FileCache {
  readonly #entries: LruCache<string, FileEntry>
  readonly #contents: LruCache<string, Content>

  /** `maxBytes`: most bytes of file content kept. */
  constructor(maxBytes: number) {
    this.#entries = new LruCache(maxBytes / 2, (entry) => 512 + 2 * (entry.text?.length ?? 0))
    this.#contents = new LruCache(maxBytes / 2, ({ bytes }) => bytes.length)
  }

  /** Regular file, directory or what stands in the way. Paths are file system paths (UTF-8). */
  lookup(path: string): FileLookup {
    let stats: Stats | undefined
    try {
      stats = statSync(path, NOT_FOUND_OPTIONS)
    } catch (error) {
      return describeFault(error as NodeJS.ErrnoException)
    }
    if (stats === undefined) return MISSING
    if (stats.isFile()) {
      const cached = this.#entries.get(path)
      if (
        cached &&
        cached.mtimeMs === stats.mtimeMs &&
        cached.ctimeMs === stats.ctimeMs &&
        cached.size === stats.size &&
        cached.inode === stats.ino
      ) {
        return cached
      }
      return this.#read(path)
    }
    return stats.isDirectory() ? DIRECTORY : OTHER
  }

  /**
   * The content of a file without text that is not too large to be kept, from its second use on: the first one has
   * brought it into the page cache, so that reading it stops nobody for long. Undefined: it has to be streamed. Nobody
   * writes into the bytes.
   */
  contentOf(entry: FileEntry): Buffer | undefined {
    if (entry.size > CONTENT_BYTES) return undefined
    const kept = this.#contents.get(entry.path)
    if (kept?.entry === entry) return kept.bytes
    if (!entry.usedBefore) {
      entry.usedBefore = true
      return undefined
    }
    const bytes = readSame(entry)
    if (bytes) this.#contents.set(entry.path, { entry, bytes })
    return bytes
  }

  /** Opens first and asks the descriptor: what is described is what is read, whatever is swapped meanwhile. */
  #read(path: string): FileLookup {
    let fd: number
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    } catch (error) {
      return describeFault(error as NodeJS.ErrnoException)
    }
    try {
      const stats = fstatSync(fd)
      if (!stats.isFile()) return OTHER
      const entry = makeEntry(
        path,
        stats,
        stats.size <= CACHED_FILE_BYTES ? readText(fd, stats.size) : undefined,
      )
      this.#entries.set(path, entry)
      return entry
    } catch (error) {
      return describeFault(error as NodeJS.ErrnoException)
    } finally {
      closeSync(fd)
    }
  }
}

/** One for all: a stack for every file that is missing would cost more than all else that is done for it. */
const MISSING = describeFault(
  Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT', errno: -2 }),
)

function makeEntry(path: string, stats: Stats, text: string | undefined): FileEntry {
  const mtimeSeconds = Math.floor(stats.mtimeMs / 1000)
  return {
    kind: 'file',
    path,
    size: stats.size,
    mtimeSeconds,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    inode: stats.ino,
    device: stats.dev,
    executable: (stats.mode & 0o100) !== 0,
    etag: `"${mtimeSeconds.toString(16)}-${stats.size.toString(16)}"`,
    text,
    usedBefore: false,
    derived: undefined,
  }
}

/** Undefined when it is not the file that was described any more, or cannot be read. */
function readSame({ path, inode, mtimeMs, ctimeMs, size }: FileEntry): Buffer | undefined {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = fstatSync(fd)
    const same =
      stats.ino === inode && stats.mtimeMs === mtimeMs && stats.ctimeMs === ctimeMs && stats.size === size
    return same ? readWhole(fd, size) : undefined
  } catch {
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

function readText(fd: number, size: number): string | undefined {
  return readWhole(fd, size)?.latin1Slice(0, size)
}

/** Undefined when the file shrank meanwhile: the caller then streams it and finds out. */
function readWhole(fd: number, size: number): Buffer | undefined {
  const buffer = Buffer.allocUnsafe(size)
  let done = 0
  while (done < size) {
    const count = readSync(fd, buffer, done, size - done, done)
    if (count === 0) return undefined
    done += count
  }
  return buffer
}
