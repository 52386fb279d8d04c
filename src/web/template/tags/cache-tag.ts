import { createHash } from 'node:crypto'
import type { Context, Rendered } from '../context.ts'
import { Library } from '../library.ts'
import { pythonString } from '../python/string.ts'
import type { CompileFunction, FragmentCache } from '../tag-parser.ts'
import { TemplateSyntaxError } from '../template-error.ts'
import { chain, resolveAll } from '../thenable.ts'
import { resolverOf } from './tag-arguments.ts'

/** The key of a fragment: to delete it when what it shows has changed. */
export function makeTemplateFragmentKey(name: string, varyOn: readonly unknown[] = []): string {
  const hash = createHash('sha256')
  for (const value of varyOn) {
    const text = pythonString(value)
    // The length keeps values apart that have a colon in them.
    hash.update(`${text.length}:${text}:`)
  }
  return `template.cache.${name}.${hash.digest('hex').slice(0, 40)}`
}

function secondsOf(value: unknown, source: string): number | null {
  if (value === null) return null
  const seconds = typeof value === 'string' ? Number(value) : value
  if (typeof seconds === 'number' && Number.isFinite(seconds)) return Math.trunc(seconds)
  throw new TemplateSyntaxError(`"cache" tag got a non-integer timeout value: ${source}`)
}

/** `{% cache 500 sidebar user.pk using="other" %}` */
const cacheTag: CompileFunction = (parser, token) => {
  const body = parser.parse(['endcache'])
  parser.deleteFirstToken()
  const [tag = '', timeoutText, name, ...words] = token.splitContents()
  if (timeoutText === undefined || name === undefined) {
    throw new TemplateSyntaxError(`'${tag}' tag requires at least 2 arguments.`)
  }
  const last = words.at(-1)
  const using = last?.startsWith('using=') === true ? parser.compileFilter(last.slice(6)) : undefined
  if (using !== undefined) words.pop()
  const timeout = parser.compileFilter(timeoutText)
  const varyOn = words.map((word) => parser.compileFilter(word))
  const resolvers = [timeout, ...(using === undefined ? [] : [using]), ...varyOn].map(resolverOf)
  const { environment } = parser
  return (context) =>
    chain(resolveAll(resolvers, context), context, (resolved, inner) => {
      const values = Array.isArray(resolved) ? resolved.map((value: unknown) => value) : []
      const seconds = secondsOf(values.shift(), timeoutText)
      const alias = using === undefined ? null : pythonString(values.shift())
      return kept(
        environment.fragmentCache(alias),
        makeTemplateFragmentKey(name, values),
        seconds,
        body,
        inner,
      )
    })
}

/** Without a cache the fragment is rendered each time. */
function kept(
  cache: FragmentCache | null,
  key: string,
  timeout: number | null,
  body: (context: Context) => Rendered,
  context: Context,
): Rendered {
  if (cache === null) return body(context)
  return chain(cache.get(key), context, (known) => {
    if (typeof known === 'string') return known
    return chain(body(context), context, (rendered) => {
      const text = String(rendered)
      return chain(cache.set(key, text, { timeout }), context, () => text)
    })
  })
}

/** What `{% load cache %}` brings. */
export const cacheLibrary = new Library().tag('cache', cacheTag)
