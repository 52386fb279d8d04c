/** Reads a pattern of PCRE2 (pcre2pattern(3)) into a tree. */
import { readBracket } from './bracket.ts'
import { ByteSet } from './byte-set.ts'
import { readByteEscape, readClassEscape } from './escape.ts'
import { closing, readGroupHead, readName } from './group-head.ts'
import type { Alternation, Node, Repeat } from './node.ts'
import type { Options } from './options.ts'
import { Scanner } from './scanner.ts'

export interface Pattern {
  readonly body: Alternation
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
}

/** PCRE2's default limit. */
const MAX_NESTING = 250

/** PCRE2's largest count in a quantifier. */
const MAX_COUNT = 65_535

const END = '(?=\\n?$)'

const ASSERTIONS: ReadonlyMap<string, string> = new Map([
  ['b', '\\b'],
  ['B', '\\B'],
  ['A', '^'],
  ['z', '$'],
  ['Z', END],
])

const NOT_LF = ByteSet.of(0x0a).inverted()
const ANY = new ByteSet().inverted()

/** What cannot be had from a RegExp, by the letter of its escape. */
const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['G', '\\G asks where the search began'],
  ['K', '\\K moves the start of the match'],
  ['X', '\\X needs Unicode tables'],
])

export function parsePattern(text: string, options: Options): Pattern {
  return new PatternParser(text, options).parse()
}

class PatternParser {
  readonly #scan: Scanner
  readonly #names = new Map<string, number>()
  #options: Options
  #groups = 0
  #nesting = 0

  constructor(text: string, options: Options) {
    this.#scan = new Scanner(text)
    this.#options = options
  }

