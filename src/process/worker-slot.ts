/**
 * A place in a group. Who fills it may die; the place keeps its index and its private listeners.
 *
 * One that has had its time is replaced before it goes: its successor boots beside it on the same sockets, and only
 * when that is ready the old one is told to drain. A successor that does not boot changes nothing but the log.
 */
import type { FigureBook } from './figure-book.ts'
import type { WorkerGroup } from './generation.ts'
import type { Cancel, Host } from './host.ts'
import type { BoundListener } from './listener-set.ts'
import type { Log } from './log.ts'
import { RespawnDelay } from './respawn-delay.ts'
import { SupervisedWorker } from './supervised-worker.ts'
import type { WorkerOwner } from './supervised-worker.ts'

/** Nobody waits for a place that stays empty for so long. */
const LONG_DELAY_MS = 1000

export interface SlotOwner {
  readonly figures: FigureBook
  onSlotReady(slot: WorkerSlot): void
  /** The worker is gone and is not replaced. */
  onSlotEmpty(reason: string, slot: WorkerSlot): void
}

export class WorkerSlot implements WorkerOwner {
  /** Whether a worker that dies is replaced. */
  respawns = false
  readonly index: number
  readonly #group: WorkerGroup
  readonly #listeners: readonly BoundListener[]
  readonly #host: Host
  readonly #log: Log
  readonly #owner: SlotOwner
  readonly #delay = new RespawnDelay()
  #worker: SupervisedWorker | undefined
  /** Boots beside the worker that it is to replace. */
  #successor: SupervisedWorker | undefined
  /** Were replaced and finish what they had begun. */
  readonly #leaving = new Set<SupervisedWorker>()
  readonly #successorDelay = new RespawnDelay()
  #cancelRespawn: Cancel | undefined

  constructor(
    group: WorkerGroup,
    index: number,
    listeners: readonly BoundListener[],
    host: Host,
    log: Log,
    owner: SlotOwner,
  ) {
    this.#group = group
    this.index = index
    this.#listeners = listeners
    this.#host = host
    this.#log = log
    this.#owner = owner
  }

  get empty(): boolean {
    return this.#worker === undefined && this.#successor === undefined && this.#leaving.size === 0
  }

  get figures(): FigureBook {
    return this.#owner.figures
  }

