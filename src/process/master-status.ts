/** What a master knows of its workers, for somebody who asks. JSON. */
import type { SupervisedWorker } from './supervised-worker.ts'

export interface WorkerStatus {
  /** `app:demo#0` */
  readonly name: string
  readonly pid: number | undefined
  readonly state: 'booting' | 'ready' | 'ending' | 'exited'
  readonly ageMs: number
  /** Since its event loop was last heard of. */
  readonly silentMs: number
  /** The worker's own, of its last beat. */
  readonly figures: unknown
  /** What it does now; undefined where it does not answer. */
  readonly report: unknown
}

export interface GroupStatus {
  readonly name: string
  readonly workers: readonly WorkerStatus[]
}

export interface MasterStatus {
  readonly pid: number
  readonly groups: readonly GroupStatus[]
}

/** For a worker to say what it does. */
const REPORT_WAIT_MS = 500

export async function workerStatus(worker: SupervisedWorker): Promise<WorkerStatus> {
  const { name, pid, state, livedMs, silentMs } = worker
  const report = await worker.report(REPORT_WAIT_MS)
  return {
    name,
    pid,
    state,
    ageMs: Math.round(livedMs),
    silentMs: Math.round(silentMs),
    figures: worker.figures ?? null,
    report: report ?? null,
  }
}
