/**
 * One application of the conf in a thread of this process, replaced by a new thread when the project changes: whatever
 * the old one had loaded or left behind goes with it.
 *
 * Rules of this file:
 * - Requests under way end on the old thread; those that come wait for the new one.
 * - One that does not start, or that dies, is a failure to show until the next change.
 */
import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { removeLink, replaceLink } from '../io/replace-link.ts'
import { failureOf, type AppFailure } from './app-failure.ts'
import type { AppGate } from './dev-observer.ts'
import type { DevLog } from './dev-log.ts'
import type { AppThreadData, AppThreadMessage, AppThreadOrder, Provision } from './run-app-thread.ts'

export interface AppThreadOptions extends Pick<AppThreadData, 'entry' | 'protocol' | 'drainMs'> {
  readonly name: string
  /** Where the front connects: links to the sockets of the thread that is current. */
  readonly link: string
  readonly upgradeLink: string
  /** The program whose `runAppThread` runs in the thread. */
  readonly program: string | URL
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: DevLog
}

/** Not at once: the first answers of a new thread come first. */
const PREPARE_MS = 100

export class AppThread implements AppGate {
  readonly options: AppThreadOptions
  /** Files of the project that the current thread has loaded. */
  files: ReadonlySet<string> = new Set()
  #serial = 0
  #thread: Worker | undefined
  #data: AppThreadData | undefined
  #startMs = 0
  /** One that has loaded what is ours, and waits for its order. */
  #spare: Worker | undefined
  /** What the last thread needed of ours. */
  #provision: Provision | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false
  readonly #draining = new Set<Worker>()
  /** While a thread starts, and for good where it failed. */
  #start: Promise<AppFailure | undefined> | undefined
  #settle: (failure?: AppFailure) => void = noop
  #failed = false

  constructor(options: AppThreadOptions) {
    this.options = options
    this.restart()
  }

  ready(): Promise<AppFailure | undefined> | undefined {
    return this.#start
  }

  get failed(): boolean {
    return this.#failed
  }

  /** Threads that still answer requests of before. */
  get drainingThreads(): number {
    return this.#draining.size
  }

  restart(): void {
    const settleEarlier = this.#settle
    const waitsAlready = this.#start !== undefined && !this.#failed
    this.#retire()
    this.#failed = false
    if (!waitsAlready) {
      const { promise, resolve } = Promise.withResolvers<AppFailure | undefined>()
      this.#start = promise
      this.#settle = resolve
    } else this.#settle = settleEarlier
    this.#spawn()
  }

  /** Ends all of its threads; requests under way are cut. */
  async close(): Promise<void> {
    const threads = [this.#thread, this.#spare, ...this.#draining]
    this.#closed = true
    clearTimeout(this.#timer)
    this.#thread = this.#spare = undefined
    this.#settle({ name: 'Closed', message: 'the server ends', stack: '', place: undefined })
    for (const thread of threads) await thread?.terminate()
    const { link, upgradeLink } = this.options
    removeLink(link)
    removeLink(upgradeLink)
    try {
      rmdirSync(dirname(link))
    } catch {
      // sockets of another application are in it
    }
  }

  #spawn(): void {
    const { entry, protocol, drainMs, link, upgradeLink } = this.options
    const serial = (this.#serial += 1)
    const data: AppThreadData = {
      entry,
      protocol,
      drainMs,
      address: `${link}.${serial}`,
      upgradeAddress: `${upgradeLink}.${serial}`,
    }
    const thread = this.#spare ?? this.#makeThread()
    this.#spare = undefined
    this.#thread = thread
    this.#data = data
    this.#startMs = performance.now()
    this.files = new Set([entry])
    thread.postMessage({ kind: 'start', data } satisfies AppThreadOrder)
  }

  #makeThread(): Worker {
    const { program, args, env } = this.options
    const thread = new Worker(program, { argv: [...args], env: { ...env } })
    thread.on('message', (message: AppThreadMessage) => this.#hear(thread, message))
    thread.on('error', (error: unknown) => {
      if (this.#thread === thread) this.#fail(failureOf(error))
    })
    thread.on('exit', () => this.#exited(thread))
    return thread
  }

  #hear(thread: Worker, message: AppThreadMessage): void {
    const isCurrent = this.#thread === thread
    switch (message.kind) {
      case 'loaded':
        if (!isCurrent) break
        this.files = new Set([...this.files, ...message.files])
        this.#provision = message.provision
        break
      case 'ready':
        if (isCurrent) this.#becomesCurrent()
        break
      case 'failed':
        void thread.terminate()
        if (isCurrent) this.#fail(message.failure)
        break
      case 'drained':
        void thread.terminate()
        break
      case 'log':
        this.options.log.line(message.level, `app ${this.options.name}: ${message.message}`)
    }
  }

  #exited(thread: Worker): void {
    this.#draining.delete(thread)
    if (this.#spare === thread) this.#spare = undefined
    if (this.#thread === thread)
      this.#fail(failureOf(new Error(`the application ended itself (${this.options.entry})`)))
  }

  #becomesCurrent(): void {
    const { name, link, upgradeLink, log } = this.options
    if (!this.#data) return
    replaceLink(link, this.#data.address)
    replaceLink(upgradeLink, this.#data.upgradeAddress)
    this.#start = undefined
    const settle = this.#settle
    this.#settle = noop
    log.line('info', `app ${name} is ready (${Math.round(performance.now() - this.#startMs)} ms)`)
    settle()
    this.#prepare()
  }

  #fail(failure: AppFailure): void {
    this.#failed = true
    this.#thread = undefined
    this.options.log.line('error', `app ${this.options.name} failed: ${failure.stack}`)
    const settle = this.#settle
    this.#settle = noop
    this.#start = Promise.resolve(failure)
    settle(failure)
    this.#prepare()
  }

  /** The next thread, up to the point where it needs the project: a change is then served sooner. */
  #prepare(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (!this.#closed) this.#spare ??= this.#makeSpare()
    }, PREPARE_MS)
  }

  #makeSpare(): Worker {
    const thread = this.#makeThread()
    const provision = this.#provision
    if (provision) thread.postMessage({ kind: 'provide', provision } satisfies AppThreadOrder)
    return thread
  }

  #retire(): void {
    const thread = this.#thread
    this.#thread = undefined
    if (!thread) return
    this.#draining.add(thread)
    // one that is still loading has nobody to answer
    if (this.#start) void thread.terminate()
    else thread.postMessage({ kind: 'drain' } satisfies AppThreadOrder)
  }
}

function noop(): void {
  // nobody waits
}
