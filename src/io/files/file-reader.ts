/** Reads an open regular file in order, one bounded chunk at a time, off the event loop. */
import { close, constants, fstatSync, openSync, read } from 'node:fs'

export const FILE_CHUNK_BYTES = 256 * 1024

export type ChunkRead = (error: NodeJS.ErrnoException | null, chunk: Buffer) => void

export class FileReader {
  readonly #fd: number
  #closed = false
  #busy = false
  #buffer: Buffer | undefined

  /** Opens and checks that it is still the file that was described. Throws the system's error, or ESTALE. */
  constructor(path: string, expected: { readonly inode: number; readonly size: number }) {
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stats = fstatSync(this.#fd)
    if (stats.isFile() && stats.ino === expected.inode && stats.size === expected.size) return
    this.close()
    throw Object.assign(new Error(`file changed while it was opened: ${path}`), {
      code: 'ESTALE',
      errno: -116,
    })
  }

  /**
   * At most `length` bytes from `position`; an empty chunk means that the file ended early. `reuse`: nobody uses the
   * last chunk any more, and its memory may be written again: fresh pages for each cost more than the reading.
   */
  read(position: number, length: number, reuse: boolean, done: ChunkRead): void {
    const wanted = Math.min(length, FILE_CHUNK_BYTES)
    if (!reuse || !this.#buffer || this.#buffer.length < wanted) {
      this.#buffer = Buffer.allocUnsafeSlow(wanted)
    }
    const buffer = this.#buffer
    this.#busy = true
    read(this.#fd, buffer, 0, wanted, position, (error, count) => {
      this.#busy = false
      if (this.#closed) this.#release()
      else done(error, buffer.subarray(0, count))
    })
  }

  /** A read under way is waited for; its callback is not called any more. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.#busy) this.#release()
  }

  #release(): void {
    close(this.#fd, () => undefined)
  }
}
