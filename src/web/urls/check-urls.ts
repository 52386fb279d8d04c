/** Mistakes in a URLconf that still load: for `portico manage check` and for tests. */
import { RegexMatcher } from './regex-matcher.ts'
import { regexHazard } from './regex-hazard.ts'
import type { Resolver } from './resolver.ts'
import type { ResolverNode } from './resolver-node.ts'

/** One finding, in the manner of Django's checks. */
export interface UrlWarning {
  readonly id: string
  readonly route: string
  readonly message: string
  readonly hint: string
}

/** All findings, in the order of the patterns. */
export function checkUrls(resolver: Resolver): UrlWarning[] {
  const namespaces = new Map<string, number>()
  const warnings = [...checkNodes(resolver.nodes, '', namespaces)]
  for (const [namespace, count] of namespaces) {
    if (count > 1) {
      warnings.push({
        id: 'urls.W005',
        route: namespace,
        message: `The URL namespace '${namespace}' isn't unique.`,
        hint: 'Not all URLs in it can be reversed: give each include() a namespace of its own.',
      })
    }
  }
  return warnings
}

function* checkNodes(
  nodes: readonly ResolverNode[],
  outer: string,
  namespaces: Map<string, number>,
): Generator<UrlWarning> {
  for (const node of nodes) {
    yield* checkNode(node)
    if (!('nodes' in node)) continue
    const full =
      node.namespace === null ? outer : outer === '' ? node.namespace : `${outer}:${node.namespace}`
    if (node.namespace !== null) namespaces.set(full, (namespaces.get(full) ?? 0) + 1)
    yield* checkNodes(node.nodes, full, namespaces)
  }
}

function* checkNode(node: ResolverNode): Generator<UrlWarning> {
  const { route, matcher } = node
  const isRegex = matcher instanceof RegexMatcher
  if (!isRegex && /^\^|\$$|\(\?P?</.test(matcher.source)) {
    yield warning('2_0.W001', route, 'has ^, $ or (?<name>...) in a path().', 'Did you mean rePath()?')
  }
  if (isRegex && 'nodes' in node && /[^\\]\$$/.test(matcher.source)) {
    yield warning(
      'urls.W001',
      route,
      'uses include with a $ at its end.',
      'Remove the $: nothing can follow it.',
    )
  }
  if (/^\^?\\?\//.test(matcher.source)) {
    yield warning(
      'urls.W002',
      route,
      "begins with a '/'.",
      'Remove it: the slash before a route is there already.',
    )
  }
  if ('urlName' in node && node.urlName?.includes(':') === true) {
    yield warning('urls.W003', route, `has a name including a ':' (${node.urlName}).`, 'Take another name.')
  }
  const hazard = regexHazard(matcher.pattern)
  if (hazard !== null) {
    yield warning(
      'urls.W101',
      route,
      `can take a long path more than linear time: ${hazard}.`,
      'Say what ends each part.',
    )
  }
}

function warning(id: string, route: string, what: string, hint: string): UrlWarning {
  return { id, route, message: `Your URL pattern '${route}' ${what}`, hint }
}
