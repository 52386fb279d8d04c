import { Http404, ImproperlyConfigured } from '../exceptions.ts'
import type { UrlLookup } from '../http/match-info.ts'
import { allOf, chain, type MaybePromise } from '../maybe-promise.ts'
import { ResolverMatch } from './resolver-match.ts'
import { ReverseIndex } from './reverse-index.ts'
import type { ResolverBranch, ResolverLeaf, ResolverNode } from './resolver-node.ts'
import type { Captured, UrlMatcher } from './url-matcher.ts'
import type { ErrorView, Included, Urlconf, UrlconfSource, UrlPattern, ViewFunction } from './url-pattern.ts'

/** No pattern took the path. `tried` lists the routes that were looked at, for the debug page. */
export class Resolver404 extends Http404 {
  override readonly name = 'Resolver404'
  readonly path: string
  readonly tried: readonly string[]

  constructor(path: string, tried: readonly string[]) {
    super(`No URL pattern matches ${JSON.stringify(path)}`)
    this.path = path
    this.tried = tried
  }
}

interface Place {
  readonly route: string
  readonly appNames: readonly string[]
  readonly namespaces: readonly string[]
  /** True while nothing above captures or adds anything. */
  readonly constant: boolean
}

/** A URLconf made ready: finds views for paths, in the order of the patterns, and paths for names. */
export class Resolver implements UrlLookup {
  readonly #nodes: readonly ResolverNode[]
  readonly #urlconf: Urlconf
  #index: ReverseIndex | null = null
  readonly #scriptPrefix: string

  private constructor(nodes: readonly ResolverNode[], urlconf: Urlconf, scriptPrefix = '/') {
    this.#nodes = nodes
    this.#urlconf = urlconf
    this.#scriptPrefix = scriptPrefix
  }

  /** Loads all that is included; at once unless a module has to be imported. @throws ImproperlyConfigured */
  static load(source: UrlconfSource): MaybePromise<Resolver> {
    const root: Place = { route: '', appNames: [], namespaces: [], constant: true }
    return chain(urlconfOf(source), (urlconf) =>
      chain(compileAll(urlconf.urlpatterns, root), (nodes) => new Resolver(nodes, urlconf)),
    )
  }

  get nodes(): readonly ResolverNode[] {
    return this.#nodes
  }

