/**
 * How long a connection waits for the head of its next request: `client_header_timeout` in total from the first byte
 * on, before it `keepalive_timeout`; on a new connection the former from its beginning. A worker that drains waits less.
 */
import { monotonicMs } from '../io/clock.ts'
import type { LocationSettings, Server } from './server-config.ts'

/** What a draining worker gives a new connection for its first bytes: a lost segment is sent again after 1 s, then 2 s. */
export const FIRST_BYTES_MS = 5000

/** Answers are moments, in monotonic milliseconds. */
export class HeadWait {
  readonly #openedMs = monotonicMs()
  readonly #headerTimeoutMs: number
  /** `keepalive_min_timeout` of the location that answered last. */
  #keepaliveMinTimeoutMs: number
  #answered = false
  /** The first byte is here. */
  #headBegan = false

  constructor(server: Server) {
    this.#headerTimeoutMs = server.headerTimeoutMs
    this.#keepaliveMinTimeoutMs = server.settings.keepaliveMinTimeoutMs
  }

  get ageMs(): number {
    return monotonicMs() - this.#openedMs
  }

  /** Until when a new connection waits. */
  first(): number {
    return this.#openedMs + this.#headerTimeoutMs
  }

  /** A request was answered: until when to wait for the first byte of another. */
  next(settings: LocationSettings): number {
    this.#answered = true
    this.#headBegan = false
    this.#keepaliveMinTimeoutMs = settings.keepaliveMinTimeoutMs
    return monotonicMs() + settings.keepaliveTimeoutMs
  }

  /**
   * There are bytes of a head. Undefined where that was known: the time runs. `drain` may have left a connection that
   * had said nothing only a moment: its time is the whole one again.
   */
  headBegan(): number | undefined {
    if (this.#headBegan) return undefined
    this.#headBegan = true
    return this.#answered ? monotonicMs() + this.#headerTimeoutMs : this.first()
  }

  /**
   * The worker drains. A request may be on its way that was sent before our FIN could be seen. The first one of a
   * connection is certain to come, and nobody would repeat it: it has the time of some lost segments.
   */
  drain(): number {
    return monotonicMs() + (this.#answered ? this.#keepaliveMinTimeoutMs : FIRST_BYTES_MS)
  }
}
