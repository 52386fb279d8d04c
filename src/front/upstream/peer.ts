/** One server of a group, with what is known of its health (nginx: max_fails, fail_timeout, slow_start). */
import { machineMs } from '../../io/clock.ts'
import type { SocketAddress } from '../../io/socket-address.ts'
import { HEALTH, PEER_FIELDS } from '../zones/peer-zone.ts'
import type { PeerCells } from './shared-peers.ts'

export interface PeerOptions {
  readonly address: SocketAddress
  /** As `$upstream_addr` shows it: `127.0.0.1:9000`, `unix:/run/x.sock`. */
  readonly text: string
  /** As the conf names it: what a consistent hash goes by. */
  readonly server: string
  readonly weight: number
  /** Failures within `failTimeoutMs` that take it out for as long; 0 never does. */
  readonly maxFails: number
  readonly failTimeoutMs: number
  /** Requests under way at most; 0 for no limit. */
  readonly maxConnections: number
  /** In how long its share grows to its weight once it is well again; 0 at once. */
  readonly slowStartMs: number
  readonly backup: boolean
  readonly down: boolean
  /** Only requests that are bound to it (`sticky`) go there. */
  readonly drain: boolean
  /** What a sticky cookie or route names it by. */
  readonly route: string
}

/** Weight that a new figure has in a mean. */
const MEAN_SHARE = 0.2

export class Peer {
  readonly options: PeerOptions
  /** Requests of this worker under way. */
  active = 0
  /** Requests of other workers under way. */
  #activeElsewhere = 0
  /** Requests that it was ever given, failed tries, and the time that they took. */
  requests = 0
  failures = 0
  responseMs = 0
  /** State of the smooth weighted round robin. */
  currentWeight = 0
  /** Means over the last answers, milliseconds; 0 while there was none. */
  meanHeaderMs = 0
  meanResponseMs = 0
  /** Where the other workers hear of it. */
  #cells: PeerCells | undefined
  /** By health check: whether it has to be well before it is used at all, and what was found. */
  #mandatory: readonly boolean[] = []
  readonly #health: number[] = []
  /** A health check found it so, or one that is mandatory did not find it well yet. */
  ill = false
  /** Failures since the last time that it proved to be well again. Times are `machineMs()`: all workers have one clock. */
  #fails = 0
  #failedTick = -Infinity
  /** When it was last given a chance, or failed. */
  #checkedTick = -Infinity
  /** When it was well again after it had been out; 0 when it never was. */
  #recoveredTick = 0

  constructor(options: PeerOptions) {
    this.options = options
  }

  get text(): string {
    return this.options.text
  }

  /** Out by the conf or by a health check. */
  get unusable(): boolean {
    return this.options.down || this.ill
  }

  /** Requests under way, of all workers that tell each other. */
  get load(): number {
    return this.active + this.#activeElsewhere
  }

  /** At its `max_conns`. */
  get full(): boolean {
    const { maxConnections } = this.options
    return maxConnections > 0 && this.load >= maxConnections
  }

  available(now: number): boolean {
    const { maxFails, failTimeoutMs } = this.options
    if (this.unusable || this.full) return false
    return maxFails === 0 || this.#fails < maxFails || now - this.#checkedTick > failTimeoutMs
  }

  /** Less than its weight while it starts slowly. */
  get effectiveWeight(): number {
    const { weight, slowStartMs } = this.options
    if (slowStartMs === 0 || this.#recoveredTick === 0) return weight
    const share = (machineMs() - this.#recoveredTick) / slowStartMs
    if (share < 1) return Math.max(weight * share, 0.01)
    this.#recoveredTick = 0
    return weight
  }

  /** It is the one that the next request goes to: of a peer that was taken out, the only one for another while. */
  chosen(now: number): void {
    if (now - this.#checkedTick <= this.options.failTimeoutMs) return
    this.#checkedTick = now
    if (this.#fails > 0) this.#cells?.set(PEER_FIELDS.checkedAt, now)
  }

  began(): void {
    this.active += 1
    this.requests += 1
    this.#cells?.hold(PEER_FIELDS.active, this.active)
  }

  ended(tookMs: number): void {
    this.active -= 1
    this.responseMs += tookMs
    this.#cells?.hold(PEER_FIELDS.active, this.active)
  }

  failed(): void {
    this.failures += 1
    this.#fails += 1
    this.#failedTick = this.#checkedTick = machineMs()
    this.#cells?.add(PEER_FIELDS.fails, 1)
    this.#cells?.set(PEER_FIELDS.failedAt, this.#failedTick)
    this.#cells?.set(PEER_FIELDS.checkedAt, this.#checkedTick)
  }

  /** Counts as recovered only when it was well again after the time: one that fails now and then is taken out, too. */
  succeeded(): void {
    if (this.#fails === 0 || this.#failedTick >= this.#checkedTick) return
    this.#recover()
    this.#cells?.set(PEER_FIELDS.fails, 0)
  }

  #recover(): void {
    if (this.#fails >= this.options.maxFails) this.#recoveredTick = machineMs()
    this.#fails = 0
  }

  /** From now on other workers hear of it. */
  share(cells: PeerCells): void {
    this.#cells = cells
    if (this.active > 0) cells.hold(PEER_FIELDS.active, this.active)
  }

  /** What another worker says. */
  told(field: number, value: number): void {
    if (field >= PEER_FIELDS.health) this.#foundHealth(field - PEER_FIELDS.health, value)
    else if (field === PEER_FIELDS.active) this.#activeElsewhere = value
    else if (field === PEER_FIELDS.failedAt) this.#failedTick = value
    else if (field === PEER_FIELDS.checkedAt) this.#checkedTick = value
    else if (field === PEER_FIELDS.fails && value === 0) this.#recover()
    else if (field === PEER_FIELDS.fails) this.#fails = value
  }

  /** Health checks of its group: those that are mandatory keep it out until they found it well. */
  expectChecks(mandatory: readonly boolean[]): void {
    this.#mandatory = mandatory
    this.#judge()
  }

  /** What a check says of it; undefined where it did not say anything yet. */
  healthBy(check: number): 'well' | 'ill' | undefined {
    const value = this.#health[check]
    return value === HEALTH.well ? 'well' : value === HEALTH.ill ? 'ill' : undefined
  }

  /** A health check of this worker found it so. */
  found(check: number, well: boolean): void {
    const value = well ? HEALTH.well : HEALTH.ill
    if (this.#health[check] === value) return
    this.#foundHealth(check, value)
    this.#cells?.set(PEER_FIELDS.health + check, value)
  }

  #foundHealth(check: number, value: number): void {
    this.#health[check] = value
    const before = this.ill
    this.#judge()
    if (!before || this.ill) return
    this.#recoveredTick = machineMs()
    this.#fails = 0
  }

  #judge(): void {
    this.ill = this.#mandatory.some((mandatory, check) => {
      const value = this.#health[check] ?? HEALTH.unknown
      return value === HEALTH.ill || (mandatory && value !== HEALTH.well)
    })
  }

  /** How long an answer took; undefined where it did not come so far. */
  measured(headerMs: number | undefined, responseMs: number | undefined): void {
    this.meanHeaderMs = mean(this.meanHeaderMs, headerMs)
    this.meanResponseMs = mean(this.meanResponseMs, responseMs)
  }
}

function mean(before: number, value: number | undefined): number {
  if (value === undefined) return before
  return before === 0 ? value : before + (value - before) * MEAN_SHARE
}
