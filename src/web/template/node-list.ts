import type { Context, Render, Rendered } from './context.ts'
import { pythonString } from './python/string.ts'
import { locate, type Origin } from './template-error.ts'
import { isThenable } from './thenable.ts'
import type { Token } from './token.ts'

/** Text as it stands, or a compiled tag. */
export interface NodePart {
  readonly part: string | Render
  readonly token: Token
}

interface Source {
  readonly text: string
  readonly origin: Origin
}

/** Compiles a list of nodes to one: their outputs, joined. Errors get the place of the node that threw. */
export function nodeList(nodes: readonly NodePart[], source: Source): Render {
  const [only] = nodes
  if (!only) return () => ''
  if (nodes.length === 1 && typeof only.part === 'string') {
    const text = only.part
    return () => text
  }
  const list = new NodeList(nodes, source)
  return (context) => list.render(context)
}

class NodeList {
  readonly #parts: readonly (string | Render)[]
  readonly #tokens: readonly Token[]
  readonly #source: Source

  constructor(nodes: readonly NodePart[], source: Source) {
    this.#parts = nodes.map((node) => node.part)
    this.#tokens = nodes.map((node) => node.token)
    this.#source = source
  }

  render(context: Context): Rendered {
    const parts = this.#parts
    let output = ''
    let i = 0
    try {
      for (; i < parts.length; i++) {
        const part = parts[i]
        if (typeof part !== 'function') {
          output += part
          continue
        }
        const rendered: unknown = part(context)
        if (typeof rendered === 'string') output += rendered
        else if (isThenable(rendered)) return this.#renderRest(context, output, i, rendered)
        else output += pythonString(rendered)
      }
    } catch (error) {
      throw locate(error, this.#tokens[i], this.#source)
    }
    return output
  }

  /** From the first promise on: the nodes after it wait, since a context has one state at a time. */
  async #renderRest(
    context: Context,
    before: string,
    from: number,
    first: PromiseLike<unknown>,
  ): Promise<string> {
    let output = before
    let i = from
    try {
      output += pythonString(await first)
      for (i++; i < this.#parts.length; i++) {
        const part = this.#parts[i]
        output += typeof part === 'function' ? pythonString(await part(context)) : part
      }
    } catch (error) {
      throw locate(error, this.#tokens[i], this.#source)
    }
    return output
  }
}
