/**
 * One gzip member (RFC 1952), made piece by piece without a compressor that lives between the pieces: each is deflated
 * anew with the input before it as its dictionary, and ends on a byte. A compressor at rest would hold 256 KiB.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib'

/** How far back deflate looks, bytes (RFC 1951 section 2). */
const WINDOW_BYTES = 32 * 1024

/** No name, no time, no flags; written on Unix (RFC 1952 section 2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])

export class GzipMember {
  readonly #level: number
  #begun = false
  #crc = 0
  #bytes = 0
  /** The end of the input so far, a copy: a part of the last piece would keep the whole of its memory. */
  #window: Buffer = Buffer.alloc(0)

  constructor(level: number) {
    this.#level = level
  }

  /** What a reader needs to have all of `piece`; with `last`, the end of the member too. */
  code(piece: Buffer, last: boolean): Buffer {
    const { length } = this.#window
    const deflated = deflateRawSync(piece, {
      level: this.#level,
      finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
      ...(length > 0 && { dictionary: this.#window }),
    })
    this.#crc = crc32(piece, this.#crc)
    this.#bytes += piece.length
    const parts: Buffer[] = this.#begun ? [deflated] : [HEADER, deflated]
    this.#begun = true
    if (last) parts.push(this.#trailer())
    else this.#remember(piece)
    return parts.length === 1 ? deflated : Buffer.concat(parts)
  }

  #trailer(): Buffer {
    const trailer = Buffer.allocUnsafe(8)
    trailer.writeUInt32LE(this.#crc, 0)
    trailer.writeUInt32LE(this.#bytes % 2 ** 32, 4)
    return trailer
  }

  #remember(piece: Buffer): void {
    const all = piece.length < WINDOW_BYTES ? Buffer.concat([this.#window, piece]) : piece
    const end = all.subarray(-WINDOW_BYTES)
    this.#window = all === piece || end.length < all.length ? Buffer.from(end) : all
  }
}
