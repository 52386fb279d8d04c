/** The peers of one upstream and the choice among them. */
import { monotonicMs } from '../../io/clock.ts'
import type { KeepaliveOptions } from './connection-pool.ts'
import type { Peer } from './peer.ts'

export type Balancing = 'round robin' | 'least connections'

export class PeerGroup {
  readonly name: string
  readonly peers: readonly Peer[]
  /** What the peers speak, where the group says so itself (applications); '' otherwise. */
  readonly protocol: string
  /** Whether and how long idle connections are kept; undefined keeps none. */
  readonly keepalive: KeepaliveOptions | undefined
  readonly #balancing: Balancing

  constructor(
    name: string,
    peers: readonly Peer[],
    balancing: Balancing,
    { protocol = '', keepalive }: { readonly protocol?: string; readonly keepalive?: KeepaliveOptions } = {},
  ) {
    this.keepalive = keepalive
    this.name = name
    this.protocol = protocol
    this.peers = peers
    this.#balancing = balancing
  }

  /** A peer that is up and not among `tried`; backups only when no other is left. */
  pick(tried: ReadonlySet<Peer>): Peer | undefined {
    const [only] = this.peers
    if (only && this.peers.length === 1) return tried.has(only) || only.options.down ? undefined : only
    const now = monotonicMs()
    const ready = this.peers.filter((peer) => !tried.has(peer) && peer.available(now))
    const primary = ready.filter((peer) => !peer.options.backup)
    const choice = this.#choose(primary.length > 0 ? primary : ready)
    choice?.chosen(now)
    return choice
  }

  /** Whether `pick` would find one; chooses none. */
  hasOther(tried: ReadonlySet<Peer>): boolean {
    const now = monotonicMs()
    if (this.peers.length === 1) return this.peers.some((peer) => !tried.has(peer) && !peer.options.down)
    return this.peers.some((peer) => !tried.has(peer) && peer.available(now))
  }

  #choose(peers: readonly Peer[]): Peer | undefined {
    if (this.#balancing === 'round robin') return smoothest(peers)
    let least = Infinity
    for (const peer of peers) least = Math.min(least, peer.active / peer.options.weight)
    return smoothest(peers.filter((peer) => peer.active / peer.options.weight === least))
  }
}

/** Smooth weighted round robin: each turn everybody gains its weight, the heaviest is taken and pays the total. */
function smoothest(peers: readonly Peer[]): Peer | undefined {
  let best: Peer | undefined
  let total = 0
  for (const peer of peers) {
    peer.currentWeight += peer.options.weight
    total += peer.options.weight
    if (!best || peer.currentWeight > best.currentWeight) best = peer
  }
  if (best) best.currentWeight -= total
  return best
}
