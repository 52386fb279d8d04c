/**
 * Cuts a conf into the words of one statement at a time.
 *
 * Rules of this file: what is accepted, refused and said follows nginx's `ngx_conf_read_token` byte for byte, with
 * three differences. A comment may be longer than a parameter; a NUL byte (a binary or UTF-16 file) and a byte order
 * mark at the start are refused by name, where nginx takes the first and calls the second an unknown directive.
 *
 * Text is Latin-1: one code unit per byte of the file, so that paths and patterns keep the bytes they were written in.
 */
import type { Word } from './ast.ts'

/** `statement` ended with `;`, `block` with `{`; `line` is where it ended, the line nginx names. */
export type Token =
  | { readonly kind: 'statement' | 'block'; readonly words: readonly Word[]; readonly line: number }
  | { readonly kind: 'close' | 'end'; readonly line: number }
  | { readonly kind: 'error'; readonly message: string; readonly line: number }

/** nginx's NGX_CONF_BUFFER: a word and the byte that ends it must fit in. */
const MAX_PARAMETER = 4096

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const QUOTE = 0x22
const HASH = 0x23
const DOLLAR = 0x24
const APOSTROPHE = 0x27
const PAREN_CLOSE = 0x29
const SEMICOLON = 0x3b
const BACKSLASH = 0x5c
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d

/** A fault found while a word is read; carries its own line because a long parameter is blamed on its first line. */
class Fault extends Error {
  readonly line: number
  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

export class Lexer {
  readonly #text: string
  readonly #endMessage: string
  #pos = 0
  #line: number
  #nul: number

  /** `param` is the text of `-g`, which has neither lines nor an end of file. */
  constructor(text: string, source: 'file' | 'param' = 'file') {
    this.#text = text
    this.#line = source === 'file' ? 1 : 0
    this.#nul = text.indexOf('\0')
    this.#endMessage =
      source === 'file'
        ? 'unexpected end of file, expecting ";" or "}"'
        : 'unexpected end of parameter, expecting ";"'
  }

  /** After `end` or `error` there is nothing more to ask for. */
  next(): Token {
    if (this.#pos === 0 && startsWithByteOrderMark(this.#text)) {
      return { kind: 'error', message: 'unexpected byte order mark', line: this.#line }
    }
    try {
      return this.#read([])
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault
      return { kind: 'error', message: fault.message, line: fault.line }
    }
  }

  #read(words: Word[]): Token {
    for (;;) {
      const code = this.#skipToWord()
      switch (code) {
        case -1:
          if (words.length > 0) throw this.#fault(this.#endMessage)
          return { kind: 'end', line: this.#line }
        case SEMICOLON:
        case BRACE_OPEN:
          if (words.length === 0) throw this.#unexpected()
          return this.#ended(words, code)
        case BRACE_CLOSE:
          if (words.length > 0) throw this.#unexpected()
          this.#pos++
          return { kind: 'close', line: this.#line }
        case QUOTE:
        case APOSTROPHE:
          words.push(this.#readQuoted(code))
          break
        default:
          words.push(this.#readBare())
      }
    }
  }

  #ended(words: readonly Word[], code: number): Token {
    this.#pos++
    return { kind: code === SEMICOLON ? 'statement' : 'block', words, line: this.#line }
  }

  /** Passes white space and comments; gives the byte it stopped at, or -1. */
  #skipToWord(): number {
    const text = this.#text
    for (; this.#pos < text.length; this.#pos++) {
      const code = text.charCodeAt(this.#pos)
      if (code === LF) this.#line++
      else if (code === HASH) this.#pos = endOfLine(text, this.#pos) - 1
      else if (!isSpace(code)) return code
    }
    return -1
  }

  #readQuoted(quote: number): Word {
    const text = this.#text
    const start = this.#pos + 1
    const startLine = this.#line
    let at = start
    for (; at < text.length; at++) {
      if (at - start >= MAX_PARAMETER) {
        const missing = `missing terminating "${String.fromCharCode(quote)}" character`
        throw new Fault(`too long parameter, probably ${missing}`, startLine)
      }
      let code = text.charCodeAt(at)
      if (code === quote) break
      if (code === BACKSLASH) code = text.charCodeAt(++at)
      if (code === LF) this.#line++
    }
    this.#pos = Math.min(at, text.length)
    if (at >= text.length) throw this.#fault(this.#endMessage)
    const word = { text: this.#unescaped(start, at), quoted: true }
    this.#pos = at + 1
    this.#passBoundary(start, startLine)
    return word
  }

  /** After a closing quote: white space, `;`, `{`, or a `)` that begins the next word (`if ($x = "y")`). */
  #passBoundary(start: number, startLine: number): void {
    if (this.#pos >= this.#text.length) throw this.#fault(this.#endMessage)
    this.#checkLength(start, this.#pos, startLine)
    const code = this.#text.charCodeAt(this.#pos)
    if (isSpace(code)) this.#checkLength(start, this.#pos + 1, startLine)
    else if (code !== SEMICOLON && code !== BRACE_OPEN && code !== PAREN_CLOSE) throw this.#unexpected()
  }

  #readBare(): Word {
    const text = this.#text
    const start = this.#pos
    const startLine = this.#line
    // `{` belongs to the word right after `$` (`${name}`), and after a `{` that did
    let afterDollar = false
    let at = start
    for (; at < text.length; at++) {
      this.#checkLength(start, at, startLine)
      const code = text.charCodeAt(at)
      if (code === BRACE_OPEN && afterDollar) continue
      if (code === SEMICOLON || code === BRACE_OPEN || isSpace(code)) break
      afterDollar = code === DOLLAR
      if (code === BACKSLASH && text.charCodeAt(++at) === LF) this.#line++
    }
    this.#pos = Math.min(at, text.length)
    if (at >= text.length) throw this.#fault(this.#endMessage)
    if (isSpace(text.charCodeAt(at))) this.#checkLength(start, at + 1, startLine)
    return { text: this.#unescaped(start, at), quoted: false }
  }

  /** Called before the byte at `at` is looked at; a file that ends there is another fault. */
  #checkLength(start: number, at: number, line: number): void {
    if (at - start < MAX_PARAMETER || at >= this.#text.length) return
    throw new Fault(`too long parameter "${this.#text.slice(start, start + 10)}..." started`, line)
  }

  #unescaped(start: number, end: number): string {
    if (this.#nul >= 0 && this.#nul < start) this.#nul = this.#text.indexOf('\0', start)
    if (this.#nul >= start && this.#nul < end) throw this.#fault('unexpected NUL byte')
    const raw = this.#text.slice(start, end)
    return raw.includes('\\') ? unescapeWord(raw) : raw
  }

  #unexpected(): Fault {
    return this.#fault(`unexpected "${this.#text.charAt(this.#pos)}"`)
  }

  #fault(message: string): Fault {
    return new Fault(message, this.#line)
  }
}

/** A backslash stays before anything but a quote, a backslash, t, r and n: patterns such as `\.php$` need it. */
function unescapeWord(raw: string): string {
  return raw.replace(/\\(["'\\trn])/g, (_, code: string) => ESCAPES[code] ?? code)
}

const ESCAPES: Record<string, string> = { t: '\t', r: '\r', n: '\n' }

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB || code === LF || code === CR
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}

/** UTF-8's mark as bytes; U+FEFF where a source decoded the file. */
function startsWithByteOrderMark(text: string): boolean {
  return text.startsWith('\xef\xbb\xbf') || text.startsWith('\ufeff')
}
