/** One server of a group, with what is known of its health (nginx: max_fails, fail_timeout). */
import { monotonicMs } from '../../io/clock.ts'
import type { SocketAddress } from '../../io/socket-address.ts'

export interface PeerOptions {
  readonly address: SocketAddress
  /** As `$upstream_addr` shows it: `127.0.0.1:9000`, `unix:/run/x.sock`. */
  readonly text: string
  readonly weight: number
  /** Failures within `failTimeoutMs` that take it out for as long; 0 never does. */
  readonly maxFails: number
  readonly failTimeoutMs: number
  /** Requests under way at most; 0 for no limit. */
  readonly maxConnections: number
  readonly backup: boolean
  readonly down: boolean
}

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
  /** Failures since the last time that it proved to be well again. */
  #fails = 0
  #failedTick = -Infinity
  /** When it was last given a chance, or failed. */
  #checkedTick = -Infinity

  constructor(options: PeerOptions) {
    this.options = options
  }

  get text(): string {
    return this.options.text
  }

  available(now: number): boolean {
    const { down, maxConnections, maxFails, failTimeoutMs } = this.options
    if (down || (maxConnections > 0 && this.active >= maxConnections)) return false
    return maxFails === 0 || this.#fails < maxFails || now - this.#checkedTick > failTimeoutMs
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
    if (this.#fails > 0 && this.#failedTick < this.#checkedTick) this.#fails = 0
  }
}
