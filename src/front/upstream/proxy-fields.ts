/**
 * Fields of an HTTP upstream that name itself, said anew with our own name: `Location` and `Refresh`
 * (`proxy_redirect`), domains and paths of cookies (`proxy_cookie_domain`, `proxy_cookie_path`).
 */
import { flagged, type CookieFlags } from './cookie-flags.ts'
import { absoluteLocation } from '../redirect.ts'
import type { Request } from '../request.ts'
import type { FieldRewriter } from './response-fields.ts'
import { rewriteText, type TextRewrite } from './text-rewrite.ts'

export interface ProxyFieldRules {
  readonly redirects: readonly TextRewrite[]
  readonly cookieDomains: readonly TextRewrite[]
  readonly cookiePaths: readonly TextRewrite[]
  readonly cookieFlags: readonly CookieFlags[]
}

export function proxyFieldRewriter(rules: ProxyFieldRules): FieldRewriter {
  const { redirects, cookieDomains, cookiePaths, cookieFlags } = rules
  const cookies = cookieDomains.length > 0 || cookiePaths.length > 0 || cookieFlags.length > 0
  return (request, name, value) => {
    if (name === 'location') return location(request, value, redirects)
    if (name === 'refresh') return refresh(request, value, redirects)
    if (name === 'set-cookie' && cookies) return cookie(request, value, rules)
    return value
  }
}

/** A replacement may leave scheme and host out: they are ours then. A path of the upstream's own stays one. */
function location(request: Request, value: string, redirects: readonly TextRewrite[]): string {
  const rewritten = rewriteText(request, value, redirects)
  if (rewritten === undefined) return value
  return rewritten.startsWith('/') ? absoluteLocation(request, rewritten) : rewritten
}

/** `5; url=http://upstream/` */
function refresh(request: Request, value: string, redirects: readonly TextRewrite[]): string {
  const start = value.toLowerCase().indexOf('url=')
  if (start < 0) return value
  const rewritten = rewriteText(request, value.slice(start + 4), redirects)
  return rewritten === undefined ? value : value.slice(0, start + 4) + rewritten
}

function cookie(request: Request, value: string, rules: ProxyFieldRules): string {
  const { cookieDomains, cookiePaths, cookieFlags } = rules
  const [pair = '', ...attributes] = value.split(';')
  const rewritten = attributes.map((text) => cookieAttribute(request, text, cookieDomains, cookiePaths))
  return [pair, ...flagged(request, pair, rewritten, cookieFlags)].join(';')
}

function cookieAttribute(
  request: Request,
  text: string,
  domains: readonly TextRewrite[],
  paths: readonly TextRewrite[],
): string {
  const equals = text.indexOf('=')
  if (equals < 0) return text
  const name = text.slice(0, equals).trim().toLowerCase()
  const rewrites = name === 'domain' ? domains : name === 'path' ? paths : []
  const rewritten = rewriteText(request, text.slice(equals + 1), rewrites)
  return rewritten === undefined ? text : text.slice(0, equals + 1) + rewritten
}
