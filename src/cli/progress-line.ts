/** A line on a terminal that its successor replaces; what takes long shows for how long. */

/** Redrawn no more often: a terminal over a slow line is not to hold the work up. */
const REDRAW_MS = 50
const TICK_MS = 1000
/** Carriage return, and "erase to the end of the line" of ECMA-48. */
const ERASE = '\r\x1b[K'

export interface Terminal {
  readonly write: (text: string) => void
  readonly columns: () => number
  readonly now: () => number
}

export class ProgressLine {
  readonly #terminal: Terminal
  #line = ''
  #shownAt = -Infinity
  #begunAt = 0
  #isDrawn = false
  #ticking: NodeJS.Timeout | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  show(line: string): void {
    const now = this.#terminal.now()
    this.#line = line
    this.#begunAt = now
    // unref: what is shown keeps no process alive
    this.#ticking ??= setInterval(() => this.#draw(this.#terminal.now()), TICK_MS).unref()
    if (now - this.#shownAt >= REDRAW_MS) this.#draw(now)
  }

  clear(): void {
    clearInterval(this.#ticking)
    this.#ticking = undefined
    this.#shownAt = -Infinity
    if (this.#isDrawn) this.#terminal.write(ERASE)
    this.#isDrawn = false
  }

  #draw(now: number): void {
    this.#shownAt = now
    this.#isDrawn = true
    const seconds = Math.floor((now - this.#begunAt) / 1000)
    const line = seconds > 0 ? `${this.#line} ${seconds} s` : this.#line
    // a line that wraps could not be taken back
    this.#terminal.write(ERASE + line.slice(0, Math.max(0, this.#terminal.columns() - 1)))
  }
}
