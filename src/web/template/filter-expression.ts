import type { Context } from './context.ts'
import { type Operand, parseExpression, type WrittenFilter } from './expression-syntax.ts'
import { applyFilter, type Filter } from './filter.ts'
import { lookUp, type Path, pathReader } from './lookup.ts'
import { TemplateSyntaxError, VariableDoesNotExist } from './template-error.ts'
import { isThenable, type Resolver } from './thenable.ts'

export interface ExpressionScope {
  readonly stringIfInvalid: string
  /** @throws TemplateSyntaxError for a name that no loaded library has. */
  findFilter(name: string): Filter
}

interface Step {
  readonly filter: Filter
  readonly argument: Operand | undefined
}

/**
 * A variable or literal with its filters, as `{{ }}` and most tags take it, compiled: each shape of expression has its
 * own function, so that nothing is asked while rendering that is known before.
 */
export class FilterExpression {
  /** As written in the template. */
  readonly source: string
  /** Whether the value before the filters comes from the context. */
  readonly isVariable: boolean
  readonly filters: readonly Filter[]
  /** The value, or a promise of it. What the context does not have is `stringIfInvalid`. */
  readonly resolve: Resolver
  /** The same for tags that do not mind: what the context does not have is `null`. */
  readonly resolveOrNull: Resolver

  /** @throws TemplateSyntaxError */
  constructor(source: string, scope: ExpressionScope) {
    const bind = (written: WrittenFilter): Step => stepOf(written, scope)
    const { operand, filters: steps } = parseExpression(source, scope.stringIfInvalid, bind)
    const read = operand.path ? pathReader(operand.path) : constantly(operand.value)
    const invalid = scope.stringIfInvalid.replace('%s', () => pathText(operand.path))
    this.source = source
    this.isVariable = operand.path !== undefined
    this.filters = steps.map(({ filter }) => filter)
    this.resolve = steps.length === 0 ? unfiltered(read, invalid) : filtered(read, steps, invalid)
    this.resolveOrNull = steps.length === 0 ? unfiltered(read, null) : filtered(read, steps, null)
  }

  toString(): string {
    return this.source
  }
}

/** Gives a value to the filters, at once or when what an argument promises is there. */
type Apply = (value: unknown, context: Context) => unknown

function constantly(value: unknown): Resolver {
  return () => value
}

/** @param missing what stands in for a value that is not there */
function unfiltered(read: Resolver, missing: string | null): Resolver {
  const settled = (value: unknown): unknown => (value === undefined ? missing : value)
  return (context) => {
    const value = read(context)
    if (value === undefined) return missing
    return isThenable(value) ? Promise.resolve(value).then(settled) : value
  }
}

/** Filters see an empty text or null for what is not there; a `stringIfInvalid` of one's own is shown without them. */
function filtered(read: Resolver, steps: readonly Step[], invalid: string | null): Resolver {
  const apply = applierOf(steps)
  const otherwise = (value: unknown, context: Context): unknown => {
    if (value !== undefined) return apply(value, context)
    return invalid === null || invalid === '' ? apply(invalid, context) : invalid
  }
  return (context) => {
    const value = read(context)
    if (value === undefined) return otherwise(value, context)
    return isThenable(value)
      ? Promise.resolve(value).then((settled) => otherwise(settled, context))
      : apply(value, context)
  }
}

/** One filter whose argument is known, which is what most expressions have; or any number of them. */
function applierOf(steps: readonly Step[]): Apply {
  const [step] = steps
  if (steps.length !== 1 || !step || step.argument?.path) {
    return (value, context) => applySteps(steps, 0, value, context)
  }
  const { filter } = step
  const argument = step.argument?.value
  if (!filter.isSafe) {
    const { apply } = filter
    return (value, context) => apply(value, argument, context)
  }
  return (value, context) => applyFilter(filter, value, argument, context)
}

function pathText(path: Path | undefined): string {
  return path ? [path.head, ...path.rest].join('.') : ''
}

function stepOf({ name, argument }: WrittenFilter, scope: ExpressionScope): Step {
  const filter = scope.findFilter(name)
  if (argument ? filter.argument === 'none' : filter.argument === 'required') {
    const required = filter.argument === 'required' ? 2 : 1
    throw new TemplateSyntaxError(`${name} requires ${required} arguments, ${argument ? 2 : 1} provided`)
  }
  return { filter, argument }
}

function applySteps(steps: readonly Step[], from: number, value: unknown, context: Context): unknown {
  let current = value
  for (let i = from; i < steps.length; i++) {
    const step = steps[i]
    if (!step) break
    if (isThenable(current)) return applyLater(steps, i, current, context)
    const argument = step.argument && argumentValue(step.argument, context)
    if (isThenable(argument)) return applyLater(steps, i, current, context, argument)
    current = applyFilter(step.filter, current, argument, context)
  }
  return current
}

async function applyLater(
  steps: readonly Step[],
  at: number,
  pending: unknown,
  context: Context,
  pendingArgument?: PromiseLike<unknown>,
): Promise<unknown> {
  const value = await pending
  const step = steps[at]
  if (!step) return value
  const argument: unknown = await (pendingArgument ??
    (step.argument && argumentValue(step.argument, context)))
  return applySteps(steps, at + 1, applyFilter(step.filter, value, argument, context), context)
}

/** @throws VariableDoesNotExist: unlike the value itself, an argument has to be there. */
function argumentValue({ path, value }: Operand, context: Context): unknown {
  return path ? required(lookUp(context, path), path) : value
}

function required(value: unknown, path: Path): unknown {
  if (isThenable(value)) return Promise.resolve(value).then((settled) => required(settled, path))
  if (value !== undefined) return value
  throw new VariableDoesNotExist(`Failed lookup for key [${path.rest.at(-1) ?? path.head}]`)
}
