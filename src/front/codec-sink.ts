/** A filter that sends a body through one of the runtime's codecs, which keeps its state until the body's end. */
import type { Zlib } from 'node:zlib'
import type { Transform } from 'node:stream'
import type { CodecShare } from './codec-memory.ts'
import type { Request } from './request.ts'
import {
  HELD_BY_CODING,
  holdWriter,
  letWriterGoOn,
  type BodySink,
  type HoldingSink,
} from './response-output.ts'

export interface Codec {
  /** A whole body at once, for what is small and stays so. */
  readonly whole?: (body: Buffer) => Buffer
  readonly stream: () => Transform & Partial<Zlib>
}

/** Largest body that is coded without leaving the call, bytes. */
const WHOLE_BYTES = 64 * 1024

export class CodecSink implements HoldingSink {
  readonly #request: Request
  readonly #codec: Codec
  readonly #share: CodecShare | undefined
  readonly #next: BodySink
  #stream: (Transform & Partial<Zlib>) | undefined
  bytesIn = 0
  bytesOut = 0

  /** `share` is given back when nothing is left to code. */
  constructor(request: Request, codec: Codec, share: CodecShare | undefined, next: BodySink) {
    this.#request = request
    this.#codec = codec
    this.#share = share
    this.#next = next
    request.addHolder(this)
  }

  write(chunk: Buffer, last: boolean): boolean {
    const { whole } = this.#codec
    const request = this.#request
    if (request.finished) return true
    this.bytesIn += chunk.length
    if (whole && last && !this.#stream && chunk.length <= WHOLE_BYTES) {
      const coded = whole(chunk)
      this.bytesOut += coded.length
      this.#share?.giveBack()
      return this.#next.write(coded, true)
    }
    const stream = (this.#stream ??= this.#begin())
    if (last) {
      stream.end(chunk)
      return true
    }
    holdWriter(request, HELD_BY_CODING)
    stream.write(chunk, () => letWriterGoOn(request, HELD_BY_CODING, this))
    return false
  }

  onRoom(): void {
    this.#stream?.resume()
  }

  #begin(): Transform & Partial<Zlib> {
    const request = this.#request
    const stream = this.#codec.stream()
    stream.on('data', (out: Buffer) => {
      this.bytesOut += out.length
      if (!this.#next.write(out, false)) stream.pause()
    })
    request.onceOver(() => stream.destroy()) // a client that is gone holds no codec
    stream.on('end', () => {
      this.#share?.giveBack()
      this.#next.write(Buffer.alloc(0), true)
    })
    stream.on('error', (error) => {
      if (request.finished) return
      request.location.settings.errorLog.request(
        'error',
        request,
        `body could not be coded: ${error.message}`,
      )
      request.connection.abort()
    })
    return stream
  }
}
