import type { Path } from './lookup.ts'
import { SafeString } from './safe-string.ts'
import { TemplateSyntaxError } from './template-error.ts'

/**
 * The grammar of what stands between `{{` and `}}`:
 *
 *     expression = operand { "|" name [ ":" operand ] }
 *     operand    = string | "_(" string ")" | number | name { "." name }
 *
 * White space is allowed around `|` on its left, and nowhere else.
 */
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'`
const CONSTANT = String.raw`_\((?:${STRING})\)|${STRING}`
const NAME_OR_NUMBER = String.raw`[\p{L}\p{N}_.]+|[-+.]?\d[\d.e]*`
const OPERAND = new RegExp(`(?<constant>${CONSTANT})|(?<variable>${NAME_OR_NUMBER})`, 'uy')
const FILTER = new RegExp(
  String.raw`\s*\|\s*(?<name>[\p{L}\p{N}_]+)(?::(?:(?<constant>${CONSTANT})|(?<variable>${NAME_OR_NUMBER})))?`,
  'uy',
)
/** Without the white space before, which a search would begin to look at anew at each of its characters. */
const ANY_FILTER = new RegExp(FILTER.source.replace(/^\\s\*/, ''), 'u')

/** A literal's value, or the path of a variable. */
export interface Operand {
  readonly value?: unknown
  readonly path?: Path
}

/** A filter as written, with the operand that is its argument. */
export interface WrittenFilter {
  readonly name: string
  readonly argument: Operand | undefined
}

/**
 * Reads an expression. Each filter goes to `bind` as soon as it is read, so that the first thing wrong is what is told.
 *
 * @throws TemplateSyntaxError
 */
export function parseExpression<F>(
  source: string,
  invalid: string,
  bind: (filter: WrittenFilter) => F,
): { readonly operand: Operand; readonly filters: readonly F[] } {
  const start = matchAt(OPERAND, source, 0)
  const operand = start ? operandOf(start.groups, invalid) : undefined
  if (!start || !operand) {
    if (matchAt(FILTER, source, 0))
      throw new TemplateSyntaxError(`Could not find variable at start of ${source}.`)
    throw remainderError(source, 0)
  }
  const filters: F[] = []
  let upto = start.end
  while (upto < source.length) {
    const match = matchAt(FILTER, source, upto)
    if (!match) throw remainderError(source, upto)
    filters.push(bind({ name: match.groups.name ?? '', argument: operandOf(match.groups, invalid) }))
    upto = match.end
  }
  return { operand, filters }
}

interface Match {
  readonly groups: Readonly<Record<string, string | undefined>>
  readonly end: number
}

function matchAt(pattern: RegExp, text: string, at: number): Match | undefined {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  return match ? { groups: match.groups ?? {}, end: pattern.lastIndex } : undefined
}

/** Django words the two cases differently: a filter comes after the text that is wrong, or none does. */
function remainderError(source: string, upto: number): TemplateSyntaxError {
  const rest = source.slice(upto)
  const next = ANY_FILTER.exec(rest)
  if (next) {
    const wrong = rest.slice(0, next.index).trimEnd()
    const after = rest.slice(wrong.length)
    return new TemplateSyntaxError(
      `Could not parse some characters: ${source.slice(0, upto)}|${wrong}|${after}`,
    )
  }
  return new TemplateSyntaxError(`Could not parse the remainder: '${rest}' from '${source}'`)
}

function operandOf(groups: Match['groups'], invalid: string): Operand | undefined {
  if (groups.constant !== undefined) return { value: constant(groups.constant) }
  return groups.variable === undefined ? undefined : variable(groups.variable, invalid)
}

/** A quoted string, with or without the `_( )` that marks it for translation. */
function constant(text: string): SafeString {
  const quoted = text.startsWith('_(') ? text.slice(2, -1) : text
  const quote = quoted.charAt(0)
  return new SafeString(quoted.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\'))
}

function variable(text: string, invalid: string): Operand {
  const number = numberLiteral(text)
  if (number !== undefined) return { value: number }
  if (text.startsWith('_') || text.includes('._')) {
    throw new TemplateSyntaxError(`Variables and attributes may not begin with underscores: '${text}'`)
  }
  const [head = '', ...rest] = text.split('.')
  return { path: { head, rest, invalid } }
}

const INTEGER_LITERAL = /^[+-]?\d+(?:_\d+)*$/
const FLOAT_LITERAL = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?(?<!\.)$/i

function numberLiteral(text: string): number | undefined {
  if (!INTEGER_LITERAL.test(text) && !FLOAT_LITERAL.test(text)) return undefined
  return Number(text.replaceAll('_', ''))
}
