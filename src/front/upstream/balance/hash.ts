/**
 * `hash key`: the same key goes to the same peer. The same spread as nginx and Cache::Memcached have, so that fronts of
 * both kinds agree: `(crc32([retry] key) >> 16) & 0x7fff`, summed over the tries, by weight.
 */
import { crc32 } from 'node:zlib'
import type { Request } from '../../request.ts'
import type { Peer } from '../peer.ts'
import { inTurn, MAX_TRIES, type Balancer, type Turn } from './balancer.ts'

export class HashBalancer implements Balancer {
  readonly #key: (request: Request) => string

  constructor(key: (request: Request) => string) {
    this.#key = key
  }

  choose({ peers, ready, request }: Turn): Peer | undefined {
    const key = request ? this.#key(request) : ''
    if (key === '' || peers.length < 2) return inTurn(peers.filter(ready))
    const total = totalWeight(peers)
    const bytes = Buffer.from(key, 'latin1')
    let hash = 0
    for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
      const prefix = tries === 0 ? 0 : crc32(String(tries))
      hash += (crc32(bytes, prefix) >>> 16) & 0x7fff
      const peer = atWeight(peers, hash % total)
      if (peer && ready(peer)) return peer
    }
    return inTurn(peers.filter(ready))
  }
}

export function totalWeight(peers: readonly Peer[]): number {
  let total = 0
  for (const { options } of peers) total += options.weight
  return total
}

/** The peer that a point in [0, total weight) belongs to. */
export function atWeight(peers: readonly Peer[], point: number): Peer | undefined {
  let left = point
  for (const peer of peers) {
    left -= peer.options.weight
    if (left < 0) return peer
  }
  return undefined
}
