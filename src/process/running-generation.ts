/**
 * The workers of one generation. While it boots, the first worker that fails fails it; once it runs, a worker that
 * dies is replaced; once it ends, nobody is.
 *
 * A group that rolls (`rollsWith`) boots with its first place alone: where that fails, nothing has changed. The others
 * follow one by one once the generation runs, and each time the generation before lets go of its worker of that place;
 * one that does not boot is tried again, and the worker before it serves on.
 */
import { ElasticPlaces } from './elastic-places.ts'
import type { FigureBook } from './figure-book.ts'
import type { Generation, WorkerGroup } from './generation.ts'
import type { Host } from './host.ts'
import type { BoundListener } from './listener-set.ts'
import type { Log } from './log.ts'
import { workerStatus, type GroupStatus } from './master-status.ts'
import { WorkerSlot } from './worker-slot.ts'
import type { SlotOwner } from './worker-slot.ts'

/** A generation did not come up; the message names the worker and says why. */
class BootError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BootError'
  }
}

interface GroupPlaces {
  readonly group: WorkerGroup
  readonly slots: readonly WorkerSlot[]
  readonly elastic: ElasticPlaces | undefined
  /** So many boot with the generation. */
  readonly booting: number
  /** So many are to be filled at the start in all. */
  readonly filled: number
}

export class RunningGeneration implements SlotOwner {
  readonly generation: Generation
  readonly figures: FigureBook
  readonly #host: Host
  readonly #log: Log
  readonly #groups: readonly GroupPlaces[]
  readonly #boot = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #phase: 'booting' | 'running' | 'ending' = 'booting'
  #startedGroups = 0
  #drainsInOrder = false
  /** Places that are still to be filled, or whose worker is to be replaced: one at a time. */
  #rolling: { readonly slot: WorkerSlot; readonly begin: () => boolean }[] = []
  /** Places that a generation after this one has not filled yet. */
  #kept = new Set<WorkerSlot>()
  /** A place is filled whose worker of the generation before may go; undefined when the last one is. */
  #onTaken: (group: string, index: number | undefined) => void = () => undefined

  /**
   * @throws BootError where a group asks for a listener that is not there
   */
  constructor(
    generation: Generation,
    sockets: ReadonlyMap<string, BoundListener>,
    host: Host,
    log: Log,
    figures: FigureBook,
    before?: RunningGeneration,
  ) {
    this.generation = generation
    this.figures = figures
    this.#host = host
    this.#log = log
    this.#groups = generation.groups.map((group) => this.#places(group, sockets, before))
  }

