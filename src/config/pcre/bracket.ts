/** Character classes: `[...]` (pcre2pattern(3), "Square brackets and character classes"). */
import { ByteSet } from './byte-set.ts'
import { readByteEscape, readClassEscape } from './escape.ts'
import type { Scanner } from './scanner.ts'

const POSIX: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', ByteSet.ranges('09AZaz')],
  ['alpha', ByteSet.ranges('AZaz')],
  ['ascii', ByteSet.ranges('\0\x7f')],
  ['blank', ByteSet.ranges('\t\t  ')],
  ['cntrl', ByteSet.ranges('\0\x1f\x7f\x7f')],
  ['digit', ByteSet.ranges('09')],
  ['graph', ByteSet.ranges('!~')],
  ['lower', ByteSet.ranges('az')],
  ['print', ByteSet.ranges(' ~')],
  ['punct', ByteSet.ranges('!/:@[`{~')],
  ['space', ByteSet.ranges('\t\r  ')],
  ['upper', ByteSet.ranges('AZ')],
  ['word', ByteSet.ranges('09AZ__az')],
  ['xdigit', ByteSet.ranges('09AFaf')],
])

const COLLATING = 'POSIX collating elements are not supported'

/** Reads a class whose `[` is here. */
export function readBracket(scan: Scanner, caseless: boolean): ByteSet {
  if (posixEnd(scan) >= 0) {
    const named = scan.text[scan.at + 1] === ':'
    scan.syntax(named ? 'POSIX named classes are supported only within a class' : COLLATING)
  }
  if (scan.startsWith('[[:<:]]') || scan.startsWith('[[:>:]]'))
    scan.unsupported('[[:<:]] and [[:>:]] are word boundaries')
  scan.at++
  const negative = scan.eat('^')
  const set = new Members(scan, caseless).read()
  const folded = caseless ? set.folded() : set
  return negative ? folded.inverted() : folded
}

class Members {
  readonly #scan: Scanner
  readonly #caseless: boolean
  readonly #set = new ByteSet()
  /** Between `\Q` and `\E`. */
  #quoting = false

  constructor(scan: Scanner, caseless: boolean) {
    this.#scan = scan
    this.#caseless = caseless
  }

  read(): ByteSet {
    // a bracket that stands first is a member
    for (let first = true; ; first = false) {
      if (this.#passQuotes()) first = false
      if (this.#scan.done) this.#scan.syntax('missing terminating ] for character class')
      if (!first && !this.#quoting && this.#scan.eat(']')) return this.#set
      this.#readMember()
    }
  }

  #readMember(): void {
    const from = this.#readOne()
    if (typeof from === 'number') return this.#readRange(from)
    this.#set.addAll(from)
    if (this.#atRangeHyphen()) this.#scan.syntax('invalid range in character class')
  }

  #readRange(from: number): void {
    this.#passQuotes()
    if (!this.#atRangeHyphen()) {
      this.#set.add(from)
      return
    }
    this.#scan.at++
    this.#passQuotes()
    const to = this.#readOne()
    if (typeof to !== 'number') return this.#scan.syntax('invalid range in character class')
    if (to < from) this.#scan.syntax('range out of order in character class', this.#scan.at - 1)
    this.#set.addRange(from, to)
  }

  /** A hyphen that a bracket follows is a member. */
  #atRangeHyphen(): boolean {
    return (
      !this.#quoting &&
      this.#scan.here === '-' &&
      !/^-(?:\\E)*(?:\]|$)/.test(this.#scan.text.slice(this.#scan.at, this.#scan.at + 32))
    )
  }

  /** A byte, or the set that a class inside the class stands for. */
  #readOne(): number | ByteSet {
    if (this.#scan.done) this.#scan.syntax('missing terminating ] for character class')
    if (!this.#quoting) {
      const end = posixEnd(this.#scan)
      if (end >= 0) return this.#readPosix(end)
      if (this.#scan.eat('\\')) return this.#readEscape()
    }
    return this.#scan.next().charCodeAt(0)
  }

  #readEscape(): number | ByteSet {
    const set = readClassEscape(this.#scan)
    if (set) return set
    if (this.#scan.eat('b')) return 0x08
    if (this.#scan.eat('g')) return 0x67
    if (/[ABCGKRXZkpPz]/.test(this.#scan.here))
      this.#scan.syntax('escape sequence is invalid in character class')
    if (this.#scan.here === 'N') this.#scan.syntax('\\N is not supported in a class', this.#scan.at + 1)
    return readByteEscape(this.#scan)
  }

  #readPosix(end: number): ByteSet {
    const name = this.#scan.text.slice(this.#scan.at + 2, end)
    if (this.#scan.text[this.#scan.at + 1] !== ':') this.#scan.syntax(COLLATING)
    const negative = name.startsWith('^')
    const plain = negative ? name.slice(1) : name
    // without regard to case both cases are letters, also before a negation
    const set = POSIX.get(this.#caseless && (plain === 'lower' || plain === 'upper') ? 'alpha' : plain)
    if (!set) return this.#scan.syntax('unknown POSIX class name', end - plain.length)
    this.#scan.at = end + 2
    return negative ? set.inverted() : set
  }

  /** Passes `\Q` and `\E`; says whether one was there. */
  #passQuotes(): boolean {
    const start = this.#scan.at
    for (;;) {
      if (this.#scan.eat('\\E')) this.#quoting = false
      else if (!this.#quoting && this.#scan.eat('\\Q')) this.#quoting = true
      else return this.#scan.at > start
    }
  }
}

/** Where `:]` of a `[:name:]` that begins here stands; -1 when none does (PCRE2's check_posix_syntax). */
function posixEnd(scan: Scanner): number {
  const { text } = scan
  const mark = text.charAt(scan.at + 1)
  if (scan.here !== '[' || !/[:.=]/.test(mark)) return -1
  for (let at = scan.at + 2; at + 1 < text.length; at++) {
    const char = text[at]
    const after = text[at + 1]
    if (char === '\\' && (after === ']' || after === '\\')) at++
    else if ((char === '[' && after === mark) || char === ']') return -1
    else if (char === mark && after === ']') return at
  }
  return -1
}
