import type { Context, Render, Rendered } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { isTruthy } from '../python/compare.ts'
import { pythonRepr, pythonString } from '../python/string.ts'
import type { CompileFunction, LoadedTemplate, TemplateEnvironment } from '../tag-parser.ts'
import { type Origin, TemplateSyntaxError } from '../template-error.ts'
import { chain } from '../thenable.ts'
import { fullName, isLoadedTemplate } from './template-name.ts'

/** `{% extends "name" %}` or `{% extends variable %}` */
export const extendsTag: CompileFunction = (parser, token) => {
  const words = token.splitContents()
  if (words.length !== 2) throw new TemplateSyntaxError(`'${words[0] ?? ''}' takes one argument`)
  const parentName = parser.compileFilter(fullName(parser.origin.templateName, words[1] ?? ''))
  parser.markChild(token)
  // What follows is compiled for its blocks only.
  parser.parse()
  const { blocks, environment, origin } = parser
  const render = (value: unknown, context: Context): Rendered => {
    const parent = parentOf(value, parentName, context, environment, origin)
    const lists = (context.state.blocks ??= new Map<string, Render[]>())
    prepend(lists, blocks)
    if (!parent.isChild) prepend(lists, parent.blocks)
    return parent.renderBody(context)
  }
  return (context) => chain(parentName.resolve(context), context, render)
}

/** Puts the bodies of an older template before those of the younger ones. */
function prepend(lists: Map<string, Render[]>, blocks: ReadonlyMap<string, Render>): void {
  for (const [name, body] of blocks) {
    const bodies = lists.get(name)
    if (bodies) bodies.unshift(body)
    else lists.set(name, [body])
  }
}

function parentOf(
  value: unknown,
  expression: FilterExpression,
  context: Context,
  environment: TemplateEnvironment,
  origin: Origin,
): LoadedTemplate {
  if (isLoadedTemplate(value)) return value
  if (!isTruthy(value)) {
    const source =
      expression.isVariable || expression.filters.length > 0
        ? ` Got this from the '${expression.source}' variable.`
        : ''
    throw new TemplateSyntaxError(`Invalid template name in 'extends' tag: ${pythonRepr(value)}.${source}`)
  }
  // A template may extend another of its own name from a later folder, but none twice.
  const { extended } = context.state
  if (extended.length === 0) extended.push(origin)
  const parent = environment.findTemplate(pythonString(value), extended)
  extended.push(parent.origin)
  return parent
}
