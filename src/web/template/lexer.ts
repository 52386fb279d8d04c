import { Token, type TokenKind } from './token.ts'

interface Delimiter {
  readonly kind: TokenKind
  readonly closing: string
}

const DELIMITERS: ReadonlyMap<string, Delimiter> = new Map<string, Delimiter>([
  ['{%', { kind: 'block', closing: '%}' }],
  ['{{', { kind: 'variable', closing: '}}' }],
  ['{#', { kind: 'comment', closing: '#}' }],
])

/**
 * Cuts a template into tokens. A tag has to close on the line that it opens on: otherwise its delimiter is text.
 * Between `verbatim` and its end everything is text.
 */
export class Lexer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #line = 1
  /** The `endverbatim` to wait for. */
  #verbatimEnd: string | undefined
  /** Where the next of each closing delimiter, and of a line's end, was last found: every search runs once. */
  readonly #found = new Map<string, number>()

  constructor(source: string) {
    this.#source = source
  }

  tokenize(): Token[] {
    let textStart = 0
    let at = this.#source.indexOf('{')
    while (at >= 0) {
      const delimiter = DELIMITERS.get(this.#source.slice(at, at + 2))
      const closing = delimiter ? this.#closingOnLine(delimiter.closing, at + 2) : -1
      if (delimiter && closing >= 0) {
        this.#add('text', textStart, at)
        textStart = closing + 2
        this.#addTag(delimiter.kind, at, textStart)
        at = textStart - 1
      }
      at = this.#source.indexOf('{', at + 1)
    }
    this.#add('text', textStart, this.#source.length)
    return this.#tokens
  }

  #closingOnLine(closing: string, from: number): number {
    const position = this.#next(closing, from)
    return position >= 0 && position <= this.#next('\n', from) ? position : -1
  }

  /** A line's end that is not there counts as the end of the source. */
  #next(text: string, from: number): number {
    const known = this.#found.get(text)
    if (known !== undefined && (known >= from || known === -1)) return known
    let position = this.#source.indexOf(text, from)
    if (position < 0 && text === '\n') position = this.#source.length
    this.#found.set(text, position)
    return position
  }

  #addTag(kind: TokenKind, start: number, end: number): void {
    const contents = this.#source.slice(start + 2, end - 2).trim()
    if (this.#verbatimEnd !== undefined && kind === 'block' && contents === this.#verbatimEnd) {
      this.#verbatimEnd = undefined
    }
    if (this.#verbatimEnd !== undefined) {
      this.#add('text', start, end)
      return
    }
    if (kind === 'block' && (contents === 'verbatim' || contents.startsWith('verbatim '))) {
      this.#verbatimEnd = `end${contents}`
    }
    this.#tokens.push(new Token(kind, contents, this.#line, start, end))
  }

  #add(kind: 'text', start: number, end: number): void {
    if (start === end) return
    this.#tokens.push(new Token(kind, this.#source.slice(start, end), this.#line, start, end))
    for (
      let at = this.#source.indexOf('\n', start);
      at >= 0 && at < end;
      at = this.#source.indexOf('\n', at + 1)
    ) {
      this.#line++
    }
  }
}
