/** An application worker. */
import type { WorkerProgramme } from '../process/worker.ts'

/** What the master tells an application worker. */
export interface AppBoot {
  readonly name: string
  /** Absolute path of the module. */
  readonly entry: string
  readonly protocol: 'fastcgi' | 'uwsgi'
  readonly cwd: string
  readonly workers: number
  readonly errorLog: string
}

export const appWorker: WorkerProgramme = {
  start: () => Promise.reject(new Error('applications are not served yet')),
}
