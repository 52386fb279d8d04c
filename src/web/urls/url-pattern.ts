import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { RegexMatcher } from './regex-matcher.ts'
import { RouteMatcher } from './route-matcher.ts'
import type { ConverterSet, RouteKwargs } from './converters.ts'
import type { UrlMatcher } from './url-matcher.ts'

/**
 * A view: takes the request, what the route captured by name, and what groups without a name captured. It may carry
 * marks (`csrfExempt`), which decorators put on it.
 */
export type ViewFunction<K = Readonly<Record<string, unknown>>> = (
  request: HttpRequest,
  kwargs: K,
  args: readonly string[],
) => MaybePromise<OutgoingResponse>

/** One entry of `urlpatterns` that leads to a view. */
export interface ViewPattern {
  readonly kind: 'view'
  readonly matcher: UrlMatcher
  readonly view: ViewFunction<never>
  readonly name: string | null
  readonly kwargs: Readonly<Record<string, unknown>>
}

/** One entry that leads to more entries. */
export interface IncludePattern {
  readonly kind: 'include'
  readonly matcher: UrlMatcher
  readonly included: Included
  readonly kwargs: Readonly<Record<string, unknown>>
}

/** One entry of `urlpatterns`: a route to a view, or to another URLconf. */
export type UrlPattern = ViewPattern | IncludePattern

/** A view for an error: gets what was thrown. */
export type ErrorView = (request: HttpRequest, error: unknown) => MaybePromise<OutgoingResponse>

/** A URLconf: a module that exports these, or an object that has them. */
export interface Urlconf {
  readonly urlpatterns: readonly UrlPattern[]
  readonly appName?: string
  readonly handler400?: ErrorView
  readonly handler403?: ErrorView
  readonly handler404?: ErrorView
  readonly handler500?: ErrorView
}

/** Where URL patterns come from: themselves, a module, or a function that loads the module when the site starts. */
export type UrlconfSource = readonly UrlPattern[] | Urlconf | (() => MaybePromise<Urlconf>)

export interface Included {
  readonly source: UrlconfSource
  readonly namespace: string | null
  readonly appName: string | null
}

export interface IncludeOptions {
  /** The instance's name: `namespace:name` reverses into it. The application's name when left out. */
  readonly namespace?: string
  readonly appName?: string
}

/** Other URL patterns, below the route that this is given to. A function is called once, while the site starts. */
export function include(source: UrlconfSource, options: IncludeOptions = {}): Included {
  return {
    source,
    namespace: options.namespace ?? options.appName ?? null,
    appName: options.appName ?? null,
  }
}

/** @typeParam X what `kwargs` adds to what the route captures */
export interface PatternOptions<X = Record<never, never>> {
  readonly name?: string
  readonly kwargs?: X
}

/** The type of `path`: the view's second argument has to be what the route gives. */
export interface PathFunction<Own extends ConverterSet> {
  <const R extends string, X extends object = Record<never, never>>(
    route: R,
    view: ViewFunction<RouteKwargs<R, Own> & NoInfer<X>>,
    options?: PatternOptions<X>,
  ): UrlPattern
  (
    route: string,
    included: Included,
    options?: { readonly kwargs?: Readonly<Record<string, unknown>> },
  ): UrlPattern
}

/** `path` for routes with converters of one's own: `const path = pathWith({ yyyy: fourDigitYear })`. */
export function pathWith<const Own extends ConverterSet>(own: Own): PathFunction<Own> {
  return (
    route: string,
    target: ViewFunction<never> | Included,
    options: PatternOptions<object> = {},
  ): UrlPattern => makePattern(new RouteMatcher(route, own), target, options, 'path')
}

/** A view at a route: `path('<slug:slug>/', detail, { name: 'detail' })`. The whole rest of the path has to match. */
export const path: PathFunction<Record<never, never>> = pathWith({})

/**
 * A view at a regular expression, which says itself where it begins and ends. Named groups, written `(?<year>...)` or,
 * in a string, `(?P<year>...)`, become the view's second argument; without any, the groups become its third.
 */
export function rePath<K extends object = Record<string, string>>(
  regex: RegExp | string,
  target: ViewFunction<K> | Included,
  options: PatternOptions<object> = {},
): UrlPattern {
  return makePattern(new RegexMatcher(regex), target, options, 'rePath')
}

function makePattern(
  matcher: UrlMatcher,
  target: ViewFunction<never> | Included,
  options: PatternOptions<object>,
  caller: string,
): UrlPattern {
  const kwargs = { ...options.kwargs }
  if (typeof target === 'function') {
    return { kind: 'view', matcher, view: target, name: options.name ?? null, kwargs }
  }
  // JavaScript callers have no compiler to tell them.
  const given = target as Partial<Included> | null | undefined
  if (given?.source === undefined) {
    throw new ImproperlyConfigured(
      `${caller}(${JSON.stringify(matcher.source)}): a view must be a function or include(...). ` +
        'A class-based view needs its asView().',
    )
  }
  return { kind: 'include', matcher, included: target, kwargs }
}
