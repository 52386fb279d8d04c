/** What can happen to a running server, each with the failures that it is an excuse for: as few as can be. */
import { connect, type Socket } from 'node:net'
import type { ChaosStage } from './chaos-stage.ts'
import { isAlive, pause, reached } from './scenario.ts'
import type { Trouble } from './troubled-upstream.ts'
import type { VisitFailure } from './visitors.ts'

export interface Disturbance {
  readonly name: string
  /** Resolves when it is over. */
  run(stage: ChaosStage): Promise<(failure: VisitFailure) => boolean>
}

const LIMIT_MS = 90_000
const STOPPED_MS = 1500
/** More than the applications' `heartbeat`. */
const STOPPED_DEAD_MS = 9000
const FULL_MS = 3000
const STARVED_MS = 3000
/** Connections that say nothing: more than front workers have descriptors. */
const HOGS = 700
const JUMPED_MS = 4000
const TROUBLED_MS = 3000
/** `fail_timeout`, and a little. */
const FORGOTTEN_MS = 2500

const nothing = (): boolean => false

async function settle(stage: ChaosStage, condition: () => boolean, what: string): Promise<void> {
  if (!(await reached(condition, LIMIT_MS))) stage.faults.push(`waited in vain for ${what}`)
}

export const RELOADED: Disturbance = {
  name: 'reload',
  async run(stage) {
    const { log, portico } = stage.server
    const workers = (): number[] => [...log.workers('front').values(), ...log.workers('app:').values()]
    const before = { activations: log.activations, pids: new Set(workers()) }
    portico.signal('SIGHUP')
    await settle(stage, () => log.activations > before.activations, 'a reload')
    const isNew = (): boolean => workers().every((pid) => !before.pids.has(pid))
    await settle(stage, isNew, 'all workers of the reload')
    return nothing
  },
}

export const ROLLED: Disturbance = {
  name: 'rolling restart',
  async run(stage) {
    const { portico } = stage.server
    const before = new Set(stage.server.workers('app:orders').values())
    const { code, output } = await portico.named('status', ['restart', 'orders'])
    if (code !== 0) stage.faults.push(`status restart: ${output}`)
    const isNew = (): boolean =>
      [...stage.server.workers('app:orders').values()].every((pid) => !before.has(pid))
    await settle(stage, isNew, 'a rolling restart')
    return nothing
  },
}

function killed(place: string, excuses: (failure: VisitFailure, pid: number) => boolean): Disturbance {
  return {
    name: `kill -9 of ${place}`,
    async run(stage) {
      const kill = await stage.server.kill(place)
      stage.kills.push(kill)
      return (failure) => excuses(failure, kill.pid)
    },
  }
}

/** Longer than its heartbeat may fail, it is replaced: as a kill. */
function stopped(place: string, ms: number): Disturbance {
  return {
    name: `SIGSTOP of ${place} for ${ms / 1000} s`,
    async run(stage) {
      const pid = stage.server.workers(place).get(place) ?? 0
      const beganMs = performance.now()
      process.kill(pid, 'SIGSTOP')
      if (ms === STOPPED_DEAD_MS) stage.server.expectEnd(pid)
      await reached(() => !isAlive(pid), ms)
      const address = `/${place.slice(4).replace('#', '.')}.sock`
      if (isAlive(pid)) process.kill(pid, 'SIGCONT')
      else stage.kills.push({ pid, beganMs, goneMs: performance.now(), address })
      return nothing
    },
  }
}

const FULL: Disturbance = {
  name: 'full disk',
  async run({ disk }) {
    disk?.fill()
    await pause(FULL_MS)
    disk?.clear()
    return ({ client, kind }) =>
      (kind === 'status' && ['upload', 'PUT', 'POST', 'long'].includes(client)) ||
      (kind === 'cut' && ['upload', 'long'].includes(client))
  },
}

const STARVED: Disturbance = {
  name: 'no descriptors',
  async run({ server }) {
    const hogs: Socket[] = []
    for (let count = 0; count < HOGS; count += 1) {
      hogs.push(connect(server.port, '127.0.0.1').on('error', () => undefined))
    }
    await pause(STARVED_MS)
    for (const hog of hogs) hog.destroy()
    return ({ kind, detail }) => kind !== 'wrong' && (kind !== 'status' || /\b50\d$/.test(detail))
  },
}

function jumped(offset: string): Disturbance {
  return {
    name: `clock ${offset}`,
    async run(stage) {
      stage.setClock(offset)
      await pause(JUMPED_MS)
      stage.setClock('+0')
      await pause(JUMPED_MS)
      return nothing
    },
  }
}

function troubled(index: 0 | 1, trouble: Trouble): Disturbance {
  return {
    name: `upstream ${trouble}`,
    async run({ troubled: upstreams }) {
      await upstreams[index].become(trouble)
      await pause(TROUBLED_MS)
      await upstreams[index].become('none')
      await pause(FORGOTTEN_MS)
      return nothing
    },
  }
}

/**
 * Processes at the places #1 are stopped but never replaced: theirs is the memory that a line is drawn through.
 * Without root there is no small disk, without libfaketime no clock.
 */
export function disturbances({ disk, hasClock }: ChaosStage): Disturbance[] {
  return [
    killed('app:orders#0', nothing),
    killed('app:chat#0', ({ client }) => client === 'chat'),
    killed('front#0', ({ kind, front }, pid) => kind === 'cut' && (front === 0 || front === pid)),
    stopped('front#0', STOPPED_MS),
    stopped('front#1', STOPPED_MS),
    stopped('app:orders#1', STOPPED_MS),
    stopped('app:orders#0', STOPPED_DEAD_MS),
    STARVED,
    ...(disk ? [FULL] : []),
    ...(hasClock ? [jumped('+86400s'), jumped('-3600s')] : []),
    troubled(0, 'closes'),
    troubled(1, 'garbage'),
    troubled(0, 'hangs'),
    troubled(1, 'late'),
    troubled(0, 'down'),
  ]
}
