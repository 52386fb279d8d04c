/**
 * One worker process from fork to exit: its boot limit, its heartbeat, its way to the end.
 *
 *     booting ──ready──▶ ready ──quit()/stop()──▶ ending ──▶ exited
 *        └── fault, exit, boot limit ─────────────────────────▲
 */
import type { FigureBook, FigureSource, FigureTotals } from './figure-book.ts'
import { formatSocketAddress } from '../io/socket-address.ts'
import { DEFAULT_BOOT_TIMEOUT_MS, DEFAULT_HEARTBEAT_TIMEOUT_MS, DEFAULT_OUTPUT } from './generation.ts'
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from './generation.ts'
import type { WorkerGroup } from './generation.ts'
import { FIRST_LISTENER_FD } from './host.ts'
import type { Cancel, ExitStatus, Host, SpawnEvents, WorkerHandle } from './host.ts'
import type { BoundListener } from './listener-set.ts'
import type { Log } from './log.ts'
import { readWorkerMessage } from './messages.ts'
import type { InheritedListener, WorkerMessage } from './messages.ts'

/** What a supervised worker tells its slot. */
export interface WorkerOwner {
  readonly figures: FigureBook
  onReady(worker: SupervisedWorker): void
  /** It wants to be replaced. */
  onRetire(worker: SupervisedWorker, reason: string): void
  /** Exactly once, last. `reason` is for the log. */
  onExit(worker: SupervisedWorker, reason: string): void
}

type State = 'booting' | 'ready' | 'ending' | 'exited'

const PROBE_INTERVAL_MS = 50
/** What a worker has over its drain limit to end by itself. */
const DRAIN_GRACE_MS = 1000
/** Between TERM and KILL. */
const STOP_GRACE_MS = 3000
const MAX_BEAT_INTERVAL_MS = 1000
/** A blocked event loop worth a line in the log. */
const NOTABLE_LAG_MS = 1000

export class SupervisedWorker implements SpawnEvents, FigureSource {
  readonly name: string
  readonly #index: number
  readonly #group: WorkerGroup
  readonly #listeners: readonly InheritedListener[]
  readonly #host: Host
  readonly #log: Log
  readonly #owner: WorkerOwner
  readonly #handle: WorkerHandle
  #state: State = 'booting'
  #started = false
  #stopped = false
  #readyAtMs: number | undefined
  #lastBeatMs = 0
  /** Of the last beat, JSON of the worker's making. */
  figures: unknown = undefined
  #reports = new Map<number, (report: unknown) => void>()
  #lastReport = 0
  #reason: string | undefined
  #cancelLimit: Cancel = noop
  #cancelCheck: Cancel = noop

