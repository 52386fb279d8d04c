/**
 * A log in a regular file. A line is on disk before the connection it speaks of closes, unless a buffer was asked for:
 * what one turn of the event loop gives is written at once, at its end or before the next connection is closed.
 * What cannot be written (the disk is full) costs no request: it is counted, said once on the standard error, and
 * said in the log when lines can be written again.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { strerror } from '../util/strerror.ts'
import { LONGEST_TIMER_MS } from './timer.ts'

/** `buffer=`, `flush=` and `gzip=` of a log. */
export interface LogBuffering {
  readonly bytes: number
  /** A line waits no longer; undefined for as long as there is room. */
  readonly flushMs?: number | undefined
  readonly gzipLevel?: number | undefined
}

/** Characters of one turn that are worth a write(2) of their own. */
const MAX_GATHERED_LENGTH = 32_768

/** Those with lines of this turn. */
let gathering: LogFile[] = []

/** Writes the lines of this turn. Whoever closes a connection calls it before. */
export function writeGatheredLines(): void {
  if (gathering.length === 0) return
  const files = gathering
  gathering = []
  for (const file of files) file.writeGathered()
}

process.on('exit', writeGatheredLines)

export class LogFile {
  readonly path: string
  readonly #buffering: LogBuffering | undefined
  readonly #isStream: boolean
  #fd: number
  droppedLines = 0
  /** Those that were not said yet. */
  #dropped = 0
  #waiting: string[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined
  #gathered = ''
  #gatheredLines = 0

  /** `fd`: a standard stream that leads to a file; it is not opened anew. @throws the system's error */
  constructor(path: string, buffering?: LogBuffering, fd?: number) {
    this.path = path
    this.#buffering = buffering
    this.#isStream = fd !== undefined
    this.#fd = fd ?? openSync(path, 'a', 0o644)
  }

  /** `line` ends with LF. Never throws. */
  write(line: string): void {
    if (!this.#buffering) {
      this.writeGathered()
      this.#put(line, 1)
      return
    }
    const bytes = Buffer.byteLength(line)
    if (this.#waitingBytes + bytes > this.#buffering.bytes) this.flush()
    this.#waiting.push(line)
    this.#waitingBytes += bytes
    const { flushMs } = this.#buffering
    if (bytes > this.#buffering.bytes) this.flush()
    else if (flushMs !== undefined)
      this.#timer ??= setTimeout(() => this.flush(), Math.min(flushMs, LONGEST_TIMER_MS)).unref()
  }

  writeSoon(line: string): void {
    if (this.#buffering) {
      this.write(line)
      return
    }
    if (this.#gathered === '') {
      if (gathering.length === 0) setImmediate(writeGatheredLines)
      gathering.push(this)
    }
    this.#gathered += line
    this.#gatheredLines += 1
    if (this.#gathered.length > MAX_GATHERED_LENGTH) this.writeGathered()
  }

  writeGathered(): void {
    if (this.#gathered === '') return
    const text = this.#gathered
    const lines = this.#gatheredLines
    this.#gathered = ''
    this.#gatheredLines = 0
    this.#put(text, lines)
  }

  /** Writes what waits. */
  flush(): void {
    this.writeGathered()
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    const text = this.#waiting.join('')
    const lines = this.#waiting.length
    const level = this.#buffering?.gzipLevel
    this.#waiting = []
    this.#waitingBytes = 0
    this.#put(level === undefined ? text : gzipSync(text, { level }), lines)
  }

  /** Opens the path anew after a rotation (USR1). Where that fails the old file is written on. */
  reopen(): void {
    this.flush()
    if (this.#isStream) return
    try {
      const fd = openSync(this.path, 'a', 0o644)
      closeSync(this.#fd)
      this.#fd = fd
    } catch (error) {
      complain(`open() "${this.path}" failed (${strerror(error)})`)
    }
  }

  close(): void {
    this.flush()
    if (!this.#isStream) closeSync(this.#fd)
  }

  #put(data: string | Buffer, lines: number): void {
    try {
      if (this.#dropped > 0) this.#sayDropped()
      writeWhole(this.#fd, data)
    } catch (error) {
      if (this.#dropped === 0) complain(`write() to "${this.path}" failed (${strerror(error)})`)
      this.#dropped += lines
      this.droppedLines += lines
    }
  }

  #sayDropped(): void {
    const line = `portico: ${this.#dropped} log line(s) could not be written\n`
    const level = this.#buffering?.gzipLevel
    writeWhole(this.#fd, level === undefined ? line : gzipSync(line, { level }))
    this.#dropped = 0
  }
}

/** A disk that fills takes a part; what is behind it then fails. */
function writeWhole(fd: number, data: string | Buffer): void {
  const written = writeSync(fd, data as string)
  const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
  if (written < bytes) writeSync(fd, Buffer.from(data as string).subarray(written))
}

function complain(message: string): void {
  process.stderr.write(`portico: [alert] ${message}\n`)
}
