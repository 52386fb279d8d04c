/**
 * Paths from regular expressions: each group is a parameter, and what else may vary gets its simplest text. A group that
 * may be left out makes two forms of the path, one without it. What has no simplest text (an alternative outside a
 * group, a look-around) cannot be reversed.
 */
import type { ReversePart } from './url-matcher.ts'

class NotReversible extends Error {}

const classSamples: Readonly<Record<string, string>> = { d: '0', w: 'x', s: ' ', D: 'x', W: '!', S: 'x' }

/** As many forms as a path has at the most: from there on what may be left out is. */
const MOST_FORMS = 64

/** The forms that a path can have, none when the expression cannot be reversed. */
export function regexReverseForms({ source, flags }: RegExp): readonly (readonly ReversePart[])[] {
  try {
    return new RegexReader(source, flags.replace(/[gy]/g, ''), /\(\?<[^=!]/.test(source)).read()
  } catch (error) {
    if (error instanceof NotReversible) return []
    throw error
  }
}

class RegexReader {
  readonly #source: string
  readonly #flags: string
  /** True when groups have names: then those without count for nothing. */
  readonly #named: boolean
  #at = 0
  #forms: readonly (readonly ReversePart[])[] = [[]]

  constructor(source: string, flags: string, named: boolean) {
    this.#source = source
    this.#flags = flags
    this.#named = named
  }

  read(): readonly (readonly ReversePart[])[] {
    while (this.#at < this.#source.length) this.#readAtom()
    return this.#forms
  }

  /** Each form so far goes on in each of these ways. */
  #goOn(ways: readonly (readonly ReversePart[])[]): void {
    if (this.#forms.length * ways.length > MOST_FORMS) throw new NotReversible()
    this.#forms = this.#forms.flatMap((form) => ways.map((way) => [...form, ...way]))
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

  /** How many times at least what stands before a quantifier is there. */
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
    this.#goOn([[{ literal: text.repeat(times) }]])
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
    if (times > 100) throw new NotReversible()
    const ways = this.#waysOf(inner)
    for (let round = 0; round < times; round += 1) this.#goOn(ways)
    const captures = ways.some((way) => way.some((part) => 'parameter' in part))
    if (times === 0 && captures && this.#forms.length * (ways.length + 1) <= MOST_FORMS)
      this.#goOn([[], ...ways])
  }

  #waysOf(inner: string): readonly (readonly ReversePart[])[] {
    if (inner.startsWith('?:') || (this.#named && !inner.startsWith('?<'))) {
      return new RegexReader(inner.replace(/^\?:/, ''), this.#flags, this.#named).read()
    }
    const name = /^\?<([^>]+)>/.exec(inner)
    const body = name === null ? inner : inner.slice(name[0].length)
    const form = new RegExp(`^(?:${body})$`, this.#flags)
    return [[{ parameter: name?.[1] ?? null, toUrl: String, form }]]
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
