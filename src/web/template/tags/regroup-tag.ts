import type { Context, Rendered } from '../context.ts'
import { isEqual } from '../python/compare.ts'
import { toList, typeName } from '../python/sequence.ts'
import { pythonRepr } from '../python/string.ts'
import type { CompileFunction } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain, resolveAll } from '../thenable.ts'

/** A run of elements with the same key. It can be unpacked in a `for`. */
class GroupedResult implements Iterable<unknown> {
  readonly grouper: unknown
  readonly list: unknown[] = []
  readonly length = 2

  constructor(grouper: unknown) {
    this.grouper = grouper
  }

  get 0(): unknown {
    return this.grouper
  }

  get 1(): unknown {
    return this.list
  }

  *[Symbol.iterator](): Iterator<unknown> {
    yield this.grouper
    yield this.list
  }

  toString(): string {
    return `GroupedResult(grouper=${pythonRepr(this.grouper)}, list=${pythonRepr(this.list)})`
  }
}

/** `{% regroup list by attribute as name %}` */
export const regroupTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  if (words.length !== 6) throw new TemplateSyntaxError("'regroup' tag takes five arguments")
  const [, source = '', by, attribute = '', as, name = ''] = words
  if (by !== 'by') throw new TemplateSyntaxError("second argument to 'regroup' tag must be 'by'")
  if (as !== 'as') throw new TemplateSyntaxError("next-to-last argument to 'regroup' tag must be 'as'")
  const list = parser.compileFilter(source)
  // The attribute is an expression with filters: it is evaluated with each element under the name of the result.
  const key = parser.compileFilter(`${name}.${attribute}`)
  const regroup = (value: unknown, context: Context): Rendered => {
    const items = value === null || value === undefined ? [] : toList(value)
    if (!items) throw new TypeError(`'${typeName(value)}' object is not iterable`)
    const keys = items.map((item) => (inner: Context) => {
      inner.set(name, item)
      return key.resolveOrNull(inner)
    })
    return chain(resolveAll(keys, context), context, (found) => {
      context.set(name, grouped(items, Array.isArray(found) ? found : []))
      return ''
    })
  }
  return (context) => chain(list.resolveOrNull(context), context, regroup)
}

function grouped(items: readonly unknown[], keys: readonly unknown[]): GroupedResult[] {
  const groups: GroupedResult[] = []
  items.forEach((item, i) => {
    const last = groups.at(-1)
    const group = last && isEqual(last.grouper, keys[i]) ? last : new GroupedResult(keys[i])
    if (group !== last) groups.push(group)
    group.list.push(item)
  })
  return groups
}
