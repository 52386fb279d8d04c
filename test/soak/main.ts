/**
 * Promises over time, by hand: a server under load while something happens to it; what failed, and whether it may.
 *
 *   node test/soak/main.ts [--scenario NAME] [--requests N] [--events N] [--minutes M] [--protocol P] [--json FILE]
 *   node test/soak/main.ts --list
 *
 * Ends with 0 where nothing happened that must not.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CHAOS, RELOAD_MIX } from './chaos.ts'
import { DEV_RELOAD } from './dev-reload.ts'
import { KILL_APPLICATION } from './kill-application.ts'
import { KILL_FRONT } from './kill-front.ts'
import { MOVING_UPSTREAM } from './moving-upstream.ts'
import { RELOAD } from './reload.ts'
import { ROLLING_RESTART } from './rolling-restart.ts'
import type { Scenario, ScenarioReport } from './scenario.ts'

const SCENARIOS: readonly Scenario[] = [
  RELOAD,
  ROLLING_RESTART,
  KILL_APPLICATION,
  MOVING_UPSTREAM,
  KILL_FRONT,
  CHAOS,
  RELOAD_MIX,
  DEV_RELOAD,
]
const SHOWN_FAULTS = 20

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: RELOAD.name },
    requests: { type: 'string' },
    events: { type: 'string' },
    minutes: { type: 'string' },
    protocol: { type: 'string', default: 'fastcgi' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

const pairs = (counts: Readonly<Record<string, number | string>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

function print({ name }: Scenario, report: ScenarioReport, seconds: number): void {
  console.log(`${name}: ${report.requests} requests in ${seconds} s; answered: ${pairs(report.answered)}`)
  console.log(`failed as it must: ${pairs(report.expected) || 'nothing may'}`)
  console.log(`figures: ${pairs(report.figures)}`)
  console.log(`faults: ${report.faults.length}`)
  for (const fault of report.faults.slice(0, SHOWN_FAULTS)) console.log(`  ${fault}`)
}

async function runScenario(scenario: Scenario): Promise<number> {
  const requests = Number(values.requests ?? scenario.requests)
  const began = performance.now()
  const report = await scenario.run({
    requests,
    events: Number(values.events ?? scenario.events),
    limitMs: Number(values.minutes ?? scenario.minutes) * 60_000,
    protocol: values.protocol,
    say: (line) => console.log(line),
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  const isKept = report.faults.length === 0 && report.requests >= requests
  print(scenario, report, seconds)
  if (values.json !== undefined) {
    const { name, promise } = scenario
    const text = JSON.stringify({ name, promise, isKept, seconds, ...report }, null, 2)
    writeFileSync(values.json, `${text}\n`)
  }
  if (report.requests < requests) console.log(`too few: ${report.requests} requests of ${requests}`)
  console.log(`${isKept ? 'KEPT' : 'BROKEN'}: ${scenario.promise}`)
  return isKept ? 0 : 1
}

const scenario = SCENARIOS.find(({ name }) => name === values.scenario)
if (values.list) {
  for (const { name, promise, minutes } of SCENARIOS)
    console.log(`${name} (${minutes} min at most): ${promise}`)
} else if (scenario) {
  process.exitCode = await runScenario(scenario)
} else {
  console.error(`no scenario "${values.scenario}"; --list names them`)
  process.exitCode = 2
}
