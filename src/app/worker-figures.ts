/** What a worker tells its master of itself: with every beat, and in full when somebody asks. JSON. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Scoreboard } from './scoreboard.ts'
import type { RequestStage, ServedRequest } from './served-request.ts'

export interface WorkerFigures {
  readonly running: number
  readonly waiting: number
  /** Since the worker began. */
  readonly answered: number
  readonly refused: number
  readonly expired: number
  /** Average wait of a request for its turn since the last beat: in the queue, or for the event loop. */
  readonly queueDelayMs: number
  /** The part of its capacity in use since the last beat, 0 to 1: of the loop's time, or of `concurrency`. */
  readonly busy: number
  /** Resident memory, bytes. */
  readonly rss: number
}

export function isWorkerFigures(value: unknown): value is WorkerFigures {
  return typeof value === 'object' && value !== null && 'queueDelayMs' in value && 'busy' in value
}

export interface RunningRequest {
  /** `request 4f2a: GET /shop` */
  readonly title: string
  readonly ageMs: number
  readonly stage: string | undefined
  readonly query: string | undefined
}

/**
 * For `metrics`: what counters grew by since the last call, and gauges. `app` is a name of the conf, which has no
 * character that a label would have to escape.
 */
export class WorkerCounters {
  readonly #scoreboard: Scoreboard<ServedRequest>
  readonly #app: string
  readonly #told = new Map<string, number>()

  constructor(scoreboard: Scoreboard<ServedRequest>, app: string) {
    this.#scoreboard = scoreboard
    this.#app = `app="${app}"`
  }

  take(): { counters: Record<string, number>; gauges: Record<string, number> } {
    const { running, waiting, answered, refused, expired } = this.#scoreboard.counts
    const { ran, waited } = this.#scoreboard.spentMs
    return {
      counters: this.#growth({
        ...this.#labelled({
          portico_app_requests_total: answered,
          portico_app_refused_total: refused,
          portico_app_expired_total: expired,
          portico_app_request_seconds_total: ran / 1000,
          portico_app_queue_seconds_total: waited / 1000,
        }),
        ...this.#latency(),
      }),
      gauges: this.#labelled({
        portico_app_workers: 1,
        portico_app_busy_workers: running > 0 ? 1 : 0,
        portico_app_running: running,
        portico_app_waiting: waiting,
        portico_app_resident_bytes: process.memoryUsage.rss(),
      }),
    }
  }

  #latency(): Record<string, number> {
    const { latency } = this.#scoreboard
    const family = 'portico_app_request_duration_seconds'
    const buckets = latency.buckets()
    const [, count] = buckets.at(-1) ?? ['', 0]
    return {
      ...Object.fromEntries(buckets.map(([le, some]) => [`${family}_bucket{${this.#app},le="${le}"}`, some])),
      ...this.#labelled({ [`${family}_sum`]: latency.sumMs / 1000, [`${family}_count`]: count }),
    }
  }

  /** A new counter is there with 0, too. */
  #growth(totals: Readonly<Record<string, number>>): Record<string, number> {
    const grown: Record<string, number> = {}
    for (const [name, total] of Object.entries(totals)) {
      const told = this.#told.get(name)
      if (told === total) continue
      this.#told.set(name, total)
      grown[name] = total - (told ?? 0)
    }
    return grown
  }

  #labelled(gauges: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(Object.entries(gauges).map(([name, value]) => [`${name}{${this.#app}}`, value]))
  }
}

/** So many of the oldest. */
const MAX_REPORTED = 100

/** Nanoseconds in a millisecond. */
const MS = 1e6
const RESOLUTION_MS = 10

/** Looks at its process from one beat to the next. */
export class WorkerGauge {
  readonly #scoreboard: Scoreboard<ServedRequest>
  readonly #loopDelay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  #utilization = performance.eventLoopUtilization()

  constructor(scoreboard: Scoreboard<ServedRequest>) {
    this.#scoreboard = scoreboard
    this.#loopDelay.enable()
  }

  take(): WorkerFigures {
    const { counts } = this.#scoreboard
    const busy = this.#scoreboard.takeBusy()
    const before = this.#utilization
    this.#utilization = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(this.#utilization, before)
    return {
      ...counts,
      queueDelayMs: Math.round(Math.max(this.#scoreboard.takeQueueDelayMs(), this.#takeLoopDelayMs())),
      busy: Math.round(Math.max(utilization, busy) * 100) / 100,
      rss: process.memoryUsage.rss(),
    }
  }

  /** The histogram counts from the timer's start, its interval among it. */
  #takeLoopDelayMs(): number {
    const { mean } = this.#loopDelay
    this.#loopDelay.reset()
    return Number.isFinite(mean) ? Math.max(0, mean / MS - RESOLUTION_MS) : 0
  }
}

export function reportOf(scoreboard: Scoreboard<ServedRequest>): readonly RunningRequest[] {
  const nowMs = performance.now()
  const report: RunningRequest[] = []
  for (const request of scoreboard.running) {
    if (report.length === MAX_REPORTED) break
    const { title, stage, query, startedMs } = request
    report.push({ title, ageMs: Math.round(nowMs - startedMs), stage: text(stage), query: text(query) })
  }
  return report
}

function text(stage: RequestStage | undefined): string | undefined {
  return stage && `${stage.name} ${stage.detail}`
}
