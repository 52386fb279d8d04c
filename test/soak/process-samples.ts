/** Memory and descriptors of a master and its workers, over time: a series for each process, from its first to its last. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { residentBytes } from '../support/process-figures.ts'
import { driftOf, floorOf, isGrowing, without, type Drift, type Point } from './drift.ts'

const INTERVAL_MS = 2000
/** Of its life, a process is warming up for so long a part. */
const WARM_UP = 0.35
const HOUR_MS = 3_600_000
const MIB = 2 ** 20
/** Of the time that is left, at least three measurements of the heap each where a life is ten minutes long. */
const STRETCHES = 24
/** Of the heap, MiB per hour. */
const NOTICED_MIB = 1
/** And in all: what runs for the first time leaves its feedback, and its tables. */
const NOTICED_GROWTH_MIB = 0.5
/** Descriptors per hour, and in all. */
const NOTICED_DESCRIPTORS = 1
/**
 * Of resident memory without the young generation, which a burst doubles up to a bound of its own
 * (test/system/young-generation.test.ts): MiB per hour, and of windows so long only, since the allocator's arenas take
 * what they need under load and do not give it back. The heap is what says whether something is kept.
 */
const NOTICED_RESIDENT_MIB = 32
const RESIDENT_MINUTES = 20

const PROBE = new URL('heap-probe.ts', import.meta.url)

interface Series {
  readonly pid: number
  role: string
  readonly resident: Point[]
  readonly descriptors: Point[]
}

export interface ProcessDrift {
  readonly role: string
  readonly pid: number
  /** That were looked at, without the time in which it warmed up. */
  readonly minutes: number
  /** MiB per hour of data, after a forced collection, with what the heap owns outside itself. */
  readonly heap: Drift | undefined
  /** Without the young generation, MiB per hour. */
  readonly resident: Drift
  /** Per hour. */
  readonly descriptors: Drift
  /** At the end, MiB. */
  readonly heapMib: number
  /** After each quarter of its life, MiB, with the young generation. */
  readonly residentMib: readonly number[]
  /** Of these, the young generation's at the end. */
  readonly youngMib: number
}

/** Where the processes under test say what their heap holds. */
export class HeapFolder {
  readonly #path = mkdtempSync(join(tmpdir(), 'soak-heap-'))

  /** For their environment: loads what measures. */
  get nodeOptions(): string {
    return `--import=${PROBE.href}?${encodeURI(this.#path)}`
  }