  #places(
    group: WorkerGroup,
    sockets: ReadonlyMap<string, BoundListener>,
    before: RunningGeneration | undefined,
  ): GroupPlaces {
    const slots = Array.from({ length: group.count }, (_, index) => {
      return new WorkerSlot(group, index, listenersOf(group, index, sockets), this.#host, this.#log, this)
    })
    const same = before?.placesNamed(group.name)
    const { elastic: rules } = group
    const elastic =
      rules && new ElasticPlaces(group, rules, slots, this.#host, this.#log, same?.elastic?.active ?? 0)
    const rolls = group.rollsWith !== undefined && same?.group.rollsWith === group.rollsWith
    const filled = elastic?.active ?? slots.length
    return { group, slots, elastic, filled, booting: rolls ? 1 : filled }
  }

  placesNamed(name: string): GroupPlaces | undefined {
    return this.#groups.find(({ group }) => group.name === name)
  }

  /**
   * Forks all workers at once, so that they load side by side, and starts them group by group.
   *
   * @throws BootError
   */
  boot(): Promise<void> {
    for (const { slots, booting } of this.#groups) for (const slot of slots.slice(0, booting)) slot.fork()
    this.#startReadyGroups()
    return this.#boot.promise
  }

  /** Fills the places that did not boot with the generation. */
  roll(onTaken: (group: string, index: number | undefined) => void): void {
    this.#onTaken = onTaken
    for (const { slots, booting, filled } of this.#groups)
      for (const slot of slots.slice(booting, filled))
        this.#rolling.push({ slot, begin: () => (slot.fill(), true) })
    this.#rollOn()
  }

  /** Replaces the workers of a group, or of all that are modules of ours, one after the other. Answers how many. */
  restart(name: string | undefined, reason: string): number {
    const places = this.#groups.filter(
      ({ group }) => group.program.kind === 'module' && (name === undefined || group.name === name),
    )
    const slots = places.flatMap(({ slots }) => slots.filter((slot) => !slot.empty))
    const isIdle = this.#rolling.length === 0
    for (const slot of slots) this.#rolling.push({ slot, begin: () => slot.replace(reason) })
    if (isIdle) this.#rollOn()
    return slots.length
  }

  /**
   * Ends gracefully; resolves when every worker is gone. `inOrder`: the last group first, the one before it when the
   * last is gone, so that a front which still finishes requests finds its application alive. `successor` has the same
   * groups, of which it fills the places later: theirs stay until `release`.
   */
  drain(inOrder: boolean, successor?: RunningGeneration): Promise<void> {
    this.#drainsInOrder = inOrder
    this.#keep(successor)
    this.#end()
    this.#drainNext()
    return this.#ended.promise
  }

  #keep(successor: RunningGeneration | undefined): void {
    this.#kept = new Set()
    for (const { group, slots } of this.#groups) {
      const next = successor?.placesNamed(group.name)
      if (next === undefined || next.booting === next.filled) continue
      for (const slot of slots.slice(next.booting)) if (!slot.empty) this.#kept.add(slot)
    }
  }

  /** The place is filled by the generation after this one; all of the group without an index. */
  release(name: string, index: number | undefined): void {
    for (const slot of this.placesNamed(name)?.slots ?? []) {
      if (index !== undefined && slot.index !== index) continue
      if (this.#kept.delete(slot)) slot.end('quit')
    }
    this.#resolveIfEmpty()
  }

  /** Ends fast; resolves when every worker is gone. */
  stop(): Promise<void> {
    return this.#endAll('stop')
  }

  kill(): Promise<void> {
    return this.#endAll('kill')
  }

  /** Workers that have exited and wait for their respawn are not among them. */
  async status(): Promise<GroupStatus[]> {
    return Promise.all(
      this.#groups.map(async ({ group: { name }, slots }) => {
        const workers = slots.flatMap((slot) => slot.workers)
        return { name, workers: await Promise.all(workers.map(workerStatus)) }
      }),
    )
  }

  reopenLogs(): void {
    for (const slot of this.#slots()) slot.reopenLogs()
  }

  /** Paths that nobody needs when the master is gone. */
  removeWays(): void {
    for (const { group, slots } of this.#groups)
      for (const slot of slots)
        for (const { link } of group.elastic?.ways(slot.index) ?? []) this.#host.removeLink(link)
  }

  onSlotReady(slot: WorkerSlot): void {
    if (this.#phase === 'booting') return this.#startReadyGroups()
    if (this.#phase === 'ending') return
    const [rolling] = this.#rolling
    if (rolling?.slot === slot) {
      this.#rolling.shift()
      const place = this.#placesOf(slot)
      if (place && slot.index >= place.booting) this.#onTaken(place.group.name, slot.index)
      this.#rollOn()
    }
    this.#placesOf(slot)?.elastic?.onSlotReady(slot)
  }

  onSlotEmpty(reason: string, slot: WorkerSlot): void {
    if (this.#rolling[0]?.slot === slot) {
      this.#rolling.shift()
      this.#rollOn()
    }
    if (this.#phase === 'booting') this.#boot.reject(new BootError(reason))
    else if (this.#phase === 'ending') this.#drainNext()
    this.#resolveIfEmpty()
  }

  /** Starts the first group that is not ready; past the last one the generation is up. */
  #startReadyGroups(): void {
    for (; this.#startedGroups < this.#groups.length; this.#startedGroups += 1) {
      const places = this.#groups[this.#startedGroups]
      if (!places) break
      const slots = places.slots.slice(0, places.booting)
      for (const slot of slots) slot.start()
      if (!slots.every((slot) => slot.ready)) return
      places.elastic?.layWays()
    }
    this.#phase = 'running'
    for (const { elastic, slots, booting } of this.#groups) {
      for (const slot of slots.slice(0, booting)) slot.respawns = true
      elastic?.begin()
    }
    this.#boot.resolve()
  }

  #rollOn(): void {
    while (this.#rolling[0]?.begin() === false) this.#rolling.shift()
    if (this.#rolling.length > 0) return
    for (const { group } of this.#groups) this.#onTaken(group.name, undefined)
  }

  #placesOf(slot: WorkerSlot): GroupPlaces | undefined {
    return this.#groups.find(({ slots }) => slots[slot.index] === slot)
  }

  #endAll(how: 'stop' | 'kill'): Promise<void> {
    this.#drainsInOrder = false
    this.#kept.clear()
    this.#end()
    for (const slot of this.#slots()) slot.end(how)
    this.#resolveIfEmpty()
    return this.#ended.promise
  }

  /** A place that is empty and waits for its respawn stays empty, whichever group's turn it is. */
  #end(): void {
    if (this.#phase === 'booting') this.#boot.reject(new BootError('it was ended before it was ready'))
    this.#phase = 'ending'
    this.#rolling = []
    for (const { elastic } of this.#groups) elastic?.end()
    for (const slot of this.#slots()) if (slot.empty && !this.#kept.has(slot)) slot.end('quit')
  }

  /**
   * From the last group on. A command may take its signal for an end at once, where ours finish what they have: it goes
   * after whoever may still ask it, but for workers that stay until `release`, which may be never.
   */
  #drainNext(): void {
    let asked = false
    for (const { group, slots } of this.#groups.toReversed()) {
      const alive = slots.filter((slot) => !slot.empty && !this.#kept.has(slot))
      if (!asked || group.program.kind === 'module') for (const slot of alive) slot.end('quit')
      if (alive.length > 0 && this.#drainsInOrder) return
      asked ||= group.program.kind === 'module' && alive.some((slot) => !slot.empty)
    }
    this.#resolveIfEmpty()
  }

  #resolveIfEmpty(): void {
    if (this.#phase === 'ending' && this.#kept.size === 0 && this.#slots().every((slot) => slot.empty))
      this.#ended.resolve()
  }

  #slots(): WorkerSlot[] {
    return this.#groups.flatMap(({ slots }) => slots)
  }
}

function listenersOf(
  group: WorkerGroup,
  index: number,
  sockets: ReadonlyMap<string, BoundListener>,
): BoundListener[] {
  return group.listeners(index).map((key) => {
    const listener = sockets.get(key)
    if (!listener) throw new BootError(`${group.name}#${index} asks for an unknown listener "${key}"`)
    return listener
  })
}
