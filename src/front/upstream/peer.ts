/** One server of a group, with what is known of its health (nginx: max_fails, fail_timeout, slow_start). */
import { monotonicMs } from '../../io/clock.ts'
import type { SocketAddress } from '../../io/socket-address.ts'

export interface PeerOptions {
  readonly address: SocketAddress
  /** As `$upstream_addr` shows it: `127.0.0.1:9000`, `unix:/run/x.sock`. */
  readonly text: string
  /** As the conf names it: what a consistent hash goes by. */
  readonly server: string
  readonly weight: number
  /** Failures within `failTimeoutMs` that take it out for as long; 0 never does. */
  readonly maxFails: number
  readonly failTimeoutMs: number
  /** Requests under way at most; 0 for no limit. */
  readonly maxConnections: number
  /** In how long its share grows to its weight once it is well again; 0 at once. */
  readonly slowStartMs: number
  readonly backup: boolean
  readonly down: boolean
  /** What a sticky cookie or route names it by. */
  readonly route: string
}

/** Weight that a new figure has in a mean. */
const MEAN_SHARE = 0.2

export class Peer {
  readonly options: PeerOptions
  /** Requests under way. */
  active = 0
  /** Requests that it was ever given, failed tries, and the time that they took. */
  requests = 0
  failures = 0
  responseMs = 0
  /** State of the smooth weighted round robin. */
  currentWeight = 0
  /** Means over the last answers, milliseconds; 0 while there was none. */
  meanHeaderMs = 0
  meanResponseMs = 0
  /** Failures since the last time that it proved to be well again. */
  #fails = 0
  #failedTick = -Infinity
  /** When it was last given a chance, or failed. */
  #checkedTick = -Infinity
  /** When it was well again after it had been out; 0 when it never was. */
  #recoveredTick = 0

  constructor(options: PeerOptions) {
    this.options = options
  }

  get text(): string {
    return this.options.text
  }

  /** Out by the conf, whatever its health. */
  get unusable(): boolean {
    return this.options.down
  }

  available(now: number): boolean {
    const { maxConnections, maxFails, failTimeoutMs } = this.options
    if (this.unusable || (maxConnections > 0 && this.active >= maxConnections)) return false
    return maxFails === 0 || this.#fails < maxFails || now - this.#checkedTick > failTimeoutMs
  }

  /** Less than its weight while it starts slowly. */
  get effectiveWeight(): number {
    const { weight, slowStartMs } = this.options
    if (slowStartMs === 0 || this.#recoveredTick === 0) return weight
    const share = (monotonicMs() - this.#recoveredTick) / slowStartMs
    if (share < 1) return Math.max(weight * share, 0.01)
    this.#recoveredTick = 0
    return weight
  }

  /** It is the one that the next request goes to: of a peer that was taken out, the only one for another while. */
  chosen(now: number): void {
    if (now - this.#checkedTick > this.options.failTimeoutMs) this.#checkedTick = now
  }

  began(): void {
    this.active += 1
    this.requests += 1
  }

  ended(tookMs: number): void {
    this.active -= 1
    this.responseMs += tookMs
  }

  failed(): void {
    this.failures += 1
    this.#fails += 1
    this.#failedTick = this.#checkedTick = monotonicMs()
  }

  /** Counts as recovered only when it was well again after the time: one that fails now and then is taken out, too. */
  succeeded(): void {
    if (this.#fails === 0 || this.#failedTick >= this.#checkedTick) return
    if (this.#fails >= this.options.maxFails) this.#recoveredTick = monotonicMs()
    this.#fails = 0
  }

  /** How long an answer took; undefined where it did not come so far. */
  measured(headerMs: number | undefined, responseMs: number | undefined): void {
    this.meanHeaderMs = mean(this.meanHeaderMs, headerMs)
    this.meanResponseMs = mean(this.meanResponseMs, responseMs)
  }
}

function mean(before: number, value: number | undefined): number {
  if (value === undefined) return before
  return before === 0 ? value : before + (value - before) * MEAN_SHARE
}