  /** In MiB, over hours on the clock of `performance.now()`: what the heap holds, and what its young generation has. */
  points(pid: number): { heap: Point[]; young: Point[] } {
    const points: { heap: Point[]; young: Point[] } = { heap: [], young: [] }
    let text: string
    try {
      text = readFileSync(join(this.#path, String(pid)), 'latin1')
    } catch {
      return points
    }
    const sinceBootMs = Number(process.hrtime.bigint() / 1_000_000n) - performance.now()
    for (const line of text.split('\n')) {
      const [ms, heap, external, young] = line.split(' ').map(Number)
      if (ms === undefined || heap === undefined || external === undefined || young === undefined) continue
      const at = (ms - sinceBootMs) / HOUR_MS
      points.heap.push({ at, value: (heap + external) / MIB })
      points.young.push({ at, value: young / MIB })
    }
    return points
  }

  remove(): void {
    rmSync(this.#path, { recursive: true, force: true })
  }
}

export class ProcessSamples {
  readonly #master: number
  readonly #heaps: HeapFolder
  /** By process id and start: ids come round. */
  readonly #series = new Map<string, Series>()
  readonly #timer: NodeJS.Timeout

  constructor(master: number, heaps: HeapFolder, onLook: () => void) {
    this.#master = master
    this.#heaps = heaps
    this.#timer = setInterval(() => {
      this.#look()
      onLook()
    }, INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of the processes that lived for so long, also of those that are gone. */
  drifts(leastMs: number): ProcessDrift[] {
    return [...this.#series.values()].flatMap(({ pid, role, resident, descriptors }) => {
      const [first, last] = [resident[0]?.at ?? 0, resident.at(-1)?.at ?? 0]
      const life = last - first
      if (life < leastMs / HOUR_MS) return []
      const { heap, young } = this.#heaps.points(pid)
      const line = (points: readonly Point[]): Drift | undefined =>
        driftOf(
          floorOf(
            points.filter(({ at }) => at >= first + life * WARM_UP && at <= last),
            STRETCHES,
          ),
        )
      const drifts = {
        heap: line(heap),
        resident: line(without(resident, young)),
        descriptors: line(descriptors),
      }
      if (!drifts.resident || !drifts.descriptors) return []
      return [
        {
          role,
          pid,
          minutes: life * (1 - WARM_UP) * 60,
          heap: drifts.heap,
          resident: drifts.resident,
          descriptors: drifts.descriptors,
          heapMib: heap.at(-1)?.value ?? 0,
          residentMib: [0.25, 0.5, 0.75, 1].map(
            (part) => resident[Math.floor((resident.length - 1) * part)]?.value ?? 0,
          ),
          youngMib: young.at(-1)?.value ?? 0,
        },
      ]
    })
  }

  #look(): void {
    const at = performance.now() / HOUR_MS
    for (const [pid, role] of [[this.#master, 'master'] as const, ...childrenOf(this.#master)]) {
      try {
        const [life, bytes, files] = [lifeOf(pid), residentBytes(pid), openCount(pid)]
        // it names itself once it has its work: until then it is what it was started as
        const series = this.#series.get(life) ?? { pid, role, resident: [], descriptors: [] }
        series.role = role
        this.#series.set(life, series)
        series.resident.push({ at, value: bytes / MIB })
        series.descriptors.push({ at, value: files })
      } catch {
        // it is gone
      }
    }
  }
}

/** Tells two processes of one id apart: field 22 of its stat is when it started. */
function lifeOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return `${pid} ${stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? ''}`
}

/** How many descriptors a process holds. */
export function openCount(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length
}

function childrenOf(pid: number): [number, string][] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number)
  return pids.flatMap((child) => {
    try {
      const title = readFileSync(`/proc/${child}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
      return [
        [child, /portico: worker (\S+)/.exec(title)?.[1] ?? title.slice(-40)] satisfies [number, string],
      ]
    } catch {
      return []
    }
  })
}

/** What must not be, as sentences. */
export function leaksOf(drift: ProcessDrift): string[] {
  const { heap, resident, descriptors, minutes } = drift
  const perHour = (grown: number): number => (grown * 60) / minutes
  const grows =
    (heap !== undefined && isGrowing(heap, Math.max(NOTICED_MIB, perHour(NOTICED_GROWTH_MIB)))) ||
    (minutes >= RESIDENT_MINUTES && isGrowing(resident, NOTICED_RESIDENT_MIB)) ||
    isGrowing(descriptors, Math.max(NOTICED_DESCRIPTORS, perHour(NOTICED_DESCRIPTORS)))
  const unmeasured = heap === undefined ? [`heap not measured: ${describeDrift(drift)}`] : []
  return grows ? [`grows: ${drift.role} ${describeDrift(drift)}`] : unmeasured
}

export function describeDrift({
  pid,
  minutes,
  heap,
  resident,
  descriptors,
  heapMib,
  residentMib,
  youngMib,
}: ProcessDrift): string {
  const line = (drift: Drift | undefined): string =>
    drift === undefined ? 'not measured' : `${drift.slope.toFixed(1)} ± ${drift.error.toFixed(1)}`
  return (
    `(process ${pid}), last ${minutes.toFixed(1)} min: heap ${heapMib.toFixed(1)} MiB, ${line(heap)} MiB/h; ` +
    `resident ${residentMib.map((mib) => mib.toFixed(0)).join(' ')} MiB, of these ${youngMib.toFixed(0)} the young generation, without it ${line(resident)} MiB/h; ${line(descriptors)} descriptors/h`
  )
}
