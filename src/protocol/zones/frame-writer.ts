/**
 * Frames of the keeper of zones: length of what follows (32 bits), operation (8 bits), operands. Numbers are
 * big-endian, text is Latin-1 behind its 16-bit length.
 *
 * Rules of this file: what was begun is ended before the next is begun; `take` gives a copy, so that the memory is
 * used again for the next turn of the event loop.
 */

const START_BYTES = 4096
/** What a burst made it grow to is not kept. */
const KEPT_BYTES = 1 << 18

export class FrameWriter {
  #bytes = Buffer.allocUnsafe(START_BYTES)
  #at = 0
  #frameAt = 0

  /** Bytes that wait to be taken. */
  get length(): number {
    return this.#at
  }

  begin(operation: number): this {
    this.#frameAt = this.#at
    this.#reserve(5)
    this.#at += 4
    return this.u8(operation)
  }

  end(): void {
    this.#bytes.writeUInt32BE(this.#at - this.#frameAt - 4, this.#frameAt)
  }

  u8(value: number): this {
    this.#reserve(1)
    this.#at = this.#bytes.writeUInt8(value, this.#at)
    return this
  }

  u16(value: number): this {
    this.#reserve(2)
    this.#at = this.#bytes.writeUInt16BE(value, this.#at)
    return this
  }

  u32(value: number): this {
    this.#reserve(4)
    this.#at = this.#bytes.writeUInt32BE(value, this.#at)
    return this
  }

  f64(value: number): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleBE(value, this.#at)
    return this
  }

  /** Latin-1, at most 65535 octets. @throws RangeError for more: it would not fit its length field. */
  text(value: string): this {
    this.u16(value.length)
    this.#reserve(value.length)
    this.#at += this.#bytes.write(value, this.#at, 'latin1')
    return this
  }

  bytes(value: Uint8Array): this {
    this.u32(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
    return this
  }

  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = 0
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(START_BYTES)
    return taken
  }

  #reserve(count: number): void {
    const needed = this.#at + count
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }
}
