/** How long requests ran, in buckets as Prometheus has them: each counts what is no longer than its bound. */

/** Upper bounds, milliseconds. */
const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000] as const

export class LatencyHistogram {
  /** One more than the bounds: what is longer than all. Not cumulative; it is made so when somebody asks. */
  readonly #counts = new Float64Array(BOUNDS_MS.length + 1)
  #sumMs = 0

  add(ms: number): void {
    let index = 0
    while (index < BOUNDS_MS.length && ms > (BOUNDS_MS[index] ?? 0)) index += 1
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#sumMs += ms
  }

  get sumMs(): number {
    return this.#sumMs
  }

  /** By the text of `le`, in seconds, in order; the last is `+Inf` and counts all. */
  buckets(): [le: string, count: number][] {
    let count = 0
    return Array.from(this.#counts, (some, index) => {
      const bound = BOUNDS_MS[index]
      count += some
      return [bound === undefined ? '+Inf' : String(bound / 1000), count]
    })
  }
}
