/** Walks big-endian bytes. Reading past the end gives zeros and empty views and sets `overrun`, which is looked at once. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0
  overrun = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** An unsigned number of `width` bytes, at most four. */
  uint(width: number): number {
    const start = this.#at
    if (width > this.#bytes.length - start) {
      this.overrun = true
      this.#at = this.#bytes.length
      return 0
    }
    this.#at = start + width
    let value = 0
    for (let index = start; index < start + width; index += 1) value = value * 256 + (this.#bytes[index] ?? 0)
    return value
  }

  /** A view of the next bytes; it shares memory with what the reader was given. */
  take(length: number): Uint8Array {
    if (length > this.left) {
      this.overrun = true
      this.#at = this.#bytes.length
      return EMPTY
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A vector: its length in `width` bytes, then its content (RFC 8446 section 3.4). */
  vector(width: number): ByteReader {
    const inner = new ByteReader(this.take(this.uint(width)))
    inner.overrun = this.overrun
    return inner
  }
}

const EMPTY = new Uint8Array(0)
