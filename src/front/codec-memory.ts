/**
 * How much memory this worker's brotli and zstd coders may have together. Each keeps its state as long as its client
 * takes to read, so that many slow ones would be the end of the worker: who comes when all is given away is answered
 * in a cheaper coding, or in none.
 */
import type { Request } from './request.ts'

/** About a dozen coders of the usual levels, bytes: more than the threads that they run on can serve. */
const ALL_BYTES = 64 * 1024 * 1024

let givenBytes = 0

/** What one response has of it. */
export class CodecShare {
  #bytes: number

  private constructor(bytes: number) {
    this.#bytes = bytes
    givenBytes += bytes
  }

  /** A share until the request is over at the latest; undefined when too little is left. One coder always finds room. */
  static take(request: Request, bytes: number): CodecShare | undefined {
    if (givenBytes > 0 && givenBytes + bytes > ALL_BYTES) return undefined
    const share = new CodecShare(bytes)
    request.onceOver(() => share.giveBack())
    return share
  }

  giveBack(): void {
    givenBytes -= this.#bytes
    this.#bytes = 0
  }
}
