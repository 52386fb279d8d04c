/**
 * Bytes that come in pieces, taken in runs of exactly so many: without a copy where a run came whole. What it gives is
 * good until the next `receive`.
 */
const EMPTY: Buffer = Buffer.alloc(0)

export class ExactReader {
  /** Where the run that `take` found stands: from `start` of `source` on. */
  source: Buffer = EMPTY
  start = 0
  #bytes: Buffer = EMPTY
  #position = 0
  /** A run while it comes in pieces, filled up to `#filled`. */
  #pieces: Buffer = EMPTY
  #filled = 0

  receive(bytes: Buffer): void {
    const rest = this.available
    this.#bytes = rest === 0 ? bytes : Buffer.concat([this.#bytes.subarray(this.#position), bytes])
    this.#position = 0
  }

  /** Bytes that came and were not taken, those of a run that is not whole aside. */
  get available(): number {
    return this.#bytes.length - this.#position
  }

  /** Bytes held for a run that is not whole. */
  get retained(): number {
    return this.#pieces.length
  }

  /** The next byte, -1 for none. */
  byte(): number {
    const octet = this.#bytes[this.#position]
    if (octet === undefined) return -1
    this.#position += 1
    return octet
  }

  /** Whether `size` bytes are here, at `start` of `source`. It is asked again with the same size until they are. */
  take(size: number): boolean {
    const start = this.#position
    const here = this.available
    if (this.#filled === 0 && here >= size) {
      this.#position = start + size
      this.source = this.#bytes
      this.start = start
      return true
    }
    if (here === 0) {
      this.drop()
      return false
    }
    if (this.#filled === 0) this.#pieces = Buffer.allocUnsafe(size)
    const copied = Math.min(size - this.#filled, here)
    this.#bytes.copy(this.#pieces, this.#filled, start, start + copied)
    this.#position = start + copied
    this.#filled += copied
    if (this.#filled < size) {
      this.drop()
      return false
    }
    this.source = this.#pieces
    this.start = 0
    this.#pieces = EMPTY
    this.#filled = 0
    return true
  }

  /** A view of at most `size` bytes; undefined when there are none. */
  upTo(size: number): Buffer | undefined {
    const start = this.#position
    const end = Math.min(this.#bytes.length, start + size)
    if (end === start) {
      this.drop()
      return undefined
    }
    this.#position = end
    return this.#bytes.subarray(start, end)
  }

  /** Lets go of what was received and not taken. */
  drop(): void {
    this.#bytes = EMPTY
    this.#position = 0
  }
}
