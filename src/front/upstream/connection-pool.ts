/** Idle connections to the peers of one group (`keepalive`): the one used last is taken first, the oldest gives way. */
import { unwatchDeadline, watchDeadline, monotonicMs } from '../../io/clock.ts'
import type { HttpChannel } from './http-channel.ts'
import type { Peer } from './peer.ts'

export interface KeepaliveOptions {
  /** Idle connections kept by one worker; 0 keeps none. */
  readonly connections: number
  /** Requests on one connection. */
  readonly requests: number
  /** Longest age of a connection that takes another request. */
  readonly timeMs: number
  /** How long a connection may be idle. */
  readonly timeoutMs: number
}

export class ConnectionPool {
  readonly #options: KeepaliveOptions
  /** The longest idle first. */
  readonly #idle: HttpChannel[] = []

  constructor(options: KeepaliveOptions) {
    this.#options = options
  }

  take(peer: Peer): HttpChannel | undefined {
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const channel = this.#idle[index]
      if (channel?.peer !== peer) continue
      this.#idle.splice(index, 1)
      unwatchDeadline(channel)
      return channel
    }
    return undefined
  }

  /** Keeps a connection, or answers false where it is to be closed. */
  put(channel: HttpChannel): boolean {
    const { connections, requests, timeMs, timeoutMs } = this.#options
    if (connections === 0 || channel.served >= requests || channel.ageMs >= timeMs) return false
    if (this.#idle.length >= connections) this.#idle[0]?.close()
    this.#idle.push(channel)
    channel.deadlineMs = monotonicMs() + timeoutMs
    watchDeadline(channel)
    return true
  }

  /** The channel is closed or is being closed. */
  remove(channel: HttpChannel): void {
    const index = this.#idle.indexOf(channel)
    if (index < 0) return
    this.#idle.splice(index, 1)
    unwatchDeadline(channel)
  }
}
