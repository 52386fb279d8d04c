import { smartSplit } from './smart-split.ts'

export type TokenKind = 'text' | 'variable' | 'block' | 'comment'

/** A piece of a template's source: a stretch of text, or what stands between two delimiters. */
export class Token {
  readonly kind: TokenKind
  /** Without the delimiters, and trimmed; for text as it stands. */
  readonly contents: string
  /** 1-based line that the token starts on. */
  readonly line: number
  /** Offsets into the source, delimiters included. */
  readonly start: number
  readonly end: number

  constructor(kind: TokenKind, contents: string, line: number, start: number, end: number) {
    this.kind = kind
    this.contents = contents
    this.line = line
    this.start = start
    this.end = end
  }

  /** The words of a tag. Spaces inside of quotes do not separate, nor do those inside of `_("...")`. */
  splitContents(): string[] {
    const words: string[] = []
    const bits = smartSplit(this.contents)
    for (let i = 0; i < bits.length; i++) {
      let word = bits[i] ?? ''
      if (word.startsWith('_("') || word.startsWith("_('")) {
        const closing = `${word.charAt(2)})`
        while (!word.endsWith(closing) && i + 1 < bits.length) word += ` ${bits[++i] ?? ''}`
      }
      words.push(word)
    }
    return words
  }
}
