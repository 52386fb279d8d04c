import type { Context, Render, Rendered } from '../context.ts'
import { strip } from '../python/text-methods.ts'
import { pythonString } from '../python/string.ts'
import { SafeString } from '../safe-string.ts'
import type { CompileFunction, TagParser } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain, resolveAll } from '../thenable.ts'
import { resolverOf, takeKeywords } from './tag-arguments.ts'

function bodyUntil(parser: TagParser, end: string): Render {
  const body = parser.parse([end])
  parser.deleteFirstToken()
  return body
}

/** `{% autoescape on %}` or `off` */
export const autoescapeTag: CompileFunction = (parser, token) => {
  const [, setting, ...rest] = token.contents.split(/\s+/)
  if (setting === undefined || rest.length > 0) {
    throw new TemplateSyntaxError("'autoescape' tag requires exactly one argument.")
  }
  if (setting !== 'on' && setting !== 'off') {
    throw new TemplateSyntaxError("'autoescape' argument should be 'on' or 'off'")
  }
  const body = bodyUntil(parser, 'endautoescape')
  return (context) => renderWithAutoescape(setting === 'on', body, context)
}

function renderWithAutoescape(setting: boolean, body: Render, context: Context): Rendered {
  const before = context.autoescape
  context.autoescape = setting
  let output: Rendered
  try {
    output = body(context)
  } catch (error) {
    context.autoescape = before
    throw error
  }
  if (typeof output === 'string') {
    context.autoescape = before
    return output
  }
  return output.finally(() => {
    context.autoescape = before
  })
}

/** `{% with a=1 b=2 %}`, and the older `{% with 1 as a %}` */
export const withTag: CompileFunction = (parser, token) => {
  const [tag = '', ...words] = token.splitContents()
  const values = takeKeywords(words, parser, true)
  if (values.size === 0) throw new TemplateSyntaxError(`'${tag}' expected at least one variable assignment`)
  if (words.length > 0)
    throw new TemplateSyntaxError(`'${tag}' received an invalid token: '${words[0] ?? ''}'`)
  const body = bodyUntil(parser, 'endwith')
  const names = [...values.keys()]
  const resolvers = Array.from(values.values(), resolverOf)
  const render = (resolved: unknown, context: Context): Rendered => {
    const given: unknown[] = Array.isArray(resolved) ? resolved : []
    return context.within(new Map(names.map((name, i) => [name, given[i]])), body)
  }
  return (context) => chain(resolveAll(resolvers, context), context, render)
}

/** `{% filter upper|linebreaks %}`: what the body renders is HTML already when the filters get it. */
export const filterTag: CompileFunction = (parser, token) => {
  const filters = token.contents.slice('filter'.length).trim()
  const expression = parser.compileFilter(`var|${filters}`)
  const refused = expression.filters.find(({ name }) => name === 'escape' || name === 'safe')
  if (refused) {
    throw new TemplateSyntaxError(
      `"filter ${refused.name}" is not permitted.  Use the "autoescape" tag instead.`,
    )
  }
  const body = bodyUntil(parser, 'endfilter')
  const apply: Render = (context) => chain(expression.resolve(context), context, pythonString)
  const render = (output: unknown, context: Context): Rendered =>
    context.within(new Map([['var', new SafeString(String(output))]]), apply)
  return (context) => chain(body(context), context, render)
}

/** `{% spaceless %}` takes out the white space between tags. */
export const spacelessTag: CompileFunction = (parser) => {
  const body = bodyUntil(parser, 'endspaceless')
  const squeeze = (output: unknown): string => strip(String(output)).replace(/>\s+</g, '><')
  return (context) => chain(body(context), context, squeeze)
}

/** `{% verbatim %}`: the lexer has made text of everything up to its end. */
export const verbatimTag: CompileFunction = (parser) => bodyUntil(parser, 'endverbatim')

/** `{% comment "why" %}` */
export const commentTag: CompileFunction = (parser) => {
  parser.skipPast('endcomment')
  return () => ''
}
