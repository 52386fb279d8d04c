/** Runs a target on mutated inputs until something falls over; inputs that reach new places are bases for others. */
import { Mutator } from './mutator.ts'
import type { FuzzTarget } from './targets/fuzz-target.ts'

export interface Finding {
  readonly target: string
  /** Latin-1 as JSON, to be put among the seeds. */
  readonly input: string
  readonly error: string
}

export interface FuzzFigures {
  executions: number
  /** The longest that one input took. */
  slowestMs: number
  readonly findings: Finding[]
  /** Places reached, each by how often in powers of two; 0 without counts. */
  reached: number
}

/** One input may take this long: beyond it the target hangs, or is on the way to it. */
const HANG_MS = 2000
const MAX_FINDINGS = 10
/** Between two breaths for the loop. */
const BURST = 2000

/** `counts` are those of an instrumented target. */
export async function fuzz(
  target: FuzzTarget,
  executions: number,
  seed: number,
  counts?: Uint8Array,
): Promise<FuzzFigures> {
  const figures: FuzzFigures = { executions: 0, slowestMs: 0, findings: [], reached: 0 }
  const inputs = new Mutator(target, seed, counts !== undefined)
  const coverage = counts && new Coverage(counts)
  for (const text of target.seeds) await tryOne(target, Buffer.from(text, 'latin1'), figures)
  while (figures.executions < executions && figures.findings.length < MAX_FINDINGS) {
    const input = inputs.next()
    await tryOne(target, input, figures)
    if (coverage?.reachesNew() === true) inputs.keep(input)
    if (figures.executions % BURST === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  figures.reached = coverage?.reached ?? 0
  return figures
}

async function tryOne(target: FuzzTarget, input: Buffer, figures: FuzzFigures): Promise<void> {
  const before = performance.now()
  figures.executions += 1
  try {
    const running = target.run(input)
    if (running !== undefined) await running
  } catch (error) {
    add(figures, target, input, error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const ms = performance.now() - before
  if (ms > figures.slowestMs) figures.slowestMs = ms
  if (ms > HANG_MS) add(figures, target, input, `took ${ms.toFixed(0)} ms`)
}

function add(figures: FuzzFigures, target: FuzzTarget, input: Buffer, error: string): void {
  const known = figures.findings.some((finding) => finding.error.slice(0, 80) === error.slice(0, 80))
  if (!known) {
    figures.findings.push({ target: target.name, input: JSON.stringify(input.toString('latin1')), error })
  }
}

/** Which places were ever passed how often: once, twice, up to four, eight, ... times in one execution. */
class Coverage {
  reached = 0
  readonly #counts: Uint8Array
  readonly #seen: Uint8Array

  constructor(counts: Uint8Array) {
    this.#counts = counts
    this.#seen = new Uint8Array(counts.length)
    counts.fill(0)
  }

  /** Whether the execution that is over went where none was before; the counts begin anew. */
  reachesNew(): boolean {
    const counts = this.#counts
    const before = this.reached
    for (let place = 0; place < counts.length; place += 1) {
      const count = counts[place] ?? 0
      if (count === 0) continue
      const bit = 1 << Math.min(7, 31 - Math.clz32(count))
      if (((this.#seen[place] ?? 0) & bit) !== 0) continue
      this.#seen[place] = (this.#seen[place] ?? 0) | bit
      this.reached += 1
    }
    counts.fill(0)
    return this.reached > before
  }
}
