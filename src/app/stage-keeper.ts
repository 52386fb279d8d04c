/**
 * What the code of each request did last, and of the whole worker in memory that another thread reads: a loop that
 * stands still in native code cannot be asked.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { setStageReporter } from '../gateway/report-stage.ts'
import type { ServedRequest } from './served-request.ts'
import type { StageMemory } from './stage-memory.ts'

export class StageKeeper {
  readonly #current = new AsyncLocalStorage<ServedRequest>()
  readonly #memory: StageMemory | undefined

  constructor(memory?: StageMemory) {
    this.#memory = memory
    setStageReporter((name, detail) => this.#report(name, detail))
  }

  run(request: ServedRequest, start: () => void): void {
    this.#memory?.write(request.title)
    this.#current.run(request, start)
  }

  #report(name: string, detail: string): void {
    const request = this.#current.getStore()
    this.#memory?.write(`${request?.title ?? 'no request'}, ${name} ${detail}`)
    if (request === undefined) return
    const stage = { name, detail, atMs: performance.now() }
    if (name === 'query') request.query = stage
    else request.stage = stage
  }
}
