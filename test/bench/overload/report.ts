/** What is printed of an overload, and what is promised of ours. */
import type { TrialResult } from './trial.ts'

const MIB = 1 << 20
const LEAST_USEFUL = 0.8
const HEALTH_MS = 50
const RECOVERED_MS = 1000
/** A refusal that takes longer is none that helps. */
const REFUSED_MS = 1000
/** Of the largest process. */
const MOST_BYTES = 256 * MIB

interface Column {
  readonly title: string
  readonly digits: number
  readonly of: (result: TrialResult) => number
}

function columns(results: readonly TrialResult[]): Column[] {
  const probes = Object.keys(results[0]?.probes ?? {})
  return [
    { title: 'capacity/s', digits: 0, of: ({ capacity }) => capacity },
    { title: 'offered/s', digits: 0, of: ({ over }) => over.offeredPerSecond },
    { title: 'useful of it', digits: 2, of: usefulPart },
    { title: 'answered p50 ms', digits: 0, of: ({ over }) => over.answeredMs.p50 },
    { title: 'p99', digits: 0, of: ({ over }) => over.answeredMs.p99 },
    { title: 'refused p50 ms', digits: 0, of: ({ over }) => over.refusedMs.p50 },
    { title: 'p99', digits: 0, of: ({ over }) => over.refusedMs.p99 },
    { title: 'gone', digits: 0, of: ({ over }) => over.outcomes['gone'] ?? 0 },
    ...probes.map((name) => ({ title: `${name} p99 ms`, digits: 1, of: probeMs(name) })),
    { title: 'recovered ms', digits: 0, of: ({ after }) => after.troubledUntilMs },
    { title: 'RSS MiB', digits: 0, of: ({ peakBytes }) => peakBytes / MIB },
  ]
}

function usefulPart({ over, capacity }: TrialResult): number {
  return over.usefulPerSecond / capacity
}

/** A probe that is not answered with 200 is one that has failed, however fast. */
function probeMs(name: string): (result: TrialResult) => number {
  return ({ probes }) => {
    const probe = probes[name]
    if (!probe) return NaN
    return (probe.outcomes['200'] ?? 0) < probe.offered * 0.99 ? Infinity : probe.answeredMs.p99
  }
}

/** A table of Markdown, and what it was made of. */
export function report(name: string, results: readonly TrialResult[]): string {
  const named = columns(results)
  const lines = [['contender', ...named.map(({ title }) => title)]]
  for (const contender of new Set(results.map((result) => result.contender))) {
    const own = results.filter((result) => result.contender === contender)
    lines.push([contender, ...named.map(({ of, digits }) => middle(own.map(of)).toFixed(digits))])
  }
  const [head = [], ...rows] = lines.map((cells) => `| ${cells.join(' | ')} |`)
  const rule = `|${(lines[0] ?? []).map((_, column) => (column === 0 ? ' --- |' : ' ---: |')).join('')}`
  const outcomes = results.map(
    ({ contender, over }) =>
      `  ${contender}: ${JSON.stringify(over.outcomes)}, generator late by ${over.lagMs.toFixed(0)} ms at the worst`,
  )
  return [name, '', head, rule, ...rows, '', ...outcomes].join('\n')
}

/** Which promises the contender does not keep, in the middle of its rounds. */
export function shortfalls(results: readonly TrialResult[], contender: string): string[] {
  const own = results.filter((result) => result.contender === contender)
  const of = (value: (result: TrialResult) => number): number => middle(own.map(value))
  const short: string[] = []
  if (!(of(usefulPart) >= LEAST_USEFUL)) short.push(`useful below ${LEAST_USEFUL} of the capacity`)
  if (of(({ over }) => over.refusedMs.p99) > REFUSED_MS) short.push(`refused after ${REFUSED_MS} ms`)
  if (of(({ over }) => (over.outcomes['gone'] ?? 0) / over.offered) > 0.01)
    short.push('visitors went away unanswered')
  for (const probe of Object.keys(own[0]?.probes ?? {}))
    if (!(of(probeMs(probe)) <= HEALTH_MS)) short.push(`${probe} above ${HEALTH_MS} ms`)
  if (of(({ after }) => after.troubledUntilMs) > RECOVERED_MS)
    short.push(`not recovered after ${RECOVERED_MS} ms`)
  if (of(({ peakBytes }) => peakBytes) > MOST_BYTES) short.push(`above ${MOST_BYTES / MIB} MiB`)
  return short
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? NaN
}
