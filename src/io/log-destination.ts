/** Where log lines go: a file, a pipe or standard stream, a syslog server. One place for each path of a conf. */
import { fstatSync, statSync } from 'node:fs'
import { LogFile, type LogBuffering } from './log-file.ts'
import { LogStream } from './log-stream.ts'
import { NamedLogs, type LogCacheLimits } from './named-logs.ts'
import { SyslogLog } from './syslog.ts'
import { parseSyslog } from './syslog-message.ts'

export interface LogDestination {
  /** As the conf names it, made absolute. */
  readonly path: string
  /** Lines that could not be written, ever. */
  readonly droppedLines: number
  /** `line` ends with LF. Never throws, never waits for a reader. */
  write(line: string): void
  /** The same, but within this turn of the event loop, and before any connection is closed: many lines, one write. */
  writeSoon(line: string): void
  /** Opens the path anew after a rotation (USR1). */
  reopen(): void
  /** Hands over what is pending; call before the process ends. */
  flush(): void
  /** Gives the descriptor back; nothing is written afterwards. */
  close(): void
}

/** Two logs of one path that want different buffers. */
export class LogConflict extends Error {
  override readonly name = 'LogConflict'
}

interface OpenLog {
  readonly destination: LogDestination
  readonly wish: string
}

/** One destination for each path, however many logs name it. */
export class LogDestinations {
  readonly #byPath = new Map<string, OpenLog>()
  readonly #named: NamedLogs[] = []
  /** What syslog headers name. */
  readonly #hostname: string

  constructor(hostname = 'localhost') {
    this.#hostname = hostname
  }

  /**
   * `path` is a file, `stderr`, `stdout` or `syslog:...`.
   *
   * @throws LogConflict, SyslogError, the system's error when it cannot be opened
   */
  open(path: string, buffering?: LogBuffering): LogDestination {
    const wish = JSON.stringify(buffering ?? null)
    const known = this.#byPath.get(path)
    if (!known) {
      const destination = this.#make(path, buffering)
      this.#byPath.set(path, { destination, wish })
      return destination
    }
    if (known.wish !== wish) throw new LogConflict(`"${path}" already defined with conflicting parameters`)
    return known.destination
  }

  #make(path: string, buffering: LogBuffering | undefined): LogDestination {
    if (path.startsWith('syslog:'))
      return new SyslogLog(path, parseSyslog(path.slice('syslog:'.length)), this.#hostname)
    const stream = STREAMS.get(path)
    if (stream !== undefined && fstatSync(stream).isFile()) return new LogFile(path, undefined, stream)
    return isRegular(path) ? new LogFile(path, buffering) : new LogStream(path)
  }

  /** For logs whose names hold variables. */
  named(limits: LogCacheLimits | undefined): NamedLogs {
    const logs = new NamedLogs(limits)
    this.#named.push(logs)
    return logs
  }

  /** Paths of what is open, but for the standard streams. */
  get files(): string[] {
    return [...this.#byPath.keys()].filter((path) => path.startsWith('/'))
  }

  get droppedLines(): number {
    let lines = 0
    for (const { destination } of this.#byPath.values()) lines += destination.droppedLines
    return lines
  }

  reopen(): void {
    for (const { destination } of this.#byPath.values()) destination.reopen()
    for (const logs of this.#named) logs.closeAll()
  }

  flush(): void {
    for (const { destination } of this.#byPath.values()) destination.flush()
  }

  close(): void {
    for (const { destination } of this.#byPath.values()) destination.close()
    for (const logs of this.#named) logs.closeAll()
  }
}

/** Descriptors of names that are no paths. */
const STREAMS: ReadonlyMap<string, number> = new Map([
  ['stdout', 1],
  ['stderr', 2],
])

function isRegular(path: string): boolean {
  if (STREAMS.has(path)) return false
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined || stats.isFile()
}
