/** HTTP/1 towards upstreams: connections that groups keep, and new ones. */
import { ConnectionPool, type KeepaliveOptions } from './connection-pool.ts'
import type { Exchange, ExchangeListener } from './exchange.ts'
import { HttpChannel, type HttpRequest } from './http-channel.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

const NO_KEEPALIVE: KeepaliveOptions = { connections: 0, requests: 0, timeMs: 0, timeoutMs: 0 }

/** One pool per group and worker, whichever location uses the group. */
const pools = new WeakMap<PeerGroup, ConnectionPool>()

function poolOf(group: PeerGroup): ConnectionPool {
  let pool = pools.get(group)
  if (!pool) pools.set(group, (pool = new ConnectionPool(group.keepalive ?? NO_KEEPALIVE)))
  return pool
}

/** `maxHeadBytes` counts for a connection from its first request on (`proxy_buffer_size`). */
export function beginHttp(
  group: PeerGroup,
  peer: Peer,
  request: HttpRequest,
  listener: ExchangeListener,
  maxHeadBytes: number,
): Exchange {
  const pool = poolOf(group)
  const channel = pool.take(peer) ?? new HttpChannel(peer, pool, maxHeadBytes)
  return channel.begin(request, listener)
}
