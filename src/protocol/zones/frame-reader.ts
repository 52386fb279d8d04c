/**
 * Cuts received bytes into frames and reads their operands.
 *
 * Rules of this file: `receive` stores, `next` moves to the next whole frame, and the operands are read in order
 * before the following `next`. Retained: at most one frame that is not whole, bounded by `MAX_FRAME_BYTES`.
 */
import { FrameError } from './frame-error.ts'

/** The largest that is sent: a session of TLS with its chain of certificates, and much room. */
const MAX_FRAME_BYTES = 1 << 20
const EMPTY = Buffer.alloc(0)

export class FrameReader {
  #bytes: Buffer = EMPTY
  #at = 0
  #end = 0

  /** `bytes` belong to the reader from here on. */
  receive(bytes: Buffer): void {
    const rest = this.#bytes.subarray(this.#end)
    this.#bytes = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    this.#at = this.#end = 0
  }

  /** The operation of the next frame, undefined when it is not there yet. @throws FrameError */
  next(): number | undefined {
    const start = this.#end
    if (this.#bytes.length - start < 4) return undefined
    const length = this.#bytes.readUInt32BE(start)
    if (length === 0 || length > MAX_FRAME_BYTES) throw new FrameError(`a frame of ${length} bytes`)
    if (this.#bytes.length - start - 4 < length) return undefined
    this.#at = start + 4
    this.#end = this.#at + length
    return this.u8()
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#advance(2))
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4))
  }

  f64(): number {
    return this.#bytes.readDoubleBE(this.#advance(8))
  }

  text(): string {
    const length = this.u16()
    const start = this.#advance(length)
    return this.#bytes.latin1Slice(start, start + length)
  }

  /** A copy: what was received is let go. */
  bytes(): Buffer {
    const length = this.u32()
    const start = this.#advance(length)
    return Buffer.from(this.#bytes.subarray(start, start + length))
  }

  #advance(count: number): number {
    const start = this.#at
    if (start + count > this.#end) throw new FrameError('a frame that ends early')
    this.#at = start + count
    return start
  }
}
