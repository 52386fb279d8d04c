/** Sends a request body to a socket, the next piece when the last has left or, of a body that still comes, has come. */
import type { Transport } from '../../io/transport.ts'
import type { BodySource, LiveBody, SendState } from './exchange.ts'

const PIECE_BYTES = 64 * 1024

export interface BodyFraming {
  /** Wire form of a piece. */
  piece(bytes: Buffer): Buffer
  /** Wire form of the end, if the protocol has one. */
  end(): Buffer | undefined
}

export interface BodyPumpListener {
  onSendProgress(state: SendState): void
  /** The body cannot be read: the request will never be whole. */
  onBodyError(error: Error): void
}

export class BodyPump {
  readonly #source: BodySource
  readonly #connection: Transport
  readonly #framing: BodyFraming
  readonly #listener: BodyPumpListener
  #position = 0
  #waiting = false
  #stopped = false
  #done = false

  constructor(source: BodySource, connection: Transport, framing: BodyFraming, listener: BodyPumpListener) {
    this.#source = source
    this.#connection = connection
    this.#framing = framing
    this.#listener = listener
  }

  /** The end was handed to the socket. */
  get done(): boolean {
    return this.#done
  }

  start(): void {
    const { memory, live } = this.#source
    if (live) {
      live.listen(() => this.#flow(live))
      this.#flow(live)
    } else if (memory) {
      this.#connection.cork()
      for (const bytes of memory) this.#connection.write(this.#framing.piece(bytes))
      this.#writeEnd()
      this.#connection.uncork()
      this.uncorked()
    } else void this.#pump()
  }

  /** The socket takes more. */
  drained(): void {
    if (this.#stopped) return
    if (this.#done) this.#listener.onSendProgress('whole')
    if (!this.#waiting) return
    this.#waiting = false
    const { live } = this.#source
    if (live) this.#flow(live)
    else void this.#pump()
  }

  /** What was corked may have left at once, and no drain follows. */
  uncorked(): void {
    if (this.#done && !this.#stopped && !this.#connection.willDrain) this.#listener.onSendProgress('whole')
  }

  stop(): void {
    this.#stopped = true
  }

  #flow(live: LiveBody): void {
    if (this.#stopped || this.#waiting || this.#done) return
    for (let bytes = live.take(); bytes; bytes = live.take()) if (!this.#write(bytes)) return
    if (live.ended) this.#writeEnd()
    else this.#listener.onSendProgress('starved')
  }

  /** Answers false when the socket has to drain first. */
  #write(bytes: Buffer): boolean {
    if (this.#connection.write(this.#framing.piece(bytes)) || this.#connection.pendingBytes === 0) return true
    this.#waiting = true
    this.#listener.onSendProgress('blocked')
    return false
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#stopped && this.#position < this.#source.length) {
        const bytes = await this.#source.slice(this.#position, PIECE_BYTES)
        if (this.#stopped) return
        if (bytes.length === 0) throw new Error('buffered request body is shorter than its length')
        this.#position += bytes.length
        if (!this.#write(bytes) && this.#position < this.#source.length) return
      }
      if (!this.#stopped) this.#writeEnd()
    } catch (error) {
      this.#listener.onBodyError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #writeEnd(): void {
    this.#done = true
    this.#waiting = false
    const end = this.#framing.end()
    if (end) this.#connection.write(end)
    this.#listener.onSendProgress(this.#connection.willDrain ? 'blocked' : 'whole')
  }
}
