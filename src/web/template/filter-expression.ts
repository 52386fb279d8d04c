import type { Context } from './context.ts'
import { applyFilter, type Filter } from './filter.ts'
import { lookUp, type Path } from './lookup.ts'
import { SafeString } from './safe-string.ts'
import { TemplateSyntaxError, VariableDoesNotExist } from './template-error.ts'
import { isThenable } from './thenable.ts'

export interface ExpressionScope {
  readonly stringIfInvalid: string
  /** @throws TemplateSyntaxError for a name that no loaded library has. */
  findFilter(name: string): Filter
}

type Resolve = (context: Context) => unknown
type Pipe = (value: unknown, context: Context) => unknown

const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'`
const CONSTANT = String.raw`_\((?:${STRING})\)|${STRING}`
const NAME_OR_NUMBER = String.raw`[\p{L}\p{N}_.]+|[-+.]?\d[\d.e]*`
const START = new RegExp(`(?<constant>${CONSTANT})|(?<variable>${NAME_OR_NUMBER})`, 'uy')
const FILTER = new RegExp(
  String.raw`\s*\|\s*(?<name>[\p{L}\p{N}_]+)(?::(?:(?<constant>${CONSTANT})|(?<variable>${NAME_OR_NUMBER})))?`,
  'uy',
)
/** Without the white space before, which a search would begin to look at anew at each of its characters. */
const ANY_FILTER = new RegExp(FILTER.source.replace(/^\\s\*/, ''), 'u')

/** A variable or literal with its filters, as `{{ }}` and most tags take it, compiled. */
export class FilterExpression {
  /** As written in the template. */
  readonly source: string
  readonly filters: readonly Filter[]
  /** Whether the value before the filters comes from the context. */
  readonly isVariable: boolean
  /** The value, or a promise of it. What the context does not have is `stringIfInvalid`. */
  readonly resolve: Resolve
  /** The same for tags that do not mind: what the context does not have is `null`. */
  readonly resolveOrNull: Resolve

  constructor(source: string, scope: ExpressionScope) {
    this.source = source
    const start = matchAt(START, source, 0)
    const filters: Filter[] = []
    const operand = operandOf(start, source, scope)
    let pipe: Pipe | undefined
    let upto = start?.end ?? 0
    while (upto < source.length) {
      const match = matchAt(FILTER, source, upto)
      if (!match) throw remainderError(source, upto)
      const filter = scope.findFilter(match.groups.name ?? '')
      pipe = extend(pipe, filter, argumentOf(match.groups, filter, scope))
      filters.push(filter)
      upto = match.end
    }
    this.filters = filters
    this.isVariable = operand.path !== undefined
    this.resolve = operand.path ? strictLookup(operand.path, pipe) : literal(operand.value, pipe)
    this.resolveOrNull = operand.path ? lenientLookup(operand.path, pipe) : this.resolve
  }

