/** One comparison: the same load for every contender, alternating. */
import { Contender, LOAD_CPU, type ContenderSpec } from './contender.ts'
import { measure, prepareLoad, type Load, type Sample } from './load.ts'

/** What our row has to reach against the reference; each is checked where it is said. */
export interface Targets {
  /** Least requests per second, as a part of the reference's. */
  readonly rate?: number
  /** Most CPU time per request, as a part of the reference's. */
  readonly cpu?: number
  /** Most resident memory at the end, MB. */
  readonly residentMb?: number
  /** Most that resident memory may grow while the rounds run (after the warm-up), MB. */
  readonly growthMb?: number
  /** Most milliseconds from the start of the program to its first accepted connection. */
  readonly startMs?: number
}

export interface Scenario {
  readonly name: string
  readonly load: Load
  /** Processors of the servers. */
  readonly cpus: string
  /** Ours, the reference that the targets speak of, then further peers. */
  readonly contenders: readonly ContenderSpec[]
  readonly targets: Targets
  /** What has to be reached against further ones, by name. */
  readonly furtherTargets?: Readonly<Record<string, Targets>>
  /** What all of them speak to: on the processor of the load, and not measured. */
  readonly backdrop?: ContenderSpec | undefined
  /** What is not measured, and why. */
  readonly skipped?: string
}

/** Middle, least and most of the rounds. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

export interface Row {
  readonly scenario: string
  readonly contender: string
  readonly requestsPerSecond: Spread
  readonly cpuMicroseconds: Spread
  /** Ours divided by this one's, round by round; undefined for ours itself. */
  readonly rateRatio: Spread | undefined
  readonly cpuRatio: Spread | undefined
  readonly failures: number
  /** Highest that resident memory has been, and by how much more than after the warm-up; bytes. */
  readonly residentBytes: number
  readonly growthBytes: number
  readonly startMs: number
  /** On the rows of references only. */
  readonly targets: Targets | undefined
  /** In words: which targets are missed. */
  readonly missed: readonly string[]
}

const WARM_UP_SECONDS = 2

export async function runScenario(scenario: Scenario, rounds: number, seconds: number): Promise<Row[]> {
  const trials = scenario.contenders.map((spec) => new Trial(new Contender(spec), scenario.load))
  const backdrop = scenario.backdrop && new Contender(scenario.backdrop)
  try {
    await backdrop?.start(LOAD_CPU)
    for (const trial of trials) await trial.start(scenario.cpus)
    for (let round = 0; round < rounds; round += 1) for (const trial of trials) await trial.round(seconds)
    return trials.map((trial, index) => summarize(scenario, trials, trial, index))
  } finally {
    for (const trial of trials) await trial.contender.stop()
    await backdrop?.stop()
  }
}

class Trial {
  readonly contender: Contender
  readonly samples: Sample[] = []
  #load: Load
  warmBytes = 0
  peakBytes = 0

  constructor(contender: Contender, load: Load) {
    this.contender = contender
    this.#load = load
  }

  async start(cpus: string): Promise<void> {
    await this.contender.start(cpus)
    this.#load = await prepareLoad(this.#load, this.contender)
    await measure(this.contender, this.#load, WARM_UP_SECONDS)
    this.warmBytes = this.peakBytes = this.contender.residentBytes()
  }

  async round(seconds: number): Promise<void> {
    const watch = setInterval(() => this.#look(), 200)
    try {
      this.samples.push(await measure(this.contender, this.#load, seconds))
    } finally {
      clearInterval(watch)
    }
    this.#look()
  }

  #look(): void {
    this.peakBytes = Math.max(this.peakBytes, this.contender.residentBytes())
  }
}

function summarize(scenario: Scenario, trials: readonly Trial[], trial: Trial, index: number): Row {
  const [ours] = trials
  const own = trial.samples
  const against = (of: (sample: Sample) => number): Spread | undefined =>
    index === 0 || !ours
      ? undefined
      : spread(own.map((sample, round) => of(ours.samples[round] ?? sample) / of(sample)))
  const name = trial.contender.spec.name
  const targets = index === 1 ? scenario.targets : scenario.furtherTargets?.[name]
  const row = {
    scenario: scenario.name,
    contender: name,
    requestsPerSecond: spread(own.map((sample) => sample.requestsPerSecond)),
    cpuMicroseconds: spread(own.map((sample) => sample.cpuMicroseconds)),
    rateRatio: against((sample) => sample.requestsPerSecond),
    cpuRatio: against((sample) => sample.cpuMicroseconds),
    failures: own.reduce((sum, sample) => sum + sample.failures, 0),
    residentBytes: trial.peakBytes,
    growthBytes: trial.peakBytes - trial.warmBytes,
    startMs: trial.contender.startMs,
    targets,
  }
  return { ...row, missed: targets && ours ? misses(targets, row, ours) : [] }
}

/** Memory and start are ours alone, rate and CPU time in relation to the reference. */
function misses(targets: Targets, row: Pick<Row, 'rateRatio' | 'cpuRatio'>, ours: Trial): string[] {
  const found: string[] = []
  const above = (what: string, value: number | undefined, most: number | undefined): void => {
    if (most !== undefined && !((value ?? Infinity) <= most)) found.push(`${what} above ${most}`)
  }
  const { rate } = targets
  if (rate !== undefined && !((row.rateRatio?.median ?? 0) >= rate)) found.push(`req/s below ${rate}`)
  above('CPU', row.cpuRatio?.median, targets.cpu)
  above('RSS MB', ours.peakBytes / 1e6, targets.residentMb)
  above('RSS growth MB', (ours.peakBytes - ours.warmBytes) / 1e6, targets.growthMb)
  above('start ms', ours.contender.startMs, targets.startMs)
  if (ours.samples.some((sample) => sample.failures > 0)) found.push('failed requests')
  return found
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low, high] = [sorted[middle - 1] ?? NaN, sorted[middle] ?? NaN]
  const median = sorted.length % 2 === 1 ? high : (low + high) / 2
  return { median, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN }
}
