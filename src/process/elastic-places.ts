/**
 * How many places of a group are filled: more when requests wait, fewer when they would not with fewer.
 *
 * Rules of this file:
 * - The first `active` places are filled. Those behind them have ways all the same, which lead to the filled ones in
 *   turn: whoever sends requests knows all places at all times and learns nothing of who fills them.
 * - A way is laid anew before a worker leaves and after one has come. A connection that is kept does not follow: so
 *   everybody is asked to make its connections anew.
 */
import type { Elasticity, WorkerGroup, WorkerLoad } from './generation.ts'
import type { Cancel, Host } from './host.ts'
import type { Log } from './log.ts'
import type { WorkerSlot } from './worker-slot.ts'

const INTERVAL_MS = 1000
/** Looks in a row that find requests waiting. */
const GROW_AFTER = 3
/** Who connected before the way was laid elsewhere is still accepted. */
const LEAVE_AFTER_MS = 500
/** With one fewer, the others are to be no busier than this. */
const MAX_BUSY_AFTER = 0.6

export class ElasticPlaces {
  readonly #group: WorkerGroup
  readonly #elastic: Elasticity
  readonly #slots: readonly WorkerSlot[]
  readonly #host: Host
  readonly #log: Log
  #active: number
  /** The last of the filled ones boots. */
  #starting = false
  #looksWaiting = 0
  #idleSinceMs: number | undefined
  #cancelLook: Cancel | undefined

  constructor(
    group: WorkerGroup,
    elastic: Elasticity,
    slots: readonly WorkerSlot[],
    host: Host,
    log: Log,
    activeBefore: number,
  ) {
    this.#group = group
    this.#elastic = elastic
    this.#slots = slots
    this.#host = host
    this.#log = log
    this.#active = Math.min(Math.max(elastic.min, activeBefore), slots.length)
  }

  get active(): number {
    return this.#active
  }

  /** All that are filled at the start are ready: whoever follows the ways finds somebody. */
  layWays(): void {
    this.#slots.forEach((_, index) => this.#lay(index, index < this.#active ? index : index % this.#active))
  }

  begin(): void {
    this.#cancelLook = this.#host.after(INTERVAL_MS, () => {
      this.#look()
      this.begin()
    })
  }

  end(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  onSlotReady(slot: WorkerSlot): void {
    if (!this.#starting || slot.index !== this.#active - 1) return
    this.#starting = false
    this.#share()
  }

  #look(): void {
    const loads = this.#slots.slice(0, this.#active).map((slot) => this.#elastic.loadOf(slot.load))
    const known = loads.filter((load) => load !== undefined)
    if (known.length < this.#active || this.#starting) return
    if (!this.#grows(known)) this.#shrinks(known)
  }

  #grows(loads: readonly WorkerLoad[]): boolean {
    const delayMs = loads.reduce((sum, load) => sum + load.delayMs, 0) / loads.length
    if (delayMs <= this.#elastic.delayMs) {
      this.#looksWaiting = 0
      return false
    }
    this.#idleSinceMs = undefined
    this.#looksWaiting += 1
    const slot = this.#slots[this.#active]
    if (this.#looksWaiting < GROW_AFTER || slot === undefined) return true
    this.#looksWaiting = 0
    this.#active += 1
    this.#starting = true
    this.#say(`one more: requests wait for ${Math.round(delayMs)} ms (delay=${this.#elastic.delayMs}ms)`)
    slot.fill()
    return true
  }

  #shrinks(loads: readonly WorkerLoad[]): void {
    const busy = loads.reduce((sum, load) => sum + load.busy, 0)
    const nowMs = this.#host.nowMs()
    if (this.#active <= this.#elastic.min || busy > (this.#active - 1) * MAX_BUSY_AFTER) {
      this.#idleSinceMs = undefined
      return
    }
    this.#idleSinceMs ??= nowMs
    if (nowMs - this.#idleSinceMs < this.#elastic.idleMs) return
    this.#idleSinceMs = undefined
    this.#active -= 1
    const seconds = Math.round(this.#elastic.idleMs / 100) / 10
    this.#say(
      `one fewer: the others were busy by ${Math.round((busy / this.#active) * 100)} % for ${seconds} s`,
    )
    this.#share()
    const leaving = this.#slots[this.#active]
    this.#host.after(LEAVE_AFTER_MS, () => {
      if (leaving && leaving.index >= this.#active) leaving.vacate()
    })
  }

  #share(): void {
    this.layWays()
    for (const slot of this.#slots.slice(0, this.#active)) slot.rebalance()
  }

  #lay(from: number, to: number): void {
    const targets = this.#elastic.ways(to)
    this.#elastic.ways(from).forEach(({ link }, way) => {
      const target = targets[way]
      if (target) this.#host.link(link, target.socket)
    })
  }

  #say(what: string): void {
    const { name, count } = this.#group
    this.#log.log('notice', `${name}: ${this.#active} of ${this.#elastic.min}..${count} workers, ${what}`)
  }
}
