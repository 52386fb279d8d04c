/** The figures of all workers as a front worker shows them: `stub_status`, `metrics`, `$connections_active`. */

/** JSON from the master. */
export interface CollectedFigures {
  readonly counters: Readonly<Record<string, number>>
  readonly gauges: Readonly<Record<string, number>>
}

/** How old others' figures may be for a variable, which cannot wait. */
const VARIABLE_AGE_MS = 1000

export interface AllFiguresOptions {
  /** Of all workers, this one among them. */
  readonly collect: () => Promise<CollectedFigures>
  /** Of this worker, as they are. */
  readonly ownGauges: () => Readonly<Record<string, number>>
  readonly nowMs: () => number
}

export class AllFigures {
  readonly #options: AllFiguresOptions
  /** What others had when it was last asked. */
  #others: Readonly<Record<string, number>> = {}
  #askedMs = -Infinity

  constructor(options: AllFiguresOptions) {
    this.#options = options
  }

  async collect(): Promise<CollectedFigures> {
    const collected = await this.#options.collect()
    const own = this.#options.ownGauges()
    this.#others = Object.fromEntries(
      Object.entries(collected.gauges).map(([name, value]) => [name, Math.max(0, value - (own[name] ?? 0))]),
    )
    return collected
  }

  /** Own as it is, others' as they were within the last second or two. */
  gauge(name: string): number {
    const nowMs = this.#options.nowMs()
    if (nowMs - this.#askedMs > VARIABLE_AGE_MS) {
      this.#askedMs = nowMs
      void this.collect()
    }
    return (this.#options.ownGauges()[name] ?? 0) + (this.#others[name] ?? 0)
  }
}
