import type { Context } from './context.ts'
import { type Operand, parseExpression, type WrittenFilter } from './expression-syntax.ts'
import { applyFilter, type Filter } from './filter.ts'
import { lookUp, type Path } from './lookup.ts'
import { TemplateSyntaxError, VariableDoesNotExist } from './template-error.ts'
import { isThenable } from './thenable.ts'

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
 * A variable or literal with its filters, as `{{ }}` and most tags take it, compiled.
 */
export class FilterExpression {
  /** As written in the template. */
  readonly source: string
  readonly #path: Path | undefined
  readonly #literal: unknown
  readonly #steps: readonly Step[]
  /** Shown, without filters, for what the context does not have. */
  readonly #invalid: string

  /** @throws TemplateSyntaxError */
  constructor(source: string, scope: ExpressionScope) {
    const bind = (written: WrittenFilter): Step => stepOf(written, scope)
    const { operand, filters } = parseExpression(source, scope.stringIfInvalid, bind)
    this.source = source
    this.#path = operand.path
    this.#literal = operand.value
    this.#steps = filters
    this.#invalid = scope.stringIfInvalid.replace('%s', () => pathText(operand.path))
  }

  /** Whether the value before the filters comes from the context. */
  get isVariable(): boolean {
    return this.#path !== undefined
  }

  get filters(): readonly Filter[] {
    return this.#steps.map(({ filter }) => filter)
  }

  /** The value, or a promise of it. What the context does not have is `stringIfInvalid`. */
  resolve(context: Context): unknown {
    const value = this.#path ? lookUp(context, this.#path) : this.#literal
    if (value === undefined || isThenable(value)) return this.#resolveOddly(value, context)
    return this.#steps.length === 0 ? value : applySteps(this.#steps, 0, value, context)
  }

  #resolveOddly(value: unknown, context: Context): unknown {
    if (isThenable(value))
      return Promise.resolve(value).then((settled) => this.#resolveOddly(settled, context))
    if (value !== undefined) return applySteps(this.#steps, 0, value, context)
    return this.#invalid === '' ? applySteps(this.#steps, 0, '', context) : this.#invalid
  }

  /** The same for tags that do not mind: what the context does not have is `null`. */
  resolveOrNull(context: Context): unknown {
    const value = this.#path ? lookUp(context, this.#path) : this.#literal
    if (isThenable(value)) {
      return Promise.resolve(value).then((settled) => applySteps(this.#steps, 0, settled ?? null, context))
    }
    return this.#steps.length === 0 ? (value ?? null) : applySteps(this.#steps, 0, value ?? null, context)
  }

  toString(): string {
    return this.source
  }
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
