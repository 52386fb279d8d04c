/** What the URLconf found for a request; the urls room's ResolverMatch is one. */
export interface MatchInfo {
  /** The view: a function, or a class-based view's function with `viewClass`. */
  readonly view: (...args: never[]) => unknown
  /** Captured by name, converted. A null-prototype object. */
  readonly kwargs: Readonly<Record<string, unknown>>
  /** Captured by groups without names. */
  readonly args: readonly unknown[]
  readonly urlName: string | null
  readonly appNames: readonly string[]
  readonly namespaces: readonly string[]
  /** `namespace:name`, or the function's name. */
  readonly viewName: string
  /** The whole route as it stands in the URLconf. */
  readonly route: string
}

/** The URLconf as a request may ask it. */
export interface UrlLookup {
  /** The view at a path below the script name; null when there is none. */
  viewAt(path: string): MatchInfo['view'] | null
  /** @param current the namespaces that the asking page is in: of several instances its own is meant @throws NoReverseMatch */
  reverse(
    name: string,
    kwargs?: Readonly<Record<string, unknown>>,
    args?: readonly unknown[],
    current?: readonly string[],
  ): string
}
