/**
 * A worker's lines on their way to the master. What the channel has not taken yet is bounded: an application that
 * fails with every request must not fill its memory with complaints. Lines that do not fit are counted.
 */
import type { Log, LogLevel } from './log.ts'
import type { WorkerMessage } from './messages.ts'

const MAX_WAITING = 1000

export class WorkerLog implements Log {
  readonly #send: (message: WorkerMessage, whenSent: () => void) => void
  #waiting = 0
  #dropped = 0

  constructor(send: (message: WorkerMessage, whenSent: () => void) => void) {
    this.#send = send
  }

  log(level: LogLevel, message: string): void {
    if (this.#waiting >= MAX_WAITING) {
      this.#dropped += 1
      return
    }
    this.#waiting += 1
    this.#send({ type: 'log', level, message }, this.#sent)
  }

  readonly #sent = (): void => {
    this.#waiting -= 1
    if (this.#dropped === 0 || this.#waiting > MAX_WAITING / 2) return
    const count = this.#dropped
    this.#dropped = 0
    this.log('warn', `${count} line(s) were not logged: they came faster than the log takes them`)
  }
}
