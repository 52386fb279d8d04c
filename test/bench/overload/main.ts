/**
 * `npm run overload [-- --seconds N] [--rounds N] [--factor N] [--json FILE] [pages] [files]`: what a server does
 * under more load than it can bear, ours beside nginx, alternating.
 *
 * A closed loop finds the capacity; then an open one offers `factor` times as much for `seconds`, half of it on new
 * connections, and a little for four seconds more. `pages` alone is judged: a front that compresses more than it can
 * (`files`) has nothing to refuse with but worker_connections, nginx neither. Servers have the first processor, generators the second. Exit code
 * 1 where ours does not keep what is promised, in the middle of the rounds.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { report, shortfalls } from './report.ts'
import { files, pages, type OverloadScenario } from './servers.ts'
import { runTrial, type TrialResult } from './trial.ts'

const SERVER_CPU = '0'
const SCENARIOS: Readonly<Record<string, (folder: string) => Promise<OverloadScenario>>> = { pages, files }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    factor: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'portico-overload-'))
chmodSync(folder, 0o755) // nginx's workers run as another user when started by root
const all: { scenario: string; results: TrialResult[] }[] = []
try {
  for (const name of positionals.length > 0 ? positionals : ['pages']) {
    const make = SCENARIOS[name]
    if (!make) throw new Error(`no "${name}", expecting one of: ${Object.keys(SCENARIOS).join(', ')}`)
    const scenario = await make(folder)
    const results = await rounds(scenario)
    all.push({ scenario: name, results })
    process.stdout.write(`${report(name, results)}\n`)
    const short = shortfalls(results, scenario.contenders[0]?.name ?? '')
    process.stdout.write(short.length === 0 ? '  ✓ reached\n\n' : `  ✗ SHORT: ${short.join(', ')}\n\n`)
    if (short.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(all, undefined, 2))

async function rounds({ contenders, path, probes }: OverloadScenario): Promise<TrialResult[]> {
  const results: TrialResult[] = []
  const options = { path, probes, seconds: Number(values.seconds), factor: Number(values.factor) }
  for (let round = 0; round < Number(values.rounds); round += 1)
    for (const spec of contenders) results.push(await runTrial(spec, SERVER_CPU, options))
  return results
}
