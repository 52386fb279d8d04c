/**
 * Names with one or more values each, as forms and query strings carry them. As a Map it holds the last value of each
 * name, which is what a form that repeats a name means, and what a template finds.
 */
export class MultiValueDict<T> extends Map<string, T> {
  readonly #lists = new Map<string, T[]>()

  /** The last value of that name; the same as `get`. */
  last(key: string): T | undefined {
    return this.get(key)
  }

  first(key: string): T | undefined {
    return this.#lists.get(key)?.[0]
  }

  /** All values of that name in their order; empty when there are none. */
  getlist(key: string): readonly T[] {
    return this.#lists.get(key) ?? []
  }

  /** Every name with all its values. */
  lists(): MapIterator<[string, readonly T[]]> {
    return this.#lists.entries()
  }

  /** Every single value, in the order of the names. */
  *all(): Generator<T> {
    for (const list of this.#lists.values()) yield* list
  }

  append(key: string, value: T): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [value])
    else list.push(value)
    super.set(key, value)
  }

  /** Replaces what the name had; with no values the name is gone. */
  setlist(key: string, values: readonly T[]): void {
    const last = values.at(-1)
    if (last === undefined) {
      this.#lists.delete(key)
      super.delete(key)
      return
    }
    this.#lists.set(key, [...values])
    super.set(key, last)
  }

  override set(key: string, value: T): this {
    this.#lists.set(key, [value])
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.#lists.delete(key)
    return super.delete(key)
  }

  override clear(): void {
    this.#lists.clear()
    super.clear()
  }
}
