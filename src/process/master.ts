/**
 * The process above the workers, with the verbs of gunicorn's arbiter and the signals of nginx's master. It binds
 * sockets, forks, watches, replaces and ends; it reads nothing from the network and runs no user's code.
 *
 * Signals: TERM and INT end fast (a second one kills), QUIT drains, HUP reloads, USR1 reopens logs, USR2 starts the
 * program anew on the same sockets, WINCH ends the workers gracefully and leaves the master.
 */
import { FigureBook } from './figure-book.ts'
import type { Generation } from './generation.ts'
import type { Handover } from './handover.ts'
import type { Cancel, Host } from './host.ts'
import { ListenerSet, type BoundListener } from './listener-set.ts'
import { LastingGroups } from './lasting-groups.ts'
import type { Log } from './log.ts'
import type { MasterStatus } from './master-status.ts'
import { RunningGeneration } from './running-generation.ts'
import { Successor } from './successor.ts'
import type { Invocation } from './successor.ts'
import { systemHost } from './system-host.ts'

export interface MasterOptions {
  /** Reads the configuration, at the start and on HUP. What it throws is logged; on HUP everything stays as it was. */
  readonly load: () => Generation | Promise<Generation>
  readonly log: Log
  /** The master's own log files, on USR1. */
  readonly onReopenLogs?: () => void
  /** How to start this program again on USR2; without it the signal is ignored. */
  readonly invocation?: Invocation | undefined
  /** From the master whose place this one takes. */
  readonly handover?: Handover | undefined
  /** WINCH counts only where no terminal can send it because its window was resized. */
  readonly daemonized?: boolean
  /** For tests. */
  readonly host?: Host
}

type Ending = 'no' | 'drain' | 'stop' | 'kill'

export class Master {
  /** Totals of all workers, also of those that ended. */
  readonly figures: FigureBook
  readonly #options: MasterOptions
  readonly #host: Host
  readonly #log: Log
  readonly #listeners: ListenerSet
  readonly #successor: Successor
  readonly #lasting: LastingGroups
  readonly #ended = Promise.withResolvers<void>()
  /** Generations that were replaced and still finish what they had begun. */
  readonly #retired = new Set<RunningGeneration>()
  #current: RunningGeneration | undefined
  /** The generation whose workers WINCH ended. */
  #suspended: Generation | undefined
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
    const { handover, invocation } = options
    this.#successor = new Successor(this.#host, this.#log, invocation, handover)
    this.#listeners = new ListenerSet(this.#host, handover?.sockets ?? [], () => this.#successor.shares)
    this.figures = new FigureBook(this.#host)
    this.#lasting = new LastingGroups(this.#host, this.#log, this.figures)
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
  async #failedAtStart(failure: string): Promise<number> {
    const wasAsked = !this.#isServing()
    if (!wasAsked) this.#log.log('emerg', failure)
    await this.#lasting.stop()
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
      if (this.#successor.running && !this.#suspended) {
        this.#log.log('notice', 'the reload signal is ignored: a new binary runs')
        continue
      }
      const failure = await (this.#successor.running ? this.#resume() : this.#reconfigure())
      if (failure !== undefined && this.#isServing())
        this.#log.log('emerg', `reload failed, the running configuration stays: ${failure}`)
    }
    this.#reloading = false
  }

  #reconfigure(): Promise<string | undefined> {
    this.#log.log('notice', 'reconfiguring')
    return this.#nextGeneration()
  }

