/** Sends parts of a file with bounded memory: the next chunk is read when the socket took the last. */
import type { FileEntry } from '../io/files/file-cache.ts'
import { FILE_CHUNK_BYTES, FileReader } from '../io/files/file-reader.ts'
import type { Request } from './request.ts'
import { waitForRoom, type DrainListener } from './response-output.ts'
import { beginStream, endStream, writeChunk } from './response.ts'

/** Read at once for filters, which take their time with it, bytes. */
const FILTERED_CHUNK_BYTES = 64 * 1024

/** Bytes `start` up to `end` (exclusive), after `prefix` (a multipart part's head). */
export interface FilePart {
  readonly prefix: string
  readonly start: number
  readonly end: number
}

export class FileSender implements DrainListener {
  readonly #request: Request
  readonly #reader: FileReader
  readonly #parts: readonly FilePart[]
  readonly #suffix: string
  #part = 0
  #position: number

  /** @throws the system's error when the file cannot be opened any more. */
  constructor(request: Request, entry: FileEntry, parts: readonly FilePart[], suffix = '') {
    this.#request = request
    this.#parts = parts
    this.#suffix = suffix
    this.#position = parts[0]?.start ?? 0
    this.#reader = new FileReader(entry.path, entry)
  }

  start(): void {
    beginStream(this.#request)
    this.#beginPart()
  }

  onDrain(): void {
    this.#readNext()
  }

  onGone(): void {
    this.#reader.close()
  }

  #beginPart(): void {
    const part = this.#parts[this.#part]
    if (!part) {
      this.#finish()
      return
    }
    this.#position = part.start
    if (part.prefix !== '') writeChunk(this.#request, Buffer.from(part.prefix, 'latin1'))
    this.#readNext()
  }

  #readNext(): void {
    const part = this.#parts[this.#part]
    if (!part || this.#request.connection.closed) {
      this.#reader.close()
      return
    }
    if (this.#position >= part.end) {
      this.#part += 1
      this.#beginPart()
      return
    }
    this.#reader.read(
      this.#position,
      Math.min(this.#request.output ? FILTERED_CHUNK_BYTES : FILE_CHUNK_BYTES, part.end - this.#position),
      this.#hasLeft(),
      (error, chunk) => {
        this.#send(error, chunk)
      },
    )
  }

  /** The kernel or TLS has taken all that was written; a filter may keep what it was given. */
  #hasLeft(): boolean {
    const { output, connection } = this.#request
    return output === undefined && connection.io.pendingBytes === 0
  }

  #send(error: NodeJS.ErrnoException | null, chunk: Buffer): void {
    const request = this.#request
    if (error || chunk.length === 0) {
      const reason = error ? error.message : 'file was truncated while it was being sent'
      request.location.settings.errorLog.request('alert', request, reason)
      this.#reader.close()
      request.connection.abort()
      return
    }
    if (request.connection.closed) {
      this.#reader.close()
      return
    }
    this.#position += chunk.length
    if (writeChunk(request, chunk)) this.#readNext()
    else waitForRoom(request, this)
  }

  #finish(): void {
    this.#reader.close()
    if (this.#suffix !== '') writeChunk(this.#request, Buffer.from(this.#suffix, 'latin1'))
    endStream(this.#request)
  }
}
