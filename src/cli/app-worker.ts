/** An application worker: loads the entry module and serves it on the sockets that it inherited. */
import { serveApplication, type AppProtocol } from '../app/application-server.ts'
import { CapturedListen } from '../app/adapters/captured-listen.ts'
import { loadEntry } from '../app/load-entry.ts'
import { startLoopWatch } from '../app/loop-watch.ts'
import { Scoreboard } from '../app/scoreboard.ts'
import type { ServedRequest } from '../app/served-request.ts'
import { StageKeeper } from '../app/stage-keeper.ts'
import { StageMemory } from '../app/stage-memory.ts'
import { watchLimits, type WorkerLimits } from '../app/worker-limits.ts'
import { reportOf, WorkerCounters, WorkerGauge } from '../app/worker-figures.ts'
import type { WorkerContext, WorkerProgramme, WorkerService } from '../process/worker.ts'
import { threadProgram } from './own-program.ts'

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
  readonly limits: WorkerLimits
  readonly umask?: number | undefined
  /** The listener that other fronts use, and who they may be. */
  readonly sharedKey?: string | undefined
  readonly allow?: readonly string[] | undefined
}

export const appWorker: WorkerProgramme = {
  start: (boot, context) => startApp(boot as AppBoot, context),
}

async function startApp(boot: AppBoot, context: WorkerContext): Promise<WorkerService> {
  process.chdir(boot.cwd)
  if (boot.umask !== undefined) process.umask(boot.umask)
  const capture = new CapturedListen()
  capture.install()
  const { application, upgrades } = await loadEntry(boot.entry, capture)
  const listeners = Array.from(context.listeners.values(), (listener) => ({
    ...listener,
    upgrades: boot.upgradeKeys.includes(listener.key),
    allow: listener.key === boot.sharedKey ? boot.allow : undefined,
  }))
  const { limits } = boot
  const memory = new StageMemory()
  const scoreboard = new Scoreboard<ServedRequest>(limits)
  const server = await serveApplication({
    application,
    scoreboard,
    stages: limits.harakiriMs > 0 ? new StageKeeper(memory) : undefined,
    upgrades,
    protocol: boot.protocol,
    multiprocess: boot.workers > 1,
    listeners,
    log: context,
  })
  // `app:demo#0`; `portico app` has one without a name
  const counters = new WorkerCounters(scoreboard, /^app:(.*)#\d+$/.exec(context.name)?.[1] ?? 'app')
  const gauge = new WorkerGauge(scoreboard)
  scoreboard.watch()
  watchLimits(limits, scoreboard, (reason) => context.retire(reason))
  const standstillMs = standstillLimit(limits)
  // its thread takes as long to start as a request does: what waits for this worker comes first
  if (standstillMs > 0)
    setImmediate(() =>
      startLoopWatch({ program: threadProgram(), args: ['watch-loop'], limitMs: standstillMs, memory }),
    )
  return {
    drain: () => server.drain(),
    cut: () => server.cut(),
    rebalance: () => server.rebalance(),
    figures: () => gauge.take(),
    counted: () => counters.take(),
    report: () => reportOf(scoreboard),
  }
}

/** The watcher speaks before the master, who only knows that nothing is heard, kills. */
function standstillLimit({ harakiriMs, heartbeatMs }: WorkerLimits): number {
  if (harakiriMs === 0) return heartbeatMs * 0.8
  return heartbeatMs === 0 ? harakiriMs : Math.min(harakiriMs, heartbeatMs * 0.8)
}
