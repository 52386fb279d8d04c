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
  /** State of the smooth weighted round robin. */
  currentWeight = 0
  #fails = 0
  #firstFailTick = 0
  #downSinceTick = -Infinity

  constructor(options: PeerOptions) {
    this.options = options
  }

  get text(): string {
    return this.options.text
  }

  available(now: number): boolean {
    const { down, maxConnections, failTimeoutMs } = this.options
    if (down || (maxConnections > 0 && this.active >= maxConnections)) return false
    return now - this.#downSinceTick >= failTimeoutMs
  }

  /** Counts a failure; the peer is taken out when there were too many within the time. */
  failed(): void {
    const { maxFails, failTimeoutMs } = this.options
    if (maxFails === 0) return
    const now = monotonicMs()
    if (now - this.#firstFailTick > failTimeoutMs) {
      this.#firstFailTick = now
      this.#fails = 0
    }
    this.#fails += 1
    if (this.#fails >= maxFails) this.#downSinceTick = now
  }

  succeeded(): void {
    if (this.#fails === 0) return
    this.#fails = 0
    this.#downSinceTick = -Infinity
  }
}
