import { StringDecoder } from 'node:string_decoder'

/** A line that never ends is handed on in pieces of this many characters. */
const MAX_LINE = 16_384

/** Cuts a byte stream into lines without their LF or CRLF. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(bytes: Buffer): void {
    const text = this.#rest + this.#decoder.write(bytes)
    let start = 0
    for (;;) {
      const end = text.indexOf('\n', start)
      if (end < 0) break
      this.#onLine(text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end))
      start = end + 1
    }
    this.#rest = text.slice(start)
    if (this.#rest.length > MAX_LINE) this.end()
  }

  /** Hands on what stands without a line end. */
  end(): void {
    const rest = this.#rest
    this.#rest = ''
    if (rest !== '') this.#onLine(rest)
  }
}
