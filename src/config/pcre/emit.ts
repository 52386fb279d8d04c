/**
 * Writes a pattern's tree as a RegExp that means the same, or says why there is none.
 *
 * Rules of this file: where the two differ, in order of how likely a conf meets it:
 * - a RegExp forgets the groups in a repeated part at each round, PCRE keeps the last values: allowed where every
 *   round sets all of them;
 * - a RegExp never takes an optional round that matches nothing, PCRE takes it once: `(?:X|)` for `X?`, refused for
 *   more rounds;
 * - a back reference to an unset group matches the empty string in a RegExp and fails in PCRE: refused unless the
 *   group is set on every way to the reference;
 * - a RegExp walks a look-behind from right to left: refused where order shows (captures, atomic groups, references).
 */
import type { Alternation, Node, Repeat } from './node.ts'
import { PatternFault } from './node.ts'
import type { Pattern } from './parse.ts'

export interface Emitted {
  readonly source: string
  /** For each group of the pattern, from 0, its number in the RegExp; absent when all agree. */
  readonly numbers?: readonly number[]
}

export function emitPattern(pattern: Pattern): Emitted {
  return new Emitter(pattern).emit()
}

/** A part written, with what later parts must know of it. */
interface Part {
  readonly source: string
  /** Least and largest number of bytes it matches. */
  readonly min: number
  readonly max: number
  /** Groups in it that are set whenever it has matched. */
  readonly certain: ReadonlySet<number>
  /** Groups in it that may be set after it has matched. */
  readonly captures: ReadonlySet<number>
}

const NONE: ReadonlySet<number> = new Set()

class Emitter {
  readonly #pattern: Pattern
  readonly #numbers: number[] = [0]
  readonly #widths = new Map<number, { min: number; max: number }>()
  #written = 0
  #behind = false

  constructor(pattern: Pattern) {
    this.#pattern = pattern
  }

  emit(): Emitted {
    const { source } = this.#alternation(this.#pattern.body, NONE)
    return this.#written === this.#pattern.groups ? { source } : { source, numbers: this.#numbers }
  }

  /** `set` holds the groups that are set on every way to this place. */
  #alternation(body: Alternation, set: ReadonlySet<number>): Part {
    return either(body.map((branch) => this.#sequence(branch, set)))
  }

  #sequence(nodes: readonly Node[], set: ReadonlySet<number>): Part {
    let whole = text('')
    for (const node of nodes) {
      // in a look-behind what stands before is matched after
      const part = this.#node(node, this.#behind ? set : union(set, whole.certain))
      whole = {
        source: whole.source + part.source,
        min: whole.min + part.min,
        max: whole.max + part.max,
        certain: union(whole.certain, part.certain),
        captures: union(whole.captures, part.captures),
      }
    }
    return whole
  }

