import type { ResponseBody } from '../../gateway/application.ts'
import { ended, stepsOf } from '../http/chunk-steps.ts'

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
    const steps = this.#inScope(() => stepsOf(this.#chunks))
    return {
      next: async () => {
        const step = await this.#inScope(() => steps.next())
        return step.done === true ? ended : step
      },
      return: async () => {
        await this.#inScope(() => steps.return?.())
        return ended
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
