import { TooManyFieldsSent } from '../exceptions.ts'
import { MultiValueDict } from './multi-value-dict.ts'
import { formDecode, formEncode } from './percent.ts'

/** The names and values of a query string or form (URL Standard, `application/x-www-form-urlencoded`). */
export class QueryDict extends MultiValueDict<string> {
  readonly #mutable: boolean

  /** Empty; `QueryDict.parse` reads one. Those of a request refuse changes: change a `copy()`. */
  constructor(mutable = true) {
    super()
    this.#mutable = mutable
  }

  /**
   * Only `&` separates (CVE-2021-23336); blank values are kept; `;` and brackets mean nothing.
   *
   * @param maxFields as `dataUploadMaxNumberFields`; null is no limit
   * @throws TooManyFieldsSent
   */
  static parse(text: string, maxFields: number | null = null, mutable = false): QueryDict {
    const dict = new QueryDict(mutable)
    if (text === '') return dict
    if (maxFields !== null && countFields(text, maxFields) > maxFields) throw tooManyFields()
    let start = 0
    while (start <= text.length) {
      const ampersand = text.indexOf('&', start)
      const end = ampersand < 0 ? text.length : ampersand
      if (end > start) dict.#addField(text.slice(start, end))
      start = end + 1
    }
    return dict
  }

  #addField(field: string): void {
    const equals = field.indexOf('=')
    const key = formDecode(equals < 0 ? field : field.slice(0, equals))
    super.append(key, equals < 0 ? '' : formDecode(field.slice(equals + 1)))
  }

  /** Fills a dict that is still being made, whether or not it takes changes later. */
  static from(fields: Iterable<readonly [string, string]>, mutable = false): QueryDict {
    const dict = new QueryDict(mutable)
    for (const [key, value] of fields) MultiValueDict.prototype.append.call(dict, key, value)
    return dict
  }

  override append(key: string, value: string): void {
    this.#assertMutable()
    super.append(key, value)
  }

  override setlist(key: string, values: readonly string[]): void {
    this.#assertMutable()
    super.setlist(key, values)
  }

  override set(key: string, value: string): void {
    this.#assertMutable()
    super.set(key, value)
  }

  override delete(key: string): boolean {
    this.#assertMutable()
    return super.delete(key)
  }

  /** One that can be changed. */
  copy(): QueryDict {
    const copy = new QueryDict(true)
    for (const [key, values] of this.lists) copy.lists.set(key, [...values])
    return copy
  }

  urlencode(): string {
    const fields: string[] = []
    for (const [key, values] of this.lists) {
      for (const value of values) fields.push(`${formEncode(key)}=${formEncode(value)}`)
    }
    return fields.join('&')
  }

  override toString(): string {
    return this.urlencode()
  }

  #assertMutable(): void {
    if (!this.#mutable) throw new TypeError('This QueryDict instance is immutable: change a copy() of it')
  }
}

/** Counts no further than it must. */
function countFields(text: string, limit: number): number {
  let count = 1
  for (let at = text.indexOf('&'); at >= 0 && count <= limit; at = text.indexOf('&', at + 1)) count += 1
  return count
}

export function tooManyFields(): TooManyFieldsSent {
  return new TooManyFieldsSent(
    'The number of GET/POST parameters exceeded settings.dataUploadMaxNumberFields.',
  )
}
