/**
 * A file without a name for what does not fit into memory: made, unlinked at once, gone with its descriptor.
 * Only one write or read is under way at a time.
 */
import { mkdirSync } from 'node:fs'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

let counter = 0

export class TempFile {
  readonly #handle: FileHandle
  #length = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Makes the folder if it is missing. Rejects with the system's error (ENOSPC, EROFS, EACCES). */
  static async create(folder: string): Promise<TempFile> {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, `${process.pid}.${(counter += 1).toString().padStart(10, '0')}`)
    const handle = await open(path, 'wx+', 0o600)
    await unlink(path)
    return new TempFile(handle)
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
