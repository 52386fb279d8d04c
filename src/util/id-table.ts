/**
 * Values by ids of 16 bits that come and go with requests. A Map would do, but it makes a new table of itself every few
 * dozen of them, and a table of the old generation keeps alive what it held when it was left: with it the collector
 * copied half of what requests had allocated.
 */
const PAGE_BITS = 8
const PAGE_IDS = 1 << PAGE_BITS

export class IdTable<T extends object> {
  readonly #pages: ((T | undefined)[] | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#pages[id >> PAGE_BITS]?.[id & (PAGE_IDS - 1)]
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  set(id: number, value: T): void {
    const page = this.#page(id >> PAGE_BITS)
    const at = id & (PAGE_IDS - 1)
    if (page[at] === undefined) this.#size += 1
    page[at] = value
  }

  /** Whether it was there. */
  delete(id: number): boolean {
    const page = this.#pages[id >> PAGE_BITS]
    const at = id & (PAGE_IDS - 1)
    if (page?.[at] === undefined) return false
    page[at] = undefined
    this.#size -= 1
    return true
  }

  clear(): void {
    this.#pages.length = 0
    this.#size = 0
  }

  /** Those that are in it now, by id: what becomes of the table meanwhile does not matter. */
  values(): T[] {
    if (this.#size === 0) return []
    const values: T[] = []
    for (const page of this.#pages) if (page) for (const value of page) if (value) values.push(value)
    return values
  }

  #page(number: number): (T | undefined)[] {
    while (this.#pages.length <= number) this.#pages.push(undefined)
    return (this.#pages[number] ??= new Array<T | undefined>(PAGE_IDS).fill(undefined))
  }
}
