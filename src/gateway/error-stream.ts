/** wsgi.errors: whole lines go to a log, as one call of `write` need not be one line (PEP 3333, "Input and Error Streams"). */
import type { ErrorStream } from './application.ts'

/** A line that does not end is passed on in pieces of this size. */
const MAX_LINE = 8192

export class LineErrorStream implements ErrorStream {
  readonly #log: (line: string) => void
  #rest = ''

  /** `log` gets each line without its LF. Control characters are for the log to escape. */
  constructor(log: (line: string) => void) {
    this.#log = log
  }

  write(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#log(line)
    while (this.#rest.length > MAX_LINE) {
      this.#log(this.#rest.slice(0, MAX_LINE))
      this.#rest = this.#rest.slice(MAX_LINE)
    }
  }

  writelines(lines: Iterable<string>): void {
    for (const line of lines) this.write(line)
  }

  /** Passes on a line that has no end yet. */
  flush(): void {
    if (this.#rest === '') return
    const rest = this.#rest
    this.#rest = ''
    this.#log(rest)
  }
}
