/**
 * The time that an upstream has for its next step (`*_connect_timeout`, `*_send_timeout`, `*_read_timeout`), and what
 * the error log says when it is over, in nginx's words.
 */
import { monotonicMs, unwatchDeadline, watchDeadline, type Deadlined } from '../../io/clock.ts'
import type { UpstreamSettings } from './upstream-settings.ts'

export const TIMED_OUT = 'upstream timed out (110: Connection timed out) while'
const CONNECTING = `${TIMED_OUT} connecting to upstream`
const SENDING = `${TIMED_OUT} sending request to upstream`
const READING_HEAD = `${TIMED_OUT} reading response header from upstream`
const READING = `${TIMED_OUT} reading upstream`

export interface UpstreamTimeoutOwner {
  onTimeout(message: string): void
}

export class UpstreamTimeout implements Deadlined {
  deadlineMs = Infinity
  deadlineSlot = -1
  readonly #settings: UpstreamSettings
  readonly #owner: UpstreamTimeoutOwner
  #message = ''

  constructor(settings: UpstreamSettings, owner: UpstreamTimeoutOwner) {
    this.#settings = settings
    this.#owner = owner
  }

  /** Something is waited for, not one who is slow. */
  get paused(): boolean {
    return this.deadlineMs === Infinity
  }

  onDeadline(): void {
    this.#owner.onTimeout(this.#message)
  }

  /** From now on until `stop` one of the steps can be late. */
  watch(): void {
    watchDeadline(this)
  }

  stop(): void {
    this.deadlineMs = Infinity
    unwatchDeadline(this)
  }

  /** It is not the upstream's turn. */
  pause(): void {
    this.deadlineMs = Infinity
  }

  connecting(nowMs: number): void {
    this.deadlineMs = nowMs + this.#settings.connectTimeoutMs
    this.#message = CONNECTING
  }

  sending(): void {
    this.deadlineMs = monotonicMs() + this.#settings.sendTimeoutMs
    this.#message = SENDING
  }

  /** `begun` tells that the head has come. */
  reading(begun: boolean, nowMs = monotonicMs()): void {
    this.deadlineMs = nowMs + this.#settings.readTimeoutMs
    this.#message = begun ? READING : READING_HEAD
  }

  /** In the group's queue. */
  queued(timeoutMs: number): void {
    this.deadlineMs = monotonicMs() + timeoutMs
  }
}
