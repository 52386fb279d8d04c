/** `conf/limits.md`: every limit with its default, from the tables and sources that the product itself has it from. */
import { readFileSync } from 'node:fs'
import { describeDirective } from '../../src/cli/directive-reference.ts'
import { defaultSettingValues } from '../../src/web/conf/setting-values.ts'
import { LIMIT_ROWS, type DefaultPlace, type LimitRow } from './limit-rows.ts'

export function limitsPage(): string {
  const sections = Object.entries(LIMIT_ROWS).map(([title, rows]) => `## ${title}\n\n${table(rows)}`)
  return `# Limits

What bounds the work and the memory that others can cost us: defaults, what happens at the limit, and below each table the tests that reach them, by file and name. Made from the directive tables and the sources by \`npm run reference\`; a test holds it current and the tests there. Directives are set in the conf, names in \`code\` are settings of the framework, and what names a file is fixed there.

${sections.join('\n\n')}
`
}

function table(rows: readonly LimitRow[]): string {
  const cells = rows.map(({ of, place, then }) => [of, nameOf(place), defaultOf(place), then])
  const all = [['of', 'set by', 'default', 'at the limit'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const [head = [], ...body] = all
  return [line(head), rule, ...body.map(line), '', 'Reached in:', '', ...rows.map(reachedIn)].join('\n')
}

function reachedIn({ of, tests }: LimitRow): string {
  const files = tests.map(
    ([file, ...names]) => `\`test/${file}\` (${names.map((name) => `_${name}_`).join(', ')})`,
  )
  return `- ${of}: ${files.join('; ')}`
}

function nameOf(place: DefaultPlace): string {
  if ('directive' in place) return `[${place.directive}](directives.md#${place.directive})`
  if ('setting' in place) return `\`${place.setting}\``
  return `${place.constant}, src/${place.file}`
}

/** @throws Error where there is no such directive, setting or constant */
export function defaultOf(place: DefaultPlace): string {
  if ('directive' in place) return directiveDefault(place.directive, place.context)
  if ('setting' in place) return settingDefault(place.setting)
  const found = constantOf(place.file, place.constant)
  return `${found.toLocaleString('en-US')} ${place.unit}`
}

function directiveDefault(name: string, context = ''): string {
  const entries = (describeDirective(name) ?? '').split(/\n(?=### )/)
  const entry = entries.find((one) => /^- Context: .*$/m.exec(one)?.[0].includes(`\`${context}`))
  const [, text] = /^- Default: `\S+ (.*);`$/m.exec(entry ?? '') ?? []
  if (text === undefined) throw new Error(`no default of the directive ${name}`)
  return text
}

function settingDefault(name: string): string {
  const value = new Map<string, unknown>(Object.entries(defaultSettingValues)).get(name)
  if (typeof value !== 'number') throw new Error(`no default of the setting ${name}`)
  return value.toLocaleString('en-US')
}

/** Factors, powers and shifts of whole numbers are what limits are written with. */
function constantOf(file: string, name: string): number {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')
  const [, written] = new RegExp(`^(?:export )?const ${name} = (.*)$`, 'm').exec(source) ??
    new RegExp(`\\b${name}: (\\d[^,}\\n]*)`).exec(source) ?? [undefined, '']
  const [first = NaN, ...others] = (written ?? '').replaceAll('_', '').match(/\d+/g)?.map(Number) ?? []
  const operators = (written ?? '').match(/\*\*|\*|<</g) ?? []
  if (!/^[\d_]+(?: (?:\*\*|\*|<<) [\d_]+)*$/.test((written ?? '').trim())) {
    throw new Error(`src/${file} says no number for ${name}`)
  }
  return others.reduce((value, other, index) => {
    const operator = operators[index]
    return operator === '*' ? value * other : operator === '**' ? value ** other : value * 2 ** other
  }, first)
}

if (import.meta.main) process.stdout.write(limitsPage())
