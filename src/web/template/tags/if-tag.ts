import type { Context, Render, Rendered } from '../context.ts'
import { isTruthy } from '../python/compare.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { TemplateSyntaxError, VariableDoesNotExist } from '../template-error.ts'
import { isThenable } from '../thenable.ts'
import { ConditionParser, type Evaluate } from './smart-if.ts'

interface Branch {
  /** Missing for `else`. */
  readonly condition: Evaluate | undefined
  readonly body: Render
}

/** `{% if %}`, `{% elif %}`, `{% else %}` */
export const ifTag: CompileFunction = (parser, token) => {
  const branches: Branch[] = []
  let tag = token
  do {
    const condition = new ConditionParser(tag.splitContents().slice(1), parser).parse()
    branches.push({ condition, body: parser.parse(['elif', 'else', 'endif']) })
    tag = parser.nextToken()
  } while (tag.contents.startsWith('elif'))
  if (tag.contents === 'else') {
    branches.push({ condition: undefined, body: parser.parse(['endif']) })
    tag = parser.nextToken()
  }
  if (tag.contents !== 'endif') {
    throw new TemplateSyntaxError(`Malformed template tag at line ${tag.line}: "${tag.contents}"`)
  }
  return (context) => renderFrom(branches, 0, context)
}

function renderFrom(branches: readonly Branch[], from: number, context: Context): Rendered {
  for (let i = from; i < branches.length; i++) {
    const branch = branches[i]
    if (!branch) break
    const value = branch.condition ? evaluate(branch.condition, context) : true
    if (isThenable(value)) return renderLater(branches, i, value, context)
    if (isTruthy(value)) return branch.body(context)
  }
  return ''
}

/** A filter's argument that the context does not have makes the whole condition false. */
function evaluate(condition: Evaluate, context: Context): unknown {
  try {
    return condition(context)
  } catch (error) {
    if (error instanceof VariableDoesNotExist) return null
    throw error
  }
}

async function renderLater(
  branches: readonly Branch[],
  at: number,
  pending: PromiseLike<unknown>,
  context: Context,
): Promise<string> {
  let value: unknown
  try {
    value = await pending
  } catch (error) {
    if (!(error instanceof VariableDoesNotExist)) throw error
  }
  return isTruthy(value) ? (branches[at]?.body(context) ?? '') : renderFrom(branches, at + 1, context)
}
