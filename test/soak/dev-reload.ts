/** A project that changes under `portico dev`: its memory after hundreds of threads. */
import { residentBytes } from '../support/process-figures.ts'
import { ReloadedProject } from '../support/reloaded-project.ts'
import { driftOf, isGrowing, type Point } from './drift.ts'
import { pause, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

/** Pages that the heap has grown to and young generations that grow with use come first: 24 MiB after 100 reloads. */
const WARM_UP = 0.5
/** An editor is not as fast as a loop: the thread that waits for a change has time to come. */
const BETWEEN_MS = 400
/** More than this is more than a reload may cost for good. */
const MAX_KIB_EACH = 64
const MIB = 2 ** 20

async function run({ events, limitMs, say }: ScenarioOptions): Promise<ScenarioReport> {
  const project = await ReloadedProject.start({ interpreted: false })
  const late = performance.now() + limitMs
  const resident: Point[] = []
  const times: number[] = []
  const faults: string[] = []
  try {
    while (times.length < events && performance.now() < late) {
      times.push(await project.reload())
      await pause(BETWEEN_MS)
      resident.push({ at: times.length, value: residentBytes(project.dev.child.pid ?? 0) / 1024 })
      if (times.length % 20 === 0)
        say(`${times.length} reloads: ${((resident.at(-1)?.value ?? 0) / 1024).toFixed(1)} MiB`)
    }
    if (times.length < events) faults.push(`only ${times.length} of ${events} reloads`)
    const drift = driftOf(resident.slice(Math.floor(resident.length * WARM_UP)))
    if (drift && isGrowing(drift, MAX_KIB_EACH))
      faults.push(`${drift.slope.toFixed(1)} KiB are left of each reload`)
    const { bytes, threads } = await project.heap()
    if (threads > 4) faults.push(`${threads} threads are kept`)
    const kib = drift && `${drift.slope.toFixed(1)} ± ${drift.error.toFixed(1)}`
    const sorted = times.toSorted((a, b) => a - b)
    const figures = {
      'KiB of resident memory a reload': kib ?? 'too few reloads',
      'MiB resident at the end': ((resident.at(-1)?.value ?? 0) / 1024).toFixed(1),
      'MiB of heap at the end': (bytes / MIB).toFixed(1),
      threads,
      'ms until served, median': Math.round(sorted[sorted.length >> 1] ?? 0),
    }
    return { requests: times.length, answered: { changes: times.length }, expected: {}, faults, figures }
  } finally {
    const code = await project.stop()
    if (code !== 0) faults.push(`ended with ${code}`)
  }
}

export const DEV_RELOAD: Scenario = {
  name: 'dev-reload',
  promise: 'a project that is changed again and again under `portico dev` leaves nothing in its memory',
  requests: 200,
  events: 400,
  minutes: 15,
  run,
}
