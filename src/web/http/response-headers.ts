import { BadHeaderError } from '../exceptions.ts'
import type { HeaderPair } from '../../gateway/application.ts'

/**
 * The fields of a response. Names compare without case and keep the case they were set with. Parallel arrays, searched
 * from the start: a response has a handful of fields, and made for every request this costs less than a Map.
 */
export class ResponseHeaders {
  readonly #keys: string[] = []
  readonly #names: string[] = []
  readonly #values: string[] = []

  get size(): number {
    return this.#keys.length
  }

  get(name: string): string | undefined {
    const index = this.#keys.indexOf(keyOf(name))
    return index < 0 ? undefined : this.#values[index]
  }

  has(name: string): boolean {
    return this.#keys.includes(keyOf(name))
  }

  /** @throws BadHeaderError when the name or the value would break out of its line */
  set(name: string, value: string | number): void {
    const text = typeof value === 'number' ? String(value) : fieldValue(value)
    const key = keyOf(name)
    const index = this.#keys.indexOf(key)
    if (index >= 0) {
      this.#names[index] = name
      this.#values[index] = text
      return
    }
    if (!knownKeys.has(name) && !isToken(name))
      throw new BadHeaderError(`Invalid header name ${JSON.stringify(name)}`)
    this.#keys.push(key)
    this.#names.push(name)
    this.#values.push(text)
  }

  /** Sets it unless it is there. */
  setDefault(name: string, value: string | number): void {
    if (!this.has(name)) this.set(name, value)
  }

  delete(name: string): boolean {
    const index = this.#keys.indexOf(keyOf(name))
    if (index < 0) return false
    this.#keys.splice(index, 1)
    this.#names.splice(index, 1)
    this.#values.splice(index, 1)
    return true
  }

  /** Appends to a comma-separated field what is not in it yet, without regard to case. */
  addTokens(name: string, ...tokens: string[]): void {
    const present = this.get(name)
    if (present === undefined) {
      this.set(name, tokens.join(', '))
      return
    }
    const known = present.split(',').map((token) => token.trim().toLowerCase())
    const added = tokens.filter((token) => !known.includes(token.toLowerCase()))
    if (added.length > 0) this.set(name, [present, ...added].join(', '))
  }

  *[Symbol.iterator](): Generator<HeaderPair> {
    for (const [index, name] of this.#names.entries()) yield [name, this.#values[index] ?? '']
  }

  /** For `startResponse`. The array is the caller's. */
  toPairs(): HeaderPair[] {
    const pairs: HeaderPair[] = []
    for (let index = 0; index < this.#names.length; index += 1) {
      pairs.push([this.#names[index] ?? '', this.#values[index] ?? ''])
    }
    return pairs
  }
}

/** Names written in code are few; more than this come from somewhere else. */
const KNOWN_LIMIT = 500
/** Lower case of names that are tokens. */
const knownKeys = new Map<string, string>()

function keyOf(name: string): string {
  const known = knownKeys.get(name)
  if (known !== undefined) return known
  const key = name.toLowerCase()
  if (knownKeys.size < KNOWN_LIMIT && isToken(name)) knownKeys.set(name, key)
  return key
}

/** RFC 9110 section 5.6.2. */
function isToken(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(name)
}

/** CR, LF and NUL are refused here; what is outside Latin-1 becomes an encoded word (RFC 2047 section 2). */
function fieldValue(value: string): string {
  let wide = false
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index)
    if (code === 10 || code === 13 || code === 0) {
      throw new BadHeaderError(`Header values can't contain newlines (got ${JSON.stringify(value)})`)
    }
    if (code > 255) wide = true
  }
  return wide ? `=?utf-8?b?${Buffer.from(value, 'utf8').toString('base64')}?=` : value
}
