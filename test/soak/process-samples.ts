/** Memory and descriptors of a master and its workers, over time. */
import { readFileSync } from 'node:fs'
import { openFiles, residentBytes } from '../support/process-figures.ts'
import { driftOf, type Drift, type Point } from './drift.ts'

const INTERVAL_MS = 2000
/** Of its life, a process is warming up for so long a part. */
const WARM_UP = 0.35
const HOUR_MS = 3_600_000

interface Series {
  readonly role: string
  readonly memory: Point[]
  readonly descriptors: Point[]
}

export interface ProcessDrift {
  readonly role: string
  readonly pid: number
  /** That were looked at, without the time in which it warmed up. */
  readonly minutes: number
  /** MiB per hour. */
  readonly memory: Drift
  /** Per hour. */
  readonly descriptors: Drift
  readonly residentMib: number
}

export class ProcessSamples {
  readonly #master: number
  readonly #series = new Map<number, Series>()
  readonly #timer: NodeJS.Timeout

  constructor(master: number) {
    this.#master = master
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of the processes that were there at the end and for so long. */
  drifts(leastMs: number): ProcessDrift[] {
    const endMs = Math.max(...[...this.#series.values()].map(({ memory }) => memory.at(-1)?.at ?? 0))
    return [...this.#series].flatMap(([pid, { role, memory, descriptors }]) => {
      const [first, last] = [memory[0]?.at ?? 0, memory.at(-1)?.at ?? 0]
      const life = last - first
      if (last < endMs || life < leastMs / HOUR_MS) return []
      const warm = ({ at }: Point): boolean => at >= first + life * WARM_UP
      const drifts = { memory: driftOf(memory.filter(warm)), descriptors: driftOf(descriptors.filter(warm)) }
      if (!drifts.memory || !drifts.descriptors) return []
      const minutes = life * (1 - WARM_UP) * 60
      const residentMib = memory.at(-1)?.value ?? 0
      return [{ role, pid, minutes, memory: drifts.memory, descriptors: drifts.descriptors, residentMib }]
    })
  }

  #look(): void {
    const at = performance.now() / HOUR_MS
    for (const [pid, role] of [[this.#master, 'master'] as const, ...childrenOf(this.#master)]) {
      try {
        const series = this.#series.get(pid) ?? { role, memory: [], descriptors: [] }
        this.#series.set(pid, series)
        const [bytes, files] = [residentBytes(pid), openFiles(pid).length]
        series.memory.push({ at, value: bytes / 2 ** 20 })
        series.descriptors.push({ at, value: files })
      } catch {
        // it is gone
      }
    }
  }
}

function childrenOf(pid: number): [number, string][] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number)
  return pids.flatMap((child) => {
    try {
      const title = readFileSync(`/proc/${child}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
      return [[child, /worker (\S+)/.exec(title)?.[1] ?? title.slice(-40)] satisfies [number, string]]
    } catch {
      return []
    }
  })
}

export function describeDrift({
  role,
  pid,
  minutes,
  memory,
  descriptors,
  residentMib,
}: ProcessDrift): string {
  const line = ({ slope, low, high }: Drift): string =>
    `${slope.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`
  return (
    `${role} (${pid}), last ${minutes.toFixed(1)} min: ${residentMib.toFixed(0)} MiB, ` +
    `${line(memory)} MiB/h, ${line(descriptors)} descriptors/h`
  )
}
