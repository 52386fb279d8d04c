/** The group of processes that serves an `entry`, from the rows of its `app { }` block. */
import * as rows from '../app/app-directives.ts'
import { isWorkerFigures } from '../app/worker-figures.ts'
import type { WorkerLimits } from '../app/worker-limits.ts'
import type { Scope } from '../config/scope.ts'
import type { UserIds } from '../io/user-database.ts'
import type { Way, WorkerGroup, WorkerLoad } from '../process/generation.ts'
import type { AppBoot } from './app-worker.ts'
import { workerProgram } from './own-program.ts'

/** What the block itself does not say. */
export interface EntryWorkersOptions {
  readonly name: string
  readonly entry: string
  readonly cwd: string
  readonly worksAs: UserIds | undefined
  readonly shutdownTimeoutMs: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly listeners: (index: number) => readonly string[]
  /** Keys of the listeners for upgrades, of all workers. */
  readonly upgradeKeys: readonly string[]
  /** Of the listener that other fronts use. */
  readonly sharedKey: string | undefined
  /** To the private sockets of a place; none where all workers share one. */
  readonly ways: (index: number) => readonly Way[]
}

export function entryWorkers(scope: Scope, options: EntryWorkersOptions): WorkerGroup {
  const { min, max: count, delayMs, idleMs } = scope.get(rows.workers)
  const protocol = scope.get(rows.protocol)
  const allow = scope.list(rows.appAllow)
  const boot: AppBoot = {
    entry: options.entry,
    protocol,
    cwd: options.cwd,
    workers: count,
    upgradeKeys: options.upgradeKeys,
    limits: limitsOf(scope),
    umask: scope.own(rows.umask),
    sharedKey: options.sharedKey,
    // nothing said: a unix socket, or one of this machine
    allow: allow.length === 0 ? undefined : allow,
  }
  return {
    name: options.name,
    count,
    program: workerProgram('app', options.env),
    listeners: options.listeners,
    boot,
    env: options.env,
    shutdownTimeoutMs: options.shutdownTimeoutMs,
    elastic: min < count ? { min, delayMs, idleMs, loadOf: loadOfWorker, ways: options.ways } : undefined,
    rollsWith: `${protocol} ${min < count ? 'elastic' : 'fixed'}`,
    standing: options.worksAs && { user: options.worksAs, early: true },
    bootTimeoutMs: scope.get(rows.bootTimeout),
    heartbeatTimeoutMs: scope.get(rows.heartbeat) || Infinity,
  }
}

function loadOfWorker(figures: unknown): WorkerLoad | undefined {
  return isWorkerFigures(figures) ? { delayMs: figures.queueDelayMs, busy: figures.busy } : undefined
}

function limitsOf(scope: Scope): WorkerLimits {
  const { requests, jitter } = scope.get(rows.maxRequests)
  const queue = scope.get(rows.queue)
  return {
    concurrency: scope.get(rows.concurrency),
    queue: queue.requests,
    queueDelayMs: queue.delayMs,
    harakiriMs: scope.get(rows.harakiri),
    maxRequests: requests,
    maxRequestsJitter: jitter,
    maxLifetimeMs: scope.get(rows.maxLifetime),
    maxRssBytes: scope.get(rows.reloadOnRss),
    heartbeatMs: scope.get(rows.heartbeat),
  }
}
