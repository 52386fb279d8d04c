/** Sends a buffered request body to a socket, the next piece when the last has left. */
import type { Connection } from '../../io/connection.ts'
import type { BodySource } from './exchange.ts'

const PIECE_BYTES = 64 * 1024

export interface BodyFraming {
  /** Wire form of a piece. */
  piece(bytes: Buffer): Buffer
  /** Wire form of the end, if the protocol has one. */
  end(): Buffer | undefined
}

export class BodyPump {
  readonly #source: BodySource
  readonly #connection: Connection
  readonly #framing: BodyFraming
  readonly #onError: (error: Error) => void
  #position = 0
  #waiting = false
  #stopped = false
  #done = false

  constructor(
    source: BodySource,
    connection: Connection,
    framing: BodyFraming,
    onError: (error: Error) => void,
  ) {
    this.#source = source
    this.#connection = connection
    this.#framing = framing
    this.#onError = onError
  }

  /** The end was handed to the socket. */
  get done(): boolean {
    return this.#done
  }

  start(): void {
    const { memory } = this.#source
    if (memory) {
      this.#connection.cork()
      for (const bytes of memory) this.#connection.write(this.#framing.piece(bytes))
      this.#writeEnd()
      this.#connection.uncork()
      return
    }
    void this.#pump()
  }

  /** The socket takes more. */
  drained(): void {
    if (!this.#waiting) return
    this.#waiting = false
    void this.#pump()
  }

  stop(): void {
    this.#stopped = true
  }

  async #pump(): Promise<void> {
    try {
      while (!this.#stopped && this.#position < this.#source.length) {
        const bytes = await this.#source.slice(this.#position, PIECE_BYTES)
        if (this.#stopped) return
        if (bytes.length === 0) throw new Error('buffered request body is shorter than its length')
        this.#position += bytes.length
        if (!this.#connection.write(this.#framing.piece(bytes)) && this.#position < this.#source.length) {
          this.#waiting = true
          return
        }
      }
      if (!this.#stopped) this.#writeEnd()
    } catch (error) {
      this.#onError(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #writeEnd(): void {
    this.#done = true
    const end = this.#framing.end()
    if (end) this.#connection.write(end)
  }
}
