/** Cuts a page into text and SSI commands, whatever pieces it comes in. */

export interface SsiParam {
  readonly name: string
  readonly value: string
}

export type SsiToken =
  | { readonly kind: 'text'; readonly bytes: Buffer }
  | { readonly kind: 'command'; readonly name: string; readonly params: readonly SsiParam[] }
  /** A command that is none: the message is for the log, its place in the page for the page's own error text. */
  | { readonly kind: 'error'; readonly message: string }

const OPEN = '<!--#'
const OPEN_BYTES = Buffer.from(OPEN)

/** Longest names of commands and of parameters (nginx). */
const MAX_NAME = 32

type State =
  | 'before name' | 'name' | 'before parameter' | 'parameter' | 'before equals' | 'before value' | 'double quotes'
  | 'single quotes' | 'escaped' | 'after value' | 'end 1' | 'end 2' | 'fault' | 'fault end 1' | 'fault end 2' // prettier-ignore

const MINUS = '-'

function isSpace(char: string): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t'
}

export class SsiReader {
  readonly #maxValue: number
  #chunk: Buffer = Buffer.alloc(0)
  #at = 0
  /** Bytes of `<!--#` that ended the chunk before. */
  #held = 0
  #inCommand = false
  #state: State = 'before name'
  #quotes: State = 'double quotes'
  #name = ''
  #param = ''
  #value = ''
  #params: SsiParam[] = []
  #fault = ''

  /** `maxValue`: `ssi_value_length`. */
  constructor(maxValue: number) {
    this.#maxValue = maxValue
  }

  /** All of the chunk before must have been read. */
  feed(chunk: Buffer): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /** Undefined when more bytes are needed. */
  next(): SsiToken | undefined {
    while (this.#at < this.#chunk.length) {
      if (this.#inCommand) return this.#readCommand()
      const token = this.#held > 0 ? this.#readHeld() : this.#readText()
      if (token) return token
    }
    return undefined
  }

  /** What looked like the beginning of a command when the page ended. */
  rest(): Buffer {
    const rest = OPEN_BYTES.subarray(0, this.#held)
    this.#held = 0
    return rest
  }

  #readText(): SsiToken | undefined {
    const chunk = this.#chunk
    const from = this.#at
    const found = chunk.indexOf(OPEN, from, 'latin1')
    let end = found
    if (found < 0) {
      this.#held = heldAtEnd(chunk, from)
      end = chunk.length - this.#held
      this.#at = chunk.length
    } else {
      this.#at = found + OPEN.length
      this.#beginCommand()
    }
    return end > from ? { kind: 'text', bytes: chunk.subarray(from, end) } : undefined
  }

  #readHeld(): SsiToken | undefined {
    const chunk = this.#chunk
    while (
      this.#held < OPEN.length &&
      this.#at < chunk.length &&
      chunk[this.#at] === OPEN_BYTES[this.#held]
    ) {
      this.#held += 1
      this.#at += 1
    }
    if (this.#held === OPEN.length) {
      this.#held = 0
      this.#beginCommand()
      return undefined
    }
    return this.#at < chunk.length ? { kind: 'text', bytes: this.rest() } : undefined
  }

  #beginCommand(): void {
    this.#inCommand = true
    this.#state = 'before name'
    this.#name = ''
    this.#params = []
    this.#fault = ''
  }

  #readCommand(): SsiToken | undefined {
    const chunk = this.#chunk
    while (this.#at < chunk.length) {
      const char = String.fromCharCode(chunk[this.#at] as number)
      this.#at += 1
      this.#step(char)
      if (this.#inCommand) continue
      if (this.#fault !== '') return { kind: 'error', message: this.#fault }
      return { kind: 'command', name: this.#name, params: this.#params }
    }
    return undefined
  }

  #fail(message: string, char = ''): void {
    this.#fault = message
    this.#state = char === MINUS ? 'fault end 1' : 'fault'
  }

  #step(char: string): void {
    switch (this.#state) {
      case 'before name':
        if (isSpace(char)) return
        this.#name = char
        this.#state = 'name'
        return
      case 'name':
        if (isSpace(char)) this.#state = 'before parameter'
        else if (char === MINUS) this.#state = 'end 1'
        else if (this.#name.length === MAX_NAME)
          this.#fail(`the "${this.#name}${char}..." SSI command is too long`)
        else this.#name += char
        return
      case 'before parameter':
        if (isSpace(char)) return
        if (char === MINUS) this.#state = 'end 1'
        else {
          this.#param = char
          this.#value = ''
          this.#state = 'parameter'
        }
        return
      case 'end 1':
        if (char === MINUS) this.#state = 'end 2'
        else this.#unexpected(char)
        return
      case 'end 2':
        if (char === '>') this.#inCommand = false
        else this.#unexpected(char)
        return
      case 'fault':
        if (char === MINUS) this.#state = 'fault end 1'
        return
      case 'fault end 1':
        this.#state = char === MINUS ? 'fault end 2' : 'fault'
        return
      case 'fault end 2':
        if (char === '>') this.#inCommand = false
        else this.#state = 'fault'
        return
      default:
        this.#stepParameter(char)
    }
  }

  #unexpected(char: string): void {
    this.#fail(`unexpected "${char}" symbol in "${this.#name}" SSI command`)
  }

  #stepParameter(char: string): void {
    const where = `"${this.#param}" parameter in "${this.#name}" SSI command`
    switch (this.#state) {
      case 'parameter':
        if (isSpace(char)) this.#state = 'before equals'
        else if (char === '=') this.#state = 'before value'
        else if (char === MINUS) this.#fail(`unexpected "-" symbol after ${where}`, char)
        else if (this.#param.length === MAX_NAME)
          this.#fail(`too long "${this.#param}${char}..." parameter in "${this.#name}" SSI command`)
        else this.#param += char
        return
      case 'before equals':
        if (isSpace(char)) return
        if (char === '=') this.#state = 'before value'
        else this.#fail(`unexpected "${char}" symbol after ${where}`, char)
        return
      case 'before value':
        if (isSpace(char)) return
        if (char === '"') this.#state = 'double quotes'
        else if (char === "'") this.#state = 'single quotes'
        else this.#fail(`unexpected "${char}" symbol before value of ${where}`, char)
        return
      case 'after value':
        if (isSpace(char)) this.#state = 'before parameter'
        else if (char === MINUS) this.#state = 'end 1'
        else this.#fail(`unexpected "${char}" symbol after "${this.#value}" value of ${where}`)
        return
      default:
        this.#stepValue(char)
    }
  }

  /** A backslash stays in the value: what it escapes is decided where the value is evaluated. */
  #stepValue(char: string): void {
    const state = this.#state
    if ((state === 'double quotes' && char === '"') || (state === 'single quotes' && char === "'")) {
      this.#params.push({ name: this.#param, value: this.#value })
      this.#state = 'after value'
      return
    }
    if (state === 'escaped') this.#state = this.#quotes
    else if (char === '\\') {
      this.#quotes = state
      this.#state = 'escaped'
    }
    if (this.#value.length < this.#maxValue) this.#value += char
    else
      this.#fail(
        `too long "${this.#value}${char}..." value of "${this.#param}" parameter in "${this.#name}" SSI command`,
      )
  }
}

/** How many bytes at the end of the chunk may be the beginning of `<!--#`. */
function heldAtEnd(chunk: Buffer, from: number): number {
  const open = chunk.lastIndexOf('<')
  if (open < from || chunk.length - open >= OPEN.length) return 0
  return OPEN.startsWith(chunk.latin1Slice(open, chunk.length)) ? chunk.length - open : 0
}
