/**
 * A file for what does not fit into memory: made, unlinked at once unless its name is wanted, gone with its descriptor.
 * Only one write or read is under way at a time.
 */
import { mkdirSync } from 'node:fs'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

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
  readonly #handle: FileHandle
  #length = 0

  /** Where it is, or was before it lost its name. */
  readonly path: string

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle
    this.path = path
  }

  /** Makes the folder if it is missing. Rejects with the system's error (ENOSPC, EROFS, EACCES). */
  static async create(
    folder: string,
    { levels = [], named = false }: TempFileOptions = {},
  ): Promise<TempFile> {
    counter += 1
    const number = counter.toString().padStart(NUMBER_DIGITS, '0')
    const inner = join(folder, ...levelNames(number, levels))
    mkdirSync(inner, { recursive: true, mode: 0o700 })
    const path = join(inner, `${process.pid}.${number}`)
    const handle = await open(path, 'wx+', 0o600)
    if (!named) await unlink(path)
    return new TempFile(handle, path)
  }

  /** Takes its name away, for a file that was made with one. */
  async unlink(): Promise<void> {
    await unlink(this.path)
  }

  /** Bytes written. */
  get length(): number {
    return this.#length
  }

  async append(bytes: Buffer): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, this.#length)
      done += bytesWritten
      this.#length += bytesWritten
    }
  }

  /** At most `size` bytes from `position`; an empty buffer is the end. */
  async read(position: number, size: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(size, this.#length - position)))
    if (buffer.length === 0) return buffer
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return buffer.subarray(0, bytesRead)
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function levelNames(number: string, levels: readonly number[]): string[] {
  let end = number.length
  return levels.map((digits) => number.slice((end -= digits), end + digits))
}
