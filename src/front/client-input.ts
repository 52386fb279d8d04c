/**
 * What a client has sent and nobody has taken yet: the codec with its bytes, who owns these, and the brake on a client
 * that sends faster than its requests are answered.
 */
import type { Transport } from '../io/transport.ts'
import { RequestDecoder } from '../protocol/http1/request-decoder.ts'
import type { RequestLimits } from '../protocol/http1/message.ts'

/** Bytes behind the request under way that are taken before the client is held back. */
const MAX_WAITING_BYTES = 64 * 1024

export class ClientInput {
  readonly decoder: RequestDecoder
  readonly #io: Transport
  #heldBack = false
  #lent = false

  constructor(io: Transport, limits: RequestLimits) {
    this.#io = io
    this.decoder = new RequestDecoder(limits)
  }

  /** The bytes are the codec's until `settle`; behind bytes that wait, they will wait, too, and are copied at once. */
  receive(bytes: Buffer): void {
    const waits = this.decoder.buffered > 0
    this.#lent = this.#io.lendsBytes && !waits
    this.decoder.receive(this.#io.lendsBytes && waits ? Buffer.from(bytes) : bytes)
  }

  /** What could be taken of the bytes received is taken: copies the rest. `answering`: nobody takes more for now. */
  settle(answering: boolean): void {
    const { buffered } = this.decoder
    if (buffered === 0) return
    if (this.#lent) this.decoder.retain()
    if (!answering || buffered <= MAX_WAITING_BYTES) return
    this.#heldBack = true
    this.#io.pause()
  }

  /** Something was taken: a client that was held back may send again once little enough waits. */
  readOn(): void {
    if (this.#heldBack && this.decoder.buffered <= MAX_WAITING_BYTES) this.letGo()
  }

  /** Whatever comes is taken from now on. */
  letGo(): void {
    if (!this.#heldBack) return
    this.#heldBack = false
    this.#io.resume()
  }
}
