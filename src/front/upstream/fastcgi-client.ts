/** Chooses or opens the channel for a request: shared ones for our own tiers, one each for foreign applications. */
import { FastcgiChannel } from './fastcgi-channel.ts'
import type { BodySource, Exchange, ExchangeListener, GatewayClient } from './exchange.ts'
import type { Peer } from './peer.ts'

/** Bodies above this get a connection of their own: TCP's back-pressure then reaches the reader of the body. */
const MAX_SHARED_BODY_BYTES = 64 * 1024
const MAX_SHARED_REQUESTS = 1024

/** `fastcgi_pass`: a connection per request, closed by the application after its answer. */
export class FastcgiClient implements GatewayClient {
  begin(
    peer: Peer,
    params: readonly string[],
    body: BodySource | undefined,
    listener: ExchangeListener,
  ): Exchange {
    return new FastcgiChannel(peer, { keep: false, maxRequests: 1 }, () => undefined).begin(
      params,
      body,
      listener,
    )
  }
}

/** `app_pass`: one persistent connection to each application worker, many requests at once. */
export class MultiplexedFastcgiClient implements GatewayClient {
  readonly #channels = new Map<Peer, Set<FastcgiChannel>>()
  readonly #single = new FastcgiClient()

  begin(
    peer: Peer,
    params: readonly string[],
    body: BodySource | undefined,
    listener: ExchangeListener,
  ): Exchange {
    if (body && body.length > MAX_SHARED_BODY_BYTES) return this.#single.begin(peer, params, body, listener)
    return this.#channel(peer).begin(params, body, listener)
  }

  #channel(peer: Peer): FastcgiChannel {
    let channels = this.#channels.get(peer)
    if (!channels) this.#channels.set(peer, (channels = new Set()))
    for (const channel of channels) if (channel.open) return channel
    const set = channels
    const channel = new FastcgiChannel(peer, { keep: true, maxRequests: MAX_SHARED_REQUESTS }, (closed) => {
      set.delete(closed)
    })
    set.add(channel)
    return channel
  }
}
