import type { Context, Rendered } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { renderValue } from '../render-value.ts'
import type { CompileFunction, TagParser } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain } from '../thenable.ts'

/** The cycles of one template while it is compiled. */
class Cycles {
  readonly named = new Map<string, CycleNode>()
  last: CycleNode | undefined
}

const KEY = {}

function cyclesOf(parser: TagParser): Cycles {
  const known = parser.shared.get(KEY)
  if (known instanceof Cycles) return known
  const cycles = new Cycles()
  parser.shared.set(KEY, cycles)
  return cycles
}

class CycleNode {
  readonly #values: readonly FilterExpression[]
  readonly #name: string | undefined
  readonly #isSilent: boolean

  constructor(values: readonly FilterExpression[], name: string | undefined, isSilent: boolean) {
    this.#values = values
    this.#name = name
    this.#isSilent = isSilent
  }

  render(context: Context): Rendered {
    const position = context.state.get(this)
    const at = typeof position === 'number' ? position : 0
    context.state.set(this, (at + 1) % this.#values.length)
    return chain(this.#values[at]?.resolve(context), context, this.#show)
  }

  reset(context: Context): void {
    context.state.set(this, 0)
  }

  readonly #show = (value: unknown, context: Context): string => {
    if (this.#name !== undefined) context.setUpward(this.#name, value)
    return this.#isSilent ? '' : renderValue(value, context)
  }
}

/** `{% cycle a b %}`, `{% cycle a b as name silent %}`, `{% cycle name %}` */
export const cycleTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  const cycles = cyclesOf(parser)
  if (words.length < 2) throw new TemplateSyntaxError("'cycle' tag requires at least two arguments")
  if (words.length === 2) {
    const node = namedCycle(cycles, words[1] ?? '')
    return (context) => node.render(context)
  }
  const isSilent = words.length > 4 && words.at(-3) === 'as'
  if (isSilent && words.at(-1) !== 'silent') {
    throw new TemplateSyntaxError(
      `Only 'silent' flag is allowed after cycle's name, not '${words.at(-1) ?? ''}'.`,
    )
  }
  if (isSilent) words.pop()
  const name = isSilent || (words.length > 4 && words.at(-2) === 'as') ? words.splice(-2)[1] : undefined
  const values = words.slice(1).map((word) => parser.compileFilter(word))
  const node = new CycleNode(values, name, isSilent)
  if (name !== undefined) cycles.named.set(name, node)
  cycles.last = node
  return (context) => node.render(context)
}

function namedCycle(cycles: Cycles, name: string): CycleNode {
  const node = cycles.named.get(name)
  if (node) return node
  throw new TemplateSyntaxError(
    cycles.named.size === 0
      ? `No named cycles in template. '${name}' is not defined`
      : `Named cycle '${name}' does not exist`,
  )
}

/** `{% resetcycle %}` for the last cycle of the template so far, `{% resetcycle name %}` */
export const resetcycleTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  const cycles = cyclesOf(parser)
  if (words.length > 2) throw new TemplateSyntaxError("'resetcycle' tag accepts at most one argument.")
  const node = words[1] === undefined ? cycles.last : cycles.named.get(words[1])
  if (!node) {
    throw new TemplateSyntaxError(
      words[1] === undefined ? 'No cycles in template.' : `Named cycle '${words[1]}' does not exist.`,
    )
  }
  return (context) => {
    node.reset(context)
    return ''
  }
}