  /** @param path begins with `/` @throws Resolver404 */
  resolve(path: string): ResolverMatch {
    const found = path.startsWith('/') ? findIn(this.#nodes, path, 1, null) : null
    if (found !== null) return found
    throw new Resolver404(path.slice(1), triedRoutes(this.#nodes, path))
  }

  viewAt(path: string): ViewFunction<never> | null {
    return path.startsWith('/') ? (findIn(this.#nodes, path, 1, null)?.view ?? null) : null
  }

  reverse(
    name: string,
    kwargs: Readonly<Record<string, unknown>> = {},
    args: readonly unknown[] = [],
    current: readonly string[] = [],
  ): string {
    this.#index ??= new ReverseIndex(this.#nodes)
    return this.#index.reverse(name, kwargs, args, { prefix: this.#scriptPrefix, current })
  }

  /** The same URLconf below a mount point. @param scriptName without a slash at its end */
  under(scriptName: string): UrlLookup {
    if (scriptName === '') return this
    const resolver = new Resolver(this.#nodes, this.#urlconf, `${scriptName}/`)
    this.#index ??= new ReverseIndex(this.#nodes)
    resolver.#index = this.#index
    return resolver
  }

  /** The URLconf's own view for an error, if it has one. */
  errorView(status: 400 | 403 | 404 | 500): ErrorView | undefined {
    return this.#urlconf[`handler${status}`]
  }
}

function urlconfOf(source: UrlconfSource): MaybePromise<Urlconf> {
  if (typeof source !== 'function') return 'urlpatterns' in source ? source : { urlpatterns: source }
  return chain(source(), (urlconf) => {
    const patterns = (urlconf as Partial<Urlconf>).urlpatterns
    if (Array.isArray(patterns)) return urlconf
    throw new ImproperlyConfigured(
      `The included URLconf ${source.toString().slice(0, 80)} does not appear to have any patterns in it: ` +
        'its module has to export an array called urlpatterns.',
    )
  })
}

function compileAll(patterns: readonly UrlPattern[], place: Place): MaybePromise<ResolverNode[]> {
  return allOf(patterns.map((pattern) => compile(pattern, place)))
}

function compile(pattern: UrlPattern, place: Place): MaybePromise<ResolverNode> {
  const { matcher } = pattern
  const kwargs = Object.keys(pattern.kwargs).length === 0 ? null : pattern.kwargs
  const route = joinRoutes(place.route, matcher.source)
  const constant = place.constant && matcher.capturesNothing && kwargs === null
  if (pattern.kind === 'view')
    return leaf(pattern.view, pattern.name, { ...place, route, constant }, matcher, kwargs)
  return chain(urlconfOf(pattern.included.source), (urlconf) => {
    const { namespace, appName } = namesOf(pattern.included, urlconf)
    const inside: Place = {
      route,
      constant,
      appNames: appName === null ? place.appNames : [...place.appNames, appName],
      namespaces: namespace === null ? place.namespaces : [...place.namespaces, namespace],
    }
    return chain(compileAll(urlconf.urlpatterns, inside), (nodes) => {
      return { matcher, kwargs, route, namespace, appName, nodes }
    })
  })
}

function leaf(
  view: ViewFunction<never>,
  urlName: string | null,
  place: Place,
  matcher: UrlMatcher,
  kwargs: Readonly<Record<string, unknown>> | null,
): ResolverLeaf {
  const { route, appNames, namespaces } = place
  const about = { view, urlName, route, appNames, namespaces }
  const constant = place.constant ? new ResolverMatch(about, Object.freeze(emptyKwargs()), []) : null
  return { ...about, matcher, kwargs, constant }
}

function namesOf(included: Included, urlconf: Urlconf) {
  const appName = included.appName ?? urlconf.appName ?? included.namespace
  return { appName, namespace: included.namespace ?? appName }
}

/** A regular expression inside another starts where that one ended: its `^` says nothing. */
function joinRoutes(outer: string, inner: string): string {
  return outer === '' ? inner : outer + inner.replace(/^\^/, '')
}

function emptyKwargs(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

function findIn(
  nodes: readonly ResolverNode[],
  path: string,
  at: number,
  outer: Captured | null,
): ResolverMatch | null {
  for (const node of nodes) {
    const found = 'view' in node ? matchLeaf(node, path, at, outer) : matchBranch(node, path, at, outer)
    if (found !== null) return found
  }
  return null
}

const nothing: Captured = { kwargs: {}, args: [] }

function matchLeaf(
  node: ResolverLeaf,
  path: string,
  at: number,
  outer: Captured | null,
): ResolverMatch | null {
  if (node.constant !== null) return node.matcher.match(path, at, true, nothing) < 0 ? null : node.constant
  const captured = inherit(outer)
  if (node.matcher.match(path, at, true, captured) < 0) return null
  if (node.kwargs !== null) Object.assign(captured.kwargs, node.kwargs)
  // Positional arguments of outer patterns are dropped as soon as anything has a name.
  const named = Object.keys(captured.kwargs).length > 0
  const args = named ? captured.args.slice(outer?.args.length ?? 0) : captured.args
  return new ResolverMatch(node, captured.kwargs, args)
}

function matchBranch(
  node: ResolverBranch,
  path: string,
  at: number,
  outer: Captured | null,
): ResolverMatch | null {
  const captured = node.matcher.capturesNothing && node.kwargs === null ? outer : inherit(outer)
  const end = node.matcher.match(path, at, false, captured ?? nothing)
  if (end < 0) return null
  if (node.kwargs !== null && captured !== null) Object.assign(captured.kwargs, node.kwargs)
  return findIn(node.nodes, path, end, captured)
}

function inherit(outer: Captured | null): Captured {
  if (outer === null) return { kwargs: emptyKwargs(), args: [] }
  return { kwargs: Object.assign(emptyKwargs(), outer.kwargs), args: [...outer.args] }
}

/** Every route that was looked at before the path was given up, depth first. */
function triedRoutes(nodes: readonly ResolverNode[], path: string, at = 1, found: string[] = []): string[] {
  for (const node of nodes) {
    if (found.length >= 200) break
    const end = 'nodes' in node ? node.matcher.match(path, at, false, inherit(null)) : -1
    if ('nodes' in node && end >= 0) triedRoutes(node.nodes, path, end, found)
    else found.push(node.route)
  }
  return found
}
