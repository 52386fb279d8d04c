/**
 * `send_timeout` between two bytes that the client takes: what is written at once may take a slow reader longer than
 * that, and one that reads anything is not cut.
 */
import { monotonicMs } from '../io/clock.ts'
import type { Transport } from '../io/transport.ts'

export class SendProgress {
  readonly #connection: Transport
  #timeoutMs = 0
  #unsent = 0
  #untilMs = 0

  constructor(connection: Transport) {
    this.#connection = connection
  }

  /** Begins to wait; answers until when (monotonic milliseconds). */
  begin(timeoutMs: number): number {
    this.#timeoutMs = timeoutMs
    this.#unsent = this.#connection.unsentBytes
    this.#untilMs = monotonicMs() + timeoutMs
    return this.#untilMs
  }

  /** Until when to wait on; undefined when all has left, and when nothing did within the time. */
  extend(): number | undefined {
    if (this.#connection.pendingBytes === 0) return undefined
    if (this.#connection.unsentBytes < this.#unsent) return this.begin(this.#timeoutMs)
    return monotonicMs() < this.#untilMs ? this.#untilMs : undefined
  }
}
