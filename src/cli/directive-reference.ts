/** The reference of all directives, made from their rows: `conf/directives.md` and `portico directives NAME`. */
import { appDirectives } from '../app/app-directives.ts'
import type { AnyDirective, Context } from '../config/directive.ts'
import { coreDirectives } from '../front/core-directives.ts'
import { frontDirectives, frontModules } from '../front/compile/front-modules.ts'
import { logDirectives } from '../front/modules/log.ts'
import { upstreamDirectives, upstream } from '../front/upstream/upstream-directives.ts'
import { resolverDirectives } from '../front/upstream/resolver-directives.ts'
import { mainDirectives } from './main-directives.ts'

interface Section {
  readonly title: string
  readonly directives: readonly AnyDirective[]
}

const NAMED: readonly Section[] = [
  { title: 'main', directives: mainDirectives },
  { title: 'app', directives: appDirectives },
  { title: 'core', directives: coreDirectives },
  { title: 'log', directives: logDirectives },
  { title: 'upstream', directives: [upstream, ...upstreamDirectives] },
  { title: 'resolver', directives: resolverDirectives },
  ...frontModules.map(({ name, directives }) => ({ title: name, directives })),
]

const named = new Set(NAMED.flatMap(({ directives }) => directives))
const SECTIONS: readonly Section[] = [
  ...NAMED,
  { title: 'others', directives: frontDirectives.filter((row) => !named.has(row)) },
]

/** Markdown of the whole table. */
export function directiveReference(): string {
  const sections = SECTIONS.filter(({ directives }) => directives.length > 0)
  const contents = sections.map(({ title }) => `- [${title}](#${title})`)
  return `${[
    '# Directives',
    'Made from the tables that the server itself reads a conf with, by `portico directives --markdown`.',
    contents.join('\n'),
    ...sections.flatMap(({ title, directives }) => [`## ${title}`, ...sorted(directives).map(entry)]),
  ].join('\n\n')}\n`
}

/** What is known of one name, once for each row of it; undefined for a name that no row has. */
export function describeDirective(name: string): string | undefined {
  const rows = SECTIONS.flatMap(({ directives }) => directives.filter((row) => row.name === name))
  return rows.length === 0 ? undefined : `${rows.map(entry).join('\n\n')}\n`
}

function sorted(directives: readonly AnyDirective[]): AnyDirective[] {
  return [...directives].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function entry(row: AnyDirective): string {
  const lines = [
    `### ${row.name}`,
    '',
    `- Syntax: \`${syntaxOf(row)}\``,
    ...(row.kind === 'single' ? [`- Default: ${defaultOf(row)}`] : []),
    `- Context: ${contextsOf(row.contexts)}`,
    '',
    row.doc,
  ]
  if (row.noEffect !== undefined) lines.push('', `Has no effect here: ${row.noEffect}.`)
  return lines.join('\n')
}

function syntaxOf(row: AnyDirective): string {
  const words = [row.name, row.syntax].filter((word) => word !== '').join(' ')
  const block = row.kind === 'block' || row.entries === true
  return block && !words.endsWith('}') ? `${words} { ... }` : block ? words : `${words};`
}

function defaultOf({
  name,
  default: value,
  defaultText,
}: AnyDirective & { readonly kind: 'single' }): string {
  const text = defaultText ?? wordOf(value)
  return text === '' || text === undefined ? 'none' : `\`${name} ${text};\``
}

/** nginx's spelling of a value that is a plain word; undefined where it is none. */
function wordOf(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  if (value instanceof Set) return [...value].join(' ')
  return undefined
}

const CONTEXT_NAMES: Partial<Record<Context, string>> = {
  'server if': 'if in server',
  'location if': 'if in location',
}

function contextsOf(contexts: readonly Context[]): string {
  return contexts.map((context) => `\`${CONTEXT_NAMES[context] ?? context}\``).join(', ')
}
