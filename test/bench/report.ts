/** The table that is printed. */
import type { Row, Spread, Targets } from './scenario.ts'

const HEAD = [
  'contender',
  'req/s',
  'CPU µs/req',
  'ours/its req/s',
  'ours/its CPU',
  'failures',
  'RSS MB',
  'growth MB',
  'start ms',
]

export function table(rows: readonly Row[]): string {
  const body = rows.map((row) => [
    row.contender,
    middle(row.requestsPerSecond, 0),
    middle(row.cpuMicroseconds, 1),
    withSpread(row.rateRatio),
    withSpread(row.cpuRatio),
    String(row.failures),
    (row.residentBytes / 1e6).toFixed(0),
    (row.growthBytes / 1e6).toFixed(0),
    row.startMs.toFixed(0),
  ])
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...body.map((cells) => cells[column]?.length ?? 0)),
  )
  const lines = [HEAD, ...body].map((cells) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  return [rows[0]?.scenario ?? '', ...lines.map((line) => `  ${line}`), ...verdict(rows), ''].join('\n')
}

function verdict(rows: readonly Row[]): string[] {
  const references = rows.filter((row) => row.targets !== undefined)
  if (references.length === 0) return ['  no reference to compare with']
  return references.flatMap(({ contender, targets = {}, missed }) => [
    `  to reach beside ${contender}: ${targetText(targets)}`,
    missed.length === 0 ? '  ✓ reached' : `  ✗ SHORT: ${missed.join(', ')}`,
  ])
}

function targetText({ rate, cpu, residentMb, growthMb, startMs }: Targets): string {
  const parts = [
    rate === undefined ? '' : `req/s ≥ ${rate}`,
    cpu === undefined ? '' : `CPU ≤ ${cpu}`,
    residentMb === undefined ? '' : `RSS ≤ ${residentMb} MB`,
    growthMb === undefined ? '' : `growth ≤ ${growthMb} MB`,
    startMs === undefined ? '' : `start ≤ ${startMs} ms`,
  ]
  return parts.filter((part) => part !== '').join(', ') || 'nothing'
}

function middle(spread: Spread, digits: number): string {
  return spread.median.toFixed(digits)
}

function withSpread(spread: Spread | undefined): string {
  if (!spread) return ''
  return `${spread.median.toFixed(2)} (${spread.least.toFixed(2)}-${spread.most.toFixed(2)})`
}
