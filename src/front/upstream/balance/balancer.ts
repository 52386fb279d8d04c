/** How the next peer of a group is chosen (nginx: ngx_http_upstream_module, the balancing methods). */
import type { Request } from '../../request.ts'
import type { Peer } from '../peer.ts'

/** One choice. A balancer never answers a peer that is not ready. */
export interface Turn {
  /** Peers that are no backups, in the order of the conf, ready or not: what a hash is spread over. */
  readonly peers: readonly Peer[]
  /** Up, not tried by this request, below its max_conns. */
  readonly ready: (peer: Peer) => boolean
  /** Undefined where no request is served: health checks, tests. */
  readonly request: Request | undefined
}

export interface Balancer {
  choose(turn: Turn): Peer | undefined
}

/** Tries of a method that may meet peers that are not ready, before the peers are taken in turn (nginx: 20). */
export const MAX_TRIES = 20

/** Smooth weighted round robin: each turn everybody gains its weight, the heaviest is taken and pays the total. */
export function inTurn(peers: readonly Peer[]): Peer | undefined {
  let best: Peer | undefined
  let total = 0
  for (const peer of peers) {
    const weight = peer.effectiveWeight
    peer.currentWeight += weight
    total += weight
    if (!best || peer.currentWeight > best.currentWeight) best = peer
  }
  if (best) best.currentWeight -= total
  return best
}

export const roundRobin: Balancer = {
  choose: ({ peers, ready }) => inTurn(peers.filter(ready)),
}

/** `least_conn`: the fewest requests under way by weight; among equals in turn. */
export const leastConnections: Balancer = {
  choose: ({ peers, ready }) => least(peers.filter(ready), (peer) => peer.load / peer.effectiveWeight),
}

/** The peers with the lowest cost, in turn. */
export function least(peers: readonly Peer[], cost: (peer: Peer) => number): Peer | undefined {
  let lowest = Infinity
  for (const peer of peers) lowest = Math.min(lowest, cost(peer))
  return inTurn(peers.filter((peer) => cost(peer) === lowest))
}
