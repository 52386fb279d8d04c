/**
 * A log in a pipe, a terminal or another device: written asynchronously, so that a blocked reader blocks no request.
 * What could not be written (nobody reads, the reader is gone) is counted and said with the next line that can be.
 */
import { pino } from 'pino'

type Destination = ReturnType<typeof pino.destination>

/** Bytes that may wait for a pipe before lines are dropped. */
const MAX_PENDING_BYTES = 1 << 20

export class LogStream {
  readonly path: string
  readonly #destination: Destination
  droppedLines = 0
  /** Those that were not said yet. */
  #dropped = 0

  /** `path` is a device, `stderr` or `stdout`. Throws the system's error when it cannot be opened. */
  constructor(path: string) {
    this.path = path
    const dest = path === 'stderr' ? 2 : path === 'stdout' ? 1 : path
    this.#destination = pino.destination({ dest, sync: false, append: true, maxLength: MAX_PENDING_BYTES })
    this.#destination.on('error', () => this.#drop())
    this.#destination.on('drop', () => this.#drop())
  }

  /** `line` ends with LF. Never throws. */
  write(line: string): void {
    try {
      if (this.#dropped > 0) {
        const count = this.#dropped
        this.#dropped = 0
        this.#destination.write(`portico: ${count} log line(s) could not be written\n`)
      }
      this.#destination.write(line)
    } catch {
      this.#drop()
    }
  }

  #drop(): void {
    this.#dropped += 1
    this.droppedLines += 1
  }

  writeSoon(line: string): void {
    this.write(line)
  }

  /** Opens the path anew after a rotation (USR1). */
  reopen(): void {
    if (this.path !== 'stderr' && this.path !== 'stdout') this.#destination.reopen()
  }

  /** Hands over what is pending; call before the process ends. */
  flush(): void {
    try {
      this.#destination.flushSync()
    } catch {
      // Nothing is pending, or nobody can take it any more.
    }
  }

  /** Gives the descriptor back; nothing is written afterwards. */
  close(): void {
    this.flush()
    if (this.path !== 'stderr' && this.path !== 'stdout') this.#destination.destroy()
  }
}
