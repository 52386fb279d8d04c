import { TooManyFieldsSent } from '../exceptions.ts'
import { MultiValueDict } from './multi-value-dict.ts'
import { formDecode, formEncode } from './percent.ts'

/** The names and values of a query string or form (URL Standard, `application/x-www-form-urlencoded`). */
export class QueryDict extends MultiValueDict<string> {
  #mutable = true

  /** One that takes changes, with these fields. Those of a request take none: change a `copy()`. */
  constructor(fields: Iterable<readonly [name: string, value: string]> = []) {
    super()
    for (const [name, value] of fields) this.append(name, value)
  }

  /**
   * One that takes no changes. Only `&` separates (CVE-2021-23336); blank values are kept; `;` and brackets mean
   * nothing.
   *
   * @param maxFields as `dataUploadMaxNumberFields`; null is no limit
   * @throws TooManyFieldsSent
   */
  static parse(text: string, maxFields: number | null = null): QueryDict {
    if (maxFields !== null && countFields(text, maxFields) > maxFields) throw tooManyFields()
    return new QueryDict(fieldsOf(text)).frozen()
  }

  /** The same dict, which from now on refuses changes. */
  frozen(): this {
    this.#mutable = false
    return this
  }

  override append(key: string, value: string): void {
    this.#assertMutable()
    super.append(key, value)
  }

  override setlist(key: string, values: readonly string[]): void {
    this.#assertMutable()
    super.setlist(key, values)
  }

  override set(key: string, value: string): this {
    this.#assertMutable()
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.#assertMutable()
    return super.delete(key)
  }

  override clear(): void {
    this.#assertMutable()
    super.clear()
  }

  /** One that can be changed. */
  copy(): QueryDict {
    const copy = new QueryDict()
    for (const [key, values] of this.lists()) copy.setlist(key, values)
    return copy
  }

  urlencode(): string {
    const fields: string[] = []
    for (const [key, values] of this.lists()) {
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

function* fieldsOf(text: string): Generator<[name: string, value: string]> {
  let start = 0
  while (start < text.length) {
    const ampersand = text.indexOf('&', start)
    const end = ampersand < 0 ? text.length : ampersand
    if (end > start) yield fieldOf(text.slice(start, end))
    start = end + 1
  }
}

function fieldOf(field: string): [name: string, value: string] {
  const equals = field.indexOf('=')
  if (equals < 0) return [formDecode(field), '']
  return [formDecode(field.slice(0, equals)), formDecode(field.slice(equals + 1))]
}

/** Counts no further than it must. */
function countFields(text: string, limit: number): number {
  let count = text === '' ? 0 : 1
  for (let at = text.indexOf('&'); at >= 0 && count <= limit; at = text.indexOf('&', at + 1)) count += 1
  return count
}

export function tooManyFields(): TooManyFieldsSent {
  return new TooManyFieldsSent(
    'The number of GET/POST parameters exceeded settings.dataUploadMaxNumberFields.',
  )
}
