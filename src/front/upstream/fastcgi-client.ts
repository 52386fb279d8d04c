/** Chooses or opens the channel for a request: shared ones for our own tiers, one each for foreign applications. */
import { FastcgiChannel } from './fastcgi-channel.ts'
import { Pools } from './connection-pool.ts'
import type { AttemptParts, Exchange, GatewayClient } from './exchange.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

/** Bodies above this get a connection of their own: TCP's back-pressure then reaches the reader of the body. */
const MAX_SHARED_BODY_BYTES = 64 * 1024
const MAX_SHARED_REQUESTS = 1024

const pools = new Pools<FastcgiChannel>()

export interface FastcgiOptions {
  /** Whether the application is asked to keep the connection, which the group then keeps as well. */
  readonly keep: boolean
  readonly maxHeadBytes: number
}

/** `fastcgi_pass`: one request at a time on a connection. */
export class FastcgiClient implements GatewayClient {
  readonly takesUnknownLength = true
  readonly #options: FastcgiOptions

  constructor(options: FastcgiOptions) {
    this.#options = options
  }

  begin(group: PeerGroup, peer: Peer, params: readonly string[], attempt: AttemptParts): Exchange {
    const { body, dialling, listener } = attempt
    const pool = this.#options.keep ? pools.of(group) : undefined
    const channel =
      pool?.take(peer, dialling) ??
      new FastcgiChannel(peer, { ...this.#options, maxRequests: 1, dialling, pool }, () => undefined)
    return channel.begin(params, body, listener)
  }
}

/** `app_pass`: one persistent connection to each application worker, many requests at once. */
export class MultiplexedFastcgiClient implements GatewayClient {
  readonly takesUnknownLength = true
  readonly #channels = new Map<Peer, Set<FastcgiChannel>>()
  readonly #maxHeadBytes: number
  readonly #single: FastcgiClient

  constructor(maxHeadBytes: number) {
    this.#maxHeadBytes = maxHeadBytes
    this.#single = new FastcgiClient({ keep: false, maxHeadBytes })
  }

  begin(group: PeerGroup, peer: Peer, params: readonly string[], attempt: AttemptParts): Exchange {
    const { body, listener } = attempt
    if (body && (body.live || body.length > MAX_SHARED_BODY_BYTES))
      return this.#single.begin(group, peer, params, attempt)
    return this.#channel(peer).begin(params, body, listener)
  }

  #channel(peer: Peer): FastcgiChannel {
    let channels = this.#channels.get(peer)
    if (!channels) this.#channels.set(peer, (channels = new Set()))
    for (const channel of channels) if (channel.open) return channel
    const set = channels
    const options = { keep: true, maxRequests: MAX_SHARED_REQUESTS, maxHeadBytes: this.#maxHeadBytes }
    const channel = new FastcgiChannel(peer, options, (closed) => {
      set.delete(closed)
    })
    set.add(channel)
    return channel
  }
}
