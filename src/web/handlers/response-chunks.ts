import type { ResponseBody } from '../../gateway/application.ts'

/** The chunks of a response together with what has to be closed after them. */
export class ResponseChunks implements AsyncIterable<Uint8Array> {
  readonly #chunks: ResponseBody
  readonly #onClose: () => Promise<void>
  #closed = false

  constructor(chunks: ResponseBody, onClose: () => Promise<void>) {
    this.#chunks = chunks
    this.#onClose = onClose
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    yield* this.#chunks
  }

  /** Runs once, however often it is called. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#onClose()
  }
}
