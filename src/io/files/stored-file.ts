/**
 * A file that appears whole or not at all: written beside other temporary files and renamed to its place. Writes
 * follow each other; what waits is in memory.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { chmod, copyFile, mkdir, open, rename, unlink, utimes, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface StoredFileMeta {
  /** Permission bits. */
  readonly mode: number
  /** Seconds since the epoch; the time of writing where it is undefined. */
  readonly mtimeSeconds: number | undefined
}

export class StoredFile {
  readonly #path: string
  readonly #onWritten: () => void
  #last: Promise<FileHandle>
  #discarded = false
  #pendingBytes = 0

  /** `folder` is made if it is missing. What fails is told by `commit`. */
  constructor(folder: string, onWritten: () => void) {
    this.#onWritten = onWritten
    this.#path = join(folder, `store.${process.pid}.${randomBytes(8).toString('hex')}`)
    this.#last = this.#open(folder)
    this.#last.catch(() => undefined)
  }

  async #open(folder: string): Promise<FileHandle> {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return await open(this.#path, 'wx', 0o600)
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#pendingBytes
  }

  append(bytes: Buffer): void {
    this.#pendingBytes += bytes.length
    this.#last = this.#last.then(async (file) => {
      if (!this.#discarded) await file.writeFile(bytes)
      this.#pendingBytes -= bytes.length
      if (!this.#discarded) this.#onWritten()
      return file
    })
    this.#last.catch(() => undefined)
  }

  /** Gives the file its place, whose folders are made. Rejects with the system's error; nothing is left then. */
  async commit(target: string, { mode, mtimeSeconds }: StoredFileMeta): Promise<void> {
    try {
      const file = await this.#last
      await file.close()
      await chmod(this.#path, mode)
      if (mtimeSeconds !== undefined) await utimes(this.#path, mtimeSeconds, mtimeSeconds)
      await mkdir(dirname(target), { recursive: true })
      await this.#move(target, mode)
    } catch (error) {
      await this.discard()
      throw error
    }
  }

  /** On another file system it is copied beside its place first. */
  async #move(target: string, mode: number): Promise<void> {
    try {
      await rename(this.#path, target)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      const beside = `${target}.${randomBytes(6).toString('hex')}`
      await copyFile(this.#path, beside)
      await chmod(beside, mode)
      await rename(beside, target)
      await unlink(this.#path)
    }
  }

  async discard(): Promise<void> {
    this.#discarded = true
    const file = await this.#last.catch(() => undefined)
    await file?.close().catch(() => undefined)
    await unlink(this.#path).catch(() => undefined)
  }
}