  /** All that live: the one that serves, the one that is to follow, those that leave. */
  get workers(): SupervisedWorker[] {
    return [this.#worker, this.#successor, ...this.#leaving].filter((worker) => worker !== undefined)
  }

  get ready(): boolean {
    return this.#worker?.ready ?? false
  }

  fork(): void {
    this.#worker = this.#newWorker()
  }

  /** @throws where a socket that was withdrawn cannot be bound again */
  #newWorker(): SupervisedWorker {
    const worker = new SupervisedWorker(this.#group, this.index, this.#listeners, this.#host, this.#log, this)
    for (const { place } of this.#listeners) place?.taken()
    return worker
  }

  start(): void {
    this.#worker?.start()
  }

  /** From here on the place stays empty once its worker is gone. */
  end(how: 'quit' | 'stop' | 'kill'): void {
    this.respawns = false
    this.#cancelRespawn?.()
    this.#cancelRespawn = undefined
    this.#successor?.stop()
    for (const worker of [this.#worker, ...this.#leaving]) worker?.[how]()
  }

  /** Nobody is to be here for now: who is finishes what it has begun. `fill` fills the place again at any time. */
  vacate(): void {
    this.respawns = false
    this.#cancelRespawn?.()
    this.#cancelRespawn = undefined
    for (const worker of [this.#worker, this.#successor]) if (worker) this.#leaving.add(worker)
    this.#worker?.quit()
    this.#successor?.stop()
    this.#worker = undefined
    this.#successor = undefined
  }

  /** Starts a worker in a place that is vacant, and keeps it filled from now on. */
  fill(): void {
    this.respawns = true
    this.#respawn()
  }

  /** Of the last beat of who serves here. */
  get load(): unknown {
    return this.#worker?.figures
  }

  rebalance(): void {
    this.#worker?.rebalance()
  }

  /** As `onRetire`, for whoever asks. False where nobody serves here. */
  replace(reason: string): boolean {
    if (!this.#worker?.ready || !this.respawns) return false
    this.onRetire(this.#worker, reason)
    return true
  }

  reopenLogs(): void {
    for (const worker of [this.#worker, ...this.#leaving]) worker?.reopenLogs()
  }

  /** Boots another in its place and lets it go then. Nothing where that is under way. */
  onRetire(worker: SupervisedWorker, reason: string): void {
    const underWay = this.#successor !== undefined || this.#cancelRespawn !== undefined
    if (worker !== this.#worker || underWay || !this.respawns) return
    this.#log.log('notice', `${worker.title} is replaced: ${reason}`)
    this.figures.add(`portico_workers_replaced_total{group="${this.#group.name}"}`)
    this.#succeed()
  }

  #succeed(): void {
    this.#cancelRespawn = undefined
    this.#successor = this.#newWorker()
    this.#successor.start()
  }

  onReady(worker: SupervisedWorker): void {
    this.#log.log('info', `${worker.title} is ready`)
    if (worker === this.#successor) this.#changeOver(worker)
    this.#owner.onSlotReady(this)
  }

  #changeOver(successor: SupervisedWorker): void {
    const before = this.#worker
    this.#worker = successor
    this.#successor = undefined
    this.#successorDelay.reset()
    if (before === undefined) return
    this.#leaving.add(before)
    before.quit()
  }

  onExit(worker: SupervisedWorker, reason: string): void {
    for (const { place } of this.#listeners) place?.left()
    if (this.#leaving.delete(worker)) return this.#left(worker, reason)
    if (worker === this.#successor) return this.#notSucceeded(worker, reason)
    this.#worker = undefined
    this.#cancelRespawn?.()
    this.#cancelRespawn = undefined
    // Who was to come after it comes now.
    if (this.#successor !== undefined) {
      this.#log.log('alert', `${worker.title} ${reason}`)
      this.#worker = this.#successor
      this.#successor = undefined
      return
    }
    if (!this.respawns) {
      this.#left(worker, reason)
      return
    }
    const delayMs = this.#delay.next(worker.livedMs)
    const when = delayMs === 0 ? '' : `; it is started again in ${delayMs} ms`
    this.#log.log('alert', `${worker.title} ${reason}${when}`)
    if (delayMs >= LONG_DELAY_MS) for (const { place } of this.#listeners) place?.withdraw()
    this.#cancelRespawn = this.#host.after(delayMs, () => this.#respawn())
  }

  /** The place is empty only with nobody to come. */
  #left(worker: SupervisedWorker, reason: string): void {
    this.#log.log('info', `${worker.title} ${reason}`)
    if (this.empty) this.#owner.onSlotEmpty(`${worker.name} ${reason}`, this)
  }

  /** The one that it was to replace serves on. */
  #notSucceeded(worker: SupervisedWorker, reason: string): void {
    this.#successor = undefined
    if (!this.respawns) return this.#left(worker, reason)
    const delayMs = this.#successorDelay.next(0)
    this.#log.log(
      'error',
      `${worker.title} ${reason}; the worker before it stays, another is tried in ${delayMs} ms`,
    )
    this.#cancelRespawn = this.#host.after(delayMs, () => this.#succeed())
  }

  #respawn(): void {
    this.#cancelRespawn = undefined
    try {
      this.fork()
    } catch (error) {
      const delayMs = this.#delay.next(0)
      const reason = error instanceof Error ? error.message : String(error)
      this.#log.log(
        'alert',
        `${this.#group.name}#${this.index}: ${reason}; it is tried again in ${delayMs} ms`,
      )
      this.#cancelRespawn = this.#host.after(delayMs, () => this.#respawn())
      return
    }
    this.start()
  }
}
