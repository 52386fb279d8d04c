/**
 * Tells a burst, which a queue is for, from a load that is more than the worker can do: then every request is answered
 * too late for who asked, however long the queue. Of such a load those are worth most that have just come: they run
 * first, and who has waited for long is refused, so that he hears soon.
 *
 * The precedents are CoDel (RFC 8289: time in the queue is judged, not its length) and what Facebook's servers do by
 * it (newest first while the queue stands). How long is long follows how fast requests get their turn: ten that take a
 * second each are no overload, and a thousand of a millisecond are none either. While clients are few the order stays
 * as it is: with the newest first, one of them could wait for ever behind the others' next requests.
 */

/** A queue that was empty since is a burst. */
const STANDS_AFTER_MS = 500
/** With no more waiting it does not stand, however slow they are; uWSGI's queue is as long. */
const FEW = 100
/** Turns of others that one waits for while it stands. */
const TURNS_WHILE_IT_STANDS = 8
/** What one turn adds to their mean. */
const TURN_SHARE = 1 / 8

export class StandingQueue {
  readonly #delayMs: number
  #stands = false
  /** Since when it has not been empty. */
  #sinceMs = Infinity
  #turnMs = 0
  /** From one turn to the next. */
  #meanTurnMs = 0

  /** `delayMs`: how long everybody may wait, in any case; 0 for as long as it takes. */
  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  /** The first waits. */
  begins(nowMs: number): void {
    this.#sinceMs = this.#turnMs = nowMs
  }

  /** Somebody's turn has come, of so many; `oldestMs` is since when the oldest waits. Answers whether the queue stands. */
  turns(nowMs: number, waiting: number, oldestMs: number): boolean {
    this.#meanTurnMs += (nowMs - this.#turnMs - this.#meanTurnMs) * TURN_SHARE
    this.#turnMs = nowMs
    if (this.#stands || this.#delayMs === 0) return this.#stands
    this.#stands =
      waiting > FEW && nowMs - this.#sinceMs >= STANDS_AFTER_MS && nowMs - oldestMs > this.#delayMs
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
