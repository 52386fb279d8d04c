/** One comparison: the same request to every contender, alternating. */
import { Contender, type ContenderSpec } from './contender.ts'
import { measure, type Sample } from './load.ts'

export interface Scenario {
  readonly name: string
  readonly path: string
  readonly connections: number
  /** Processors of the servers. */
  readonly cpus: string
  /** Ours first; the others are peers. */
  readonly contenders: readonly ContenderSpec[]
  /** Least ratio of our requests per second to the first peer's. */
  readonly target: number
}

export interface Row {
  readonly scenario: string
  readonly contender: string
  readonly requestsPerSecond: number
  readonly cpuMicroseconds: number
  /** Ours divided by this one's, round by round, the median; NaN for ours itself. */
  readonly ratio: number
  readonly failures: number
  readonly residentMegabytes: number
  readonly target: number | undefined
}

/** Processor of the load generator. */
const LOAD_CPU = '1'

export async function runScenario(scenario: Scenario, rounds: number, seconds: number): Promise<Row[]> {
  const contenders = scenario.contenders.map((spec) => new Contender(spec))
  const samples = contenders.map((): Sample[] => [])
  try {
    for (const contender of contenders) await contender.start(scenario.cpus)
    for (let round = -1; round < rounds; round += 1) {
      for (const [index, contender] of contenders.entries()) {
        const url = `http://127.0.0.1:${contender.spec.port}${scenario.path}`
        const warmUp = round < 0
        const sample = await measure(contender, {
          url,
          connections: scenario.connections,
          seconds: warmUp ? 2 : seconds,
          cpu: LOAD_CPU,
        })
        if (!warmUp) samples[index]?.push(sample)
      }
    }
    return contenders.map((contender, index) =>
      summarize(scenario, contender, samples[index] ?? [], samples[0] ?? [], index),
    )
  } finally {
    for (const contender of contenders) await contender.stop()
  }
}

function summarize(
  scenario: Scenario,
  contender: Contender,
  own: readonly Sample[],
  ours: readonly Sample[],
  index: number,
): Row {
  const ratios = own.map(
    (sample, round) => (ours[round]?.requestsPerSecond ?? NaN) / sample.requestsPerSecond,
  )
  return {
    scenario: scenario.name,
    contender: contender.spec.name,
    requestsPerSecond: median(own.map((sample) => sample.requestsPerSecond)),
    cpuMicroseconds: median(own.map((sample) => sample.cpuMicroseconds)),
    ratio: index === 0 ? NaN : median(ratios),
    failures: own.reduce((sum, sample) => sum + sample.failures, 0),
    residentMegabytes: contender.residentBytes() / 1e6,
    target: index === 1 ? scenario.target : undefined,
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
