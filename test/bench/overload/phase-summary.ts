/** What a phase of an open load came to. */
import type { PhaseSamples, Sample } from './open-load.ts'

export interface PhaseSummary {
  readonly name: string
  readonly offered: number
  readonly offeredPerSecond: number
  /** Status 200 soon enough for the visitor to be there still, per second. */
  readonly usefulPerSecond: number
  /** Answers and failures by kind: `200`, `503`, `refused`, `cut`, `gone`. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Milliseconds; of 200, and of what was refused (another status, or no connection). NaN without any. */
  readonly answeredMs: Percentiles
  readonly refusedMs: Percentiles
  /** When the last request was due that was not answered with 200 within `promptMs`; 0 where all were. */
  readonly troubledUntilMs: number
  /** How late the generator was, at the worst. */
  readonly lagMs: number
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

export interface Patience {
  /** Beyond it an answer is of no use. */
  readonly usefulMs: number
  /** As on a day when nothing is wrong. */
  readonly promptMs: number
}

export function summarise({ phase, samples, lagMs }: PhaseSamples, patience: Patience): PhaseSummary {
  const outcomes: Record<string, number> = {}
  for (const { outcome } of samples) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
  const good = samples.filter(({ outcome }) => outcome === 200)
  const useful = good.filter(({ tookMs }) => tookMs <= patience.usefulMs)
  const refused = samples.filter(({ outcome }) => outcome !== 200 && outcome !== 'gone')
  const troubled = samples.filter(({ outcome, tookMs }) => outcome !== 200 || tookMs > patience.promptMs)
  return {
    name: phase.name,
    offered: samples.length,
    offeredPerSecond: samples.length / phase.seconds,
    usefulPerSecond: useful.length / phase.seconds,
    outcomes,
    answeredMs: percentiles(good),
    refusedMs: percentiles(refused),
    troubledUntilMs: troubled.reduce((latest, { dueMs }) => Math.max(latest, dueMs), 0),
    lagMs,
  }
}

function percentiles(samples: readonly Sample[]): Percentiles {
  const sorted = samples.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const at = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN
  return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1) ?? NaN }
}
