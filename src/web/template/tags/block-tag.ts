import { type Context, NamedLayer, type Render, type Rendered } from '../context.ts'
import { SafeString } from '../safe-string.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'

/** What `block` is inside of a block. */
class BlockReference {
  readonly name: string
  readonly #context: Context | undefined

  constructor(name: string, context?: Context) {
    this.name = name
    this.#context = context
  }

  /** What the parent template has in this block. */
  super(): SafeString | Promise<SafeString> {
    if (!this.#context) {
      throw new TemplateSyntaxError(
        "'BlockNode' object has no attribute 'context'. Did you use {{ block.super }} in a base template?",
      )
    }
    const parent = this.#context.state.blocks?.get(this.name)?.at(-1)
    if (!parent) return new SafeString('')
    const output = renderYoungest(this.name, parent, this.#context)
    return typeof output === 'string' ? new SafeString(output) : output.then((text) => new SafeString(text))
  }
}

const KEY = {}

/** `{% block name %}`, `{% endblock %}` or `{% endblock name %}` */
export const blockTag: CompileFunction = (parser, token) => {
  const words = token.contents.split(/\s+/)
  const [tag = '', name = ''] = words
  if (words.length !== 2) throw new TemplateSyntaxError(`'${tag}' tag takes only one argument`)
  const known = parser.shared.get(KEY)
  const names = known instanceof Set ? known : new Set<unknown>()
  if (names.has(name))
    throw new TemplateSyntaxError(`'${tag}' tag with name '${name}' appears more than once`)
  parser.shared.set(KEY, names.add(name))
  const body = parser.parse(['endblock'])
  const end = parser.nextToken()
  if (end.contents !== 'endblock' && end.contents !== `endblock ${name}`) {
    parser.invalidBlockTag(end, 'endblock', ['endblock', `endblock ${name}`])
  }
  parser.blocks.set(name, body)
  return (context) =>
    context.state.blocks
      ? renderYoungest(name, body, context)
      : context.within(new NamedLayer('block', new BlockReference(name)), body)
}

/**
 * Renders the body of the youngest template that has the block. Meanwhile that body is off the list, so that
 * `block.super` finds the next older one.
 */
function renderYoungest(name: string, own: Render, context: Context): Rendered {
  const bodies = context.state.blocks?.get(name)
  const body = bodies?.pop()
  const restore = (): void => {
    if (body) bodies?.push(body)
  }
  let output: Rendered
  try {
    output = context.within(new NamedLayer('block', new BlockReference(name, context)), body ?? own)
  } catch (error) {
    restore()
    throw error
  }
  if (typeof output !== 'string') return output.finally(restore)
  restore()
  return output
}
