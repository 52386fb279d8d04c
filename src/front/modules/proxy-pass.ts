/** `proxy_pass`: requests to HTTP upstreams, with everything of nginx's module that is neither caching nor TLS. */
import type { Statement } from '../../config/ast.ts'
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { AnyDirective, Context, Directive, ListDirective } from '../../config/directive.ts'
import { complexValueRow, flagRow, keyValueRow, valueRow } from '../../config/rows.ts'
import type { Scope } from '../../config/scope.ts'
import type { CompileContext, CompileHandler, FrontModule, LocationShape } from '../front-module.ts'
import { DONE } from '../outcome.ts'
import type { Request } from '../request.ts'
import type { UpstreamTarget } from '../upstream/exchange.ts'
import { resolverOf, type ScopeResolver } from '../upstream/resolver-directives.ts'
import { evaluatedGroup } from '../upstream/evaluated-group.ts'
import { cookieFlags, compileCookieFlags, type CookieFlagsRow } from '../upstream/cookie-flags.ts'
import { CONDITIONAL_FIELDS } from '../upstream/cgi-params.ts'
import { caches, gatewayRows, gatewaySettings, optionalValue } from '../upstream/gateway-directives.ts'
import { earlyHints, hintsCondition } from '../upstream/early-hints.ts'
import { HttpTarget, replacedUri, requestUri, type HttpTargetOptions } from '../upstream/http-target.ts'
import { OutgoingRequest, type SetHeader } from '../upstream/outgoing-request.ts'
import { parseProxyAddress, usualPort, type ProxyAddress } from '../upstream/proxy-address.ts'
import { proxyFieldRewriter } from '../upstream/proxy-fields.ts'
import {
  compileTextRewrite,
  patternOf,
  type TextMatch,
  type TextRewrite,
  type TextRewriteRow,
} from '../upstream/text-rewrite.ts'
import { compileUpstreamTls, upstreamTlsRows } from '../upstream/upstream-tls.ts'
import { UpstreamRequest } from '../upstream/upstream-request.ts'
import type { PhaseHandler } from '../server-config.ts'
import type { VariableTable } from '../variable-table.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location']
const AT = { contexts: CONTEXTS }

const proxyPass: Directive<ComplexValue | undefined> = {
  kind: 'single',
  name: 'proxy_pass',
  contexts: ['location', 'location if', 'limit_except'],
  args: 1,
  syntax: 'URL',
  default: undefined,
  inherit: false,
  doc: 'Passes requests to an HTTP server: `http://host:port`, `https://host:port`, `http://unix:path`, or the name of an upstream. A path in the URL takes the place of the location in the path of the request.',
  parse: ([url], at) => {
    const value = parseComplexValue(url?.text ?? '')
    if (value.constant === undefined) return value
    return parseProxyAddress(value.constant) ? value : at.fail('invalid URL prefix')
  },
}

const setHeader = keyValueRow({
  ...AT,
  name: 'proxy_set_header',
  doc: 'A field of the request to the upstream; an empty value leaves it out. Host and Connection have defaults.',
})
const httpVersion = valueRow<'1.0' | '1.1'>(
  { ...AT, name: 'proxy_http_version', default: '1.0', defaultText: '1.0', doc: 'Version spoken.' },
  '1.0 | 1.1',
  (text, at) => (text === '1.0' || text === '1.1' ? text : at.fail(`invalid value "${text}"`)),
)
const method = complexValueRow<undefined>({
  ...AT,
  name: 'proxy_method',
  default: undefined,
  doc: "Method of the request to the upstream, in place of the client's.",
})
const setBody = complexValueRow<undefined>({
  ...AT,
  name: 'proxy_set_body',
  default: undefined,
  doc: "Body of the request to the upstream, in place of the client's.",
})
const passTrailers = flagRow({
  ...AT,
  name: 'proxy_pass_trailers',
  default: false,
  doc: 'Whether fields behind a chunked response go to the client.',
})

type RewriteRow = TextRewriteRow | 'off' | 'default'

