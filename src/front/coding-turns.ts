/**
 * Who may compress next in this worker: one piece each in the order they asked, for a few milliseconds of each turn of
 * the event loop. Between, whoever asks for something cheaper is answered.
 */
import { monotonicMs } from '../io/clock.ts'

/** Of one turn, milliseconds; the piece that is begun within them is finished. */
const TURN_MS = 2

export interface Coder {
  /** Codes one piece. May ask for the next turn; must not throw. */
  codePiece(): void
}

class CodingTurns {
  #waiting: Coder[] = []
  #armed = false

  ask(coder: Coder): void {
    this.#waiting.push(coder)
    this.#arm()
  }

  #arm(): void {
    if (this.#armed) return
    this.#armed = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    const untilMs = monotonicMs() + TURN_MS
    do this.#waiting.shift()?.codePiece()
    while (this.#waiting.length > 0 && monotonicMs() < untilMs)
    this.#armed = false
    if (this.#waiting.length > 0) this.#arm()
  }
}

/** One for the process: what they share is its one thread. */
export const codingTurns = new CodingTurns()
