/**
 * The worker's side: waits for its work, serves it, beats, and ends in order.
 *
 * QUIT drains and exits with 0; TERM exits at once; HUP and INT are the master's business (a terminal sends Ctrl-C
 * to the whole group); USR1 reopens logs. When the master is gone the worker drains and goes too. An error that
 * nobody caught is told to the master with its stack; the worker exits with 1 and is replaced.
 */
import './inspector-guard.ts'
import { after } from '../io/timer.ts'
import { writeStderr } from '../io/write-stderr.ts'
import { thrownText } from '../util/thrown-text.ts'
import type { FigureTotals, Figures } from './figure-book.ts'
import { FigureCollector } from './figure-collector.ts'
import type { LogLevel } from './log.ts'
import { readMasterMessage } from './messages.ts'
import type { InheritedListener, StartMessage, WorkerMessage } from './messages.ts'
import { takeStanding } from './standing.ts'
import { WorkerLog } from './worker-log.ts'

/** What `start` learns. */
export interface WorkerContext {
  /** `app:demo#0` */
  readonly name: string
  readonly index: number
  readonly listeners: ReadonlyMap<string, InheritedListener>
  /** To the master's log, with the worker's name before it. */
  log(level: LogLevel, message: string): void
  /** Asks to be replaced. The worker serves on until it is told to drain, which is when another serves in its place. */
  retire(reason: string): void
  /** The figures of all workers, this one among them, not older than the question. */
  collect(): Promise<FigureTotals>
}

/** What counters grew by since the last call, and gauges as they are. */
export interface CountedFigures {
  readonly counters: Figures
  readonly gauges: Figures
}

/** A worker that serves. */
export interface WorkerService {
  /** Goes to the master with every beat. JSON. */
  figures?(): unknown
  /** Called once a second and when somebody asks for the figures of all. */
  counted?(): CountedFigures
  /** What is done now, for somebody who asked. JSON. */
  report?(): unknown
  /** Accepts no more and resolves when what is in flight is done. */
  drain(): Promise<void>
  /** The time for draining is over: what is still open is ended, and hears of it. The process exits a moment later. */
  cut?(): void
  reopenLogs?(): void
  /** Asks those who keep connections to make new ones. */
  rebalance?(): void
  /** Last call before the process exits, whatever ends it in order: flush here, synchronously. */
  close?(): void
}

export interface WorkerProgramme {
  /** `boot` is the group's JSON. Rejects where the worker cannot serve: the reason goes to the master's log. */
  start(boot: unknown, context: WorkerContext): Promise<WorkerService>
}

/** Without a master nobody ends a drain that does not end. */
const ORPHAN_DRAIN_MS = 30_000
/** A last word that the channel does not take is not waited for longer. */
const LAST_WORD_MS = 500
/** What was cut has so long to hear of it. Less than what a master waits before it kills. */
const CUT_MS = 250

/** What a worker that is killed has counted in this time is lost. */
const COUNTED_EVERY_MS = 1000

/** Serves for the rest of the process's life. */
export function runWorker(programme: WorkerProgramme): void {
  new WorkerLife(programme).begin()
}

class WorkerLife {
  readonly #programme: WorkerProgramme
  #start: StartMessage | undefined
  #service: WorkerService | undefined
  #ending = false
  readonly #collector = new FigureCollector(() => send({ type: 'collect' }))
  /** The exit is our own. */
  #exits = false

  constructor(programme: WorkerProgramme) {
    this.#programme = programme
  }