function rewriteRow(
  name: string,
  words: readonly ('off' | 'default')[],
  doc: string,
): ListDirective<RewriteRow> {
  return {
    kind: 'list',
    ...AT,
    name,
    args: [1, 2],
    syntax: `${words.join(' | ')} | pattern replacement`,
    doc,
    parse: ([first, second], at) => {
      const pattern = first?.text ?? ''
      if (second && pattern.startsWith('~')) patternOf(pattern) // a fault is one also where nothing uses it
      if (second) return { pattern, replacement: second.text }
      const word = words.find((one) => one === pattern) ?? at.fail(`invalid parameter "${pattern}"`)
      // what it stands for is that of one location
      if (word === 'default' && at.context !== 'location')
        at.fail('"proxy_redirect default" should be placed after the "proxy_pass" directive')
      return word
    },
  }
}

const redirect = rewriteRow(
  'proxy_redirect',
  ['off', 'default'],
  "Replaces the beginning of Location and Refresh. By default the URL of proxy_pass becomes the location's path.",
)
const cookieDomain = rewriteRow('proxy_cookie_domain', ['off'], 'Replaces the domain of a cookie.')
const cookiePath = rewriteRow('proxy_cookie_path', ['off'], 'Replaces the beginning of the path of a cookie.')

const rows = gatewayRows('proxy')
const tlsRows = upstreamTlsRows('proxy')

const compile: CompileHandler = (scope, context, location) => {
  const value = scope.own(proxyPass)
  const at = scope.find(proxyPass)?.statement
  if (!value || !at) return undefined
  const address = value.constant === undefined ? undefined : parseProxyAddress(value.constant)
  const outgoing = new OutgoingRequest({
    version: scope.get(httpVersion),
    setHeaders: setHeaders(scope, context, at),
    passHeaders: scope.get(rows.passRequestHeaders),
    method: optionalValue(scope, method, context),
    body: optionalValue(scope, setBody, context),
  })
  const maxHeadBytes = scope.get(rows.bufferSize)
  const tls = address?.tls === false ? undefined : compileUpstreamTls(tlsRows, scope, context, at)
  const parts: TargetParts = { outgoing, maxHeadBytes, tls }
  const fixedTarget = address && constantTarget(address, location, parts, context, at)
  const settings = gatewaySettings(rows, scope, context, {
    scheme: address?.tls ? 'https' : 'http',
    logServerErrors: false,
    readsRest: true,
    hiddenByDefault: ['date', 'server', 'x-pad'],
    omitsMissingIdentity: true,
    earlyHints: hintsCondition(scope, context),
    passTrailers: scope.get(passTrailers),
    fixedTarget,
    target: fixedTarget ? () => fixedTarget : variableTarget(value, parts, resolverOf(scope), context, at),
    rewriteField: proxyFieldRewriter({
      redirects: redirects(scope, context, value.constant, address, location),
      cookieDomains: rewrites(scope, cookieDomain, 'domain', context),
      cookiePaths: rewrites(scope, cookiePath, 'prefix', context),
      cookieFlags: scope.findList(cookieFlags).flatMap((bound) => {
        const row = bound.value as CookieFlagsRow | 'off'
        return row === 'off' ? [] : [compileCookieFlags(row, context, bound.statement)]
      }),
    }),
  })
  const handler: PhaseHandler = (request) => {
    new UpstreamRequest(request, settings).start()
    return DONE
  }
  return context.observer?.proxyPass?.(handler, settings) ?? handler
}

/** Locations of no path that the one of proxy_pass could take the place of. */
const WITHOUT_PATH = new Set<LocationShape['kind']>(['regex', 'named', 'if', 'limit_except'])

type TargetParts = Pick<HttpTargetOptions, 'outgoing' | 'maxHeadBytes' | 'tls'>
type TargetOf = (request: Request) => UpstreamTarget | undefined

function constantTarget(
  { upstream, host, port, uri, tls }: ProxyAddress,
  location: LocationShape,
  parts: TargetParts,
  context: CompileContext,
  at: Statement,
): HttpTarget {
  const { upstreams } = context
  if (uri !== '' && WITHOUT_PATH.has(location.kind)) {
    context.fail(
      '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
      at,
    )
  }
  const group = upstreams.named(upstream) ?? upstreams.address(upstream, at, usualPort(tls))
  const { prefix } = location
  const uriOf = uri === '' ? requestUri : (request: Request) => replacedUri(request, uri, prefix)
  return new HttpTarget({ ...parts, group, host, port, uri: uriOf })
}

