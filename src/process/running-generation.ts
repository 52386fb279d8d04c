/**
 * The workers of one generation. While it boots, the first worker that fails fails it; once it runs, a worker that
 * dies is replaced; once it ends, nobody is.
 */
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

export class RunningGeneration implements SlotOwner {
  readonly generation: Generation
  readonly figures: FigureBook
  readonly #groups: readonly (readonly WorkerSlot[])[]
  readonly #boot = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()
  #phase: 'booting' | 'running' | 'ending' = 'booting'
  #startedGroups = 0
  #drainsInOrder = false

  /**
   * @throws BootError where a group asks for a listener that is not there
   */
  constructor(
    generation: Generation,
    sockets: ReadonlyMap<string, BoundListener>,
    host: Host,
    log: Log,
    figures: FigureBook,
  ) {
    this.generation = generation
    this.figures = figures
    this.#groups = generation.groups.map((group) =>
      Array.from({ length: group.count }, (_, index) => {
        return new WorkerSlot(group, index, listenersOf(group, index, sockets), host, log, this)
      }),
    )
  }

  /**
   * Forks all workers at once, so that they load side by side, and starts them group by group.
   *
   * @throws BootError
   */
  boot(): Promise<void> {
    for (const slot of this.#slots()) slot.fork()
    this.#startReadyGroups()
    return this.#boot.promise
  }

  /**
   * Ends gracefully; resolves when every worker is gone. `inOrder`: the last group first, the one before it when the
   * last is gone, so that a front which still finishes requests finds its application alive.
   */
  drain(inOrder: boolean): Promise<void> {
    this.#drainsInOrder = inOrder
    this.#end()
    this.#drainNext()
    return this.#ended.promise
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
      this.#groups.map(async (slots, index) => {
        const workers = slots.flatMap((slot) => slot.workers)
        const name = this.generation.groups[index]?.name ?? ''
        return { name, workers: await Promise.all(workers.map(workerStatus)) }
      }),
    )
  }

  reopenLogs(): void {
    for (const slot of this.#slots()) slot.reopenLogs()
  }

  onSlotReady(): void {
    if (this.#phase === 'booting') this.#startReadyGroups()
  }

  onSlotEmpty(reason: string): void {
    if (this.#phase === 'booting') this.#boot.reject(new BootError(reason))
    else if (this.#drainsInOrder) this.#drainNext()
    this.#resolveIfEmpty()
  }

  /** Starts the first group that is not ready; past the last one the generation is up. */
  #startReadyGroups(): void {
    while (this.#startedGroups < this.#groups.length) {
      const slots = this.#groups[this.#startedGroups] ?? []
      for (const slot of slots) slot.start()
      if (!slots.every((slot) => slot.ready)) return
      this.#startedGroups += 1
    }
    this.#phase = 'running'
    for (const slot of this.#slots()) slot.respawns = true
    this.#boot.resolve()
  }

  #endAll(how: 'stop' | 'kill'): Promise<void> {
    this.#drainsInOrder = false
    this.#end()
    for (const slot of this.#slots()) slot.end(how)
    this.#resolveIfEmpty()
    return this.#ended.promise
  }

  /** A place that is empty and waits for its respawn stays empty, whichever group's turn it is. */
  #end(): void {
    if (this.#phase === 'booting') this.#boot.reject(new BootError('it was ended before it was ready'))
    this.#phase = 'ending'
    for (const slot of this.#slots()) if (slot.empty) slot.end('quit')
  }

  #drainNext(): void {
    for (const slots of this.#groups.toReversed()) {
      const alive = slots.filter((slot) => !slot.empty)
      for (const slot of alive) slot.end('quit')
      if (alive.length > 0 && this.#drainsInOrder) return
    }
    this.#resolveIfEmpty()
  }

  #resolveIfEmpty(): void {
    if (this.#phase === 'ending' && this.#slots().every((slot) => slot.empty)) this.#ended.resolve()
  }

  #slots(): WorkerSlot[] {
    return this.#groups.flat()
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
