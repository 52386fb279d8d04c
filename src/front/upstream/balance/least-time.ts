/** `least_time header | last_byte [inflight]`: the lowest mean time of an answer, by requests under way and weight. */
import type { Peer } from '../peer.ts'
import { least, type Balancer } from './balancer.ts'

export type TimedPart = 'header' | 'last_byte'

/** Milliseconds that the next request can be expected to take there; 0 for a peer that nothing is known of. */
export function expectedTime(peer: Peer, part: TimedPart): number {
  const mean = part === 'header' ? peer.meanHeaderMs : peer.meanResponseMs
  return (mean * (peer.load + 1)) / peer.effectiveWeight
}

export class LeastTimeBalancer implements Balancer {
  readonly #part: TimedPart

  constructor(part: TimedPart) {
    this.#part = part
  }

  choose({ peers, ready }: Parameters<Balancer['choose']>[0]): Peer | undefined {
    return least(peers.filter(ready), (peer) => expectedTime(peer, this.#part))
  }
}
