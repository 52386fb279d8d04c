/** The error log of a running server, read on from where it was left: of a long run it is large. */
import { closeSync, openSync, readSync } from 'node:fs'

const PIECE_BYTES = 1 << 16

/** A line of the levels that nobody should find. */
export interface Alert {
  readonly line: string
  /** When it was read, on the clock of `performance.now()`: no sooner than it was written. */
  readonly readMs: number
}

export class ErrorLog {
  readonly alerts: Alert[] = []
  /** Processes of each worker's name, in the order in which they became ready. */
  readonly #ready = new Map<string, number[]>()
  readonly #path: string
  readonly #piece = Buffer.alloc(PIECE_BYTES)
  #offset = 0
  #rest = ''
  #activations = 0

  constructor(path: string) {
    this.#path = path
  }

  /** How often a conf came into effect. */
  get activations(): number {
    this.read()
    return this.#activations
  }

  /** The process of each place of a group, as the log last said that it is ready. */
  workers(prefix: string): Map<string, number> {
    this.read()
    const named = [...this.#ready].filter(([name]) => name.startsWith(prefix))
    return new Map(named.map(([name, pids]) => [name, pids.at(-1) ?? 0]))
  }

  /** What was written since. */
  read(): void {
    const file = openSync(this.#path, 'r')
    for (;;) {
      const length = readSync(file, this.#piece, 0, PIECE_BYTES, this.#offset)
      if (length === 0) break
      this.#offset += length
      const lines = (this.#rest + this.#piece.toString('latin1', 0, length)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#take(line)
    }
    closeSync(file)
  }

  #take(line: string): void {
    if (/\[(?:alert|emerg|crit)\]/.test(line)) this.alerts.push({ line, readMs: performance.now() })
    if (line.includes('listening on ')) this.#activations += 1
    const ready = /worker (\S+) \(process (\d+)\) is ready/.exec(line)
    if (!ready) return
    const [, name = '', pid] = ready
    this.#ready.set(name, [...(this.#ready.get(name) ?? []), Number(pid)])
  }
}