  constructor(
    group: WorkerGroup,
    index: number,
    sockets: readonly BoundListener[],
    host: Host,
    log: Log,
    owner: WorkerOwner,
  ) {
    this.name = `${group.name}#${index}`
    this.#index = index
    this.#group = group
    this.#listeners = sockets.map(inherited)
    this.#host = host
    this.#log = log
    this.#owner = owner
    this.#handle = host.spawn(
      {
        program: group.program,
        env: group.env,
        fds: sockets.map(({ socket }) => socket.fd),
        inheritOutput: group.output === 'inherit',
        limits: group.limits?.(index),
      },
      this,
    )
  }

  /** `worker app:demo#0 (process 123)` */
  get title(): string {
    return `worker ${this.name} (process ${this.#handle.pid ?? '-'})`
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  get state(): State {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#handle.pid
  }

  /** Milliseconds since its loop was last heard of. */
  get silentMs(): number {
    return this.#host.nowMs() - this.#lastBeatMs
  }

  /** Milliseconds since it was ready, 0 before. */
  get livedMs(): number {
    return this.#readyAtMs === undefined ? 0 : this.#host.nowMs() - this.#readyAtMs
  }

  /** The process was forked by the constructor and waits; here it gets its work. Once. */
  start(): void {
    if (this.#state !== 'booting' || this.#started) return
    this.#started = true
    const limitMs = this.#group.bootTimeoutMs ?? DEFAULT_BOOT_TIMEOUT_MS
    this.#limit(limitMs, () => this.#kill(`was not ready after ${limitMs} ms and was killed`))
    if (this.#group.program.kind === 'command') {
      void this.#probe()
      return
    }
    this.#handle.send({
      type: 'start',
      name: this.name,
      index: this.#index,
      boot: this.#group.boot,
      standing: this.#group.standing,
      listeners: this.#listeners,
      heartbeatIntervalMs: Math.min(this.#heartbeatTimeoutMs / 4, MAX_BEAT_INTERVAL_MS),
      shutdownTimeoutMs: Number.isFinite(this.#shutdownTimeoutMs) ? this.#shutdownTimeoutMs : null,
    })
  }

  /** Graceful end: what is in flight is finished within the group's limit. */
  quit(): void {
    if (this.#state === 'ending' || this.#state === 'exited') return
    this.#state = 'ending'
    const limitMs = this.#shutdownTimeoutMs + DRAIN_GRACE_MS
    this.#limit(limitMs, () => this.#kill(`did not end within ${this.#shutdownTimeoutMs} ms and was killed`))
    const { program } = this.#group
    if (program.kind === 'command') this.#handle.signal(program.drainSignal ?? 'SIGTERM')
    else this.#handle.send({ type: 'quit' })
  }

  /** Fast end. */
  stop(): void {
    if (this.#state === 'exited' || this.#stopped) return
    this.#stopped = true
    this.#state = 'ending'
    this.#limit(STOP_GRACE_MS, () => this.#kill('did not end on SIGTERM and was killed'))
    this.#handle.signal('SIGTERM')
  }

  kill(): void {
    if (this.#state !== 'exited') this.#kill('was killed')
  }

  /** What it does now; undefined from one that does not answer within the time. */
  report(timeoutMs: number): Promise<unknown> {
    if (this.#state !== 'ready' || this.#group.program.kind !== 'module') return Promise.resolve(undefined)
    this.#lastReport += 1
    const id = this.#lastReport
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const cancel = this.#host.after(timeoutMs, () => this.#answer(id, undefined))
    this.#reports.set(id, (report) => {
      cancel()
      resolve(report)
    })
    this.#handle.send({ type: 'report', id })
    return promise
  }

  reopenLogs(): void {
    const { program } = this.#group
    if (program.kind === 'module') this.#handle.send({ type: 'reopen' })
    else if (program.reopenSignal) this.#handle.signal(program.reopenSignal)
  }

  rebalance(): void {
    if (this.#state === 'ready') this.#handle.send({ type: 'rebalance' })
  }

  onMessage(value: unknown): void {
    const message = readWorkerMessage(value)
    if (message) this.#receive(message)
  }

  onLine(stream: 'stdout' | 'stderr', line: string): void {
    const levels = this.#group.output === 'inherit' ? DEFAULT_OUTPUT : (this.#group.output ?? DEFAULT_OUTPUT)
    this.#log.log(levels[stream], `${this.name}: ${line}`)
  }

  onExit(status: ExitStatus): void {
    this.#state = 'exited'
    this.#cancelLimit()
    this.#cancelCheck()
    for (const id of this.#reports.keys()) this.#answer(id, undefined)
    this.#owner.figures.leave(this)
    this.#owner.onExit(this, this.#reason ?? exitReason(status))
  }

  askFigures(): void {
    this.#handle.send({ type: 'figures' })
  }

  tellTotals(totals: FigureTotals): void {
    this.#handle.send({ type: 'totals', totals })
  }

  #receive(message: WorkerMessage): void {
    if (message.type === 'ready') this.#becomeReady()
    else if (message.type === 'beat') this.#beat(message.lagMs, message.figures)
    else if (message.type === 'figures') this.#owner.figures.learn(this, message.counters, message.gauges)
    else if (message.type === 'collect') this.#owner.figures.collect(this)
    else if (message.type === 'retire') this.#owner.onRetire(this, message.reason)
    else if (message.type === 'report') this.#answer(message.id, message.report)
    else if (message.type === 'log') this.#log.log(message.level, `${this.name}: ${message.message}`)
    else this.#reason ??= message.reason
  }

  #becomeReady(): void {
    if (this.#state !== 'booting') return
    this.#state = 'ready'
    this.#cancelLimit()
    this.#readyAtMs = this.#host.nowMs()
    this.#owner.figures.add(`portico_workers_started_total{group="${this.#group.name}"}`)
    if (this.#group.program.kind === 'module') this.#owner.figures.join(this)
    this.#lastBeatMs = this.#readyAtMs
    if (this.#group.program.kind === 'module' && Number.isFinite(this.#heartbeatTimeoutMs)) this.#watchBeats()
    this.#owner.onReady(this)
  }

  #answer(id: number, report: unknown): void {
    this.#reports.get(id)?.(report)
    this.#reports.delete(id)
  }

  #beat(lagMs: number, figures: unknown): void {
    this.#lastBeatMs = this.#host.nowMs()
    this.figures = figures
    if (lagMs >= NOTABLE_LAG_MS)
      this.#log.log('warn', `${this.title} was blocked for ${Math.round(lagMs)} ms`)
  }

  /**
   * Looks four times per limit. A look that comes late means that this process stood still (SIGSTOP, a saturated
   * machine): the beats sent meanwhile wait unread, so the worker is granted the time that we lost.
   */
  #watchBeats(): void {
    const intervalMs = this.#heartbeatTimeoutMs / 4
    const dueMs = this.#host.nowMs() + intervalMs
    this.#cancelCheck = this.#host.after(intervalMs, () => {
      const nowMs = this.#host.nowMs()
      if (nowMs - dueMs > intervalMs) this.#lastBeatMs += nowMs - dueMs
      if (nowMs - this.#lastBeatMs <= this.#heartbeatTimeoutMs) return this.#watchBeats()
      this.#kill(`gave no heartbeat for ${this.#heartbeatTimeoutMs} ms (endless loop?) and was killed`)
    })
  }

  async #probe(): Promise<void> {
    const { program } = this.#group
    if (program.kind !== 'command' || this.#state !== 'booting') return
    const refusal = await this.#host.probe(program.address)
    if (refusal === undefined) return this.#becomeReady()
    if (this.#state !== 'booting') return
    this.#cancelCheck = this.#host.after(PROBE_INTERVAL_MS, () => void this.#probe())
  }

  #limit(limitMs: number, onLimit: () => void): void {
    this.#cancelLimit()
    this.#cancelLimit = Number.isFinite(limitMs) ? this.#host.after(limitMs, onLimit) : noop
  }

  #kill(reason: string): void {
    this.#reason ??= reason
    this.#state = 'ending'
    this.#handle.signal('SIGKILL')
  }

  get #shutdownTimeoutMs(): number {
    return this.#group.shutdownTimeoutMs ?? DEFAULT_SHUTDOWN_TIMEOUT_MS
  }

  get #heartbeatTimeoutMs(): number {
    return this.#group.heartbeatTimeoutMs ?? DEFAULT_HEARTBEAT_TIMEOUT_MS
  }
}

/** What a program that ended by itself is said to have done. */
function exitReason(status: ExitStatus): string {
  if (status.error) return `could not be started: ${status.error.message}`
  return status.signal === null ? `exited with code ${status.code ?? 0}` : `exited on signal ${status.signal}`
}

function inherited({ spec, socket }: BoundListener, position: number): InheritedListener {
  return {
    key: spec.key,
    fd: FIRST_LISTENER_FD + position,
    address: formatSocketAddress(socket.address),
    backlog: spec.backlog,
  }
}

function noop(): void {}
