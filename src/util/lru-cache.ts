/** Keeps the most recently used entries within a budget of cost units (bytes, or 1 each). */
export class LruCache<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #maxCost: number
  readonly #cost: (value: V) => number
  #total = 0

  constructor(maxCost: number, cost: (value: V) => number = () => 1) {
    this.#maxCost = maxCost
    this.#cost = cost
  }

  get(key: K): V | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  /** A value that costs more than the whole budget is not kept. */
  set(key: K, value: V): void {
    this.delete(key)
    const cost = this.#cost(value)
    if (cost > this.#maxCost) return
    this.#entries.set(key, value)
    this.#total += cost
    for (const oldest of this.#entries.keys()) {
      if (this.#total <= this.#maxCost) return
      this.delete(oldest)
    }
  }

  delete(key: K): boolean {
    const value = this.#entries.get(key)
    if (value === undefined) return false
    this.#total -= this.#cost(value)
    return this.#entries.delete(key)
  }

  get size(): number {
    return this.#entries.size
  }
}
