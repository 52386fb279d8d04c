/** Compiled queries by the key of their description. The oldest go first; keys come from code, so few ever do. */
export class PlanCache<P> {
  readonly #plans = new Map<string, P>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  get(key: string): P | undefined {
    return this.#plans.get(key)
  }

  set(key: string, plan: P): void {
    if (this.#plans.size >= this.#limit) {
      const [oldest] = this.#plans.keys()
      if (oldest !== undefined) this.#plans.delete(oldest)
    }
    this.#plans.set(key, plan)
  }

  get size(): number {
    return this.#plans.size
  }
}
