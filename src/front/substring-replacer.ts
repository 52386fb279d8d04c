/** Replaces strings in bytes that come in pieces. At one place the first of the strings that fits there counts. */

export interface Replacement {
  /** In lower case; compared without regard to the case of ASCII letters. Never empty. */
  readonly pattern: string
  readonly bytes: () => Buffer
}

const NO_BYTES = Buffer.alloc(0)

interface Pattern extends Replacement {
  readonly codes: Buffer
  used: boolean
}

/** Bytes by their lower case. */
const LOWER = new Uint8Array(256)
for (let code = 0; code < 256; code += 1) LOWER[code] = code >= 65 && code <= 90 ? code + 32 : code

export class SubstringReplacer {
  readonly #patterns: Pattern[]
  readonly #once: boolean
  readonly #starts = new Uint8Array(256)
  /** Bytes that may be the beginning of one of the strings. */
  #held: Buffer = NO_BYTES

  /** `once`: each string is replaced once. */
  constructor(replacements: readonly Replacement[], once: boolean) {
    this.#once = once
    this.#patterns = replacements.map(({ pattern, bytes }) => ({
      pattern,
      bytes,
      codes: Buffer.from(pattern, 'latin1'),
      used: false,
    }))
    this.#markStarts()
  }

  #markStarts(): void {
    this.#starts.fill(0)
    for (const { codes, used } of this.#patterns) if (!used) this.#starts[codes[0] as number] = 1
  }

  /** What can be passed on; with `last`, all of it. The pieces may be parts of `chunk`. */
  replace(chunk: Buffer, last: boolean): Buffer[] {
    const text = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = NO_BYTES
    const pieces: Buffer[] = []
    let from = 0
    let at = 0
    while (at < text.length) {
      if (this.#starts[LOWER[text[at] as number] as number] === 0) {
        at += 1
        continue
      }
      const found = this.#find(text, at, last)
      if (found === 'partial') break
      if (!found) {
        at += 1
        continue
      }
      if (at > from) pieces.push(text.subarray(from, at))
      pieces.push(found.bytes())
      at += found.codes.length
      from = at
      if (this.#once) {
        found.used = true
        this.#markStarts()
      }
    }
    if (at > from) pieces.push(text.subarray(from, at))
    this.#held = text.subarray(at)
    return pieces.filter((piece) => piece.length > 0)
  }

  /** The string at this place; `partial` when the text ends before that is known. */
  #find(text: Buffer, at: number, last: boolean): Pattern | 'partial' | undefined {
    for (const pattern of this.#patterns) {
      if (pattern.used) continue
      const { codes } = pattern
      const length = Math.min(codes.length, text.length - at)
      let same = 0
      while (same < length && LOWER[text[at + same] as number] === codes[same]) same += 1
      if (same === codes.length) return pattern
      if (same === length && !last) return 'partial'
    }
    return undefined
  }
}
