/** One server under three times the load that it can bear. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Contender, LOAD_CPU, type ContenderSpec } from '../contender.ts'
import type { GeneratorTask } from './generator.ts'
import type { OpenLoad, Phase } from './open-load.ts'
import type { PhaseSummary } from './phase-summary.ts'

export interface TrialOptions {
  /** What is asked for. */
  readonly path: string
  /** Asked for all the while by somebody else, who has to be answered: by name. */
  readonly probes: Readonly<Record<string, string>>
  readonly seconds: number
  /** Times the capacity. */
  readonly factor: number
}

export interface TrialResult {
  readonly contender: string
  /** Requests per second of a closed loop. */
  readonly capacity: number
  /** Under the overload, and after it. */
  readonly over: PhaseSummary
  readonly after: PhaseSummary
  /** While the overload lasts, by name. */
  readonly probes: Readonly<Record<string, PhaseSummary>>
  /** Resident memory of the largest process, bytes: after the capacity was found, and the highest from there on. */
  readonly warmBytes: number
  readonly peakBytes: number
}

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url))
const CLOSED_CLIENTS = 16
const CAPACITY_SECONDS = 4
const BEFORE_SECONDS = 1
const AFTER_SECONDS = 4
/** Parts of the capacity. */
const CALM = 0.4
const PROBES_PER_SECOND = 50
/** Half of the visitors are new. */
const FRESH = 0.5
const PATIENCE = { usefulMs: 1000, promptMs: 250 }
const GIVE_UP_MS = 5000

export async function runTrial(
  spec: ContenderSpec,
  cpus: string,
  options: TrialOptions,
): Promise<TrialResult> {
  const contender = new Contender(spec)
  await contender.start(cpus)
  try {
    return await measure(contender, options)
  } finally {
    await contender.stop()
  }
}

async function measure(contender: Contender, options: TrialOptions): Promise<TrialResult> {
  const { port, name } = contender.spec
  const { path, factor, seconds } = options
  const closed = { kind: 'closed', port, path, clients: CLOSED_CLIENTS } as const
  await generate({ ...closed, seconds: 2 }) // warms up
  const capacity = (await generate({ ...closed, seconds: CAPACITY_SECONDS })) as number
  const warmBytes = contender.residentBytes()
  const phases = (before: number, over: number, after: number): Phase[] => [
    { name: 'before', rate: before, seconds: BEFORE_SECONDS },
    { name: 'over', rate: over, seconds },
    { name: 'after', rate: after, seconds: AFTER_SECONDS },
  ]
  const visitors = { port, fresh: FRESH, giveUpMs: GIVE_UP_MS }
  const load = { ...visitors, path, phases: phases(capacity * CALM, capacity * factor, capacity * CALM) }
  let peakBytes = warmBytes
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, contender.residentBytes())), 250)
  const probing = Object.entries(options.probes).map(async ([probe, at]) => {
    const calls = { ...visitors, fresh: 1, path: at, phases: phases(1, PROBES_PER_SECOND, 1) }
    return [probe, phaseOf(await open(calls), 'over')] as const
  })
  const [visited, ...probed] = await Promise.all([open(load), ...probing]).finally(() => clearInterval(watch))
  return {
    contender: name,
    capacity,
    over: phaseOf(visited, 'over'),
    after: phaseOf(visited, 'after'),
    probes: Object.fromEntries(probed),
    warmBytes,
    peakBytes,
  }
}

function phaseOf(summaries: readonly PhaseSummary[], name: string): PhaseSummary {
  const found = summaries.find((summary) => summary.name === name)
  if (!found) throw new Error(`no phase "${name}"`)
  return found
}

async function open(load: OpenLoad): Promise<PhaseSummary[]> {
  return (await generate({ kind: 'open', patience: PATIENCE, ...load })) as PhaseSummary[]
}

/** On the processor of the load; what it prints. */
async function generate(task: GeneratorTask): Promise<unknown> {
  const argv = ['-c', LOAD_CPU, process.execPath, GENERATOR, JSON.stringify(task)]
  const child = spawn('taskset', argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()))
  const { promise, resolve } = Promise.withResolvers<number | null>()
  child.on('close', resolve)
  const code = await promise
  if (code !== 0) throw new Error(`generator.ts ended with ${String(code)}`)
  return JSON.parse(text)
}
