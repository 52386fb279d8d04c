/**
 * A request's body: pulled from the codec, kept whole in memory up to `client_body_buffer_size` and in a temporary
 * file beyond it, so that a slow client holds no application process. The reader gets it whole or not at all.
 */
import { TempFile } from '../io/files/temp-file.ts'
import { Http1Error } from '../protocol/http1/http1-error.ts'
import type { Request } from './request.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'

/** Called once: 0 when the body is here, else the status to finish with (400, 408, 413, 500). */
export type BodyReady = (status: number) => void

export class RequestBody {
  complete = false
  /** Bytes received, framing excluded. */
  length = 0
  #memory: Buffer[] = []
  #memoryBytes = 0
  #file: TempFile | undefined
  #spilling = false
  #released = false
  #ready: BodyReady | undefined
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
    if (!this.complete && this.#ready !== undefined)
      connection.armBodyTimeout(this.#request.location.settings.bodyTimeoutMs)
  }

  /** Takes what the codec has. Called for each piece of input while the request is under way. */
  pump(): void {
    if (!this.#ready || this.#spilling || this.complete) return
    const { decoder } = this.#request.connection
    try {
      for (let data = decoder.nextBody(); data !== undefined; data = decoder.nextBody()) {
        if (!this.#take(data)) return
        if (this.#spilling) return
      }
    } catch (error) {
      if (!(error instanceof Http1Error)) throw error
      this.#request.location.settings.errorLog.request('info', this.#request, error.message)
      this.fail(error.status)
      return
    }
    if (decoder.bodyDone) this.#done()
    else this.#request.connection.armBodyTimeout(this.#request.location.settings.bodyTimeoutMs)
  }

  #take(data: Buffer): boolean {
    const { settings } = this.#request.location
    this.length += data.length
    if (settings.maxBodyBytes !== 0 && this.length > settings.maxBodyBytes) {
      settings.errorLog.request('error', this.#request, 'client intended to send too large chunked body')
      this.fail(413)
      return false
    }
    this.#memory.push(Buffer.from(data))
    this.#memoryBytes += data.length
    if (this.#memoryBytes > settings.bodyBufferBytes) void this.#spill()
    return true
  }

  /** Writes what is in memory to the file; reading stops meanwhile. */
  async #spill(): Promise<void> {
    const { connection } = this.#request
    this.#spilling = true
    connection.io.pause()
    try {
      const file = (this.#file ??= await TempFile.create(connection.server.tempFolder))
      // one write for many small pieces, which a client may choose to send
      const bytes = Buffer.concat(this.#memory)
      this.#memory = []
      this.#memoryBytes = 0
      if (this.#released) await file.close()
      else await file.append(bytes)
    } catch (error) {
      if (this.#released) return
      const reason = error instanceof Error ? error.message : String(error)
      this.#request.location.settings.errorLog.request(
        'crit',
        this.#request,
        `request body not buffered: ${reason}`,
      )
      this.#spilling = false
      connection.io.resume()
      this.fail(500)
      return
    }
    this.#spilling = false
    if (this.#released) return
    connection.io.resume()
    this.pump()
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
    return this.#file ? undefined : this.#memory
  }

  /** At most `size` bytes from `position`, for a body in the file and what followed it in memory. */
  async slice(position: number, size: number): Promise<Buffer> {
    const file = this.#file
    if (file && position < file.length) return file.read(position, size)
    const rest = Buffer.concat(this.#memory)
    const start = position - (file?.length ?? 0)
    return rest.subarray(start, start + size)
  }

  /** Frees the file. Called when the request is over. */
  release(): void {
    this.#released = true
    this.#memory = []
    const file = this.#file
    this.#file = undefined
    if (file) file.close().catch(() => undefined)
  }
}