/** With variables the whole URL is the conf's: a path in it is sent as it is. */
function variableTarget(
  value: ComplexValue,
  parts: TargetParts,
  resolver: ScopeResolver,
  context: CompileContext,
  at: Statement,
): TargetOf {
  const url = context.value(value, at)
  return (request) => {
    const address = parseProxyAddress(url.evaluate(request))
    if (!address) {
      request.location.settings.errorLog.request('error', request, 'invalid URL prefix in "proxy_pass"')
      return undefined
    }
    const { upstream, host, port, uri } = address
    const group = evaluatedGroup(request, upstream, context.upstreams, at, resolver, usualPort(address.tls))
    const tls = address.tls ? parts.tls : undefined
    return (
      group && new HttpTarget({ ...parts, tls, group, host, port, uri: uri === '' ? requestUri : () => uri })
    )
  }
}

function setHeaders(scope: Scope, context: CompileContext, at: Statement): SetHeader[] {
  const own = scope.findList(setHeader).map((bound): SetHeader => {
    const { key, value } = bound.value as { key: string; value: ComplexValue }
    return { name: key, value: context.value(value, bound.statement) }
  })
  const named = new Set(own.map(({ name }) => name.toLowerCase()))
  const defaults = [
    { name: 'Host', value: context.value('$proxy_host', at) },
    { name: 'Connection', value: context.value('close', at) },
    ...(caches(rows, scope) ? CONDITIONAL_FIELDS : []).map((name) => ({
      name,
      value: context.value('', at),
    })),
  ]
  return [...defaults.filter(({ name }) => !named.has(name.toLowerCase())), ...own]
}

function rewrites(
  scope: Scope,
  row: ListDirective<RewriteRow>,
  match: TextMatch,
  context: CompileContext,
): TextRewrite[] {
  return scope.findList(row).flatMap((bound) => {
    const rule = bound.value as RewriteRow
    return typeof rule === 'string' ? [] : compileTextRewrite(rule, match, context, bound.statement)
  })
}

function redirects(
  scope: Scope,
  context: CompileContext,
  url: string | undefined,
  address: ProxyAddress | undefined,
  { prefix }: LocationShape,
): TextRewrite[] {
  const bound = scope.findList(redirect)
  const standard = address && url !== undefined ? [defaultRedirect(url, address, prefix)] : []
  if (bound.length === 0) return standard
  return bound.flatMap(({ value, statement }) => {
    const rule = value as RewriteRow
    if (rule === 'off') return []
    if (rule !== 'default') return compileTextRewrite(rule, 'prefix', context, statement)
    if (!address)
      return context.fail(
        '"proxy_redirect default" cannot be used with "proxy_pass" directive with variables',
        statement,
      )
    return standard
  })
}

/** The upstream's URL becomes the location, or the root where proxy_pass has no path. */
function defaultRedirect(url: string, { uri }: ProxyAddress, prefix: string): TextRewrite {
  const from = uri === '' ? `${url}/` : url
  const to = uri === '' ? '/' : prefix
  return (_, text) => (text.startsWith(from) ? to + text.slice(from.length) : undefined)
}

export function defineProxyVariables(variables: VariableTable): void {
  variables.define([
    { name: 'proxy_host', get: (request) => request.upstream?.targetHost },
    { name: 'proxy_port', get: (request) => request.upstream?.targetPort },
    { name: 'proxy_add_x_forwarded_for', get: forwardedFor },
  ])
}

/** The client's field and the client's address. */
function forwardedFor(request: Request): string {
  const { remoteAddress } = request.connection
  const before = request.headers.all('x-forwarded-for')
  return before.length === 0 ? remoteAddress : `${before.join(', ')}, ${remoteAddress}`
}

const directives: readonly AnyDirective[] = [
  proxyPass,
  setHeader,
  httpVersion,
  method,
  setBody,
  passTrailers,
  earlyHints,
  cookieFlags,
  redirect,
  cookieDomain,
  cookiePath,
  ...rows.all,
  ...tlsRows.all,
]

export const proxyModule: FrontModule = { name: 'proxy', directives, exclusiveContent: compile }
