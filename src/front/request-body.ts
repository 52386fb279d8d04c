/**
 * A request's body: pulled from the codec, kept whole in memory up to `client_body_buffer_size` and in a temporary
 * file beyond it, so that a slow client holds no application process. The reader gets it whole or not at all, unless
 * it asks for it as it comes (`stream`).
 */
import { copyToBlock } from '../io/block-pool.ts'
import { TempFile } from '../io/files/temp-file.ts'
import { monotonicMs } from '../io/clock.ts'
import { Http1Error } from '../protocol/http1/http1-error.ts'
import type { Request } from './request.ts'
import type { BodySource, LiveBody } from './upstream/exchange.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Called once: 0 when the body is here, else the status to finish with (400, 408, 413, 500). */
export type BodyReady = (status: number) => void

/** Bytes of a body that still comes which wait for who takes them, before the client is held back. */
const MAX_STREAMED_BYTES = 64 * 1024

/** Bytes of one step where a body that was read becomes a file. */
const COPIED_BYTES = 256 * 1024

/** A body that is passed on as it comes. */
interface Stream {
  readonly onFault: (status: number) => void
  onMore: (() => void) | undefined
  taken: boolean
}

export class RequestBody implements BodySource, LiveBody {
  complete = false
  /** Bytes received, framing excluded. */
  received = 0
  #memory: Buffer[] = []
  #memoryBytes = 0
  #file: TempFile | undefined
  #keepsFile = false
  #unlinkAtEnd = false
  /** When reading began, where that matters. */
  #startTick: number | undefined
  #users = 1
  #ready: BodyReady | undefined
  #live: Stream | undefined
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
  }

  /** Begins to read. `ready` may be called before this returns. */
  read(ready: BodyReady): void {
    const { head, connection } = this.#request
    this.#ready = ready
    if (head.expectContinue && connection.decoder.buffered === 0) connection.io.write(CONTINUE)
    this.#request.bodyWithheld = false
    this.pump()
    if (this.complete || this.#ready === undefined) return
    // of a pipelined request the end may have come before its turn did
    if (connection.hasEnded) this.fail(400)
    else this.#armTimeout()
  }

  /** Between two reads, and not beyond the moment at which the body has become too slow. */
  #armTimeout(): void {
    const { connection, location } = this.#request
    const { bodyTimeoutMs, bodyMinRate } = location.settings
    if (!bodyMinRate || this.#streamedEnough) {
      // a client that is held back is not slow
      connection.armBodyTimeout(this.#streamedEnough ? 0 : bodyTimeoutMs)
      return
    }
    this.#startTick ??= monotonicMs()
    const tooLate =
      this.#startTick + bodyMinRate.afterMs + (this.received / bodyMinRate.bytesPerSecond) * 1000
    connection.armBodyTimeout(Math.min(bodyTimeoutMs, Math.max(1, tooLate - monotonicMs())))
  }

  /** The whole body is to become a file with a name, which whoever asked for it may take (PUT). */
  keepInFile(): void {
    this.#keepsFile = true
  }

  /** The path of a file with the body, which is here; the caller may take it, else it goes with the request. */
  async intoFile(): Promise<string> {
    this.share() // a client that leaves now would take the rest of it away, and leave the file cut and open
    try {
      return await this.#copyIntoFile()
    } finally {
      this.release()
    }
  }

  async #copyIntoFile(): Promise<string> {
    const kept = await TempFile.create(this.#request.connection.server.tempFolder, { named: true })
    const piece = Buffer.allocUnsafe(COPIED_BYTES)
    for (let at = 0; at < this.length;) {
      const count = this.readAt(at, piece)
      if (count === 0) break
      await kept.append(piece.subarray(0, count))
      at += count
    }
    const before = this.#file
    this.#file = kept
    this.#memory = []
    this.#unlinkAtEnd = true
    await before?.close()
    return kept.path
  }

  /** `client_body_in_file_only`: the whole body, however small. */
  #mustGoToFile(): boolean {
    const { bodyInFileOnly } = this.#request.location.settings
    return (
      (this.#keepsFile || bodyInFileOnly !== 'off') && !this.#live && (!this.#file || this.#memoryBytes > 0)
    )
  }

  /**
   * Begins to read a body that is passed on as it comes. `ready` is called at once, or not at all; when all of the body
   * has come already it is an ordinary one, and can be sent twice.
   */
  stream(ready: () => void, onFault: (status: number) => void): void {
    let failed = false
    this.#live = {
      onFault: (status) => {
        failed = true
        onFault(status)
      },
      onMore: undefined,
      taken: false,
    }
    this.read((status) => {
      if (status !== 0) this.#live?.onFault(status)
    })
    if (failed) return
    if (this.complete) this.#live = undefined
    ready()
  }

  /** The way to take a body that still comes; undefined for one that is or will be here whole. */
  get live(): LiveBody | undefined {
    return this.#live && this
  }

  get taken(): boolean {
    return this.#live?.taken === true
  }

  get ended(): boolean {
    return this.complete && this.#memory.length === 0
  }

  take(): Buffer | undefined {
    const bytes = this.#memory.shift()
    if (!bytes || !this.#live) return undefined
    const wasFull = this.#memoryBytes >= MAX_STREAMED_BYTES
    this.#live.taken = true
    this.#memoryBytes -= bytes.length
    if (wasFull && this.#memoryBytes < MAX_STREAMED_BYTES) queueMicrotask(this.#takeMore)
    return bytes
  }

  readonly #takeMore = (): void => {
    this.pump()
    this.#request.connection.readOn()
  }

  listen(onMore: () => void): void {
    if (this.#live) this.#live.onMore = onMore
  }

  /** Bytes in all: as counted, or as the head says while they come; -1 where it does not say. */
  get length(): number {
    const { framing } = this.#request.head
    if (this.complete || !this.#live) return this.received
    return framing.kind === 'length' ? framing.length : -1
  }

  /** Takes what the codec has. Called for each piece of input while the request is under way. */
  pump(): void {
    if (!this.#ready || this.complete || this.#streamedEnough) return
    const { decoder } = this.#request.connection
    try {
      for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) {
        if (!this.#take(data)) return
        if (this.#streamedEnough) break
      }
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error
      this.#request.location.settings.errorLog.request('info', this.#request, error.message)
      this.fail(error.status)
      return
    }
    if (!decoder.bodyDone) this.#armTimeout()
    else if (!this.#mustGoToFile() || this.#spill([])) this.#done()
    this.#live?.onMore?.()
  }

  get #streamedEnough(): boolean {
    return this.#live !== undefined && this.#memoryBytes >= MAX_STREAMED_BYTES
  }

  #take(data: Buffer): boolean {
    const { settings } = this.#request.location
    this.received += data.length
    if (settings.maxBodyBytes !== 0 && this.received > settings.maxBodyBytes) {
      settings.errorLog.request('error', this.#request, 'client intended to send too large chunked body')
      this.fail(413)
      return false
    }
    if (!this.#live && this.#memoryBytes + data.length > settings.bodyBufferBytes) return this.#spill([data])
    // of one that is passed on as it comes, the pump gives the block back
    this.#memory.push(this.#live ? copyToBlock(data) : Buffer.from(data))
    this.#memoryBytes += data.length
    return true
  }

  /**
   * Writes what is in memory and `more` to the file; false where that failed. In the loop, as nginx does: the system
   * only takes a copy, which costs less than the way to another thread and back.
   */
  #spill(more: readonly Buffer[]): boolean {
    try {
      this.#file ??= this.#createFile()
      this.#file.appendNow([...this.#memory, ...more])
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const { errorLog } = this.#request.location.settings
      errorLog.request('crit', this.#request, `request body not buffered: ${reason}`)
      this.fail(500)
      return false
    }
    this.#memory = []
    this.#memoryBytes = 0
    return true
  }

  #createFile(): TempFile {
    const { connection, location } = this.#request
    const { bodyTempPath, bodyInFileOnly } = location.settings
    this.#unlinkAtEnd = this.#keepsFile || bodyInFileOnly === 'clean'
    return TempFile.createNow(bodyTempPath?.folder ?? connection.server.tempFolder, {
      levels: bodyTempPath?.levels ?? [],
      named: this.#keepsFile || bodyInFileOnly !== 'off',
    })
  }

  #done(): void {
    this.complete = true
    this.#request.connection.armBodyTimeout(0)
    this.#answer(0)
  }

  /** Ends the reading with a status; 0 when the client is gone and nobody is to be answered. */
  fail(status: number): void {
    if (this.complete) return
    this.#request.connection.armBodyTimeout(0)
    if (status !== 0) {
      this.#request.keepAlive = false
      this.#request.bodyRefused = true
    }
    if (status === 0) this.#ready = undefined
    else this.#answer(status)
  }

  #answer(status: number): void {
    const ready = this.#ready
    this.#ready = undefined
    ready?.(status)
  }

  /** Whole body when it is in memory; undefined when it is in the file. */
  get memory(): readonly Buffer[] | undefined {
    return this.#file || this.#live ? undefined : this.#memory
  }

  /** `$request_body_file`; undefined when the body is in memory. */
  get filePath(): string | undefined {
    return this.#file?.path
  }

  readAt(position: number, into: Buffer): number {
    const file = this.#file
    if (file && position < file.length) return file.readNow(position, into)
    let start = position - (file?.length ?? 0)
    let count = 0
    for (const piece of this.#memory) {
      if (start < piece.length) count += piece.copy(into, count, Math.max(0, start))
      start -= piece.length
    }
    return count
  }

  /** For one more request, which releases it too. */
  share(): this {
    this.#users += 1
    return this
  }

  /** Frees the file. Called when a request is over, by the last of them. */
  release(): void {
    this.#users -= 1
    if (this.#users > 0) return
    this.#ready = undefined
    this.#memory = []
    const file = this.#file
    this.#file = undefined
    if (!file) return
    if (this.#unlinkAtEnd) file.unlink().catch(() => undefined)
    file.close().catch(() => undefined)
  }
}