  begin(): void {
    process.on('SIGHUP', noop)
    process.on('SIGINT', noop)
    process.on('SIGTERM', () => this.#exit(0))
    process.on('SIGQUIT', () => this.#quit())
    process.on('SIGUSR1', () => this.#service?.reopenLogs?.())
    process.on('uncaughtException', (error) => this.#fail(error))
    process.on('unhandledRejection', (reason) => this.#fail(reason))
    process.on('exit', (code) => this.#onExit(code))
    process.on('disconnect', () => this.#orphaned())
    process.on('message', (value) => this.#receive(value))
    // A reader of our output that is gone (the master, `| head`) is no reason to end.
    process.stdout.on('error', noop)
    process.stderr.on('error', noop)
  }

  #receive(value: unknown): void {
    const message = readMasterMessage(value)
    if (message?.type === 'start') void this.#serve(message)
    else if (message?.type === 'quit') this.#quit()
    else if (message?.type === 'reopen') this.#service?.reopenLogs?.()
    else if (message?.type === 'rebalance') this.#service?.rebalance?.()
    else if (message?.type === 'figures') sendCounted(this.#service)
    else if (message?.type === 'totals') this.#collector.learn(message.totals)
    else if (message?.type === 'report')
      send({ type: 'report', id: message.id, report: this.#service?.report?.() ?? null })
  }

  async #serve(message: StartMessage): Promise<void> {
    this.#start = message
    process.title = `portico: worker ${message.name}`
    const { standing } = message
    try {
      if (standing?.early) takeStanding(standing)
      this.#service = await this.#programme.start(message.boot, contextOf(message, this.#collector))
      if (standing && !standing.early) takeStanding(standing)
    } catch (error) {
      return this.#fail(error)
    }
    send({ type: 'ready' })
    beat(message.heartbeatIntervalMs, this.#service)
    if (this.#ending) void this.#drain(this.#service)
  }

  #quit(): void {
    if (this.#ending) return
    this.#ending = true
    if (!this.#start) this.#exit(0)
    if (this.#service) void this.#drain(this.#service)
  }

  #orphaned(): void {
    setTimeout(() => this.#exit(1), Math.min(this.#shutdownTimeoutMs, ORPHAN_DRAIN_MS))
    this.#quit()
  }

  async #drain(service: WorkerService): Promise<void> {
    after(this.#shutdownTimeoutMs, () => this.#cut(service))
    try {
      await service.drain()
      sendCounted(service, () => this.#exit(0))
    } catch (error) {
      this.#fail(error)
    }
  }

  #cut(service: WorkerService): void {
    if (!service.cut) return this.#exit(0)
    service.cut()
    setTimeout(() => this.#exit(0), CUT_MS)
  }

  get #shutdownTimeoutMs(): number {
    return this.#start?.shutdownTimeoutMs ?? Infinity
  }

  /** The first fault counts: what fails while the process ends is a consequence. */
  #fail(error: unknown): void {
    if (process.exitCode === 1) return
    process.exitCode = 1
    const exit = (): never => this.#exit(1)
    setTimeout(exit, LAST_WORD_MS)
    send({ type: 'fault', reason: `failed: ${thrownText(error)}` }, exit)
  }

  /** Somebody else called process.exit(): the log gets the line that did. */
  #onExit(code: number): void {
    if (this.#exits) return
    const frames = (new Error().stack ?? '').split('\n')
    const caller = frames[frames.findIndex((line) => line.includes('process.exit')) + 1] ?? ''
    writeStderr(`process.exit(${code}) was called ${caller.trim().replace('file://', '')}\n`)
  }

  #exit(code: number): never {
    this.#exits = true
    try {
      this.#service?.close?.()
    } finally {
      process.exit(code)
    }
  }
}

function contextOf(message: StartMessage, collector: FigureCollector): WorkerContext {
  const log = new WorkerLog(send)
  return {
    name: message.name,
    index: message.index,
    listeners: new Map(message.listeners.map((listener) => [listener.key, listener])),
    log: (level, text) => log.log(level, text),
    collect: () => collector.collect(),
    retire: (reason) => send({ type: 'retire', reason }),
  }
}

/** A timer of the loop itself: a loop that is stuck does not beat. */
function beat(intervalMs: number, service: WorkerService): void {
  let dueMs = performance.now() + intervalMs
  if (service.counted) setInterval(() => sendCounted(service), COUNTED_EVERY_MS)
  setInterval(() => {
    const nowMs = performance.now()
    const figures = service.figures?.()
    const lagMs = Math.max(0, Math.round(nowMs - dueMs))
    send({ type: 'beat', lagMs, ...(figures !== undefined && { figures }) })
    dueMs = nowMs + intervalMs
  }, intervalMs)
}

function sendCounted(service: WorkerService | undefined, whenSent: () => void = noop): void {
  send({ type: 'figures', ...(service?.counted?.() ?? NOTHING_COUNTED) }, whenSent)
}

const NOTHING_COUNTED: CountedFigures = { counters: {}, gauges: {} }

function send(message: WorkerMessage, whenSent: () => void = noop): void {
  if (process.connected && process.send) process.send(message, undefined, undefined, whenSent)
  else whenSent()
}

function noop(): void {}
