/** States by key within a budget of bytes, least recently used first. Keys come from clients. */

/** What nginx's slab gives at least and doubles from. */
const LEAST_SLOT_BYTES = 64

export class StateTable<S> {
  readonly #states = new Map<string, S>()
  readonly #budget: number
  readonly #overhead: number
  #used = 0

  /** `overhead`: bytes of a state beside its key, as nginx has them on 64-bit machines. */
  constructor(budget: number, overhead: number) {
    this.#budget = budget
    this.#overhead = overhead
  }

  get size(): number {
    return this.#states.size
  }

  /** Makes the state the most recently used one. */
  get(key: string): S | undefined {
    const state = this.#states.get(key)
    if (state === undefined) return undefined
    this.#states.delete(key)
    this.#states.set(key, state)
    return state
  }

  peek(key: string): S | undefined {
    return this.#states.get(key)
  }

  /** Whether a further state of this key has its place without another giving way. */
  fits(key: string, extra = 0): boolean {
    return this.#used + this.#slot(key, extra) <= this.#budget
  }

  /** The oldest states give way when there is no place; `extra` bytes are counted beside the key's. */
  set(key: string, state: S, extra = 0): void {
    if (!this.#states.delete(key)) {
      if (!this.fits(key, extra)) this.#makeRoom(this.#slot(key, extra))
      this.#used += this.#slot(key, extra)
    }
    this.#states.set(key, state)
  }

  /** `extra` as it was set. */
  delete(key: string, extra = 0): void {
    if (this.#states.delete(key)) this.#used -= this.#slot(key, extra)
  }

  entries(): MapIterator<[string, S]> {
    return this.#states.entries()
  }

  #makeRoom(bytes: number): void {
    for (const [oldest, state] of this.#states) {
      this.delete(oldest, this.extraOf(state))
      if (this.#used + bytes <= this.#budget) return
    }
  }

  /** Bytes that a state was set with beside its key. */
  protected extraOf(_state: S): number {
    return 0
  }

  #slot(key: string, extra: number): number {
    const bytes = this.#overhead + key.length + extra
    return bytes <= LEAST_SLOT_BYTES ? LEAST_SLOT_BYTES : 2 ** Math.ceil(Math.log2(bytes))
  }
}
