/** Taking tags out can bring others together, `<<b>script>`: so often it is tried again. */
const MAX_ROUNDS = 50

/**
 * The text without HTML tags, comments and declarations. It is no sanitiser: the result still has to be escaped. Each
 * round is linear; text that keeps making new tags loses all of its `<`.
 */
export function stripTags(text: string): string {
  let current = text
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!current.includes('<') || !current.includes('>')) return current
    const stripped = new TagStripper(current).strip()
    if (stripped.length === current.length) return current
    current = stripped
  }
  return current.replaceAll('<', '')
}

const NAME_START = /[a-zA-Z]/
const SPACE = /\s/

/** One pass over a text. */
class TagStripper {
  readonly #text: string
  /** Where each sought text was found last, so that no part is searched twice. */
  readonly #found = new Map<string, number>()

  constructor(text: string) {
    this.#text = text
  }

  strip(): string {
    let kept = ''
    let from = 0
    for (let at = this.#text.indexOf('<'); at >= 0; at = this.#text.indexOf('<', at)) {
      const end = this.#markupEnd(at)
      if (end === undefined) {
        at++
        continue
      }
      kept += this.#text.slice(from, at)
      at = from = end
    }
    return kept + this.#text.slice(from)
  }

  /** Where the markup that starts with this `<` ends; `undefined` when it starts none. */
  #markupEnd(start: number): number | undefined {
    const next = this.#text.charAt(start + 1)
    if (NAME_START.test(next)) return this.#startTagEnd(start)
    if (next === '/') return this.#after('>', start + 2)
    if (next === '?') return this.#after('>', start + 2)
    if (next !== '!') return undefined
    return this.#text.startsWith('--', start + 2)
      ? this.#after('-->', start + 4)
      : this.#after('>', start + 2)
  }

  #after(sought: string, from: number): number | undefined {
    const known = this.#found.get(sought)
    const position =
      known !== undefined && (known >= from || known < 0) ? known : this.#text.indexOf(sought, from)
    this.#found.set(sought, position)
    return position < 0 ? undefined : position + sought.length
  }

  /** A `>` inside of a quoted attribute does not end the tag. */
  #startTagEnd(start: number): number | undefined {
    let afterEquals = false
    for (let at = start + 1; at < this.#text.length; at++) {
      const character = this.#text.charAt(at)
      if (character === '>') return at + 1
      if (afterEquals && (character === '"' || character === "'")) {
        const closing = this.#after(character, at + 1)
        if (closing === undefined) return undefined
        at = closing - 1
      }
      if (character === '=') afterEquals = true
      else if (!SPACE.test(character)) afterEquals = false
    }
    return undefined
  }
}
