import type { Context, Rendered } from '../context.ts'
import type { FilterExpression } from '../filter-expression.ts'
import { toList } from '../python/sequence.ts'
import { pythonString } from '../python/string.ts'
import { SafeString } from '../safe-string.ts'
import type { CompileFunction, LoadedTemplate, TagParser, TemplateEnvironment } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain, resolveAll } from '../thenable.ts'
import { resolverOf, takeKeywords } from './tag-arguments.ts'
import { fullName, isLoadedTemplate } from './template-name.ts'

interface Options {
  readonly values: ReadonlyMap<string, FilterExpression>
  readonly isIsolated: boolean
}

/** `{% include "name" %}`, `{% include variable with a=1 b=2 only %}` */
export const includeTag: CompileFunction = (parser, token) => {
  const [tag = '', name, ...rest] = token.splitContents()
  if (name === undefined) {
    throw new TemplateSyntaxError(
      `'${tag}' tag takes at least one argument: the name of the template to be included.`,
    )
  }
  const { values, isIsolated } = parseOptions(tag, rest, parser)
  const target = parser.compileFilter(fullName(parser.origin.templateName, name))
  const names = [...values.keys()]
  const resolvers = [target, ...values.values()].map(resolverOf)
  const load = loading(parser)
  const render = (resolved: unknown, context: Context): Rendered => {
    const [chosen, ...given] = Array.isArray(resolved) ? (resolved as unknown[]) : []
    const template = load(chosen, context)
    const layer = new Map(names.map((name, i) => [name, given[i]]))
    if (isIsolated) return template.renderWithin(context.isolated(layer))
    return context.within(layer, (inner) => template.renderWithin(inner))
  }
  return (context) => chain(resolveAll(resolvers, context), context, render)
}

function parseOptions(tag: string, words: string[], parser: TagParser): Options {
  let values: ReadonlyMap<string, FilterExpression> | undefined
  let isIsolated = false
  for (let option = words.shift(); option !== undefined; option = words.shift()) {
    if ((option === 'with' && values) || (option === 'only' && isIsolated)) {
      throw new TemplateSyntaxError(`The '${option}' option was specified more than once.`)
    }
    if (option === 'only') {
      isIsolated = true
    } else if (option === 'with') {
      values = takeKeywords(words, parser)
      if (values.size === 0) {
        throw new TemplateSyntaxError(`"with" in '${tag}' tag needs at least one keyword argument.`)
      }
    } else {
      throw new TemplateSyntaxError(`Unknown argument for '${tag}' tag: '${option}'.`)
    }
  }
  return { values: values ?? new Map(), isIsolated }
}

/** A template, the name of one, or a list of names of which the first that exists is taken. */
function loading({ environment, origin }: TagParser): (value: unknown, context: Context) => LoadedTemplate {
  return (value, context) => {
    if (isLoadedTemplate(value)) return value
    if (typeof value === 'string' || value instanceof SafeString) {
      const name = pythonString(value)
      if (name === '') return environment.selectTemplate([])
      return loadOnce(fullName(origin.templateName, name), context, environment)
    }
    return environment.selectTemplate((toList(value) ?? []).map(pythonString))
  }
}

class LoadedTemplates extends Map<string, LoadedTemplate> {}

const KEY = {}

/** In development the engine looks at the file each time: once per rendering is enough, and shows one state of it. */
function loadOnce(name: string, context: Context, environment: TemplateEnvironment): LoadedTemplate {
  if (!environment.debug) return environment.getTemplate(name)
  const { outermost } = context.state
  const known = outermost.get(KEY)
  const loaded = known instanceof LoadedTemplates ? known : new LoadedTemplates()
  outermost.set(KEY, loaded)
  const template = loaded.get(name) ?? environment.getTemplate(name)
  loaded.set(name, template)
  return template
}
