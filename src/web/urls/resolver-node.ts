import type { ResolverMatch } from './resolver-match.ts'
import type { UrlMatcher } from './url-matcher.ts'
import type { ViewFunction } from './url-pattern.ts'

/** A compiled entry: a leaf with a view, or a branch with entries below it. */
export type ResolverNode = ResolverLeaf | ResolverBranch

export interface ResolverLeaf {
  readonly matcher: UrlMatcher
  readonly kwargs: Readonly<Record<string, unknown>> | null
  readonly route: string
  readonly view: ViewFunction<never>
  readonly urlName: string | null
  readonly appNames: readonly string[]
  readonly namespaces: readonly string[]
  /** The one match of a route that captures nothing on its whole way; made once. */
  constant: ResolverMatch | null
}

export interface ResolverBranch {
  readonly matcher: UrlMatcher
  readonly kwargs: Readonly<Record<string, unknown>> | null
  readonly route: string
  readonly namespace: string | null
  readonly appName: string | null
  readonly nodes: readonly ResolverNode[]
}
