/**
 * Paths from regular expressions: each group is a parameter, and what else may vary gets its simplest text. What has
 * no single simplest text (an alternative outside a group, a look-around) cannot be reversed.
 */
import type { ReversePart } from './url-matcher.ts'

class NotReversible extends Error {}

const classSamples: Readonly<Record<string, string>> = { d: '0', w: 'x', s: ' ', D: 'x', W: '!', S: 'x' }

/** Null when the expression cannot be reversed. */
export function regexReverseParts(source: string): readonly ReversePart[] | null {
  try {
    return new RegexReader(source).read()
  } catch (error) {
    if (error instanceof NotReversible) return null
    throw error
  }
}

class RegexReader {
  readonly #source: string
  readonly #named: boolean
  #at = 0
  #parts: ReversePart[] = []

  constructor(source: string) {
    this.#source = source
    this.#named = /\(\?<[^=!]/.test(source)
  }

  read(): readonly ReversePart[] {
    while (this.#at < this.#source.length) this.#readAtom()
    return this.#parts
  }

  #readAtom(): void {
    const character = this.#source[this.#at] ?? ''
    if (character === '^' || character === '$') this.#at += 1
    else if (character === '|') throw new NotReversible()
    else if (character === '(') this.#readGroup()
    else if (character === '[') this.#addText(this.#readClass())
    else if (character === '\\') this.#addText(this.#readEscape())
    else this.#addText(this.#take(character === '.' ? '.' : character))
  }

  #take(text: string): string {
    this.#at += 1
    return text
  }

  /** The first character of the class; of a negated one a character that it likely has. */
  #readClass(): string {
    const match = /^\[(\^?)((?:\\.|[^\]\\])*)\]/.exec(this.#source.slice(this.#at))
    if (match === null) throw new NotReversible()
    this.#at += match[0].length
    if (match[1] === '^') return 'x'
    const body = match[2] ?? ''
    if (!body.startsWith('\\')) return body[0] ?? ''
    return classSamples[body[1] ?? ''] ?? body[1] ?? ''
  }

  #readEscape(): string {
    const letter = this.#source[this.#at + 1] ?? ''
    this.#at += 2
    if (letter === 'b' || letter === 'B') return ''
    if (/[1-9kpP]/.test(letter)) throw new NotReversible()
    return classSamples[letter] ?? letter
  }

  /** `least` times what stands before a quantifier; a group with a quantifier of zero or more is left out. */
  #readQuantifier(): number {
    const match = /^(?:([*+?])|\{([0-9]+)(?:,[0-9]*)?\})\??/.exec(this.#source.slice(this.#at))
    if (match === null) return 1
    this.#at += match[0].length
    if (match[2] !== undefined) return Number(match[2])
    return match[1] === '+' ? 1 : 0
  }

  #addText(text: string): void {
    const times = this.#readQuantifier()
    if (times > 1000) throw new NotReversible()
    this.#parts.push({ literal: text.repeat(times) })
  }

  #readGroup(): void {
    const start = this.#at
    const end = this.#closing(start)
    const inner = this.#source.slice(start + 1, end)
    this.#at = end + 1
    const times = this.#readQuantifier()
    if (
      inner.startsWith('?=') ||
      inner.startsWith('?!') ||
      inner.startsWith('?<=') ||
      inner.startsWith('?<!')
    ) {
      throw new NotReversible()
    }
    if (times === 0) return
    if (inner.startsWith('?:') || (this.#named && !inner.startsWith('?<'))) {
      this.#addNested(inner.replace(/^\?:/, ''), times)
      return
    }
    const name = /^\?<([^>]+)>/.exec(inner)
    const body = name === null ? inner : inner.slice(name[0].length)
    this.#parts.push({ parameter: name?.[1] ?? null, toUrl: String, form: new RegExp(`^(?:${body})$`) })
  }

  #addNested(source: string, times: number): void {
    const parts = regexReverseParts(source)
    if (parts === null || times > 100) throw new NotReversible()
    for (let round = 0; round < times; round += 1) this.#parts.push(...parts)
  }

  /** Where the group that begins at `start` ends. */
  #closing(start: number): number {
    let depth = 0
    let inClass = false
    for (let at = start; at < this.#source.length; at += 1) {
      const character = this.#source[at]
      if (character === '\\') at += 1
      else if (inClass) inClass = character !== ']'
      else if (character === '[') inClass = true
      else if (character === '(') depth += 1
      else if (character === ')' && (depth -= 1) === 0) return at
    }
    throw new NotReversible()
  }
}
