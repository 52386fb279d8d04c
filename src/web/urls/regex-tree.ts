/** A regular expression taken apart, as far as its running time depends on it. */

/** Which of the first 256 code points a piece can match; all others count as the last. */
export type CharSet = Uint8Array

/** A piece that stands `min` to `max` times. Either one character of a set, or one of several sequences. */
export interface Piece {
  readonly set: CharSet | null
  readonly branches: readonly (readonly Piece[])[]
  readonly min: number
  readonly max: number
}

/** What cannot be judged: look-arounds and back-references. */
export class OpaqueRegex extends Error {}

const size = 257

function emptySet(): CharSet {
  return new Uint8Array(size)
}

function setOf(test: RegExp): CharSet {
  return emptySet().map((_, code) => (code < 256 && test.test(String.fromCharCode(code)) ? 1 : 0))
}

function inverted(set: CharSet): CharSet {
  return set.map((present) => 1 - present)
}

export function overlap(left: CharSet, right: CharSet): boolean {
  return left.some((present, code) => present === 1 && right[code] === 1)
}

function union(left: CharSet, right: CharSet): CharSet {
  return left.map((present, code) => present | (right[code] ?? 0))
}

/** Reads one expression. @throws OpaqueRegex */
export class RegexTree {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  read(): readonly (readonly Piece[])[] {
    return this.#branches()
  }

  #branches(): Piece[][] {
    const branches: Piece[][] = [[]]
    while (this.#at < this.#source.length && this.#source[this.#at] !== ')') {
      if (this.#source[this.#at] === '|') {
        this.#at += 1
        branches.push([])
      } else {
        const piece = this.#piece()
        if (piece !== null) branches.at(-1)?.push(piece)
      }
    }
    return branches
  }

  /** Null for what takes no character. */
  #piece(): Piece | null {
    const character = this.#source[this.#at] ?? ''
    if (character === '^' || character === '$') {
      this.#at += 1
      return null
    }
    if (character === '(') return this.#group()
    if (character === '[') return this.#repeated(this.#class(), [])
    if (character === '\\') {
      const set = this.#escape()
      return set === null ? null : this.#repeated(set, [])
    }
    this.#at += 1
    return this.#repeated(character === '.' ? inverted(setOf(/\n/)) : setOf(literal(character)), [])
  }

  #group(): Piece {
    const rest = this.#source.slice(this.#at)
    if (/^\(\?(?:=|!|<=|<!)/.test(rest)) throw new OpaqueRegex()
    this.#at += /^\((?:\?:|\?<[^>]*>)?/.exec(rest)?.[0].length ?? 1
    const branches = this.#branches()
    this.#at += 1
    return this.#repeated(null, branches)
  }

  #class(): CharSet {
    const match = /^\[(?:\\.|[^\]\\])*\]/s.exec(this.#source.slice(this.#at))
    if (match === null) throw new OpaqueRegex()
    this.#at += match[0].length
    const set = setOf(new RegExp(match[0]))
    // Beyond Latin-1 a negated class takes everything, and any other may take something.
    set[256] = 1
    return set
  }

  #escape(): CharSet | null {
    const match = /^\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|c[A-Za-z]|.)/s.exec(this.#source.slice(this.#at))
    if (match === null || /^\\[1-9kpP]/.test(match[0])) throw new OpaqueRegex()
    this.#at += match[0].length
    if (/^\\[bB]$/.test(match[0])) return null
    const set = setOf(new RegExp(match[0]))
    if (/^\\[DWS]$/.test(match[0])) set[256] = 1
    return set
  }

  #repeated(set: CharSet | null, branches: Piece[][]): Piece {
    const match = /^(?:([*+?])|\{([0-9]+)(,([0-9]*))?\})[?+]?/.exec(this.#source.slice(this.#at))
    if (match === null) return { set, branches, min: 1, max: 1 }
    this.#at += match[0].length
    const [, sign, least, comma, most] = match
    if (sign !== undefined)
      return { set, branches, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Infinity }
    const min = Number(least)
    const max = comma === undefined ? min : most === '' || most === undefined ? Infinity : Number(most)
    return { set, branches, min, max }
  }
}

function literal(character: string): RegExp {
  return new RegExp(character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
}

/** Everything that a piece may match, its parts together. */
export function reach(piece: Piece): CharSet {
  if (piece.set !== null) return piece.set
  return piece.branches.flat().reduce((all, inner) => union(all, reach(inner)), emptySet())
}

/** What a match of these pieces may begin with. */
export function firstOf(pieces: readonly Piece[]): CharSet {
  let first = emptySet()
  for (const piece of pieces) {
    const own = piece.set ?? piece.branches.map(firstOf).reduce(union, emptySet())
    first = union(first, own)
    if (!isNullable(piece)) return first
  }
  return first
}

export function isNullable(piece: Piece): boolean {
  if (piece.min === 0) return true
  return piece.set === null && piece.branches.some((branch) => branch.every(isNullable))
}
