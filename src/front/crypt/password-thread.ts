/**
 * Verifies passwords outside of the event loop: schemes that are made to be slow would hold up every other client. One
 * thread, begun with the first job, does one job at a time; the rest wait in a queue with an end.
 */
import { Worker } from 'node:worker_threads'
import type { PasswordJob, PasswordReply } from './password-job.ts'
import { verifyPassword, type PasswordVerdict } from './verify-password.ts'

export interface ThreadProgram {
  /** The program whose `servePasswords` runs in the thread. */
  readonly path: string | URL
  readonly args: readonly string[]
}

/** `busy`: the queue is full. `dropped`: nobody wanted to know. `failed`: the thread died of the job. */
export type ThreadVerdict = PasswordVerdict | 'busy' | 'dropped' | 'failed'

interface Waiting {
  readonly job: PasswordJob
  /** Whether somebody still wants to know; asked before the job begins. */
  readonly wanted: () => boolean
  readonly resolve: (verdict: ThreadVerdict) => void
}

/** At the hundred milliseconds that crypt(3) means a password to take, the last one waits six seconds. */
const MAX_WAITING = 64

export class PasswordThread {
  readonly #program: ThreadProgram | undefined
  readonly #waiting: Waiting[] = []
  #current: Waiting | undefined
  #thread: Worker | undefined

  /** Without a program passwords are verified at once, by the caller. */
  constructor(program: ThreadProgram | undefined) {
    this.#program = program
  }

  /** Never rejects. */
  verify(password: Buffer, stored: string, wanted: () => boolean): Promise<ThreadVerdict> {
    if (!this.#program) return Promise.resolve(verifyPassword(password, stored))
    if (this.#waiting.length >= MAX_WAITING) return Promise.resolve('busy')
    return new Promise((resolve) => {
      this.#waiting.push({ job: { password, stored }, wanted, resolve })
      this.#next()
    })
  }

  #next(): void {
    if (this.#current) return
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if (!next.wanted()) {
        next.resolve('dropped')
        continue
      }
      this.#current = next
      this.#running().postMessage(next.job)
      return
    }
  }

  #running(): Worker {
    if (this.#thread) return this.#thread
    const { path = '', args = [] } = this.#program ?? {}
    const thread = new Worker(path, { argv: [...args], execArgv: [] })
    this.#thread = thread
    thread.on('message', ({ verdict }: PasswordReply) => this.#finish(verdict))
    thread.on('error', () => undefined)
    thread.on('exit', () => {
      this.#thread = undefined
      this.#finish('failed')
    })
    // connections that wait for it keep the process
    thread.unref()
    return thread
  }

  #finish(verdict: ThreadVerdict): void {
    const done = this.#current
    this.#current = undefined
    done?.resolve(verdict)
    this.#next()
  }
}
