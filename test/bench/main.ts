/**
 * `npm run bench [-- --rounds N] [--seconds N] [--json FILE] [--list] [SCENARIO ...]`: Portico beside its peers,
 * alternating in one run. A name that ends in `*` stands for all that begin so.
 *
 * Servers are pinned to processors, wrk to the second one. What counts is the ratio, and the CPU time per request:
 * requests per second of different runs or machines are not comparable. Exit code 1 when a target is missed.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { table } from './report.ts'
import { runScenario, type Row, type Scenario } from './scenario.ts'
import { scenarioTable } from './scenarios.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    json: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

const wanted = (name: string): boolean =>
  positionals.length === 0 ||
  positionals.some((given) => (given.endsWith('*') ? name.startsWith(given.slice(0, -1)) : name === given))

const folder = mkdtempSync(join(tmpdir(), 'portico-bench-'))
chmodSync(folder, 0o755) // nginx's workers run as another user when started by root
const all: Row[] = []
try {
  for (const [name, make] of scenarioTable(folder)) {
    if (values.list) process.stdout.write(`${name}\n`)
    else if (wanted(name)) await run(await make())
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(all, undefined, 2))
process.exitCode = all.some((row) => row.missed.length > 0) ? 1 : 0

async function run(scenario: Scenario): Promise<void> {
  if (scenario.skipped !== undefined) {
    process.stdout.write(`${scenario.name}\n  skipped: ${scenario.skipped}\n\n`)
    return
  }
  const rows = await runScenario(scenario, Number(values.rounds), Number(values.seconds))
  all.push(...rows)
  process.stdout.write(`${table(rows)}\n`)
}
