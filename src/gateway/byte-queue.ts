/**
 * Bytes in the order they came, kept in the buffers they came in until somebody takes them. Small pieces behind
 * others are copied together: a buffer object for each byte that a client sends alone would be 100 times the bytes.
 */

const LF = 10
/** Pieces below this are copied, into blocks of this size. */
const SMALL_BYTES = 2048
const BLOCK_BYTES = 16384

export class ByteQueue {
  #chunks: Buffer[] = []
  /** Bytes of the first chunk that were taken. */
  #offset = 0
  length = 0
  /** Bytes from the front known to hold no LF, so that a long line is not searched again with each chunk. */
  #searched = 0

  /** Where the last chunk lies, if it is ours and there is room behind it. */
  #block: Buffer | undefined
  #blockEnd = 0

  push(chunk: Buffer): void {
    if (this.#chunks.length > 0 && chunk.length < SMALL_BYTES) {
      this.#copy(chunk)
    } else {
      this.#chunks.push(chunk)
      this.#block = undefined
    }
    this.length += chunk.length
  }

  #copy(chunk: Buffer): void {
    if (this.#block !== undefined && this.#blockEnd + chunk.length <= BLOCK_BYTES) {
      this.#chunks.pop()
    } else {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#blockEnd = 0
    }
    chunk.copy(this.#block, this.#blockEnd)
    this.#blockEnd += chunk.length
    this.#chunks.push(this.#block.subarray(0, this.#blockEnd))
  }

  clear(): void {
    this.#chunks = []
    this.#block = undefined
    this.#offset = 0
    this.length = 0
    this.#searched = 0
  }

  /** Bytes of the first chunk that were not taken yet. */
  get firstLength(): number {
    return (this.#chunks[0]?.length ?? 0) - this.#offset
  }

  /** Bytes of the first line with its LF, at most `limit`; -1 when there is no LF among them. */
  lineLength(limit: number): number {
    let start = -this.#offset
    for (const chunk of this.#chunks) {
      const end = start + chunk.length
      if (end > this.#searched) {
        const found = chunk.indexOf(LF, Math.max(this.#searched, 0) - start)
        if (found >= 0) return start + found + 1 <= limit ? start + found + 1 : -1
        this.#searched = end
      }
      start = end
    }
    return -1
  }

  /** Whether the first `length` bytes end with an LF. */
  endsLine(length: number): boolean {
    return this.lineLength(length) === length
  }

  /** The first `length` bytes, which are here: a view when they came in one chunk. */
  take(length: number): Buffer {
    this.length -= length
    this.#searched = Math.max(0, this.#searched - length)
    const first = this.#chunks[0]
    if (first !== undefined && first.length - this.#offset > length) {
      const start = this.#offset
      this.#offset += length
      return first.subarray(start, start + length)
    }
    return this.#takeChunks(length)
  }

  #takeChunks(length: number): Buffer {
    const parts: Buffer[] = []
    let left = length
    let used = 0
    for (const chunk of this.#chunks) {
      if (left === 0) break
      const from = used === 0 ? this.#offset : 0
      const part = chunk.subarray(from, from + left)
      parts.push(part)
      left -= part.length
      if (from + part.length < chunk.length) {
        this.#offset = from + part.length
        break
      }
      this.#offset = 0
      used++
    }
    this.#chunks.splice(0, used)
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length)
  }
}
