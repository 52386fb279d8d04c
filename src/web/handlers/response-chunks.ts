import type { ResponseBody } from '../../gateway/application.ts'

type Steps = AsyncIterator<Uint8Array, unknown> | Iterator<Uint8Array, unknown>

/** The chunks of a response together with what has to be closed after them. */
export class ResponseChunks implements AsyncIterable<Uint8Array> {
  readonly #chunks: ResponseBody
  readonly #inScope: <T>(work: () => T) => T
  readonly #onClose: () => Promise<void>
  #closed = false

  /** @param inScope runs what makes a chunk, and what closes the response: whoever sends it is in no request's scope */
  constructor(chunks: ResponseBody, inScope: <T>(work: () => T) => T, onClose: () => Promise<void>) {
    this.#chunks = chunks
    this.#inScope = inScope
    this.#onClose = onClose
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const chunks = this.#chunks
    const steps: Steps =
      Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
    return {
      next: async () => {
        const step = await this.#inScope(() => steps.next())
        return step.done === true ? { done: true, value: undefined } : step
      },
      return: async () => {
        await this.#inScope(() => steps.return?.())
        return { done: true, value: undefined }
      },
    }
  }

  /** Runs once, however often it is called. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#inScope(this.#onClose)
  }
}
