/** The body of one message, by the framing that its head decided on. Pieces are views of what was received. */
import type { HeaderTable } from '../../http/header-table.ts'
import { ChunkedDecoder } from './chunked-decoder.ts'
import type { FieldLimits } from './field-section.ts'
import type { Inbox } from './inbox.ts'
import type { Framing } from './message.ts'
import type { SideErrors } from './side-errors.ts'

export class BodyDecoder {
  readonly #limits: FieldLimits
  readonly #errors: SideErrors
  /** Bytes to come; Infinity for a body that ends with the connection. */
  #left = 0
  #chunked: ChunkedDecoder | undefined
  #trailers: HeaderTable | undefined

  constructor(limits: FieldLimits, errors: SideErrors) {
    this.#limits = limits
    this.#errors = errors
  }

  begin(framing: Framing): void {
    this.#trailers = undefined
    if (framing.kind === 'length') this.#left = framing.length
    else if (framing.kind === 'close') this.#left = Infinity
    else if (framing.kind === 'chunked') this.#chunked = new ChunkedDecoder(this.#limits, this.#errors)
  }

  get done(): boolean {
    return this.#left === 0 && this.#chunked === undefined
  }

  /** Undefined until a chunked body is done, and when it had none. */
  get trailers(): HeaderTable | undefined {
    return this.#trailers
  }

  /** Undefined when it needs more bytes, and when it is done. */
  next(inbox: Inbox): Buffer | undefined {
    if (this.#chunked !== undefined) return this.#nextChunkedData(this.#chunked, inbox)
    while (this.#left > 0) {
      const start = inbox.position
      const end = Math.min(inbox.bytes.length, start + this.#left)
      if (end > start) {
        inbox.position = end
        this.#left -= end - start
        return inbox.bytes.subarray(start, end)
      }
      if (!inbox.more()) return undefined
    }
    return undefined
  }

  /** The connection has ended. False when that cuts the body. */
  end(): boolean {
    if (this.#left === Infinity) this.#left = 0
    return this.done
  }

  #nextChunkedData(chunked: ChunkedDecoder, inbox: Inbox): Buffer | undefined {
    const data = chunked.next(inbox)
    if (chunked.done) {
      this.#trailers = chunked.trailers
      this.#chunked = undefined
    }
    return data
  }
}
