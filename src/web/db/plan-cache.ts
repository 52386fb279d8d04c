/** What is kept of a query that was compiled. */
interface Sized {
  readonly sql: string
}

/** Some thousand queries as people write them; a tenth of that of such as insert a thousand rows. */
const SQL_LIMIT = 4_000_000

/**
 * Compiled queries by the key of their description. The oldest go first; keys come from code, so few ever do, but for
 * those of lists and rows of ever other lengths.
 */
export class PlanCache<P extends Sized> {
  readonly #plans = new Map<string, P>()
  readonly #limit: number
  readonly #sqlLimit: number
  /** Characters of SQL, which say how much a plan holds. */
  #sqlLength = 0

  constructor(limit = 1000, sqlLimit = SQL_LIMIT) {
    this.#limit = limit
    this.#sqlLimit = sqlLimit
  }

  get(key: string): P | undefined {
    return this.#plans.get(key)
  }

  set(key: string, plan: P): void {
    this.#delete(key)
    this.#plans.set(key, plan)
    this.#sqlLength += plan.sql.length
    for (const oldest of this.#plans.keys()) {
      if (this.#plans.size <= this.#limit && this.#sqlLength <= this.#sqlLimit) return
      this.#delete(oldest)
    }
  }

  #delete(key: string): void {
    const plan = this.#plans.get(key)
    if (plan === undefined) return
    this.#plans.delete(key)
    this.#sqlLength -= plan.sql.length
  }

  get size(): number {
    return this.#plans.size
  }
}
