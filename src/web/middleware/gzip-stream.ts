import { createGzip } from 'node:zlib'
import { ended, stepsOf, type ChunkSteps } from '../http/chunk-steps.ts'
import type { ChunkSource } from '../http/streaming-response.ts'

/** The same bytes compressed, no faster than they are taken. */
export function gzipped(source: ChunkSource): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => new GzipSteps(stepsOf(source)) }
}

/** No generator: one that waits for its next piece would end its source when that has come, which may be never. */
class GzipSteps implements AsyncIterator<Uint8Array, undefined> {
  readonly #source: ChunkSteps<string | Uint8Array>
  readonly #gzip = createGzip()
  readonly #pieces: AsyncIterator<Uint8Array> = this.#gzip[Symbol.asyncIterator]()
  #fed: Promise<void> | undefined
  /** Nobody takes any more. */
  #isLeft = false

  constructor(source: ChunkSteps<string | Uint8Array>) {
    this.#source = source
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#fed ??= this.#feed()
    try {
      const step = await this.#pieces.next()
      return step.done === true ? ended : step
    } catch (error) {
      if (this.#isLeft) return ended
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isLeft = true
    this.#gzip.destroy()
    await this.#source.return?.()
    await this.#fed
    return ended
  }

  async #feed(): Promise<void> {
    const gzip = this.#gzip
    try {
      for (let step = await this.#source.next(); step.done !== true; step = await this.#source.next()) {
        // A stream that is gone takes nothing, and would never say that there is room again.
        if (gzip.destroyed) break
        if (!gzip.write(step.value)) await this.#room()
      }
      if (!gzip.destroyed) gzip.end()
      else if (!this.#isLeft) await this.#source.return?.()
    } catch (error) {
      gzip.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#gzip.once('drain', resolve)
      this.#gzip.once('close', resolve)
    })
  }
}
