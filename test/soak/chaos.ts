/** The full mix, and everything happening to it; or only what an operator does, a hundred times. */
import { ChaosStage } from './chaos-stage.ts'
import { disturbances, RELOADED, ROLLED, type Disturbance } from './disturbances.ts'
import { pause, type Scenario, type ScenarioOptions, type ScenarioReport } from './scenario.ts'

const BETWEEN_MS = 1500
/** Reloads replace all workers: they come first, so that the others live long enough to be measured. */
const RELOADING_PART = 0.3

async function disturb(stage: ChaosStage, disturbance: Disturbance): Promise<void> {
  stage.happenings.push({ name: disturbance.name, causes: await disturbance.run(stage) })
}

async function run({ limitMs, protocol, say }: ScenarioOptions): Promise<ScenarioReport> {
  const stage = await ChaosStage.start(protocol)
  try {
    const began = performance.now()
    const part = (): number => (performance.now() - began) / limitMs
    const others = disturbances(stage)
    for (let turn = 0; part() < 1; turn += 1) {
      const reloads = part() < RELOADING_PART
      const operator = turn % 3 === 0 ? RELOADED : ROLLED
      const next = reloads && turn % 3 !== 2 ? operator : others[turn % others.length]
      if (next) await disturb(stage, next)
      say(`${minutes(began)} min, ${next?.name}: ${stage.requests} requests, ${stage.failed} failed`)
      await pause(BETWEEN_MS)
    }
    return await stage.report()
  } finally {
    await stage.close()
  }
}

async function runReloads({ events, limitMs, protocol, say }: ScenarioOptions): Promise<ScenarioReport> {
  const stage = await ChaosStage.start(protocol)
  try {
    const began = performance.now()
    const late = (): boolean => performance.now() - began > limitMs
    for (let event = 1; event <= events; event += 1) {
      if (late()) {
        stage.faults.push(`${event - 1} of ${events} reloads of each kind in time`)
        break
      }
      await disturb(stage, RELOADED)
      await disturb(stage, ROLLED)
      say(`${minutes(began)} min, ${event} of each: ${stage.requests} requests, ${stage.failed} failed`)
    }
    return await stage.report()
  } finally {
    await stage.close()
  }
}

function minutes(beganMs: number): string {
  return ((performance.now() - beganMs) / 60_000).toFixed(1)
}

export const CHAOS: Scenario = {
  name: 'chaos',
  promise:
    'whatever happens, only what it takes with it fails; memory and descriptors do not grow; no [alert]',
  requests: 0,
  events: 0,
  minutes: 10,
  run,
}

export const RELOAD_MIX: Scenario = {
  name: 'reload-mix',
  promise: 'reloads and rolling restarts of the application under the full mix: no request fails',
  requests: 0,
  events: 100,
  minutes: 40,
  run: runReloads,
}
