/** An application worker: loads the entry module and serves it on the sockets that it inherited. */
import { serveApplication, type AppProtocol } from '../app/application-server.ts'
import { CapturedListen } from '../app/adapters/captured-listen.ts'
import { loadEntry } from '../app/load-entry.ts'
import type { WorkerContext, WorkerProgramme, WorkerService } from '../process/worker.ts'

/** What the master tells an application worker. */
export interface AppBoot {
  /** Absolute path of the module. */
  readonly entry: string
  readonly protocol: AppProtocol
  /** Folder that the application runs in. */
  readonly cwd: string
  /** Number of processes: `wsgi.multiprocess` says whether there are others. */
  readonly workers: number
  /** Keys of the listeners for upgrades, of all workers. */
  readonly upgradeKeys: readonly string[]
}

export const appWorker: WorkerProgramme = {
  start: (boot, context) => startApp(boot as AppBoot, context),
}

async function startApp(boot: AppBoot, context: WorkerContext): Promise<WorkerService> {
  process.chdir(boot.cwd)
  const capture = new CapturedListen()
  capture.install()
  const { application, upgrades } = await loadEntry(boot.entry, capture)
  const listeners = Array.from(context.listeners.values(), (listener) => ({
    ...listener,
    upgrades: boot.upgradeKeys.includes(listener.key),
  }))
  const server = await serveApplication({
    application,
    upgrades,
    protocol: boot.protocol,
    multiprocess: boot.workers > 1,
    listeners,
    log: context,
  })
  return { drain: () => server.drain() }
}
