/** Long lists, a page at a time. */
import type { RowSource } from './row-source.ts'

/** A page that there is not. */
export class InvalidPage extends Error {
  override readonly name = 'InvalidPage'
}

/** What can be cut into pages: rows in memory, or a query set that fetches only those of one page. */
export type Pageable<T> = readonly T[] | Pick<RowSource<T>, 'count' | 'slice'>

function isRows<T>(source: Pageable<T>): source is readonly T[] {
  return Array.isArray(source)
}

/**
 * Cuts rows into pages of `perPage`; a queryset is asked for the rows of one page only. Pages count from 1.
 */
export class Paginator<T> {
  readonly perPage: number
  readonly #source: Pageable<T>
  readonly #orphans: number
  readonly #allowEmptyFirstPage: boolean
  #count: Promise<number> | null = null

  /** @param options `orphans`: a last page with no more than this goes onto the one before it */
  constructor(
    source: Pageable<T>,
    perPage: number,
    options: { readonly orphans?: number; readonly allowEmptyFirstPage?: boolean } = {},
  ) {
    if (!Number.isSafeInteger(perPage) || perPage < 1) throw new RangeError('A page has at least one row')
    this.#source = source
    this.perPage = perPage
    this.#orphans = options.orphans ?? 0
    this.#allowEmptyFirstPage = options.allowEmptyFirstPage ?? true
  }

  /** How many rows there are; asked once. */
  count(): Promise<number> {
    this.#count ??= isRows(this.#source) ? Promise.resolve(this.#source.length) : this.#source.count()
    return this.#count
  }

  async numPages(): Promise<number> {
    const count = await this.count()
    if (count === 0 && !this.#allowEmptyFirstPage) return 0
    return Math.ceil(Math.max(1, count - this.#orphans) / this.perPage)
  }

  /** @param number from 1, as a number or as the digits of a query string; 'last' is the last @throws InvalidPage */
  async page(number: number | string): Promise<Page<T>> {
    const pages = await this.numPages()
    const wanted = number === 'last' ? Math.max(1, pages) : pageNumber(number)
    if (Number.isNaN(wanted)) throw new InvalidPage('That page number is not an integer')
    if (wanted < 1) throw new InvalidPage('That page number is less than 1')
    if (wanted > pages) throw new InvalidPage('That page contains no results')
    const count = await this.count()
    const start = (wanted - 1) * this.perPage
    const end = start + this.perPage + this.#orphans >= count ? count : start + this.perPage
    const rows = await this.#source.slice(start, end)
    return new Page(rows, wanted, { pages, count, start, end })
  }

  /** A page whatever is asked for: the first for nonsense, the last for too much. */
  async getPage(number: number | string): Promise<Page<T>> {
    const wanted = pageNumber(number)
    const pages = Math.max(1, await this.numPages())
    if (Number.isNaN(wanted)) return this.page(1)
    return this.page(wanted < 1 || wanted > pages ? pages : wanted)
  }
}

function pageNumber(number: number | string): number {
  // More digits than a double has are a page that there is not, as any number beyond the last.
  if (typeof number === 'string') return /^[+-]?[0-9]+$/.test(number) ? Number(number) : Number.NaN
  return Number.isSafeInteger(number) ? number : Number.NaN
}

/** The rows of one page, and the way to the next. */
export class Page<T> implements Iterable<T> {
  readonly objectList: readonly T[]
  readonly number: number
  readonly numPages: number
  /** Of all pages. */
  readonly count: number
  /** Counted from 1; 0 when there is none. */
  readonly startIndex: number
  readonly endIndex: number

  constructor(
    rows: readonly T[],
    number: number,
    all: { readonly pages: number; readonly count: number; readonly start: number; readonly end: number },
  ) {
    this.objectList = rows
    this.number = number
    this.numPages = all.pages
    this.count = all.count
    this.startIndex = all.count === 0 ? 0 : all.start + 1
    this.endIndex = all.end
  }

  [Symbol.iterator](): Iterator<T> {
    return this.objectList[Symbol.iterator]()
  }

  get hasNext(): boolean {
    return this.number < this.numPages
  }

  get hasPrevious(): boolean {
    return this.number > 1
  }

  get hasOtherPages(): boolean {
    return this.hasNext || this.hasPrevious
  }

  /** @throws InvalidPage on the last */
  get nextPageNumber(): number {
    if (!this.hasNext) throw new InvalidPage('That page contains no results')
    return this.number + 1
  }

  /** @throws InvalidPage on the first */
  get previousPageNumber(): number {
    if (!this.hasPrevious) throw new InvalidPage('That page number is less than 1')
    return this.number - 1
  }
}