  toString(): string {
    return this.source
  }
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

/** A literal's value, or the path of a variable. */
interface Operand {
  readonly value?: unknown
  readonly path?: Path
}

function operandOf(start: Match | undefined, source: string, scope: ExpressionScope): Operand {
  if (start?.groups.constant !== undefined) return { value: constant(start.groups.constant) }
  if (start?.groups.variable !== undefined) return operand(start.groups.variable, scope)
  if (matchAt(FILTER, source, 0))
    throw new TemplateSyntaxError(`Could not find variable at start of ${source}.`)
  throw remainderError(source, 0)
}

/** A quoted string, with or without the `_( )` that marks it for translation. */
function constant(text: string): SafeString {
  const quoted = text.startsWith('_(') ? text.slice(2, -1) : text
  const quote = quoted.charAt(0)
  return new SafeString(quoted.slice(1, -1).replaceAll(`\\${quote}`, quote).replaceAll('\\\\', '\\'))
}

function operand(text: string, scope: ExpressionScope): Operand {
  const number = numberLiteral(text)
  if (number !== undefined) return { value: number }
  if (text.startsWith('_') || text.includes('._')) {
    throw new TemplateSyntaxError(`Variables and attributes may not begin with underscores: '${text}'`)
  }
  const [head = '', ...rest] = text.split('.')
  return { path: { head, rest, invalid: scope.stringIfInvalid } }
}

const INTEGER_LITERAL = /^[+-]?\d+(?:_\d+)*$/
const FLOAT_LITERAL = /^[+-]?(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?(?<!\.)$/i

function numberLiteral(text: string): number | undefined {
  if (!INTEGER_LITERAL.test(text) && !FLOAT_LITERAL.test(text)) return undefined
  return Number(text.replaceAll('_', ''))
}

/** The argument's value at the time of rendering; no function where none was given. */
function argumentOf(groups: Match['groups'], filter: Filter, scope: ExpressionScope): Resolve | undefined {
  const given = groups.constant !== undefined || groups.variable !== undefined
  if (given ? filter.argument === 'none' : filter.argument === 'required') {
    const required = filter.argument === 'required' ? 2 : 1
    throw new TemplateSyntaxError(`${filter.name} requires ${required} arguments, ${given ? 2 : 1} provided`)
  }
  if (groups.constant !== undefined) {
    const value = constant(groups.constant)
    return () => value
  }
  if (groups.variable === undefined) return undefined
  const { path, value } = operand(groups.variable, scope)
  return path ? (context) => requireValue(lookUp(context, path), path) : () => value
}

function requireValue(value: unknown, path: Path): unknown {
  if (isThenable(value)) return Promise.resolve(value).then((settled) => requireValue(settled, path))
  if (value !== undefined) return value
  throw new VariableDoesNotExist(`Failed lookup for key [${path.rest.at(-1) ?? path.head}]`)
}

function extend(before: Pipe | undefined, filter: Filter, argument: Resolve | undefined): Pipe {
  const pipe = argument ? withArgument(filter, argument) : withoutArgument(filter)
  return before ? (value, context) => pipe(before(value, context), context) : pipe
}

function withoutArgument(filter: Filter): Pipe {
  return (value, context) =>
    isThenable(value)
      ? Promise.resolve(value).then((settled) => applyFilter(filter, settled, undefined, context))
      : applyFilter(filter, value, undefined, context)
}

function withArgument(filter: Filter, argument: Resolve): Pipe {
  return (value, context) => {
    const given = argument(context)
    return isThenable(value) || isThenable(given)
      ? Promise.all([value, given]).then(([settled, other]) => applyFilter(filter, settled, other, context))
      : applyFilter(filter, value, given, context)
  }
}

function literal(value: unknown, pipe: Pipe | undefined): Resolve {
  return pipe ? (context) => pipe(value, context) : () => value
}

/** A `stringIfInvalid` of the site's own is shown as it is, without the filters; `%s` in it becomes the name. */
function strictLookup(path: Path, pipe: Pipe | undefined): Resolve {
  const name = [path.head, ...path.rest].join('.')
  const invalid = path.invalid.replace('%s', () => name)
  if (!pipe) {
    return (context) => {
      const value = lookUp(context, path)
      return value === undefined || isThenable(value) ? orInvalid(value, invalid) : value
    }
  }
  return bindLookup(path, (value, context) => {
    if (value === undefined) return invalid === '' ? pipe('', context) : invalid
    return pipe(value, context)
  })
}

function orInvalid(value: unknown, invalid: string): unknown {
  if (isThenable(value)) return Promise.resolve(value).then((settled) => orInvalid(settled, invalid))
  return value === undefined ? invalid : value
}

function lenientLookup(path: Path, pipe: Pipe | undefined): Resolve {
  return bindLookup(path, (value, context) => (pipe ? pipe(value ?? null, context) : (value ?? null)))
}

function bindLookup(path: Path, finish: Pipe): Resolve {
  return (context) => {
    const value = lookUp(context, path)
    return isThenable(value)
      ? Promise.resolve(value).then((settled) => finish(settled, context))
      : finish(value, context)
  }
}
