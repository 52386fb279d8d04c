/** A place in a group. Who fills it may die; the place keeps its index and its private listeners. */
import type { WorkerGroup } from './generation.ts'
import type { Cancel, Host } from './host.ts'
import type { BoundListener } from './listener-set.ts'
import type { Log } from './log.ts'
import { RespawnDelay } from './respawn-delay.ts'
import { SupervisedWorker } from './supervised-worker.ts'
import type { WorkerOwner } from './supervised-worker.ts'

export interface SlotOwner {
  onSlotReady(): void
  /** The worker is gone and is not replaced. */
  onSlotEmpty(reason: string): void
}

export class WorkerSlot implements WorkerOwner {
  /** Whether a worker that dies is replaced. */
  respawns = false
  readonly #group: WorkerGroup
  readonly #index: number
  readonly #listeners: readonly BoundListener[]
  readonly #host: Host
  readonly #log: Log
  readonly #owner: SlotOwner
  readonly #delay = new RespawnDelay()
  #worker: SupervisedWorker | undefined
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
    this.#index = index
    this.#listeners = listeners
    this.#host = host
    this.#log = log
    this.#owner = owner
  }

  get empty(): boolean {
    return this.#worker === undefined
  }

  get ready(): boolean {
    return this.#worker?.ready ?? false
  }

  fork(): void {
    this.#worker = new SupervisedWorker(
      this.#group,
      this.#index,
      this.#listeners,
      this.#host,
      this.#log,
      this,
    )
  }

  start(): void {
    this.#worker?.start()
  }

  /** From here on the place stays empty once its worker is gone. */
  end(how: 'quit' | 'stop' | 'kill'): void {
    this.respawns = false
    this.#cancelRespawn?.()
    this.#cancelRespawn = undefined
    this.#worker?.[how]()
  }

  reopenLogs(): void {
    this.#worker?.reopenLogs()
  }

  onReady(worker: SupervisedWorker): void {
    this.#log.log('info', `${worker.title} is ready`)
    this.#owner.onSlotReady()
  }

  onExit(worker: SupervisedWorker, reason: string): void {
    this.#worker = undefined
    if (!this.respawns) {
      this.#log.log('info', `${worker.title} ${reason}`)
      this.#owner.onSlotEmpty(`${worker.name} ${reason}`)
      return
    }
    const delayMs = this.#delay.next(worker.livedMs)
    const when = delayMs === 0 ? '' : `; it is started again in ${delayMs} ms`
    this.#log.log('alert', `${worker.title} ${reason}${when}`)
    this.#cancelRespawn = this.#host.after(delayMs, () => this.#respawn())
  }

  #respawn(): void {
    this.#cancelRespawn = undefined
    this.fork()
    this.start()
  }
}
