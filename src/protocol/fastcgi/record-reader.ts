/**
 * Cuts received bytes into record headers and pieces of content. It never waits for a whole record, so it holds at
 * most the 8 bytes of a header that came in parts, and small contents that make sense only whole.
 *
 * Ownership: the bytes of `receive` are read in place; once `nextRecord` or `takeContent` has asked for more,
 * nothing of them is referred to any more, so the caller may read into the same memory again.
 */
import { PieceBuffer } from './piece-buffer.ts'
import { HEADER_BYTES } from './record.ts'

const EMPTY = Buffer.alloc(0)

export class RecordReader {
  /** Header of the current record. */
  version = 0
  type = 0
  id = 0
  contentLength = 0
  paddingLength = 0

  /** Bytes received, and the offset of the first one not consumed. */
  bytes: Buffer = EMPTY
  position = 0

  /** Content bytes of the current record that were not taken yet. */
  contentLeft = 0
  #paddingLeft = 0
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerFilled = 0
  #content: PieceBuffer | undefined

  receive(bytes: Buffer): void {
    this.bytes =
      this.position === this.bytes.length ? bytes : Buffer.concat([this.bytes.subarray(this.position), bytes])
    this.position = 0
  }

  /** Bytes held for what is not whole; those of the last `receive` are the caller's. */
  get retainedBytes(): number {
    return HEADER_BYTES + (this.#content?.bytes.length ?? 0)
  }

  /** Nothing of a record is waiting for its rest. */
  get atBoundary(): boolean {
    return (
      this.position === this.bytes.length &&
      this.#headerFilled === 0 &&
      this.contentLeft === 0 &&
      this.#paddingLeft === 0
    )
  }

  /** Reads the next header; false when it is not here yet. Content of the record before is skipped. */
  nextRecord(): boolean {
    if (!this.#skipRest()) return this.#drained()
    const start = this.position
    if (this.#headerFilled === 0 && this.bytes.length - start >= HEADER_BYTES) {
      this.position = start + HEADER_BYTES
      this.#read(this.bytes, start)
      return true
    }
    return this.#collectHeader()
  }

  /** Takes all content of this record that is here: it ends at `position` then. Answers how many bytes it is. */
  takeContent(): number {
    const taken = Math.min(this.contentLeft, this.bytes.length - this.position)
    this.contentLeft -= taken
    this.position += taken
    return taken
  }

  /** All content of a record that is small by its kind, or undefined until it is here. */
  wholeContent(): Buffer | undefined {
    const start = this.position
    if (this.#content === undefined && this.contentIsHere) {
      this.takeContent()
      return this.bytes.subarray(start, this.position)
    }
    this.takeContent()
    this.#content ??= new PieceBuffer()
    this.#content.add(this.bytes, start, this.position)
    if (this.contentLeft > 0) return undefined
    const content = this.#content
    this.#content = undefined
    return content.bytes.subarray(0, content.length)
  }

  /** The whole content is here. */
  get contentIsHere(): boolean {
    return this.bytes.length - this.position >= this.contentLeft
  }

  /** Whether an empty record of this one's type and id follows, all of it here already. */
  get endFollows(): boolean {
    const at = this.position + this.contentLeft + this.#paddingLeft
    const bytes = this.bytes
    return (
      at + HEADER_BYTES <= bytes.length &&
      bytes[at] === 1 &&
      bytes[at + 1] === this.type &&
      ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0) === this.id &&
      bytes[at + 4] === 0 &&
      bytes[at + 5] === 0
    )
  }

  #skipRest(): boolean {
    const rest = this.contentLeft + this.#paddingLeft
    if (rest === 0) return true
    const skipped = Math.min(rest, this.bytes.length - this.position)
    this.position += skipped
    const content = Math.min(skipped, this.contentLeft)
    this.contentLeft -= content
    this.#paddingLeft -= skipped - content
    return skipped === rest
  }

  #collectHeader(): boolean {
    const taken = Math.min(HEADER_BYTES - this.#headerFilled, this.bytes.length - this.position)
    this.bytes.copy(this.#header, this.#headerFilled, this.position, this.position + taken)
    this.position += taken
    this.#headerFilled += taken
    if (this.#headerFilled < HEADER_BYTES) return this.#drained()
    this.#headerFilled = 0
    this.#read(this.#header, 0)
    return true
  }

  #read(bytes: Buffer, at: number): void {
    this.version = bytes[at] ?? 0
    this.type = bytes[at + 1] ?? 0
    this.id = ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0)
    this.contentLength = ((bytes[at + 4] ?? 0) << 8) + (bytes[at + 5] ?? 0)
    this.paddingLength = bytes[at + 6] ?? 0
    this.contentLeft = this.contentLength
    this.#paddingLeft = this.paddingLength
  }

  #drained(): false {
    this.bytes = EMPTY
    this.position = 0
    return false
  }
}
