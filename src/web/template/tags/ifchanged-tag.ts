import type { Context, Render, Rendered } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { isEqual } from '../python/compare.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { chain, resolveAll, type Resolver } from '../thenable.ts'
import { ForLoop } from './for-loop.ts'

/** `{% ifchanged %}` with its own output or with values to watch, and `{% else %}` */
export const ifchangedTag: CompileFunction = (parser, token) => {
  const words = token.splitContents().slice(1)
  const changed = parser.parse(['else', 'endifchanged'])
  let unchanged: Render | undefined
  if (parser.nextToken().contents === 'else') {
    unchanged = parser.parse(['endifchanged'])
    parser.deleteFirstToken()
  }
  const watched = words.map((word) => parser.compileFilter(word))
  const node = new IfChangedNode(watched, changed, unchanged)
  return (context) => node.render(context)
}

class IfChangedNode {
  readonly #watched: readonly Resolver[]
  readonly #changed: Render
  readonly #unchanged: Render | undefined

  constructor(watched: readonly FilterExpression[], changed: Render, unchanged: Render | undefined) {
    this.#watched = watched.map(
      (expression): Resolver =>
        (context) =>
          expression.resolveOrNull(context),
    )
    this.#changed = changed
    this.#unchanged = unchanged
  }

  render(context: Context): Rendered {
    if (this.#watched.length > 0)
      return chain(resolveAll(this.#watched, context), context, this.#compareValues)
    return chain(this.#changed(context), context, this.#compareOutput)
  }

  readonly #compareValues = (values: unknown, context: Context): Rendered => {
    return this.#remember(values, context) ? this.#changed(context) : this.#renderUnchanged(context)
  }

  readonly #compareOutput = (output: unknown, context: Context): Rendered => {
    return this.#remember(output, context) ? String(output) : this.#renderUnchanged(context)
  }

  #renderUnchanged(context: Context): Rendered {
    return this.#unchanged ? this.#unchanged(context) : ''
  }

  /** Inside of a loop what was seen is the loop's, so that an inner loop starts afresh. */
  #remember(value: unknown, context: Context): boolean {
    const loop = context.get('forloop')
    const memory: { get(key: object): unknown; set(key: object, value: unknown): unknown } =
      loop instanceof ForLoop ? loop.seen : context.state
    const before = memory.get(this)
    if (before !== undefined && isEqual(before, value)) return false
    memory.set(this, value)
    return true
  }
}
