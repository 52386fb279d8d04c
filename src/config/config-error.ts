/** A fault in a conf. `toString()` gives nginx's line: `[emerg] message in file:line`. */
export class ConfigError extends Error {
  readonly level: 'emerg' | 'warn'
  readonly file: string | undefined
  readonly line: number | undefined
  /** Warnings of what stands before the fault. */
  earlier: readonly ConfigError[] = []

  /** `message` is nginx's wording without the trailing ` in file:line`. */
  constructor(message: string, at?: { file: string; line: number }, level: 'emerg' | 'warn' = 'emerg') {
    super(message)
    this.name = 'ConfigError'
    this.level = level
    this.file = at?.file
    this.line = at?.line
  }

  override toString(): string {
    return `[${this.level}] ${this.located}`
  }

  /** As a log has it, which says the level itself. */
  get located(): string {
    return `${this.message}${this.#place()}`
  }

  /** Text of `-g` has no lines: its place is `in command line`. */
  #place(): string {
    if (this.file === undefined) return ''
    return this.line ? ` in ${this.file}:${this.line}` : ` in ${this.file}`
  }
}
