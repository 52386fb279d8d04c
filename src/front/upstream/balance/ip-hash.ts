/** `ip_hash`: a client stays with its peer. Of an IPv4 address the first three octets count, of an IPv6 one all. */
import { parseIp } from '../../../util/ip-address.ts'
import type { Peer } from '../peer.ts'
import { inTurn, MAX_TRIES, type Balancer, type Turn } from './balancer.ts'
import { atWeight, totalWeight } from './hash.ts'

const SEED = 89
const FACTOR = 113
const MODULUS = 6271

/** Clients of a unix socket have no address: all of them are one client. */
const NO_ADDRESS = new Uint8Array(3)

export const ipHash: Balancer = {
  choose({ peers, ready, request }: Turn): Peer | undefined {
    if (!request || peers.length < 2) return inTurn(peers.filter(ready))
    const address = parseIp(request.remoteAddress) ?? NO_ADDRESS
    const octets = address.length === 4 ? address.subarray(0, 3) : address
    const total = totalWeight(peers)
    let hash = SEED
    for (let tries = 0; tries <= MAX_TRIES; tries += 1) {
      for (const octet of octets) hash = (hash * FACTOR + octet) % MODULUS
      const peer = atWeight(peers, hash % total)
      if (peer && ready(peer)) return peer
    }
    return inTurn(peers.filter(ready))
  },
}
