/** `random [two [method]]`: a peer by chance and weight, or the better of two of them. */
import type { Peer } from '../peer.ts'
import { inTurn, MAX_TRIES, type Balancer, type Turn } from './balancer.ts'
import { atWeight, totalWeight } from './hash.ts'

export class RandomBalancer implements Balancer {
  /** What makes one of two better: lower is. Undefined takes the first. */
  readonly #cost: ((peer: Peer) => number) | undefined
  readonly #random: () => number

  constructor(cost?: (peer: Peer) => number, random: () => number = Math.random) {
    this.#cost = cost
    this.#random = random
  }

  choose({ peers, ready }: Turn): Peer | undefined {
    const total = totalWeight(peers)
    const cost = this.#cost
    let first: Peer | undefined
    for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
      const peer = atWeight(peers, Math.floor(this.#random() * total))
      if (!peer || peer === first || !ready(peer)) continue
      if (!cost) return peer
      if (!first) first = peer
      else return cost(peer) < cost(first) ? peer : first
    }
    return first ?? inTurn(peers.filter(ready))
  }
}
