/** One replacement of `proxy_redirect`, `proxy_cookie_domain` and `proxy_cookie_path`. */
import type { Statement } from '../../config/ast.ts'
import { parseComplexValue } from '../../config/complex-value.ts'
import { Pcre } from '../../config/pcre.ts'
import type { CompileContext } from '../front-module.ts'
import type { Request } from '../request.ts'
import type { Value } from '../value.ts'

export interface TextRewriteRow {
  /** Text, or a regular expression behind `~` (case counts) or `~*`. */
  readonly pattern: string
  readonly replacement: string
}

/** What a text pattern has to be of the text: its beginning, or all of it regardless of case and of dots before it. */
export type TextMatch = 'prefix' | 'domain'

/** The new text, or undefined where the pattern does not match. */
export type TextRewrite = (request: Request, text: string) => string | undefined

export function compileTextRewrite(
  { pattern, replacement }: TextRewriteRow,
  match: TextMatch,
  context: CompileContext,
  at: Statement,
): TextRewrite {
  const isRegex = pattern.startsWith('~')
  if (match === 'domain') {
    const value = context.value(parseComplexValue(withoutDot(replacement)), at)
    const wanted = isRegex ? undefined : context.value(parseComplexValue(withoutDot(pattern)), at)
    return besideDot(wanted ? byDomain(wanted, value) : byRegex(patternOf(pattern, true), value))
  }
  const value = context.value(parseComplexValue(replacement), at)
  if (isRegex) return byRegex(patternOf(pattern), value)
  return byPrefix(context.value(parseComplexValue(pattern), at), value)
}

function withoutDot(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain
}

/** A dot before a domain says nothing (RFC 6265 section 5.2.3): that of the upstream stays, the conf's are left out. */
function besideDot(rewrite: TextRewrite): TextRewrite {
  return (request, text) => {
    if (!text.startsWith('.')) return rewrite(request, text)
    const rewritten = rewrite(request, text.slice(1))
    return rewritten === undefined ? undefined : `.${rewritten}`
  }
}

/** @throws ConfigError without a place */
export function patternOf(pattern: string, caseless = pattern.startsWith('~*')): Pcre {
  return new Pcre(pattern.slice(pattern.startsWith('~*') ? 2 : 1).trimStart(), { caseless })
}

function byRegex(regex: Pcre, value: Value): TextRewrite {
  return (request, text) => {
    const captures = regex.exec(text)
    if (!captures) return undefined
    request.captures = captures
    return value.evaluate(request)
  }
}

function byPrefix(wanted: Value, value: Value): TextRewrite {
  return (request, text) => {
    const prefix = wanted.evaluate(request)
    return text.startsWith(prefix) ? value.evaluate(request) + text.slice(prefix.length) : undefined
  }
}

function byDomain(wanted: Value, value: Value): TextRewrite {
  return (request, text) =>
    text.toLowerCase() === wanted.evaluate(request).toLowerCase() ? value.evaluate(request) : undefined
}

/** The first rewrite that matches. */
export function rewriteText(
  request: Request,
  text: string,
  rewrites: readonly TextRewrite[],
): string | undefined {
  for (const rewrite of rewrites) {
    const rewritten = rewrite(request, text)
    if (rewritten !== undefined) return rewritten
  }
  return undefined
}
