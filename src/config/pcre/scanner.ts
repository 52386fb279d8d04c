import { PatternFault } from './node.ts'

/** A position in a pattern. */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  /** The character here, empty at the end. */
  get here(): string {
    return this.text.charAt(this.at)
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  /** Passes `text` if it stands here. */
  eat(text: string): boolean {
    if (!this.startsWith(text)) return false
    this.at += text.length
    return true
  }

  next(): string {
    return this.text.charAt(this.at++)
  }

  /** Passes what `sticky` (flag `y`) matches here. */
  match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at
    const match = sticky.exec(this.text)
    if (match) this.at = sticky.lastIndex
    return match
  }

  /** PCRE2 refuses it, with its text. */
  syntax(message: string, offset = this.at): never {
    throw new PatternFault('syntax', message, Math.min(offset, this.text.length))
  }

  /** PCRE2 takes it, a RegExp cannot mean it. */
  unsupported(message: string, offset = this.at): never {
    throw new PatternFault('unsupported', message, Math.min(offset, this.text.length))
  }
}
