/** `*_limit_rate`: a response is taken from the upstream no faster than so many bytes per second. */
import { monotonicMs } from '../../io/clock.ts'

export interface PacedReader {
  /** The pace lets these bytes go. */
  onPaced(bytes: Buffer): void
  /** All of a turn's bytes were given; with `waiting`, more are held back until later. */
  onPacedTurn(waiting: boolean): void
}

export class ReadPace {
  readonly #rate: number
  readonly #reader: PacedReader
  readonly #startMs = monotonicMs()
  #held: Buffer[] = []
  #given = 0
  #timer: NodeJS.Timeout | undefined

  constructor(rate: number, reader: PacedReader) {
    this.#rate = rate
    this.#reader = reader
  }

  /** Bytes are held back. */
  get waiting(): boolean {
    return this.#held.length > 0
  }

  take(bytes: Buffer): void {
    this.#held.push(bytes)
    if (this.#timer === undefined) this.#flow()
  }

  /** A second's worth at once, as nginx does. */
  #flow(): void {
    let allowed = this.#allowed()
    for (let bytes = this.#held[0]; bytes && allowed > 0; bytes = this.#held[0]) {
      const piece = bytes.subarray(0, allowed)
      if (piece.length === bytes.length) this.#held.shift()
      else this.#held[0] = bytes.subarray(piece.length)
      allowed -= piece.length
      this.#given += piece.length
      this.#reader.onPaced(piece)
    }
    if (this.waiting && this.#timer === undefined) {
      const waitMs = 1000 - ((monotonicMs() - this.#startMs) % 1000)
      this.#timer = setTimeout(this.#again, Math.ceil(waitMs) + 1)
    }
  }

  #allowed(): number {
    const seconds = Math.floor((monotonicMs() - this.#startMs) / 1000) + 1
    return this.#rate * seconds - this.#given
  }

  readonly #again = (): void => {
    this.#timer = undefined
    this.#flow()
    this.#reader.onPacedTurn(this.waiting)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#held = []
  }
}
