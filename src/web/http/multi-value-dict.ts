/** Names with one or more values each, as forms and query strings carry them. A Map inside: no name is special. */
export class MultiValueDict<T> {
  protected readonly lists = new Map<string, T[]>()

  /** The last value of that name, as a form that repeats it means it. */
  get(key: string): T | undefined {
    return this.lists.get(key)?.at(-1)
  }

  /** The last value; the same as `get`. */
  last(key: string): T | undefined {
    return this.get(key)
  }

  first(key: string): T | undefined {
    return this.lists.get(key)?.[0]
  }

  /** All values of that name in their order; empty when there are none. */
  getlist(key: string): readonly T[] {
    return this.lists.get(key) ?? []
  }

  has(key: string): boolean {
    return this.lists.has(key)
  }

  /** The number of different names. */
  get size(): number {
    return this.lists.size
  }

  keys(): MapIterator<string> {
    return this.lists.keys()
  }

  *values(): Generator<T> {
    for (const [, value] of this.entries()) yield value
  }

  /** Name and last value. */
  *entries(): Generator<[string, T]> {
    for (const [key, list] of this.lists) {
      const last = list.at(-1)
      if (last !== undefined) yield [key, last]
    }
  }

  [Symbol.iterator](): Generator<[string, T]> {
    return this.entries()
  }

  /** Every name with all its values. */
  entriesOfLists(): MapIterator<[string, readonly T[]]> {
    return this.lists.entries()
  }

  /** Every single value, in the order of the names. */
  *all(): Generator<T> {
    for (const list of this.lists.values()) yield* list
  }

  append(key: string, value: T): void {
    const list = this.lists.get(key)
    if (list === undefined) this.lists.set(key, [value])
    else list.push(value)
  }

  /** Replaces what the name had. */
  setlist(key: string, values: readonly T[]): void {
    this.lists.set(key, [...values])
  }

  set(key: string, value: T): void {
    this.lists.set(key, [value])
  }

  delete(key: string): boolean {
    return this.lists.delete(key)
  }
}
