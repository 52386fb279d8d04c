import type { Context, Render, Rendered } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { lengthOf, toList, typeName } from '../python/sequence.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain } from '../thenable.ts'
import { ForLoop, LoopLayer } from './for-loop.ts'

/** `{% for x in list %}`, `{% for a, b in list reversed %}`, `{% empty %}` */
export const forTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  if (words.length < 4) {
    throw new TemplateSyntaxError(`'for' statements should have at least four words: ${token.contents}`)
  }
  const isReversed = words.at(-1) === 'reversed'
  const inAt = words.length - (isReversed ? 3 : 2)
  if (words[inAt] !== 'in') {
    throw new TemplateSyntaxError(`'for' statements should use the format 'for x in y': ${token.contents}`)
  }
  const names = words.slice(1, inAt).join(' ').split(/ *, */)
  if (names.some((name) => name === '' || /[ "'|]/.test(name))) {
    throw new TemplateSyntaxError(`'for' tag received an invalid argument: ${token.contents}`)
  }
  const sequence = parser.compileFilter(words[inAt + 1] ?? '')
  const body = parser.parse(['empty', 'endfor'])
  let empty: Render | undefined
  if (parser.nextToken().contents === 'empty') {
    empty = parser.parse(['endfor'])
    parser.deleteFirstToken()
  }
  const node = new ForNode(names, sequence, isReversed, body, empty)
  return (context) => node.render(context)
}

class ForNode {
  readonly #names: readonly string[]
  /** The name of the only variable; empty when elements are unpacked. */
  readonly #single: string
  readonly #sequence: FilterExpression
  readonly #isReversed: boolean
  readonly #body: Render
  readonly #empty: Render | undefined

  constructor(
    names: readonly string[],
    sequence: FilterExpression,
    isReversed: boolean,
    body: Render,
    empty: Render | undefined,
  ) {
    this.#names = names
    this.#single = names.length === 1 ? (names[0] ?? '') : ''
    this.#sequence = sequence
    this.#isReversed = isReversed
    this.#body = body
    this.#empty = empty
  }

  render(context: Context): Rendered {
    return chain(this.#sequence.resolveOrNull(context), context, this.#renderValue)
  }

  readonly #renderValue = (value: unknown, context: Context): Rendered => {
    const list = value === null || value === undefined ? [] : toList(value)
    if (list) return this.#renderList(list, context)
    if (isAsyncIterable(value)) return gather(value).then((items) => this.#renderList(items, context))
    throw new TypeError(`'${typeName(value)}' object is not iterable`)
  }

  #renderList(list: readonly unknown[], context: Context): Rendered {
    if (list.length === 0) return this.#empty ? context.within(new Map(), this.#empty) : ''
    const items = this.#isReversed ? list.toReversed() : list
    const loop = new ForLoop(items.length, context.get('forloop') ?? {})
    const layer = new LoopLayer(loop, this.#single)
    const depth = context.depth
    context.push(layer)
    let output = ''
    try {
      for (let i = 0; i < items.length; i++) {
        const rendered = this.#renderItem(items[i], i, layer, context)
        if (typeof rendered !== 'string')
          return this.#renderRest(items, i, layer, output, rendered, context, depth)
        output += rendered
      }
    } catch (error) {
      context.cutTo(depth)
      throw error
    }
    context.pop()
    return output
  }

  #renderItem(item: unknown, i: number, layer: LoopLayer, context: Context): Rendered {
    layer.loop.counter0 = i
    if (this.#single === '') return context.within(this.#unpack(item), this.#body)
    layer.item = item === undefined ? '' : item
    return this.#body(context)
  }

  async #renderRest(
    items: readonly unknown[],
    at: number,
    layer: LoopLayer,
    before: string,
    pending: Promise<string>,
    context: Context,
    depth: number,
  ): Promise<string> {
    try {
      let output = before + (await pending)
      for (let i = at + 1; i < items.length; i++) {
        output += await this.#renderItem(items[i], i, layer, context)
      }
      return output
    } finally {
      context.cutTo(depth)
    }
  }

  #unpack(item: unknown): Map<string, unknown> {
    const values = toList(item)
    const length = values?.length ?? lengthOf(item) ?? 1
    if (!values || length !== this.#names.length) {
      throw new TypeError(`Need ${this.#names.length} values to unpack in for loop; got ${length}. `)
    }
    return new Map(this.#names.map((name, i) => [name, values[i] ?? null]))
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

async function gather(source: AsyncIterable<unknown>): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of source) items.push(item)
  return items
}
