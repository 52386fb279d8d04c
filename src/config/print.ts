/** A tree as the text of a conf: what reads it back gets the same words. Includes stand resolved, comments are gone. */
import type { Statement, Word } from './ast.ts'

export function printConfig(statements: readonly Statement[]): string {
  return statements.map((statement) => printStatement(statement, '')).join('')
}

function printStatement(statement: Statement, indent: string): string {
  if (statement.error !== undefined) return `${indent}# ${statement.error}\n`
  const words = [printName(statement.name), ...statement.args.map(printWord)].join(' ')
  if (!statement.block) return `${indent}${words};\n`
  const inner = statement.block.map((one) => printStatement(one, `${indent}    `)).join('')
  return `${indent}${words} {\n${inner}${indent}}\n`
}

/** Whether a name was quoted is not kept: only names that can stand bare do. */
function printName(name: string): string {
  return printWord({ text: name, quoted: !/^[\w$*~.:/^=@+-]+$/.test(name) })
}

function printWord({ text, quoted }: Word): string {
  return quoted ? `"${text.replace(/["\\]/g, '\\$&')}"` : printBare(text)
}

const ESCAPED: Readonly<Record<string, string>> = {
  '\t': '\\t',
  '\r': '\\r',
  '\n': '\\n',
  '"': '\\"',
  "'": "\\'",
}

/**
 * A bare word holds white space, `;` and `{` only behind a backslash that stays in the text: such a pair is printed as
 * it is. A backslash that would join with what follows it to an escape is doubled.
 */
function printBare(text: string): string {
  return text.replace(/\\(?=["'\\trn]|$)|\\[^]|["'\t\r\n]/g, (part) => {
    if (part === '\\') return '\\\\'
    return ESCAPED[part] ?? part
  })
}