  parse(): Pattern {
    const body = this.#alternation()
    if (!this.#scan.done) this.#scan.syntax('unmatched closing parenthesis')
    return { body, groups: this.#groups, names: this.#names }
  }

  #alternation(): Alternation {
    const branches: Node[][] = [[]]
    for (;;) {
      this.#passIgnored()
      if (this.#scan.done || this.#scan.here === ')') return branches
      if (this.#scan.eat('|')) branches.push([])
      else branches.at(-1)?.push(...this.#quantifiedItem())
    }
  }

  /** What one atom with its quantifier gives; several for `\Q...\E`, none for `(?i)`. */
  #quantifiedItem(): Node[] {
    const items = this.#item()
    const last = items.pop()
    if (!last) return []
    this.#passIgnored()
    return [...items, this.#quantifier(last) ?? last]
  }

  #item(): Node[] {
    const char = this.#scan.here
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        return [{ kind: 'set', set: readBracket(this.#scan, this.#options.caseless) }]
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        return this.#notRepeatable(this.#scan.at)
      case '{':
        if (this.#atCount()) return this.#notRepeatable(this.#scan.at)
    }
    this.#scan.at++
    return [this.#simple(char)]
  }

  #simple(char: string): Node {
    switch (char) {
      case '.':
        return { kind: 'set', set: this.#options.dotAll ? ANY : NOT_LF }
      case '^':
        // multi-line: not after an LF that ends the subject
        return { kind: 'assertion', source: this.#options.multiline ? '(?:^|(?<=\\n)(?=[^]))' : '^' }
      case '$':
        return { kind: 'assertion', source: this.#options.multiline ? '(?=\\n|$)' : END }
    }
    return this.#byte(char.charCodeAt(0))
  }

  #byte(code: number): Node {
    const set = ByteSet.of(code)
    return { kind: 'set', set: this.#options.caseless ? set.folded() : set }
  }

  #escape(): Node[] {
    const start = this.#scan.at++
    const reason = UNSUPPORTED.get(this.#scan.here)
    if (reason !== undefined) this.#scan.unsupported(reason, start)
    const set = readClassEscape(this.#scan)
    if (set) return [{ kind: 'set', set }]
    const assertion = ASSERTIONS.get(this.#scan.here)
    if (assertion !== undefined) {
      this.#scan.at++
      return [{ kind: 'assertion', source: assertion }]
    }
    if (this.#scan.eat('R')) return [{ kind: 'newline' }]
    if (this.#scan.eat('C')) return [{ kind: 'set', set: ANY }]
    if (this.#scan.eat('N')) return [this.#notNewline()]
    if (this.#scan.eat('Q')) return this.#quoted()
    return [this.#reference(start) ?? this.#byte(readByteEscape(this.#scan))]
  }

  #notNewline(): Node {
    if (this.#scan.here === '{' && !this.#atCount()) {
      this.#scan.syntax('PCRE2 does not support \\F, \\L, \\l, \\N{name}, \\U, or \\u')
    }
    return { kind: 'set', set: NOT_LF }
  }

  #quoted(): Node[] {
    const { text, at } = this.#scan
    const end = text.indexOf('\\E', at)
    const raw = text.slice(at, end < 0 ? text.length : end)
    this.#scan.at = end < 0 ? text.length : end + 2
    return Array.from(raw, (char) => this.#byte(char.charCodeAt(0)))
  }

  /** `\1`, `\g{...}`, `\k<...>`. The backslash is passed. */
  #reference(offset: number): Node | undefined {
    const digits = this.#scan.match(/[1-9][0-9]*/y)?.[0]
    if (digits !== undefined) {
      const group = Number(digits)
      if (group < 10 || /^[89]/.test(digits) || group <= this.#groups) return this.#referTo(group, offset)
      this.#scan.at = offset + 1
      return undefined
    }
    if (this.#scan.eat('g')) return this.#referTo(this.#gReference(offset), offset)
    if (!this.#scan.eat('k')) return undefined
    const opening = this.#scan.match(/[{<']/y)?.[0]
    const nameOffset = this.#scan.at
    if (opening !== undefined)
      return this.#referTo(readName(this.#scan, closing(opening)), offset, nameOffset)
    return this.#scan.syntax('\\k is not followed by a braced, angle-bracketed, or quoted name')
  }

  #gReference(offset: number): number | string {
    if (/[<']/.test(this.#scan.here))
      this.#scan.unsupported('a group cannot be called as a subroutine', offset)
    const match = this.#scan.match(/([+-]?)([0-9]+)|\{([+-]?)([0-9]+)\}|\{([A-Za-z_]\w*)\}/y)
    if (!match) {
      return this.#scan.syntax(
        '\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number',
      )
    }
    const name = match[5]
    if (name !== undefined) return name
    const number = Number(match[2] ?? match[4])
    const sign = match[1] ?? match[3]
    if (sign === '-') return this.#groups + 1 - number
    return sign === '+' ? this.#groups + number : number
  }

  #referTo(group: number | string, offset: number, nameOffset = offset + 1): Node {
    if (typeof group === 'number' && group < 1) this.#scan.syntax('reference to non-existent subpattern')
    return { kind: 'reference', group, caseless: this.#options.caseless, offset, nameOffset }
  }

  #group(): Node[] {
    const offset = this.#scan.at
    const head = readGroupHead(this.#scan, this.#options)
    if (head.kind === 'options') {
      this.#options = head.options
      return []
    }
    if (head.kind === 'reference') return [this.#referTo(head.name, offset)]
    const number = head.kind === 'capture' ? this.#open(head.name) : undefined
    const body = this.#inside(head.kind === 'plain' ? head.options : this.#options)
    switch (head.kind) {
      case 'look':
        return [{ kind: 'look', behind: head.behind, negative: head.negative, body, offset }]
      case 'atomic':
        return [{ kind: 'atomic', body }]
      default:
        return [{ kind: 'group', body, ...(number !== undefined && { number }) }]
    }
  }

  #open(name: string | undefined): number {
    const number = ++this.#groups
    if (name !== undefined && this.#names.has(name)) {
      this.#scan.syntax('two named subpatterns have the same name (PCRE2_DUPNAMES not set)')
    }
    if (name !== undefined) this.#names.set(name, number)
    return number
  }

  /** The body of a group up to its bracket; options set in it end with it. */
  #inside(options: Options): Alternation {
    if (++this.#nesting > MAX_NESTING) this.#scan.syntax('parentheses are too deeply nested')
    const outer = this.#options
    this.#options = options
    const body = this.#alternation()
    if (!this.#scan.eat(')')) this.#scan.syntax('missing closing parenthesis')
    this.#options = outer
    this.#nesting--
    return body
  }

  #quantifier(item: Node): Repeat | undefined {
    const offset = this.#scan.at
    const counts = this.#counts()
    if (!counts) return undefined
    if (item.kind === 'assertion') this.#notRepeatable(offset)
    this.#passIgnored()
    const suffix = this.#scan.match(/[?+]/y)?.[0]
    const lazy = (suffix === '?') !== this.#options.ungreedy
    const mode = suffix === '+' ? 'possessive' : lazy ? 'lazy' : 'greedy'
    return { kind: 'repeat', item, min: counts[0], max: counts[1], mode, offset }
  }

  #notRepeatable(quantifier: number): never {
    const braced = this.#scan.text[quantifier] === '{'
    const offset = braced ? this.#scan.text.indexOf('}', quantifier) : quantifier
    return this.#scan.syntax('quantifier does not follow a repeatable item', offset)
  }

  #counts(): readonly [min: number, max: number] | undefined {
    if (this.#scan.eat('*')) return [0, Infinity]
    if (this.#scan.eat('+')) return [1, Infinity]
    if (this.#scan.eat('?')) return [0, 1]
    // PCRE2 took it for literal text before 10.43 and takes it for {0,n} since
    if (/^\{ *, *[0-9]+ *\}/.test(this.#scan.text.slice(this.#scan.at, this.#scan.at + 32))) {
      this.#scan.unsupported('{,n} means different things to different releases of PCRE2: write {0,n}')
    }
    const match = this.#scan.match(/\{([0-9]+)(?:(,)([0-9]*))?\}/y)
    if (!match) return undefined
    const min = Number(match[1])
    const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3])
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Infinity))
      this.#scan.syntax('number too big in {} quantifier', this.#scan.at - 1)
    if (max < min) this.#scan.syntax('numbers out of order in {} quantifier', this.#scan.at - 1)
    return [min, max]
  }

  #atCount(): boolean {
    return /^\{[0-9]+(?:,[0-9]*)?\}/.test(this.#scan.text.slice(this.#scan.at, this.#scan.at + 32))
  }

  /** Comments, ends of quoting, and under `x` white space. */
  #passIgnored(): void {
    for (;;) {
      if (this.#scan.startsWith('(?#')) {
        const end = this.#scan.text.indexOf(')', this.#scan.at)
        if (end < 0) this.#scan.syntax('missing ) after (?# comment', this.#scan.text.length)
        this.#scan.at = end + 1
      } else if (this.#scan.eat('\\E') || this.#scan.eat('\\Q\\E')) {
        // nothing is quoted
      } else if (!this.#options.extended || !this.#scan.match(/[\t-\r ]+|#[^\n]*\n?/y)) return
    }
  }
}
