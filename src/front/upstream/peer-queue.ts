/** `queue`: requests that wait until a peer of their group can take them, in the order in which they came. */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'

export interface Queued {
  /** Whether there was a peer: it has left the queue then, unless the peer failed at once and it waits again. */
  tryAgain(): boolean
}

/** Peers come back by time as well: nobody says so. */
const LOOK_EVERY_MS = 100

export class PeerQueue implements Deadlined {
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly timeoutMs: number
  readonly #most: number
  readonly #waiting = new Set<Queued>()
  #waking = false

  constructor(most: number, timeoutMs: number) {
    this.#most = most
    this.timeoutMs = timeoutMs
  }

  /** False where it is full. */
  join(request: Queued): boolean {
    if (this.#waiting.size >= this.#most) return false
    this.#waiting.add(request)
    if (this.#waiting.size === 1) watchDeadline(this)
    this.deadlineMs = monotonicMs() + LOOK_EVERY_MS
    return true
  }

  leave(request: Queued): void {
    if (this.#waiting.delete(request) && this.#waiting.size === 0) unwatchDeadline(this)
  }

  /** A peer may have room now. */
  wake(): void {
    if (this.#waking) return
    this.#waking = true
    for (const request of this.#waiting) if (!request.tryAgain()) break
    this.#waking = false
  }

  onDeadline(): void {
    this.wake()
    if (this.#waiting.size > 0) this.deadlineMs = monotonicMs() + LOOK_EVERY_MS
  }
}
