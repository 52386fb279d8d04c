/** Checks the peers of one group again and again, and says of them what was found. */
import type { LogLevel } from '../../../io/error-logger.ts'
import { LONGEST_TIMER_MS } from '../../../io/timer.ts'
import { Peer } from '../peer.ts'
import { addressText } from '../peer-address.ts'
import { PeerGroup } from '../peer-group.ts'
import type { HealthCheckRow } from './health-check-row.ts'
import { HealthProbe, type ProbeOptions } from './health-probe.ts'

export interface CheckPlan extends Omit<ProbeOptions, 'pool'> {
  readonly group: PeerGroup
  readonly row: HealthCheckRow
  /** Index of the check in the group. */
  readonly index: number
  readonly log: (level: LogLevel, message: string) => void
}

/** What is known of a peer between checks. */
interface Watched {
  /** As connections for checks are made to it. */
  readonly probed: Peer
  /** Checks with the same result, in a row. */
  well: number
  ill: number
  probe: HealthProbe | undefined
}

export class HealthChecker {
  readonly #plan: CheckPlan
  readonly #pool: PeerGroup
  readonly #watched = new WeakMap<Peer, Watched>()
  readonly #probes = new Set<HealthProbe>()
  #timer: NodeJS.Timeout | undefined
  readonly #late = new Set<NodeJS.Timeout>()

  constructor(plan: CheckPlan) {
    this.#plan = plan
    const { keepaliveMs } = plan.row
    const keepalive = { connections: 100, requests: Infinity, timeMs: keepaliveMs, timeoutMs: keepaliveMs }
    this.#pool = new PeerGroup(plan.group.name, [], keepaliveMs > 0 ? { keepalive } : {})
  }

  start(): void {
    if (this.#timer) return
    const intervalMs = Math.min(this.#plan.row.intervalMs, LONGEST_TIMER_MS)
    this.#timer = setInterval(() => this.#round(), intervalMs).unref()
    this.#round()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const timer of this.#late) clearTimeout(timer)
    this.#late.clear()
    for (const probe of this.#probes) probe.stop()
    this.#probes.clear()
  }

  #round(): void {
    const { jitterMs } = this.#plan.row
    for (const peer of this.#plan.group.peers) {
      if (peer.options.down) continue
      if (jitterMs === 0) {
        this.#check(peer)
        continue
      }
      const delayMs = Math.min(Math.random() * jitterMs, LONGEST_TIMER_MS)
      const timer = setTimeout(() => {
        this.#late.delete(timer)
        this.#check(peer)
      }, delayMs).unref()
      this.#late.add(timer)
    }
  }

  #check(peer: Peer): void {
    const watched = this.#watchedOf(peer)
    if (watched.probe) return
    const probe = new HealthProbe(watched.probed, { ...this.#plan, pool: this.#pool }, (fault) => {
      this.#probes.delete(probe)
      watched.probe = undefined
      this.#found(peer, watched, fault)
    })
    watched.probe = probe
    this.#probes.add(probe)
    probe.start()
  }

  #watchedOf(peer: Peer): Watched {
    let watched = this.#watched.get(peer)
    if (watched) return watched
    const { address } = peer.options
    const { port } = this.#plan.row
    const probed = address.kind === 'tcp' && port !== undefined ? { ...address, port } : address
    watched = {
      probed: new Peer({ ...peer.options, address: probed, text: addressText(probed) }),
      well: 0,
      ill: 0,
      probe: undefined,
    }
    this.#watched.set(peer, watched)
    return watched
  }

  #found(peer: Peer, watched: Watched, fault: string | undefined): void {
    const { row, index, group } = this.#plan
    const before = peer.healthBy(index)
    watched.well = fault === undefined ? watched.well + 1 : 0
    watched.ill = fault === undefined ? 0 : watched.ill + 1
    const where = `of peer ${peer.text} in upstream "${group.name}"`
    if (fault === undefined) {
      // the first one that is completed decides of a peer that nothing is known of
      if (before === 'well' || (before === 'ill' && watched.well < row.passes)) return
      peer.found(index, true)
      if (before === 'ill') this.#plan.log('notice', `peer is healthy while checking ${where}`)
      return
    }
    if (before === 'ill' || watched.ill < row.fails) return
    peer.found(index, false)
    this.#plan.log('warn', `peer is unhealthy while ${fault}, health check "${row.match ?? ''}" ${where}`)
  }
}
