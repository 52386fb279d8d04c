import type { Context, Rendered } from '../context.ts'
import { pythonString } from '../python/string.ts'
import { escapeHtml, SafeString } from '../safe-string.ts'
import type { CompileFunction, TemplateEnvironment } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain, isThenable, resolveAll } from '../thenable.ts'
import { keywordOf, resolverOf } from './tag-arguments.ts'

/** `{% url "name" arg key=value %}`, with `as name` */
export const urlTag: CompileFunction = (parser, token) => {
  const [tag = '', view, ...words] = token.splitContents()
  if (view === undefined)
    throw new TemplateSyntaxError(`'${tag}' takes at least one argument, a URL pattern name.`)
  const target = words.length >= 2 && words.at(-2) === 'as' ? words.splice(-2)[1] : undefined
  const given = words.map(keywordOf)
  const resolvers = [view, ...given.map(({ value }) => value)].map((word) =>
    resolverOf(parser.compileFilter(word)),
  )
  const names = given.map(({ name }) => name)
  const show = (url: unknown, context: Context): string => {
    const text = pythonString(url)
    if (target === undefined) return context.autoescape ? escapeHtml(text) : text
    context.set(target, text)
    return ''
  }
  const reverse = (values: unknown, context: Context): Rendered => {
    const call = () => reverseUrl(Array.isArray(values) ? values : [], names, context, parser.environment)
    return chain(target === undefined ? call() : orNothing(call), context, show)
  }
  return (context) => chain(resolveAll(resolvers, context), context, reverse)
}

function reverseUrl(
  values: readonly unknown[],
  names: readonly (string | undefined)[],
  context: Context,
  environment: TemplateEnvironment,
): unknown {
  const [view, ...rest] = values
  const args: unknown[] = []
  const kwargs: Record<string, unknown> = {}
  names.forEach((name, i) => {
    const value = rest[i] instanceof SafeString ? rest[i].value : rest[i]
    if (name === undefined) args.push(value)
    else kwargs[name] = value
  })
  return environment.reverse(pythonString(view), args, kwargs, context.request)
}

/** With `as`, a URL that cannot be had is no error. */
function orNothing(call: () => unknown): unknown {
  try {
    const url = call()
    return isThenable(url) ? Promise.resolve(url).catch(nothing) : url
  } catch (error) {
    return nothing(error)
  }
}

function nothing(error: unknown): string {
  if (error instanceof Error && error.name === 'NoReverseMatch') return ''
  throw error
}
