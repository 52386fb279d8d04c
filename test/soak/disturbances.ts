/** What can happen to a running server, each with the failures that it is a cause of: as few as can be. */
import { connect, type Socket } from 'node:net'
import { DESCRIPTORS, type Cause, type ChaosStage } from './chaos-stage.ts'
import { openCount } from './process-samples.ts'
import { isAlive, pause, reached } from './scenario.ts'
import type { Trouble } from './troubled-upstream.ts'
import { CHAT_PATH } from './visit-kinds.ts'
import type { VisitFailure } from './visitors.ts'

export interface Disturbance {
  readonly name: string
  /** Resolves when it is over, to what it is a cause of. */
  run(stage: ChaosStage): Promise<readonly Cause[]>
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

/** How often it is looked who is short of descriptors. */
const LOOK_MS = 40
/** A front keeps so many for itself, and gives idle connections up for new ones with the others gone. */
const RESERVED = 48

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
    return []
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
    return []
  },
}

/** `missed`: failures of its absence, from its death until another is in its place. */
function killed(place: string, missed?: Cause['explains']): Disturbance {
  return {
    name: `kill -9 of ${place}`,
    async run(stage) {
      const kill = await stage.server.kill(place)
      stage.kills.push(kill)
      if (!missed) return []
      return [{ fromMs: kill.beganMs, toMs: performance.now(), explains: missed }]
    },
  }
}

/** Those whose connection it had go with it, at once; the others never know. */
const FRONT_KILLED: Disturbance = {
  name: 'kill -9 of front#0',
  async run(stage) {
    const kill = await stage.server.kill('front#0')
    stage.kills.push(kill)
    const { pid, beganMs: fromMs, goneMs: toMs } = kill
    return [{ fromMs, toMs, explains: ({ kind, front }) => kind === 'cut' && (front === 0 || front === pid) }]
  },
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
      return []
    },
  }
}

/** What has to be put on it cannot be taken, and is refused; what was begun already ends. */
const FULL: Disturbance = {
  name: 'full disk',
  async run({ disk }) {
    const fromMs = performance.now()
    disk?.fill()
    await pause(FULL_MS)
    disk?.clear()
    const explains = ({ client, kind, detail }: VisitFailure): boolean =>
      (kind === 'status' && /^50[07]$/.test(detail) && ['upload', 'PUT', 'POST', 'long'].includes(client)) ||
      (kind === 'cut' && ['upload', 'long'].includes(client))
    const said = /\[crit\].*(?:28: No space left on device|ENOSPC: no space left on device)/
    return [{ fromMs, toMs: performance.now(), explains, said }]
  },
}

/** Those of a worker that has none left fail, from when it has none until it has some again. */
const STARVED: Disturbance = {
  name: 'no descriptors',
  async run({ server, faults }) {
    const fronts = [...server.workers('front').values()].map((pid) => new Shortage(pid))
    const hogs: Socket[] = []
    for (let count = 0; count < HOGS; count += 1) {
      hogs.push(connect(server.port, '127.0.0.1').on('error', () => undefined))
    }
    const isOver = (): boolean => !fronts.map((front) => front.look()).includes(true)
    for (const endMs = performance.now() + STARVED_MS; performance.now() < endMs; await pause(LOOK_MS))
      isOver()
    for (const hog of hogs) hog.destroy()
    if (!(await reached(isOver, LIMIT_MS))) faults.push('descriptors were not given back')
    return fronts.flatMap((front) => front.causes)
  },
}

/** When a worker had no descriptors, as its own say. */
class Shortage {
  readonly #pid: number
  /** It had some when it was last looked at before. */
  #fromMs = performance.now()
  #toMs: number | undefined

  constructor(pid: number) {
    this.#pid = pid
  }

  /** Whether it has none. */
  look(): boolean {
    const isShort = lacksDescriptors(this.#pid)
    if (isShort) this.#toMs = performance.now()
    else if (this.#toMs === undefined) this.#fromMs = performance.now()
    return isShort
  }

  get causes(): Cause[] {
    if (this.#toMs === undefined) return []
    const explains = ({ kind, detail, front }: VisitFailure): boolean =>
      (front === 0 || front === this.#pid) &&
      (kind === 'cut' || (kind === 'status' && /\b50[0234]$/.test(detail)))
    const said = /\[crit\].*\(24: Too many open files\)|\d worker_connections are not enough$/
    return [{ fromMs: this.#fromMs, toMs: this.#toMs, explains, said }]
  }
}

function lacksDescriptors(pid: number): boolean {
  try {
    return openCount(pid) >= DESCRIPTORS - RESERVED
  } catch {
    return false // it is gone
  }
}

function jumped(seconds: number): Disturbance {
  return {
    name: `clock ${seconds} s`,
    async run(stage) {
      stage.setClock(seconds)
      await pause(JUMPED_MS)
      stage.setClock(0)
      await pause(JUMPED_MS)
      return []
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
      return []
    },
  }
}

/**
 * Processes at the places #1 are stopped but never replaced: theirs is the memory that a line is drawn through.
 * Without root there is no small disk.
 */
export function disturbances({ disk }: ChaosStage): Disturbance[] {
  return [
    killed('app:orders#0'),
    killed(
      'app:chat#0',
      ({ client, kind, detail }) =>
        (client === 'chat' && (kind === 'cut' || /^50[24]$/.test(detail))) ||
        (client === 'hostile' && detail.startsWith(`GET ${CHAT_PATH} `) && /: 50[24]$/.test(detail)),
    ),
    FRONT_KILLED,
    stopped('front#0', STOPPED_MS),
    stopped('front#1', STOPPED_MS),
    stopped('app:orders#1', STOPPED_MS),
    stopped('app:orders#0', STOPPED_DEAD_MS),
    STARVED,
    ...(disk ? [FULL] : []),
    jumped(86_400),
    jumped(-3600),
    troubled(0, 'closes'),
    troubled(1, 'garbage'),
    troubled(0, 'hangs'),
    troubled(1, 'late'),
    troubled(0, 'down'),
  ]
}
