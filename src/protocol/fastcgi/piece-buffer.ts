/** Bytes that come in pieces and are wanted in one. Grows by doubling, so that one byte at a time costs no more. */

const FIRST_BYTES = 1024

export class PieceBuffer {
  /** Filled up to `length`. */
  bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES)
  length = 0

  add(source: Buffer, start: number, end: number): void {
    const needed = this.length + end - start
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length))
      this.bytes.copy(larger, 0, 0, this.length)
      this.bytes = larger
    }
    source.copy(this.bytes, this.length, start, end)
    this.length = needed
  }
}
