/**
 * A file for what does not fit into memory: made, unlinked at once unless its name is wanted, gone with its descriptor.
 * Only one write or read is under way at a time.
 */
import { close, mkdirSync, openSync, read, readSync, unlink, unlinkSync, write, writevSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const writeTo = promisify(write)
const readFrom = promisify(read)
const closeFile = promisify(close)
const unlinkFile = promisify(unlink)

let counter = 0

/** Digits that the number of a file has in its name, as in nginx. */
const NUMBER_DIGITS = 10

export interface TempFileOptions {
  /** Digits of the names of subfolders, taken from the end of the file's number. */
  readonly levels?: readonly number[]
  /** Others are to open it by its name. */
  readonly named?: boolean
}

export class TempFile {
  readonly #fd: number
  #length = 0

  /** Where it is, or was before it lost its name. */
  readonly path: string

  private constructor(fd: number, path: string) {
    this.#fd = fd
    this.path = path
  }

  /** Makes the folder if it is missing. Rejects with the system's error (ENOSPC, EROFS, EACCES). */
  static create(folder: string, options: TempFileOptions = {}): Promise<TempFile> {
    return new Promise((resolve) => resolve(TempFile.createNow(folder, options)))
  }

  /** The same. @throws the system's error. */
  static createNow(folder: string, { levels = [], named = false }: TempFileOptions = {}): TempFile {
    counter += 1
    const number = counter.toString().padStart(NUMBER_DIGITS, '0')
    const inner = join(folder, ...levelNames(number, levels))
    mkdirSync(inner, { recursive: true, mode: 0o700 })
    const path = join(inner, `${process.pid}.${number}`)
    const fd = openSync(path, 'wx+', 0o600)
    if (!named) unlinkSync(path)
    return new TempFile(fd, path)
  }

  /** Takes its name away, for a file that was made with one. */
  async unlink(): Promise<void> {
    await unlinkFile(this.path)
  }

  /** Bytes written. */
  get length(): number {
    return this.#length
  }

  async append(bytes: Buffer): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await writeTo(this.#fd, bytes, done, bytes.length - done, this.#length)
      done += bytesWritten
      this.#length += bytesWritten
    }
  }

  /** Without leaving the loop. @throws the system's error. */
  appendNow(pieces: readonly Buffer[]): void {
    let rest = pieces.filter((piece) => piece.length > 0)
    while (rest.length > 0) {
      const written = writevSync(this.#fd, rest, this.#length)
      this.#length += written
      rest = behind(rest, written)
    }
  }

  /** At most `size` bytes from `position`; an empty buffer is the end. */
  async read(position: number, size: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(size, this.#length - position)))
    if (buffer.length === 0) return buffer
    const { bytesRead } = await readFrom(this.#fd, buffer, 0, buffer.length, position)
    return buffer.subarray(0, bytesRead)
  }

  /** Without leaving the loop: as many bytes as there are from `position` on, at most those of `into`. */
  readNow(position: number, into: Buffer): number {
    return readSync(this.#fd, into, 0, Math.min(into.length, this.#length - position), position)
  }

  async close(): Promise<void> {
    await closeFile(this.#fd)
  }
}

/** What is left of `pieces` behind their first `count` bytes. */
function behind(pieces: readonly Buffer[], count: number): Buffer[] {
  const rest: Buffer[] = []
  let skipped = count
  for (const piece of pieces) {
    if (skipped < piece.length) rest.push(piece.subarray(skipped))
    skipped = Math.max(0, skipped - piece.length)
  }
  return rest
}

function levelNames(number: string, levels: readonly number[]): string[] {
  let end = number.length
  return levels.map((digits) => number.slice((end -= digits), end + digits))
}
