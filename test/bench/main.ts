/**
 * `npm run bench [-- --rounds N] [--seconds N] [SCENARIO ...]`: Portico beside its peers, alternating in one run.
 *
 * Servers are pinned to processors, wrk to the second one. What counts is the ratio, and the CPU time per request:
 * requests per second of different runs or machines are not comparable. Exit code 1 when a target is missed.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { scenarios } from './scenarios.ts'
import { runScenario, type Row } from './scenario.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } },
})

const folder = mkdtempSync(join(tmpdir(), 'portico-bench-'))
chmodSync(folder, 0o755) // nginx's workers run as another user when started by root
let missed = false
try {
  for (const scenario of await scenarios(folder)) {
    if (positionals.length > 0 && !positionals.includes(scenario.name)) continue
    const rows = await runScenario(scenario, Number(values.rounds), Number(values.seconds))
    print(rows)
    missed ||= rows.some((row) => row.target !== undefined && row.ratio < row.target)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = missed ? 1 : 0

function print(rows: readonly Row[]): void {
  process.stdout.write(`\n${rows[0]?.scenario ?? ''}\n`)
  const head = ['contender', 'req/s', 'CPU µs/req', 'ours/its req/s', 'target', 'failures', 'RSS MB']
  const body = rows.map((row) => [
    row.contender,
    row.requestsPerSecond.toFixed(0),
    row.cpuMicroseconds.toFixed(1),
    Number.isNaN(row.ratio) ? '' : row.ratio.toFixed(2),
    row.target === undefined ? '' : row.target.toFixed(2),
    String(row.failures),
    row.residentMegabytes.toFixed(0),
  ])
  const widths = head.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  )
  for (const cells of [head, ...body]) {
    const line = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    process.stdout.write(`  ${line.join('  ')}\n`)
  }
}
