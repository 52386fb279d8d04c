/**
 * Range requests for one representation (RFC 9110 section 14). Where the RFC leaves a choice, nginx's: what cannot be
 * parsed is unsatisfiable rather than ignored, and more bytes than the whole is worth the whole.
 */

export interface ByteRange {
  /** First byte. */
  readonly start: number
  /** Behind the last byte. */
  readonly end: number
}

export type RangeResult =
  /** Answer with the whole. */
  | { readonly kind: 'ignore' }
  /** Answer 416. */
  | { readonly kind: 'unsatisfiable' }
  /** At least one, in the order asked for. */
  | { readonly kind: 'ranges'; readonly ranges: readonly ByteRange[] }

const IGNORE: RangeResult = Object.freeze({ kind: 'ignore' })
const UNSATISFIABLE: RangeResult = Object.freeze({ kind: 'unsatisfiable' })

const UNIT = 'bytes='
/** RFC 9110 section 14.2: more of them is an attack or a broken client. */
const MAX_OVERLAPS = 2
/** What the head of one part costs, and how much of that is tolerated, when there is no `max_ranges`. */
const PART_OVERHEAD = 256
const TOLERATED_OVERHEAD = 4096
/** Ranges of nearly nothing, without `max_ranges`. */
const DEFAULT_MAX = 100

/**
 * `size` is that of the representation; `max` is `max_ranges`, undefined when it is not set, 0 to have no ranges.
 * Linear in the length of the header, whatever is in it.
 */
export function parseRange(header: string, size: number, max: number | undefined): RangeResult {
  if (max === 0 || header.length <= UNIT.length) return IGNORE
  if (header.slice(0, UNIT.length).toLowerCase() !== UNIT) return IGNORE
  const reader = new RangeReader(header, UNIT.length, size)
  const limit = max ?? DEFAULT_MAX
  const ranges: ByteRange[] = []
  let total = 0
  do {
    const range = reader.next()
    if (range === undefined) return UNSATISFIABLE
    if (range.start < range.end) {
      ranges.push(range)
      total += range.end - range.start
      if (ranges.length > limit) return IGNORE
    } else if (range.start === 0) {
      return IGNORE
    }
  } while (reader.comma())
  if (ranges.length === 0) return UNSATISFIABLE
  return ranges.length > 1 && isWasteful(ranges, total, size, max) ? IGNORE : { kind: 'ranges', ranges }
}

function isWasteful(
  ranges: readonly ByteRange[],
  total: number,
  size: number,
  max: number | undefined,
): boolean {
  if (total > size) return true
  if (max === undefined && total + ranges.length * PART_OVERHEAD > size + TOLERATED_OVERHEAD) return true
  return ranges.length > MAX_OVERLAPS + 1 && countOverlaps(ranges) > MAX_OVERLAPS
}

function countOverlaps(ranges: readonly ByteRange[]): number {
  const sorted = [...ranges].sort((a, b) => a.start - b.start)
  let overlaps = 0
  let end = 0
  for (const range of sorted) {
    if (range.start < end) overlaps++
    end = Math.max(end, range.end)
  }
  return overlaps
}

const MINUS = 45
const COMMA = 44
const SPACE = 32

class RangeReader {
  readonly #text: string
  readonly #size: number
  #at: number

  constructor(text: string, at: number, size: number) {
    this.#text = text
    this.#at = at
    this.#size = size
  }

  /** Undefined when malformed; `start >= end` when nothing of it is there. */
  next(): ByteRange | undefined {
    this.#skipSpaces()
    if (this.#code() === MINUS) return this.#suffix()
    const start = this.#number()
    this.#skipSpaces()
    if (start === undefined || this.#code() !== MINUS) return undefined
    this.#at++
    this.#skipSpaces()
    if (this.#atEnd()) return { start, end: this.#size }
    const last = this.#number()
    this.#skipSpaces()
    if (last === undefined || !this.#atEnd()) return undefined
    return { start, end: Math.min(last + 1, this.#size) }
  }

  /** Whether another range follows; moves to it. */
  comma(): boolean {
    return this.#text.charCodeAt(this.#at++) === COMMA
  }

  #suffix(): ByteRange | undefined {
    this.#at++
    const length = this.#number()
    this.#skipSpaces()
    if (length === undefined || !this.#atEnd()) return undefined
    return { start: Math.max(0, this.#size - length), end: this.#size }
  }

  /** Undefined without digits and beyond 63 bits, as in nginx; beyond what counts exactly it is only "very far". */
  #number(): number | undefined {
    const from = this.#at
    let value = 0
    for (; ; this.#at++) {
      const digit = this.#code() - 48
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      if (value >= 2 ** 63) return undefined
    }
    return this.#at === from ? undefined : Math.min(value, Number.MAX_SAFE_INTEGER - 1)
  }

  #skipSpaces(): void {
    while (this.#code() === SPACE) this.#at++
  }

  #code(): number {
    return this.#text.charCodeAt(this.#at)
  }

  #atEnd(): boolean {
    return this.#at >= this.#text.length || this.#code() === COMMA
  }
}
