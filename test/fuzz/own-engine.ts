/** Runs a target on mutated inputs until something falls over. */
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
}

/** One input may take this long: beyond it the target hangs, or is on the way to it. */
const HANG_MS = 2000
const MAX_FINDINGS = 10
/** Between two breaths for the loop. */
const BURST = 2000

export async function fuzz(target: FuzzTarget, executions: number, seed: number): Promise<FuzzFigures> {
  const figures: FuzzFigures = { executions: 0, slowestMs: 0, findings: [] }
  const inputs = new Mutator(target, seed)
  for (const text of target.seeds) await tryOne(target, Buffer.from(text, 'latin1'), figures)
  while (figures.executions < executions && figures.findings.length < MAX_FINDINGS) {
    await tryOne(target, inputs.next(), figures)
    if (figures.executions % BURST === 0) await new Promise((resolve) => setImmediate(resolve))
  }
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
