/** The Prometheus text format 0.0.4: families with HELP and TYPE, then their samples. */
import { FAMILIES } from './families.ts'

/** The family of a sample: a histogram's samples have suffixes. */
function familyOf(sample: string): string {
  const brace = sample.indexOf('{')
  const name = brace < 0 ? sample : sample.slice(0, brace)
  if (Object.hasOwn(FAMILIES, name)) return name
  const base = name.replace(/_(bucket|sum|count)$/, '')
  return FAMILIES[base]?.type === 'histogram' ? base : name
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return String(value)
}

/** Families in the order of the table, unknown ones behind them; samples in the order in which they were first seen. */
export function metricsText(...figures: readonly Readonly<Record<string, number>>[]): string {
  const samples = new Map<string, string[]>(Object.keys(FAMILIES).map((name) => [name, []]))
  for (const [sample, value] of figures.flatMap((some) => Object.entries(some))) {
    const family = familyOf(sample)
    const line = `${sample} ${numberText(value)}\n`
    const known = samples.get(family)
    if (known) known.push(line)
    else samples.set(family, [line])
  }
  let text = ''
  for (const [family, lines] of samples) {
    if (lines.length === 0) continue
    const { type = 'untyped', help = family } = FAMILIES[family] ?? {}
    text += `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${lines.join('')}`
  }
  return text
}
