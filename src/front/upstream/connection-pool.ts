/** Idle connections to the peers of one group (`keepalive`): the one used last is taken first, the oldest gives way. */
import { unwatchDeadline, watchDeadline, monotonicMs } from '../../io/clock.ts'
import type { Deadlined } from '../../io/clock.ts'
import type { Dialling } from '../../io/dial.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

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

/** A connection that carries one request at a time. */
export interface PooledChannel extends Deadlined {
  readonly peer: Peer
  /** Where it was bound to come from. */
  readonly localAddress: string | undefined
  /** What its TLS is good for; undefined without. */
  readonly tlsKey?: string | undefined
  /** Requests sent on it. */
  readonly served: number
  /** On the monotonic clock. */
  readonly openedMs: number
  close(): void
}

/** One pool per group and worker, whichever location uses the group. */
export class Pools<C extends PooledChannel> {
  readonly #pools = new WeakMap<PeerGroup, ConnectionPool<C>>()

  of(group: PeerGroup): ConnectionPool<C> {
    let pool = this.#pools.get(group)
    if (!pool) this.#pools.set(group, (pool = new ConnectionPool(group.keepalive ?? NO_KEEPALIVE)))
    return pool
  }
}

const NO_KEEPALIVE: KeepaliveOptions = { connections: 0, requests: 0, timeMs: 0, timeoutMs: 0 }

export class ConnectionPool<C extends PooledChannel> {
  readonly #options: KeepaliveOptions
  /** The longest idle first. */
  readonly #idle: C[] = []

  constructor(options: KeepaliveOptions) {
    this.#options = options
  }

  take(peer: Peer, { localAddress, tls }: Dialling): C | undefined {
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const channel = this.#idle[index]
      if (channel?.peer !== peer || channel.localAddress !== localAddress || channel.tlsKey !== tls?.key)
        continue
      this.#idle.splice(index, 1)
      unwatchDeadline(channel)
      return channel
    }
    return undefined
  }

  /** Keeps a connection, or answers false where it is to be closed. */
  put(channel: C): boolean {
    const { connections, requests, timeMs, timeoutMs } = this.#options
    const nowMs = monotonicMs()
    if (connections === 0 || channel.served >= requests || nowMs - channel.openedMs >= timeMs) return false
    if (this.#idle.length >= connections) this.#idle[0]?.close()
    this.#idle.push(channel)
    channel.deadlineMs = nowMs + timeoutMs
    watchDeadline(channel)
    return true
  }

  /** The channel is closed or is being closed. */
  remove(channel: C): void {
    const index = this.#idle.indexOf(channel)
    if (index < 0) return
    this.#idle.splice(index, 1)
    unwatchDeadline(channel)
  }
}
