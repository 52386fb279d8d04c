/**
 * Where log lines go. Regular files are written at once, so that a line is on disk before the connection it speaks of
 * closes; pipes and terminals are written asynchronously, so that a blocked reader blocks no request. What could not
 * be written (full disk, reader gone) is counted and said with the next line that can be.
 */
import { statSync } from 'node:fs'
import { pino } from 'pino'

type Destination = ReturnType<typeof pino.destination>

/** Bytes that may wait for a pipe before lines are dropped. */
const MAX_PENDING_BYTES = 1 << 20

export class LogDestination {
  readonly path: string
  readonly #destination: Destination
  #dropped = 0

  /** `path` is a file, or `stderr` / `stdout`. Throws the system's error when it cannot be opened. */
  constructor(path: string) {
    this.path = path
    const dest = path === 'stderr' ? 2 : path === 'stdout' ? 1 : path
    const sync = typeof dest === 'string' && isRegular(dest)
    this.#destination = pino.destination({
      dest,
      sync,
      append: true,
      maxLength: sync ? 0 : MAX_PENDING_BYTES,
    })
    this.#destination.on('error', () => (this.#dropped += 1))
    this.#destination.on('drop', () => (this.#dropped += 1))
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
      this.#dropped += 1
    }
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

function isRegular(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined || stats.isFile()
}

/** One destination for each path, however many logs name it. */
export class LogDestinations {
  readonly #byPath = new Map<string, LogDestination>()

  open(path: string): LogDestination {
    let destination = this.#byPath.get(path)
    if (!destination) {
      destination = new LogDestination(path)
      this.#byPath.set(path, destination)
    }
    return destination
  }

  /** Paths of what is open, but for the standard streams. */
  get files(): string[] {
    return [...this.#byPath.keys()].filter((path) => path.startsWith('/'))
  }

  reopen(): void {
    for (const destination of this.#byPath.values()) destination.reopen()
  }

  flush(): void {
    for (const destination of this.#byPath.values()) destination.flush()
  }

  close(): void {
    for (const destination of this.#byPath.values()) destination.close()
  }
}
