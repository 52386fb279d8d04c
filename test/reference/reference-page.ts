/** `src/entry/reference.md`: the names of the entry points, and Django's names beside ours. */
import { FROM_DJANGO } from './from-django.ts'
import { MODULES, publicNames, type PublicName } from './public-api.ts'

export function referencePage(names: readonly PublicName[]): string {
  const sections = MODULES.map((module) => {
    const entries = names.filter((name) => name.module === module).map(entry)
    return `## ${specifier(module)}\n\n${entries.join('\n\n')}`
  })
  return `# Reference

What the entry points export, made from the sources by \`npm run reference\`.

- [From Django](#from-django)
${MODULES.map((module) => `- [${specifier(module)}](#${specifier(module).replace('/', '')})`).join('\n')}

## From Django

${table()}

${sections.join('\n\n')}
`
}

function specifier(module: string): string {
  return module === 'index' ? 'portico' : `portico/${module}`
}

function table(): string {
  const rows = FROM_DJANGO.map(([django, ours, differs]) => [`\`${django}\``, `\`${ours}\``, differs])
  const all = [['Django', 'here', 'what differs'], ...rows]
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  const [head = [], ...body] = all.map(line)
  return [head, rule, ...body].join('\n')
}

function entry({ name, kind, signature, doc, members }: PublicName): string {
  const lines = [`### ${name}`, '', `_${kind}_${signature === '' ? '' : ` \`${code(name + signature)}\``}`]
  if (doc !== '') lines.push('', escaped(doc))
  if (members.length > 0) {
    lines.push('', ...members.map((member) => `- \`${code(member.signature)}\` ${escaped(member.doc)}`))
  }
  return lines.join('\n')
}

function code(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('`', "'")
}

/** Nothing in a docstring is markup but its code. */
function escaped(text: string): string {
  return text.replace(/[<*_]/g, (char, at: number) => (insideCode(text, at) ? char : `\\${char}`))
}

function insideCode(text: string, at: number): boolean {
  return text.slice(0, at).split('`').length % 2 === 0
}

if (import.meta.main) process.stdout.write(referencePage(publicNames()))
