/** What a worker tells its master of itself: with every beat, and in full when somebody asks. JSON. */
import type { Scoreboard } from './scoreboard.ts'
import type { RequestStage, ServedRequest } from './served-request.ts'

export interface WorkerFigures {
  readonly running: number
  readonly waiting: number
  /** Since the worker began. */
  readonly answered: number
  readonly refused: number
  readonly expired: number
  /** Average wait of a request for its turn since the last beat. */
  readonly queueDelayMs: number
  /** Resident memory, bytes. */
  readonly rss: number
}

export interface RunningRequest {
  /** `request 4f2a: GET /shop` */
  readonly title: string
  readonly ageMs: number
  readonly stage: string | undefined
  readonly query: string | undefined
}

/** So many of the oldest. */
const MAX_REPORTED = 100

export function figuresOf(scoreboard: Scoreboard<ServedRequest>): WorkerFigures {
  return {
    ...scoreboard.counts,
    queueDelayMs: Math.round(scoreboard.takeQueueDelayMs()),
    rss: process.memoryUsage.rss(),
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
