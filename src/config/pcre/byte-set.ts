/** A set of bytes: what one character of a pattern may stand for. Patterns and subjects are Latin-1. */
export class ByteSet {
  readonly #has = new Uint8Array(256)

  static of(...codes: readonly number[]): ByteSet {
    const set = new ByteSet()
    for (const code of codes) set.add(code)
    return set
  }

  /** `text` holds pairs: first and last byte of each range. */
  static ranges(text: string): ByteSet {
    const set = new ByteSet()
    for (let at = 0; at < text.length; at += 2) set.addRange(text.charCodeAt(at), text.charCodeAt(at + 1))
    return set
  }

  add(code: number): this {
    this.#has[code] = 1
    return this
  }

  addRange(first: number, last: number): this {
    this.#has.fill(1, first, last + 1)
    return this
  }

  addAll(other: ByteSet): this {
    for (let code = 0; code < 256; code++) if (other.#has[code]) this.#has[code] = 1
    return this
  }

  inverted(): ByteSet {
    const set = new ByteSet()
    for (let code = 0; code < 256; code++) if (!this.#has[code]) set.add(code)
    return set
  }

  /** With both cases of each ASCII letter in it: PCRE's tables for the C locale know no others. */
  folded(): ByteSet {
    const set = new ByteSet().addAll(this)
    for (let upper = 0x41; upper <= 0x5a; upper++) {
      if (this.#has[upper] || this.#has[upper + 32]) set.add(upper).add(upper + 32)
    }
    return set
  }

  /** As a RegExp, one atom: a character or a class. */
  toSource(): string {
    const codes = this.#codes()
    if (codes.length === 1) return literal(codes[0] ?? 0)
    if (codes.length === 0) return '[]'
    if (codes.length === 256) return '[^]'
    return codes.length > 128 ? `[^${this.inverted().#members()}]` : `[${this.#members()}]`
  }

  #codes(): number[] {
    return Array.from(this.#has.keys()).filter((code) => this.#has[code])
  }

  #members(): string {
    let source = ''
    for (let first = 0; first < 256; first++) {
      if (!this.#has[first]) continue
      let last = first
      while (last < 255 && this.#has[last + 1]) last++
      source += literal(first)
      if (last > first) source += (last > first + 1 ? '-' : '') + literal(last)
      first = last
    }
    return source
  }
}

/** Letters and digits as they are; the rest in hexadecimal where it could mean anything, inside a class or not. */
function literal(code: number): string {
  const char = String.fromCharCode(code)
  if (/[A-Za-z0-9 _/,:;<>=!@#%&"'`~]/.test(char)) return char
  if (code > 0x20 && code < 0x7f) return `\\${char}`
  return `\\x${code.toString(16).padStart(2, '0')}`
}
