/**
 * The process above the workers, with the verbs of gunicorn's arbiter and the signals of nginx's master. It binds
 * sockets, forks, watches, replaces and ends; it reads nothing from the network and runs no user's code.
 *
 * Signals: TERM and INT end fast (a second one kills), QUIT drains, HUP reloads, USR1 reopens logs.
 */
import type { Generation } from './generation.ts'
import type { Cancel, Host } from './host.ts'
import { ListenerSet } from './listener-set.ts'
import type { Log } from './log.ts'
import { RunningGeneration } from './running-generation.ts'
import { systemHost } from './system-host.ts'

export interface MasterOptions {
  /** Reads the configuration, at the start and on HUP. What it throws is logged; on HUP everything stays as it was. */
  readonly load: () => Generation | Promise<Generation>
  readonly log: Log
  /** The master's own log files, on USR1. */
  readonly onReopenLogs?: () => void
  /** For tests. */
  readonly host?: Host
}

type Ending = 'no' | 'drain' | 'stop' | 'kill'

export class Master {
  readonly #options: MasterOptions
  readonly #host: Host
  readonly #log: Log
  readonly #listeners: ListenerSet
  readonly #ended = Promise.withResolvers<void>()
  /** Generations that were replaced and still finish what they had begun. */
  readonly #retired = new Set<RunningGeneration>()
  #current: RunningGeneration | undefined
  /** The generation that boots now. */
  #incoming: RunningGeneration | undefined
  #pidFile: string | undefined
  #reloading = false
  #reloadWanted = false
  #ending: Ending = 'no'
  #cancelSignals: Cancel[] = []

  constructor(options: MasterOptions) {
    this.#options = options
    this.#host = options.host ?? systemHost
    this.#log = options.log
    this.#listeners = new ListenerSet(this.#host)
  }

  /** Serves until a signal ends it; resolves to the exit code. */
  async run(): Promise<number> {
    this.#listenToSignals()
    try {
      return await this.#run()
    } finally {
      for (const cancel of this.#cancelSignals) cancel()
    }
  }

  async #run(): Promise<number> {
    this.#reloading = true
    const failure = await this.#nextGeneration()
    this.#reloading = false
    if (failure !== undefined) return this.#failedAtStart(failure)
    if (this.#reloadWanted) void this.reload()
    await this.#ended.promise
    this.#close()
    this.#log.log('notice', 'exit')
    return 0
  }

  /** A signal that came while the first generation booted is an end like any other. */
  #failedAtStart(failure: string): number {
    const wasAsked = !this.#isServing()
    if (!wasAsked) this.#log.log('emerg', failure)
    this.#close()
    return wasAsked ? 0 : 1
  }

  /** HUP. Reloads that are asked for while one is under way become one more after it. */
  async reload(): Promise<void> {
    this.#reloadWanted = true
    if (this.#reloading || this.#ending !== 'no') return
    this.#reloading = true
    while (this.#reloadWanted && this.#isServing()) {
      this.#reloadWanted = false
      this.#log.log('notice', 'reconfiguring')
      const failure = await this.#nextGeneration()
      if (failure !== undefined && this.#isServing())
        this.#log.log('emerg', `reload failed, the running configuration stays: ${failure}`)
    }
    this.#reloading = false
  }

  /** QUIT. */
  quit(): void {
    if (this.#ending !== 'no') return
    this.#log.log('notice', 'gracefully shutting down')
    this.#end('drain')
  }

  /** TERM and INT; the second time nobody is asked any more. */
  stop(): void {
    if (this.#ending === 'stop' || this.#ending === 'kill') {
      this.#ending = 'kill'
      for (const generation of this.#alive()) void generation.kill()
      return
    }
    this.#log.log('notice', 'exiting')
    this.#end('stop')
  }

  /** USR1. */
  reopenLogs(): void {
    this.#options.onReopenLogs?.()
    this.#log.log('notice', 'reopening logs')
    for (const generation of this.#alive()) generation.reopenLogs()
  }

  /**
   * Loads, binds, boots, and only then lets go of the generation before. Resolves to the reason where one of these
   * failed: then all is as it was.
   */
  async #nextGeneration(): Promise<string | undefined> {
    let incoming: RunningGeneration | undefined
    try {
      const generation = await this.#options.load()
      const sockets = await this.#listeners.acquire(generation.listeners)
      incoming = new RunningGeneration(generation, sockets, this.#host, this.#log)
      if (!this.#isServing()) return 'it was ended before it was ready'
      this.#incoming = incoming
      await incoming.boot()
      this.#activate(incoming)
      return undefined
    } catch (error) {
      await incoming?.stop()
      if (this.#isServing()) this.#listeners.retain(this.#current?.generation.listeners ?? [])
      return error instanceof Error ? error.message : String(error)
    } finally {
      this.#incoming = undefined
    }
  }

  /** The point of no return: up to the pid file everything may still fail. */
  #activate(incoming: RunningGeneration): void {
    const { pidFile, listeners, onActive } = incoming.generation
    if (pidFile !== undefined && pidFile !== this.#pidFile) this.#host.writePidFile(pidFile)
    if (this.#pidFile !== undefined && this.#pidFile !== pidFile) this.#host.removePidFile(this.#pidFile)
    this.#pidFile = pidFile
    const before = this.#current
    this.#current = incoming
    onActive?.()
    if (before) this.#retire(before)
    this.#listeners.retain(listeners)
  }

  #retire(generation: RunningGeneration): void {
    this.#retired.add(generation)
    void generation.drain(false).then(() => this.#retired.delete(generation))
  }

  #end(ending: 'drain' | 'stop'): void {
    this.#ending = ending
    const ends = this.#alive().map((generation) => {
      const drains = ending === 'drain' && generation !== this.#incoming
      return drains ? generation.drain(generation === this.#current) : generation.stop()
    })
    void Promise.all(ends).then(() => this.#ended.resolve())
  }

  #alive(): RunningGeneration[] {
    return [this.#current, this.#incoming, ...this.#retired].filter((generation) => generation !== undefined)
  }

  #isServing(): boolean {
    return this.#ending === 'no'
  }

  #close(): void {
    this.#listeners.retain()
    if (this.#pidFile !== undefined) this.#host.removePidFile(this.#pidFile)
  }

  #listenToSignals(): void {
    const verbs: [NodeJS.Signals, () => void][] = [
      ['SIGTERM', () => this.stop()],
      ['SIGINT', () => this.stop()],
      ['SIGQUIT', () => this.quit()],
      ['SIGHUP', () => void this.reload()],
      ['SIGUSR1', () => this.reopenLogs()],
    ]
    this.#cancelSignals = verbs.map(([name, verb]) => this.#host.onSignal(name, verb))
  }
}
