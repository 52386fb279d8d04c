/** HTTP/1 towards upstreams: connections that groups keep, and new ones. */
import { Pools } from './connection-pool.ts'
import type { AttemptParts, Exchange } from './exchange.ts'
import { HttpChannel, type HttpRequest } from './http-channel.ts'
import type { Peer } from './peer.ts'
import type { PeerGroup } from './peer-group.ts'

const pools = new Pools<HttpChannel>()

/** `maxHeadBytes` counts for a connection from its first request on (`proxy_buffer_size`). */
export function beginHttp(
  group: PeerGroup,
  peer: Peer,
  request: HttpRequest,
  { dialling, listener }: AttemptParts,
  maxHeadBytes: number,
): Exchange {
  const pool = pools.of(group)
  const kept = pool.take(peer, dialling)
  const channel = kept ?? new HttpChannel(peer, pool, dialling, maxHeadBytes)
  return channel.begin(request, listener)
}
