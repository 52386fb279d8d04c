import type { Context } from '../context.ts'
import { Library } from '../library.ts'
import { pythonString } from '../python/string.ts'
import { escapeHtml, SafeString } from '../safe-string.ts'
import type { CompileFunction, TemplateEnvironment } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain } from '../thenable.ts'

/** `{% static "path" %}`, with `as name` */
const staticTag: CompileFunction = (parser, token) => {
  const [tag = '', path, ...rest] = token.splitContents()
  if (path === undefined) throw new TemplateSyntaxError(`'${tag}' takes at least one argument (path to file)`)
  const target = rest.at(-2) === 'as' ? rest.at(-1) : undefined
  const expression = parser.compileFilter(path)
  const show = (value: unknown, context: Context): string => {
    const url = parser.environment.staticUrl(pythonString(value))
    const text = context.autoescape ? escapeHtml(url) : url
    if (target === undefined) return text
    context.set(target, context.autoescape ? new SafeString(text) : text)
    return ''
  }
  return (context) => chain(expression.resolve(context), context, show)
}

/** `{% get_static_prefix %}` and `{% get_media_prefix %}`, with `as name` */
function prefixTag(prefixOf: (environment: TemplateEnvironment) => string): CompileFunction {
  return ({ environment }, token) => {
    const [tag = '', as, target] = token.contents.split(/\s+/)
    if (as !== undefined && (as !== 'as' || target === undefined)) {
      throw new TemplateSyntaxError(`First argument in '${tag}' must be 'as'`)
    }
    const prefix = prefixOf(environment)
    return (context) => {
      if (target === undefined) return prefix
      context.set(target, prefix)
      return ''
    }
  }
}

/** What `{% load static %}` brings. */
export const staticLibrary = new Library()
  .tag('static', staticTag)
  .tag(
    'get_static_prefix',
    prefixTag((environment) => environment.staticPrefix),
  )
  .tag(
    'get_media_prefix',
    prefixTag((environment) => environment.mediaPrefix),
  )
