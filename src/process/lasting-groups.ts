/**
 * Groups of workers that outlive reloads: what they hold belongs to all generations. Each is started with the first
 * generation that names it and ends after the last worker of the others.
 */
import type { FigureBook } from './figure-book.ts'
import type { Generation } from './generation.ts'
import type { Host } from './host.ts'
import type { BoundListener } from './listener-set.ts'
import type { Log } from './log.ts'
import { RunningGeneration } from './running-generation.ts'

export class LastingGroups {
  readonly #host: Host
  readonly #log: Log
  readonly #figures: FigureBook
  readonly #running = new Map<string, RunningGeneration>()

  constructor(host: Host, log: Log, figures: FigureBook) {
    this.#figures = figures
    this.#host = host
    this.#log = log
  }

  /**
   * Starts what this generation names and does not run yet.
   *
   * @throws BootError
   */
  async boot({ lasting = [] }: Generation, sockets: ReadonlyMap<string, BoundListener>): Promise<void> {
    for (const group of lasting) {
      if (this.#running.has(group.name)) continue
      const running = new RunningGeneration(
        { listeners: [], groups: [group] },
        sockets,
        this.#host,
        this.#log,
        this.#figures,
      )
      this.#running.set(group.name, running)
      try {
        await running.boot()
      } catch (error) {
        this.#running.delete(group.name)
        await running.stop()
        throw error
      }
    }
  }

  /** Ends those that this generation does not name; the others of the workers are gone. */
  retain({ lasting = [] }: Generation): void {
    for (const [name, running] of this.#running) {
      if (lasting.some((group) => group.name === name)) continue
      this.#running.delete(name)
      void running.stop()
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.stop()))
  }

  async kill(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.kill()))
  }

  reopenLogs(): void {
    for (const running of this.#running.values()) running.reopenLogs()
  }
}