  /** The way back from a new program: the workers that WINCH ended, of the configuration that they had. */
  #resume(): Promise<string | undefined> {
    const suspended = this.#suspended
    if (!suspended) return Promise.resolve(undefined)
    this.#log.log('notice', 'starting the workers again')
    return this.#nextGeneration(() => suspended)
  }

  /** USR2. */
  changeBinary(): void {
    if (!this.#isServing() || !this.#current) return
    if (!this.#successor.possible) {
      const reason = "you should shutdown or terminate before either old or new binary's process"
      return this.#log.log('notice', `the changing binary signal is ignored: ${reason}`)
    }
    this.#log.log('notice', 'changing binary')
    const pidFile = this.#pidFile
    // before the start: the new program writes a file of this name
    const renamed = pidFile !== undefined && this.#movePidFile(pidFile, true)
    const restore = (): void => {
      if (renamed && this.#pidFile !== undefined) this.#movePidFile(pidFile, false)
      if (this.#suspended && this.#isServing()) void this.reload()
    }
    this.#successor.start(this.#listeners, restore)
  }

  #movePidFile(pidFile: string, old: boolean): boolean {
    const aside = `${pidFile}.oldbin`
    const [from, to] = old ? [pidFile, aside] : [aside, pidFile]
    try {
      this.#host.renamePidFile(from, to)
      this.#pidFile = to
      return true
    } catch (error) {
      this.#log.log('alert', `rename() of pid file: ${String(error)}`)
      return false
    }
  }

  /** WINCH. */
  suspend(): void {
    const current = this.#current
    if (!this.#options.daemonized || !current || this.#reloading || !this.#isServing()) return
    this.#log.log('notice', 'gracefully shutting down the workers')
    this.#current = undefined
    this.#suspended = current.generation
    this.#retire(current, true)
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
      void this.#lasting.kill()
      return
    }
    this.#log.log('notice', 'exiting')
    this.#end('stop')
  }

  /**
   * Replaces workers of the generation in effect one after the other, of one group or of all. Answers how many; each
   * that does not boot is tried again, and the one before it serves on.
   */
  restart(group?: string): number {
    return this.#current?.restart(group, 'it was asked for') ?? 0
  }

  /** Of the generation in effect. */
  async status(): Promise<MasterStatus> {
    return { pid: this.#host.pid, groups: (await this.#current?.status()) ?? [] }
  }

  /** USR1. */
  reopenLogs(): void {
    this.#options.onReopenLogs?.()
    this.#log.log('notice', 'reopening logs')
    for (const generation of this.#alive()) generation.reopenLogs()
    this.#lasting.reopenLogs()
  }

  /**
   * Loads, binds, boots, and only then lets go of the generation before. Resolves to the reason where one of these
   * failed: then all is as it was.
   */
  async #nextGeneration(load = this.#options.load): Promise<string | undefined> {
    let incoming: RunningGeneration | undefined
    try {
      const generation = await load()
      const sockets = await this.#listeners.acquire(generation.listeners)
      await this.#lasting.boot(generation, sockets)
      incoming = this.#runningOf(generation, sockets)
      if (!this.#isServing()) return 'it was ended before it was ready'
      this.#incoming = incoming
      await incoming.boot()
      this.#activate(incoming)
      return undefined
    } catch (error) {
      await incoming?.stop()
      if (this.#isServing())
        this.#listeners.retain((this.#current?.generation ?? this.#suspended)?.listeners ?? [])
      return error instanceof Error ? error.message : String(error)
    } finally {
      this.#incoming = undefined
    }
  }

  /** The point of no return: up to the pid file everything may still fail. */
  #activate(incoming: RunningGeneration): void {
    const { pidFile, listeners, onActive } = incoming.generation
    if (!this.#successor.running) this.#takePidFile(pidFile)
    const before = this.#current
    this.#current = incoming
    this.#suspended = undefined
    onActive?.()
    if (before) this.#retire(before, false, incoming)
    incoming.roll((group, index) => {
      for (const retired of this.#retired) retired.release(group, index)
    })
    this.#listeners.retain(listeners)
  }

  #takePidFile(pidFile: string | undefined): void {
    if (pidFile !== undefined && pidFile !== this.#pidFile) this.#host.writePidFile(pidFile)
    if (this.#pidFile !== undefined && this.#pidFile !== pidFile) this.#host.removePidFile(this.#pidFile)
    this.#pidFile = pidFile
  }

  #runningOf(generation: Generation, sockets: ReadonlyMap<string, BoundListener>): RunningGeneration {
    return new RunningGeneration(generation, sockets, this.#host, this.#log, this.figures, this.#current)
  }

  #retire(generation: RunningGeneration, inOrder: boolean, successor?: RunningGeneration): void {
    this.#retired.add(generation)
    void generation.drain(inOrder, successor).then(() => {
      this.#retired.delete(generation)
      if (this.#retired.size === 0 && this.#current && this.#isServing())
        this.#lasting.retain(this.#current.generation)
    })
  }

  #end(ending: 'drain' | 'stop'): void {
    this.#ending = ending
    const ends = this.#alive().map((generation) => {
      const drains = ending === 'drain' && generation !== this.#incoming
      return drains ? generation.drain(generation === this.#current) : generation.stop()
    })
    void Promise.all(ends)
      .then(() => this.#lasting.stop())
      .then(() => this.#ended.resolve())
  }

  #alive(): RunningGeneration[] {
    return [this.#current, this.#incoming, ...this.#retired].filter((generation) => generation !== undefined)
  }

  #isServing(): boolean {
    return this.#ending === 'no'
  }

  #close(): void {
    if (!this.#successor.shares) this.#current?.removeWays()
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
      ['SIGUSR2', () => this.changeBinary()],
      ['SIGWINCH', () => this.suspend()],
    ]
    this.#cancelSignals = verbs.map(([name, verb]) => this.#host.onSignal(name, verb))
    this.#cancelSignals.push(this.#host.stayAlive())
  }
}