  #node(node: Node, set: ReadonlySet<number>): Part {
    switch (node.kind) {
      case 'set':
        return text(node.set.toSource(), 1)
      case 'assertion':
        return text(node.source)
      case 'newline':
        // PCRE2 10.42 fails to match `.+\R` before CR: it takes `.` and `\R` to exclude each other, against its manual
        return { ...text('(?:\\r\\n|(?!\\r\\n)[\\n-\\r\\x85])', 1), max: 2 }
      case 'group':
        return node.number === undefined
          ? this.#plain(node.body, set)
          : this.#capture(node.number, node.body, set)
      case 'atomic':
        return this.#atomic((inner) => this.#alternation(node.body, inner), set, 0)
      case 'look':
        return this.#look(node, set)
      case 'reference':
        return this.#reference(node, set)
      case 'repeat':
        return this.#repeat(node, set)
    }
  }

  #plain(body: Alternation, set: ReadonlySet<number>): Part {
    const part = this.#alternation(body, set)
    return { ...part, source: `(?:${part.source})` }
  }

  #capture(number: number, body: Alternation, set: ReadonlySet<number>): Part {
    if (this.#behind) throw unsupported('a capturing group in a look-behind', 0)
    this.#numbers[number] = ++this.#written
    const part = this.#alternation(body, set)
    this.#widths.set(number, part)
    const own = new Set([number])
    return {
      ...part,
      source: `(${part.source})`,
      certain: union(own, part.certain),
      captures: union(own, part.captures),
    }
  }

  /** A look-ahead is never gone back into: capture there what is then matched by reference. */
  #atomic(write: (set: ReadonlySet<number>) => Part, set: ReadonlySet<number>, offset: number): Part {
    if (this.#behind) throw unsupported('an atomic or possessive part in a look-behind', offset)
    const number = ++this.#written
    const part = write(set)
    return { ...part, source: `(?:(?=(${part.source}))\\${number})` }
  }

  #look(node: Node & { kind: 'look' }, set: ReadonlySet<number>): Part {
    const outer = this.#behind
    this.#behind = node.behind
    const branches = node.body.map((branch) => this.#sequence(branch, set))
    // as PCRE2 has it: branches may differ from each other, each has one length
    if (node.behind && branches.some(({ min, max }) => min !== max)) {
      throw new PatternFault('syntax', 'lookbehind assertion is not fixed length', node.offset)
    }
    const part = either(branches)
    this.#behind = outer
    const source = `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${part.source})`
    const groups = node.negative ? text('') : part
    return { source, min: 0, max: 0, certain: groups.certain, captures: groups.captures }
  }

  #reference(node: Node & { kind: 'reference' }, set: ReadonlySet<number>): Part {
    const { group, offset } = node
    const number = typeof group === 'number' ? group : this.#pattern.names.get(group)
    if (number === undefined || number > this.#pattern.groups) {
      throw new PatternFault('syntax', 'reference to non-existent subpattern', node.nameOffset)
    }
    if (this.#behind) throw unsupported('a back reference in a look-behind', offset)
    if (node.caseless) throw unsupported('a back reference without regard to case', offset)
    if (!set.has(number)) throw unsupported('a back reference to a group that may be unset', offset)
    const width = this.#widths.get(number) ?? { min: 0, max: Infinity }
    return { ...text(`(?:\\${this.#numbers[number] ?? 0})`), min: width.min, max: width.max }
  }

  #repeat(node: Repeat, set: ReadonlySet<number>): Part {
    if (node.mode !== 'possessive') return this.#rounds(node, set)
    return this.#atomic((inner) => this.#rounds(node, inner), set, node.offset)
  }

  #rounds(node: Repeat, set: ReadonlySet<number>): Part {
    const { min, max } = node
    const part = this.#node(node.item, set)
    if (max > 1 && !Array.from(part.captures).every((group) => part.certain.has(group))) {
      throw unsupported('a repeated part with a group that some rounds do not set', node.offset)
    }
    if (max > 1 && max !== min && part.min === 0) {
      throw unsupported('a repeated part that can match nothing', node.offset)
    }
    // PCRE2 counts a length that any quantifier makes uncertain as not fixed, also `(?<=a)?` and `(?:a|bc){0}`
    const vague = this.#behind && (min !== max || part.min !== part.max)
    return {
      source: quantified(part, node),
      min: vague ? 0 : part.min * min,
      max: vague ? Infinity : max === 0 || part.max === 0 ? 0 : part.max * max,
      certain: min > 0 ? part.certain : NONE,
      captures: part.captures,
    }
  }
}

function either(branches: readonly Part[]): Part {
  return {
    source: branches.map((branch) => branch.source).join('|'),
    min: Math.min(...branches.map((branch) => branch.min)),
    max: Math.max(...branches.map((branch) => branch.max)),
    certain: branches.map((branch) => branch.certain).reduce(intersection),
    captures: branches.map((branch) => branch.captures).reduce(union),
  }
}

function union(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  return b.size === 0 ? a : a.size === 0 ? b : new Set([...a, ...b])
}

function intersection(a: ReadonlySet<number>, b: ReadonlySet<number>): ReadonlySet<number> {
  return new Set(Array.from(a).filter((group) => b.has(group)))
}

function quantified(part: Part, { item, min, max, mode }: Repeat): string {
  const { source } = part
  if (min === 0 && max === 1 && part.min === 0) return mode === 'lazy' ? `(?:|${source})` : `(?:${source}|)`
  const atom = item.kind === 'set' || item.kind === 'group' ? source : `(?:${source})`
  return atom + quantifier(min, max) + (mode === 'lazy' ? '?' : '')
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  if (min === 0 && max === 1) return '?'
  return min === max ? `{${min}}` : `{${min},${max}}`
}

function text(source: string, width = 0): Part {
  return { source, min: width, max: width, certain: NONE, captures: NONE }
}

function unsupported(message: string, offset: number): PatternFault {
  return new PatternFault('unsupported', message, offset)
}
