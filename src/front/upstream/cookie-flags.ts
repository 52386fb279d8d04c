/** `proxy_cookie_flags`: attributes that cookies of the upstream get or lose. */
import type { Statement } from '../../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { ListDirective } from '../../config/directive.ts'
import { Pcre } from '../../config/pcre.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'

export interface CookieFlagsRow {
  /** A name, or a regular expression behind `~`. */
  readonly cookie: string
  readonly flags: readonly ComplexValue[]
}

export const cookieFlags: ListDirective<CookieFlagsRow | 'off'> = {
  kind: 'list',
  contexts: ['http', 'server', 'location'],
  name: 'proxy_cookie_flags',
  args: { min: 1, max: 5 },
  syntax: 'off | cookie [flag ...]',
  doc: 'Flags that a cookie gets (secure, httponly, samesite=...) or loses (nosecure, ...). The first line whose cookie matches counts.',
  parse: ([cookie, ...flags], at) => {
    const name = cookie?.text ?? ''
    if (flags.length === 0)
      return name === 'off' ? 'off' : at.fail('invalid number of arguments in "proxy_cookie_flags" directive')
    if (name.startsWith('~')) patternOfName(name) // a fault is one also where nothing uses it
    const values = flags.map(({ text }) => parseComplexValue(text))
    for (const { constant } of values) {
      if (constant !== undefined && !FLAGS.has(constant)) at.fail(`invalid parameter "${constant}"`)
    }
    return { cookie: name, flags: values }
  },
}

/** What a flag says: attributes of which name go, and which comes instead. */
const FLAGS = new Map<string, readonly [name: string, attribute: string | undefined]>([
  ['secure', ['secure', 'Secure']],
  ['nosecure', ['secure', undefined]],
  ['httponly', ['httponly', 'HttpOnly']],
  ['nohttponly', ['httponly', undefined]],
  ['samesite=strict', ['samesite', 'SameSite=Strict']],
  ['samesite=lax', ['samesite', 'SameSite=Lax']],
  ['samesite=none', ['samesite', 'SameSite=None']],
  ['nosamesite', ['samesite', undefined]],
])

/** For a cookie of that name the flags to set, or undefined when another line has to say. */
export type CookieFlags = (request: Request, name: string) => readonly string[] | undefined

export function compileCookieFlags(
  { cookie, flags }: CookieFlagsRow,
  context: CompileContext,
  at: Statement,
): CookieFlags {
  const values = flags.map((flag) => context.value(flag, at))
  const matches = compileName(cookie, context, at)
  return (request, name) =>
    matches(request, name) ? values.map((value) => value.evaluate(request).toLowerCase()) : undefined
}

/** @throws ConfigError without a place */
function patternOfName(cookie: string): Pcre {
  return new Pcre(cookie.slice(1), { caseless: true })
}

function compileName(cookie: string, context: CompileContext, at: Statement) {
  if (cookie.startsWith('~')) {
    const regex = patternOfName(cookie)
    return (_: Request, name: string): boolean => Boolean(regex.exec(name))
  }
  const value = context.value(cookie, at)
  return (request: Request, name: string): boolean =>
    value.evaluate(request).toLowerCase() === name.toLowerCase()
}

/** The attributes of a cookie (`pair` is its name and value) after the first line that matches. */
export function flagged(
  request: Request,
  pair: string,
  attributes: readonly string[],
  lines: readonly CookieFlags[],
): readonly string[] {
  const equals = pair.indexOf('=')
  const name = (equals < 0 ? pair : pair.slice(0, equals)).trim()
  for (const line of lines) {
    const flags = line(request, name)
    if (flags) return flags.reduce(applyFlag, attributes)
  }
  return attributes
}

function applyFlag(attributes: readonly string[], flag: string): readonly string[] {
  const [name, attribute] = FLAGS.get(flag) ?? ['', undefined]
  if (name === '') return attributes
  const others = attributes.filter((text) => nameOf(text) !== name)
  return attribute === undefined ? others : [...others, ` ${attribute}`]
}

function nameOf(attribute: string): string {
  const equals = attribute.indexOf('=')
  return (equals < 0 ? attribute : attribute.slice(0, equals)).trim().toLowerCase()
}
