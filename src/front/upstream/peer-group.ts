/** The peers of one upstream and the choice among them. */
import { machineMs } from '../../io/clock.ts'
import type { Request } from '../request.ts'
import { inTurn, roundRobin, type Balancer } from './balance/balancer.ts'
import type { KeepaliveOptions } from './connection-pool.ts'
import type { PeerZone } from '../zones/peer-zone.ts'
import type { Peer } from './peer.ts'
import type { PeerQueue } from './peer-queue.ts'
import { SharedPeers } from './shared-peers.ts'
import { stickyId, type Sticky } from './sticky.ts'

export interface PeerGroupOptions {
  /** What the peers speak, where the group says so itself (applications); '' otherwise. */
  readonly protocol?: string
  /** Whether and how long idle connections are kept; undefined keeps none. */
  readonly keepalive?: KeepaliveOptions
  readonly balancer?: Balancer
  readonly sticky?: Sticky | undefined
  readonly queue?: PeerQueue | undefined
  /** What all workers know of the peers (`zone`); undefined where each counts for itself. */
  readonly zone?: PeerZone | undefined
  /**
   * Of a group without peers yet: finds them, or resolves to nothing when somebody else puts them in. Rejects with what
   * the error log is to say.
   */
  readonly resolve?: () => Promise<readonly Peer[] | undefined>
}

export class PeerGroup {
  readonly name: string
  readonly protocol: string
  readonly keepalive: KeepaliveOptions | undefined
  readonly sticky: Sticky | undefined
  /** Where requests wait for which there is no peer; undefined refuses them. */
  readonly queue: PeerQueue | undefined
  readonly #balancer: Balancer
  readonly #resolve: PeerGroupOptions['resolve']
  readonly #shared: SharedPeers | undefined
  /** Of each health check, whether it is mandatory. */
  readonly #checks: boolean[] = []
  /** Of each server of the conf, in its order: a name may have several peers, and none yet. */
  readonly #servers: (readonly Peer[])[]
  #peers: readonly Peer[] = []
  #primary: readonly Peer[] = []

  constructor(name: string, servers: readonly (readonly Peer[])[], options: PeerGroupOptions = {}) {
    this.name = name
    this.protocol = options.protocol ?? ''
    this.keepalive = options.keepalive
    this.#balancer = options.balancer ?? roundRobin
    this.#resolve = options.resolve
    this.sticky = options.sticky
    this.queue = options.queue
    this.#servers = [...servers]
    this.#shared = options.zone && new SharedPeers(options.zone, () => this.queue?.wake())
    this.#join()
  }

  /** Whether all workers know the same of its peers. */
  get hasZone(): boolean {
    return this.#shared !== undefined
  }

  /** Whether health checks say who is well. */
  get checked(): boolean {
    return this.#checks.length > 0
  }

  /** A further health check; its index. */
  addCheck(mandatory: boolean): number {
    const index = this.#checks.push(mandatory) - 1
    for (const peer of this.#peers) peer.expectChecks(this.#checks)
    return index
  }

  get peers(): readonly Peer[] {
    return this.#peers
  }

  /** The peers of the server at `index` of the conf are others from now on. Requests under way keep theirs. */
  replace(index: number, peers: readonly Peer[]): void {
    this.#servers[index] = peers
    this.#join()
  }

  #join(): void {
    this.#peers = this.#servers.flat()
    this.#primary = this.#peers.filter(({ options }) => !options.backup)
    if (this.#checks.length > 0) for (const peer of this.#peers) peer.expectChecks(this.#checks)
    this.#shared?.take(this.#peers)
  }

  /** Undefined where there is nothing to wait for before a peer is picked. */
  resolved(): Promise<void> | undefined {
    const resolve = this.#resolve
    if (this.#peers.length > 0 || !resolve) return undefined
    return resolve().then((peers) => {
      if (peers) this.replace(0, peers)
    })
  }

  /**
   * A peer that is up and not among `tried`; backups only when no other is left. `boundTo` is the id of the one that was
   * found to be the request's, where that had to be asked for.
   */
  pick(tried: readonly Peer[], request?: Request, boundTo = ''): Peer | undefined {
    const [only] = this.#peers
    if (only && this.#peers.length === 1 && !only.options.drain)
      return tried.includes(only) || only.unusable || only.full ? undefined : only
    const now = machineMs()
    const id = boundTo || (request && this.sticky?.idOf(request))
    const bound = id ? this.#boundTo(id, tried, now) : undefined
    if (bound) return bound
    const ready = (peer: Peer): boolean => !tried.includes(peer) && !peer.options.drain && peer.available(now)
    const choice =
      this.#balancer.choose({ peers: this.#primary, ready, request }) ??
      inTurn(this.#peers.filter((peer) => peer.options.backup && ready(peer)))
    choice?.chosen(now)
    return choice
  }

  /** The peer that a request names; of several with one route in turn. */
  #boundTo(id: string, tried: readonly Peer[], now: number): Peer | undefined {
    const peer = inTurn(
      this.#peers.filter((one) => stickyId(one) === id && !tried.includes(one) && one.available(now)),
    )
    peer?.chosen(now)
    return peer
  }

  /** Whether there is one more to try. It may turn out to be out as well, which then is what is said (nginx). */
  hasOther(tried: readonly Peer[]): boolean {
    return this.#peers.some((peer) => !tried.includes(peer) && !peer.unusable)
  }
}
