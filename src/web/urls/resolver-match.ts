import type { MatchInfo } from '../http/match-info.ts'
import type { ViewFunction } from './url-pattern.ts'

/** What the URLconf found for a path. */
export class ResolverMatch implements MatchInfo {
  readonly view: ViewFunction<never>
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly args: readonly string[]
  readonly urlName: string | null
  readonly appNames: readonly string[]
  readonly namespaces: readonly string[]
  readonly route: string

  constructor(
    about: Pick<ResolverMatch, 'view' | 'urlName' | 'appNames' | 'namespaces' | 'route'>,
    kwargs: Readonly<Record<string, unknown>>,
    args: readonly string[],
  ) {
    this.view = about.view
    this.urlName = about.urlName
    this.appNames = about.appNames
    this.namespaces = about.namespaces
    this.route = about.route
    this.kwargs = kwargs
    this.args = args
  }

  get appName(): string {
    return this.appNames.join(':')
  }

  get namespace(): string {
    return this.namespaces.join(':')
  }

  get viewName(): string {
    return [...this.namespaces, this.urlName ?? viewName(this.view)].join(':')
  }
}

/** A view's name for people: the function's, or the class's. */
export function viewName(view: { readonly name: string }): string {
  if ('viewClass' in view && typeof view.viewClass === 'function') return view.viewClass.name
  return view.name === '' ? '<anonymous>' : view.name
}
