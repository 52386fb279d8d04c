/**
 * Tells a burst, which a queue is for, from a load that is more than the worker can do: then every request is answered
 * too late for who asked, however long the queue. Of such a load those are worth most that have just come: they run
 * first, and who has waited for long is refused, so that he hears soon.
 *
 * The precedents are CoDel (RFC 8289: time in the queue is judged, not its length) and what Facebook's servers do by
 * it (newest first while the queue stands). While clients are few, or nobody waits for long, the order stays as it is:
 * with the newest first, one of them could wait for ever behind the others' next requests, and some hundred clients
 * that ask again when they are answered are no overload.
 */

/** Nobody calls a page late that has waited for less. */
const LATE_MS = 1000
/** With no more waiting it does not stand, however slow they are; uWSGI's queue is as long. */
const FEW = 100
/** Turns of others that one waits for while it stands. */
const TURNS_WHILE_IT_STANDS = 8
/** What one turn adds to their mean. */
const TURN_SHARE = 1 / 8

export class StandingQueue {
  readonly #delayMs: number
  #stands = false
  #turnMs = 0
  /** From one turn to the next. */
  #meanTurnMs = 0

  /** `delayMs`: how long everybody may wait, in any case; 0 for as long as it takes. */
  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  /** The first waits. */
  begins(nowMs: number): void {
    this.#turnMs = nowMs
  }

  /** Somebody's turn has come, of so many; `oldestMs` is since when the oldest waits. Answers whether the queue stands. */
  turns(nowMs: number, waiting: number, oldestMs: number): boolean {
    this.#meanTurnMs += (nowMs - this.#turnMs - this.#meanTurnMs) * TURN_SHARE
    this.#turnMs = nowMs
    if (this.#stands || this.#delayMs === 0) return this.#stands
    this.#stands = waiting > FEW && nowMs - oldestMs > Math.max(LATE_MS, this.#delayMs)
    return this.#stands
  }

  /** Nobody waits. */
  ends(): void {
    this.#stands = false
  }

  /** How long one may wait while it stands. */
  get patienceMs(): number {
    return Math.max(this.#delayMs, this.#meanTurnMs * TURNS_WHILE_IT_STANDS)
  }
}
