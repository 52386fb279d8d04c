/**
 * What `portico dev` says, by pino and pino-pretty in this thread: a line per request, and the lines of the front's
 * error log. No other log is written, whatever the conf names.
 */
import { pino, type Logger } from 'pino'
import pretty from 'pino-pretty'
import type { LogLevel } from '../io/error-logger.ts'
import { LogDestinations, type LogDestination } from '../io/log-destination.ts'

type PinoLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

const PINO_LEVELS: Readonly<Record<LogLevel, PinoLevel>> = {
  debug: 'debug',
  info: 'debug',
  notice: 'info',
  warn: 'warn',
  error: 'error',
  crit: 'error',
  alert: 'fatal',
  emerg: 'fatal',
}

export interface DevLogOptions {
  /** Where lines go: descriptor 1, or a stream of a test. */
  readonly destination: number | NodeJS.WritableStream
  readonly colour: boolean
}

export class DevLog {
  readonly #pino: Logger

  constructor({ destination, colour }: DevLogOptions) {
    const stream = pretty({
      destination,
      colorize: colour,
      ignore: 'pid,hostname',
      translateTime: 'SYS:HH:MM:ss.l',
      sync: true,
    })
    this.#pino = pino({ level: 'info' }, stream)
  }

  line(level: LogLevel, message: string): void {
    this.#pino[level === 'info' ? 'info' : PINO_LEVELS[level]](message)
  }

  request(method: string, url: string, status: number, tookMs: number): void {
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info'
    this.#pino[level](`${method} ${url} ${status} ${tookMs.toFixed(1)} ms`)
  }
}

/** Says what belongs to a conf's error logs; what it keeps of requests is not wanted. */
export class DevLogs extends LogDestinations {
  readonly #log: DevLog

  constructor(log: DevLog) {
    super()
    this.#log = log
  }

  override open(path: string): LogDestination {
    const write = (line: string): void => this.#take(line)
    return { path, droppedLines: 0, write, writeSoon: write, reopen: noop, flush: noop, close: noop }
  }

  /** `2026/11/21 09:10:00 [error] 12#12: *3 message`; lines of another form are an access log's. */
  #take(line: string): void {
    const [, level, message] = /^\S+ \S+ \[([a-z]+)\] \d+#\d+: (?:\*\d+ )?([^]*)\n$/.exec(line) ?? []
    if (level !== undefined && isLevel(level))
      this.#log.line(level === 'info' ? 'debug' : level, message ?? '')
  }
}

function isLevel(word: string): word is LogLevel {
  return word in PINO_LEVELS
}

function noop(): void {
  // nothing is kept
}
