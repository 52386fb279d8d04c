/**
 * Keeps the peers of one `server name;` of a group at the addresses that the name has. Without `resolve` the system is
 * asked until it knows the name once; with it the resolver is asked again whenever what it said expires. A name that
 * cannot be found keeps the peers it had, and is asked for again: it is no reason not to start.
 */
import { delay } from '../../io/delay.ts'
import { ResolveError, type NameResolver } from '../../io/dns/name-resolver.ts'
import { systemAddresses } from '../../io/dns/system-names.ts'
import { monotonicMs } from '../../io/clock.ts'
import { Peer, type PeerOptions } from './peer.ts'
import { addressText } from './peer-address.ts'
import type { PeerGroup } from './peer-group.ts'

/** After a failure, and between two questions at the least. */
const RETRY_MS = 5000
const SHORTEST_MS = 1000

export interface FollowedServer {
  readonly group: PeerGroup
  /** Which server of the group. */
  readonly index: number
  readonly host: string
  readonly port: number
  /** Of every peer, but for address and name. */
  readonly options: Omit<PeerOptions, 'address' | 'text'>
  /** Undefined without `resolve`. */
  readonly resolver: { readonly names: NameResolver; readonly timeoutMs: number } | undefined
  /** `_http._tcp`: SRV records of the service give ports, weights and backups. */
  readonly service: string | undefined
}

interface Place {
  readonly host: string
  readonly port: number
  readonly weight: number
  readonly backup: boolean
}

export class FollowedName {
  readonly #server: FollowedServer
  readonly #peers = new Map<string, Peer>()
  readonly #first = Promise.withResolvers<void>()
  #faulty = false

  constructor(server: FollowedServer) {
    this.#server = server
  }

  /** Resolves when the first answer, or the first failure, is there. */
  get first(): Promise<void> {
    return this.#first.promise
  }

  /** Asks, and goes on asking as long as that is of use. `onFault` hears once of each time that the name is lost. */
  async follow(onFault: (message: string) => void): Promise<void> {
    for (;;) {
      const againMs = await this.#ask(onFault)
      this.#first.resolve()
      if (againMs === undefined) return
      await delay(againMs)
    }
  }

  /** Milliseconds until the next question; undefined for never. */
  async #ask(onFault: (message: string) => void): Promise<number | undefined> {
    const { resolver, host, group } = this.#server
    try {
      const { places, untilMs } = await this.#places()
      this.#take(places)
      this.#faulty = false
      return resolver && Math.max(untilMs - monotonicMs(), SHORTEST_MS)
    } catch (error) {
      const reason = error instanceof ResolveError ? error.message : `host not found in upstream "${host}"`
      if (!this.#faulty) onFault(`${reason}, in upstream "${group.name}": asked for again`)
      this.#faulty = true
      return RETRY_MS
    }
  }

  async #places(): Promise<{ places: Place[]; untilMs: number }> {
    const { host, port, options, resolver, service } = this.#server
    const { weight, backup } = options
    const at = (address: string): Place => ({ host: address, port, weight, backup })
    if (!resolver) return { places: (await systemAddresses(host)).map(at), untilMs: Infinity }
    if (service !== undefined) return this.#servicePlaces(service)
    const { values, untilMs } = await resolver.names.addresses(host, resolver.timeoutMs)
    return { places: values.map(at), untilMs }
  }

  /** The records of the lowest priority are the servers, the others their backups (nginx). Those not found are left out. */
  async #servicePlaces(service: string): Promise<{ places: Place[]; untilMs: number }> {
    const { host, options, resolver } = this.#server
    if (!resolver) return { places: [], untilMs: Infinity }
    const { names, timeoutMs } = resolver
    const { values, untilMs } = await names.services(`${service}.${host}`, timeoutMs)
    const first = Math.min(...values.map(({ priority }) => priority))
    const found = await Promise.allSettled(values.map(({ target }) => names.addresses(target, timeoutMs)))
    let soonest = untilMs
    const places: Place[] = []
    for (const [index, { port, priority, weight }] of values.entries()) {
      const answer = found[index]
      if (answer?.status !== 'fulfilled') {
        soonest = Math.min(soonest, monotonicMs() + RETRY_MS)
        continue
      }
      soonest = Math.min(soonest, answer.value.untilMs)
      const backup = options.backup || priority !== first
      for (const address of answer.value.values)
        places.push({ host: address, port, weight: weight || 1, backup })
    }
    if (places.length === 0) throw new ResolveError(host, '3: Host not found')
    return { places, untilMs: soonest }
  }

  /** A peer that stays keeps what is known of it. */
  #take(places: readonly Place[]): void {
    const { group, index, options } = this.#server
    const before = new Map(this.#peers)
    this.#peers.clear()
    for (const { host, port, weight, backup } of places) {
      const address = { kind: 'tcp', host, port } as const
      const text = addressText(address)
      const known = before.get(text)
      const same = known?.options.weight === weight && known.options.backup === backup
      this.#peers.set(text, same ? known : new Peer({ ...options, weight, backup, address, text }))
    }
    const peers = [...this.#peers.values()]
    const unchanged = peers.length === before.size && peers.every((peer) => before.get(peer.text) === peer)
    if (!unchanged) group.replace(index, peers)
  }
}
