/**
 * Bytes between a fast writer and a slow reader: in memory up to a bound, behind that in a temporary file, first in,
 * first out. The queue never refuses bytes; `full` asks the writer to stop.
 *
 * Rules of this file:
 * - The order is `#head` (memory), the file from `#readAt`, `#tail` (waiting to be written). Once the file is in use,
 *   what comes goes to the tail until the file is read empty.
 * - One write or read of the file is under way at a time.
 * - A file that cannot be written is given up: what it could not take stays in memory, and the queue is full until
 *   that has gone.
 */
import { TempFile } from './temp-file.ts'

/** Bytes read of the file at a time. */
const READ_BYTES = 64 * 1024
/** Bytes waiting to be written beyond which the writer is to stop. */
const MAX_TAIL_BYTES = 1 << 20

export interface SpillQueueOptions {
  readonly memoryBytes: number
  /** 0 for no file. */
  readonly fileBytes: number
  readonly folder: string
  /** Bytes can be taken that could not before, or the queue is no longer full. */
  readonly onChange: () => void
  /** The file failed; the queue goes on without. */
  readonly onFileError: (error: Error) => void
}

export class SpillQueue {
  readonly #options: SpillQueueOptions
  #head: Buffer[] = []
  #headBytes = 0
  #tail: Buffer[] = []
  #tailBytes = 0
  #file: TempFile | undefined
  #readAt = 0
  #busy = false
  #fileBytes: number
  #closed = false

  constructor(options: SpillQueueOptions) {
    this.#options = options
    this.#fileBytes = options.fileBytes
  }

  get empty(): boolean {
    return this.#head.length === 0 && this.#tail.length === 0 && !this.#inFile && !this.#busy
  }

  get #inFile(): boolean {
    return this.#file !== undefined && this.#readAt < this.#file.length
  }

  get full(): boolean {
    if (this.#fileBytes === 0) return this.#headBytes + this.#tailBytes >= this.#options.memoryBytes
    const spilled = (this.#file?.length ?? 0) + this.#tailBytes
    return spilled >= this.#fileBytes || this.#tailBytes >= MAX_TAIL_BYTES
  }

  /** Whether bytes have gone to a file. */
  get spilled(): boolean {
    return this.#file !== undefined
  }

  /** The bytes are the queue's from now on. */
  push(bytes: Buffer): void {
    const behindFile = this.#file !== undefined || this.#tail.length > 0 || this.#busy
    const fits = this.#fileBytes === 0 || this.#headBytes + bytes.length <= this.#options.memoryBytes
    if (!behindFile && fits) {
      this.#head.push(bytes)
      this.#headBytes += bytes.length
      return
    }
    this.#tail.push(bytes)
    this.#tailBytes += bytes.length
    if (this.#fileBytes > 0) this.#work()
  }

  /** The next bytes; undefined when there are none, and while they are read from the file (`onChange` follows). */
  shift(): Buffer | undefined {
    const bytes = this.#head.shift()
    if (bytes) {
      this.#headBytes -= bytes.length
      return bytes
    }
    if (this.#busy) return undefined
    if (this.#inFile) {
      this.#work()
      return undefined
    }
    this.#leaveFile()
    return this.#head.length > 0 ? this.shift() : undefined
  }

  /** The file was read to its end: what waits behind it comes from memory. */
  #leaveFile(): void {
    this.#head = this.#tail
    this.#headBytes = this.#tailBytes
    this.#tail = []
    this.#tailBytes = 0
    this.#dropFile()
  }

  #dropFile(): void {
    const file = this.#file
    this.#file = undefined
    this.#readAt = 0
    file?.close().catch(() => undefined)
  }

  #work(): void {
    if (this.#busy || this.#closed) return
    this.#busy = true
    void this.#turn()
  }

  /** Reads when the reader has nothing left, else writes. */
  async #turn(): Promise<void> {
    try {
      if (this.#headBytes === 0 && this.#inFile) await this.#read()
      else if (this.#tail.length > 0 && this.#fileBytes > 0) await this.#write()
    } catch (error) {
      this.#fileBytes = 0
      if (!this.#closed) this.#options.onFileError(error instanceof Error ? error : new Error(String(error)))
    }
    this.#busy = false
    if (this.#closed) {
      this.#dropFile()
      return
    }
    this.#options.onChange()
    if (!this.#busy && this.#tail.length > 0 && this.#fileBytes > 0) this.#work()
  }

  async #read(): Promise<void> {
    const bytes = (await this.#file?.read(this.#readAt, READ_BYTES)) ?? Buffer.alloc(0)
    if (bytes.length === 0) throw new Error('temporary file is shorter than what was written to it')
    this.#readAt += bytes.length
    this.#head.push(bytes)
    this.#headBytes += bytes.length
  }

  async #write(): Promise<void> {
    const file = (this.#file ??= await TempFile.create(this.#options.folder))
    const pieces = this.#tail
    const size = this.#tailBytes
    const before = file.length
    this.#tail = []
    try {
      await file.append(Buffer.concat(pieces))
      this.#tailBytes -= size
    } catch (error) {
      // some of it may stand in the file; the rest goes back to the front of the tail
      const written = file.length - before
      this.#tail = [Buffer.concat(pieces).subarray(written), ...this.#tail]
      this.#tailBytes -= written
      throw error
    }
  }

  /** Drops everything. */
  close(): void {
    this.#closed = true
    this.#head = []
    this.#tail = []
    this.#headBytes = this.#tailBytes = 0
    if (!this.#busy) this.#dropFile()
  }
}
