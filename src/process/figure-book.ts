/**
 * What the master knows of its workers' figures. Workers send what their counters grew by, once a second and when they
 * are asked; the master adds it up, so that totals stay right when a worker ends: a killed one takes with it what it
 * counted in its last second. Gauges (connections open now) are each worker's own and go with it.
 *
 * Names are those of the Prometheus text format with their labels, made and read by the workers: here they are keys.
 * Whoever wants figures of all asks with `collect` over the channel (a front worker for `stub_status` and `metrics`)
 * or in this process with `totals` (a control socket for `portico status`).
 */
import type { Cancel, Host } from './host.ts'

/** JSON: name with labels, and value. */
export type Figures = Readonly<Record<string, number>>

export interface FigureTotals {
  readonly counters: Figures
  /** Sums over all workers. */
  readonly gauges: Figures
}

/** A worker that counts. */
export interface FigureSource {
  /** Asks for what it has not told yet. */
  askFigures(): void
  tellTotals(totals: FigureTotals): void
}

/** A worker that does not answer by then is left out: what it told last stands. */
const ANSWER_TIMEOUT_MS = 500

export class FigureBook {
  readonly #host: Pick<Host, 'after'>
  readonly #counters = new Map<string, number>()
  readonly #gauges = new Map<FigureSource, Figures>()
  /** Who is asked now. */
  readonly #asked = new Set<FigureSource>()
  /** Who waits for the round under way, and for the next: an answer must be younger than the question. */
  #waiting: FigureSource[] = []
  #next: FigureSource[] = []
  #cancel: Cancel | undefined

  constructor(host: Pick<Host, 'after'>) {
    this.#host = host
  }

  join(source: FigureSource): void {
    this.#gauges.set(source, {})
  }

  leave(source: FigureSource): void {
    this.#gauges.delete(source)
    this.#next = this.#next.filter((other) => other !== source)
    this.#waiting = this.#waiting.filter((other) => other !== source)
    this.#answered(source)
  }

  /** Counts in this process. */
  add(name: string, count = 1): void {
    this.#counters.set(name, (this.#counters.get(name) ?? 0) + count)
  }

  learn(source: FigureSource, counters: Figures, gauges: Figures): void {
    for (const [name, count] of Object.entries(counters)) if (Number.isFinite(count)) this.add(name, count)
    if (this.#gauges.has(source)) this.#gauges.set(source, gauges)
    this.#answered(source)
  }

  /** All workers are asked; `source` is told the sums. */
  collect(source: FigureSource): void {
    this.#next.push(source)
    if (!this.#cancel) this.#begin()
  }

  totals(): FigureTotals {
    const gauges: Record<string, number> = {}
    for (const own of this.#gauges.values())
      for (const [name, value] of Object.entries(own))
        if (Number.isFinite(value)) gauges[name] = (gauges[name] ?? 0) + value
    return { counters: Object.fromEntries(this.#counters), gauges }
  }

  #begin(): void {
    this.#waiting = this.#next
    this.#next = []
    for (const source of this.#gauges.keys()) this.#asked.add(source)
    this.#cancel = this.#host.after(ANSWER_TIMEOUT_MS, () => this.#end())
    for (const source of this.#asked) source.askFigures()
    if (this.#asked.size === 0) this.#end()
  }

  #answered(source: FigureSource): void {
    if (this.#asked.delete(source) && this.#asked.size === 0) this.#end()
  }

  #end(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#asked.clear()
    const totals = this.totals()
    for (const source of this.#waiting) source.tellTotals(totals)
    this.#waiting = []
    if (this.#next.length > 0) this.#begin()
  }
}
