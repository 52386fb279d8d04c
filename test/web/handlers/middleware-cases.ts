/**
 * What runs, in which order, and what comes out: one row per situation, for both generations of middleware. The
 * onion's column is checked against real Django too (django-cases.py reads the same rows).
 *
 * Trace words: `A.req` is A's processRequest; view, exc, tpl, res likewise. `VIEW` is the view, `OTHER` one of another
 * URLconf, `RENDER` a rendering, `SIGNAL` gotRequestException. A layer of the onion writes `A.in` and `A.out`.
 * After `->` stand the status and who made the body.
 */

/** What a hook, a view or a rendering does after it has left its word in the trace. */
export type Action =
  | 'pass'
  /** Answers, or replaces the response. */
  | 'respond'
  /** Answers with a response that is rendered late. */
  | 'deferred'
  /** As `deferred`, and the rendering fails. */
  | 'deferred error'
  | 'deferred notfound'
  /** Returns nothing where a response is due. */
  | 'none'
  | 'error'
  | 'notfound'
  | 'denied'
  | 'suspicious'
  /** Gives the request another URLconf. */
  | 'urlconf'

export type HookName = 'req' | 'view' | 'exc' | 'tpl' | 'res'

export interface HookedCase {
  readonly name: string
  readonly hooks: Partial<Readonly<Record<HookName, Action>>>
  /** Wants to be left out. */
  readonly unused?: boolean
}

/** A factory; `in` is done before the rest of the way, `out` after it. */
export interface LayerCase {
  readonly name: string
  readonly in: Action
  readonly out: Action
}

export interface MiddlewareCase {
  readonly title: string
  readonly middleware: readonly (HookedCase | LayerCase)[]
  readonly view?: Action
  /** A path that no pattern takes. */
  readonly missing?: boolean
  /** The URLconf's own handlers. */
  readonly handler404?: 'respond' | 'error'
  readonly handler500?: 'respond' | 'error'
  readonly onion: string
  /** As the onion when left out; null where flat lists have no such thing. */
  readonly flat?: string | null
  /** Why real Django gives another trace. */
  readonly differs?: string
}

const everything = { req: 'pass', view: 'pass', exc: 'pass', tpl: 'pass', res: 'pass' } as const

/** A middleware with all five hooks; those that do something else are given. */
function all(name: string, hooks: HookedCase['hooks'] = {}): HookedCase {
  return { name, hooks: { ...everything, ...hooks } }
}

/** A middleware with just these hooks. */
function only(name: string, hooks: HookedCase['hooks']): HookedCase {
  return { name, hooks }
}

function layer(name: string, enter: Action = 'pass', leave: Action = 'pass'): LayerCase {
  return { name, in: enter, out: leave }
}

const before = 'A.req B.req C.req A.view B.view C.view VIEW'

const order: MiddlewareCase[] = [
  { title: 'no middleware', middleware: [], onion: 'VIEW -> 200 VIEW' },
  { title: 'one middleware', middleware: [all('A')], onion: 'A.req A.view VIEW A.res -> 200 VIEW' },
  {
    title: 'two middleware',
    middleware: [all('A'), all('B')],
    onion: 'A.req B.req A.view B.view VIEW B.res A.res -> 200 VIEW',
  },
  {
    title: 'three middleware',
    middleware: [all('A'), all('B'), all('C')],
    onion: `${before} C.res B.res A.res -> 200 VIEW`,
  },
  {
    title: 'hooks spread over three middleware',
    middleware: [only('A', { req: 'pass' }), only('B', { view: 'pass' }), only('C', { res: 'pass' })],
    onion: 'A.req B.view VIEW C.res -> 200 VIEW',
  },
  {
    title: 'a middleware without any hook',
    middleware: [all('A'), only('B', {}), all('C')],
    onion: 'A.req C.req A.view C.view VIEW C.res A.res -> 200 VIEW',
  },
  {
    title: 'a middleware that wants to be left out',
    middleware: [all('A'), { ...all('B'), unused: true }, all('C')],
    onion: 'A.req C.req A.view C.view VIEW C.res A.res -> 200 VIEW',
  },
  {
    title: 'the same middleware twice',
    middleware: [all('A'), all('A')],
    onion: 'A.req A.req A.view A.view VIEW A.res A.res -> 200 VIEW',
  },
  {
    title: 'another URLconf from a request hook',
    middleware: [all('A', { req: 'urlconf' }), all('B')],
    onion: 'A.req B.req A.view B.view OTHER B.res A.res -> 200 OTHER',
  },
]

const shortCircuits: MiddlewareCase[] = [
  {
    title: 'the first request hook answers',
    middleware: [all('A', { req: 'respond' }), all('B'), all('C')],
    onion: 'A.req A.res -> 200 A.req',
    flat: 'A.req C.res B.res A.res -> 200 A.req',
  },
  {
    title: 'the second request hook answers',
    middleware: [all('A'), all('B', { req: 'respond' }), all('C')],
    onion: 'A.req B.req B.res A.res -> 200 B.req',
    flat: 'A.req B.req C.res B.res A.res -> 200 B.req',
  },
  {
    title: 'the last request hook answers',
    middleware: [all('A'), all('B'), all('C', { req: 'respond' })],
    onion: 'A.req B.req C.req C.res B.res A.res -> 200 C.req',
  },
  {
    title: 'a request hook answers, and its middleware has no response hook',
    middleware: [all('A'), only('B', { req: 'respond' }), all('C')],
    onion: 'A.req B.req A.res -> 200 B.req',
    flat: 'A.req B.req C.res A.res -> 200 B.req',
  },
  {
    title: 'a request hook answers before an unknown path is looked up',
    middleware: [all('A', { req: 'respond' })],
    missing: true,
    onion: 'A.req A.res -> 200 A.req',
  },
  {
    title: 'the first view hook answers',
    middleware: [all('A', { view: 'respond' }), all('B'), all('C')],
    onion: 'A.req B.req C.req A.view C.res B.res A.res -> 200 A.view',
  },
  {
    title: 'the second view hook answers',
    middleware: [all('A'), all('B', { view: 'respond' }), all('C')],
    onion: 'A.req B.req C.req A.view B.view C.res B.res A.res -> 200 B.view',
  },
  {
    title: 'the last view hook answers',
    middleware: [all('A'), all('B'), all('C', { view: 'respond' })],
    onion: 'A.req B.req C.req A.view B.view C.view C.res B.res A.res -> 200 C.view',
  },
  {
    title: 'a response hook replaces the response',
    middleware: [all('A'), all('B', { res: 'respond' }), all('C')],
    onion: `${before} C.res B.res A.res -> 200 B.res`,
  },
  {
    title: 'two response hooks replace it: the outer has the last word',
    middleware: [all('A', { res: 'respond' }), all('B', { res: 'respond' })],
    onion: 'A.req B.req A.view B.view VIEW B.res A.res -> 200 A.res',
  },
]

const viewErrors: MiddlewareCase[] = [
  {
    title: 'the view throws and nobody answers',
    middleware: [all('A'), all('B'), all('C')],
    view: 'error',
    onion: `${before} C.exc B.exc A.exc SIGNAL C.res B.res A.res -> 500`,
  },
  {
    title: 'the view throws and no middleware looks at exceptions',
    middleware: [only('A', { req: 'pass', res: 'pass' })],
    view: 'error',
    onion: 'A.req VIEW SIGNAL A.res -> 500',
  },
  {
    title: 'the view throws without any middleware',
    middleware: [],
    view: 'error',
    onion: 'VIEW SIGNAL -> 500',
  },
  {
    title: 'the innermost exception hook answers',
    middleware: [all('A'), all('B'), all('C', { exc: 'respond' })],
    view: 'error',
    onion: `${before} C.exc C.res B.res A.res -> 200 C.exc`,
  },
  {
    title: 'the middle exception hook answers',
    middleware: [all('A'), all('B', { exc: 'respond' }), all('C')],
    view: 'error',
    onion: `${before} C.exc B.exc C.res B.res A.res -> 200 B.exc`,
  },
  {
    title: 'the outermost exception hook answers',
    middleware: [all('A', { exc: 'respond' }), all('B'), all('C')],
    view: 'error',
    onion: `${before} C.exc B.exc A.exc C.res B.res A.res -> 200 A.exc`,
  },
  {
    title: 'the view throws Http404',
    middleware: [all('A'), all('B')],
    view: 'notfound',
    onion: 'A.req B.req A.view B.view VIEW B.exc A.exc B.res A.res -> 404',
  },
  {
    title: 'the view throws PermissionDenied',
    middleware: [all('A'), all('B')],
    view: 'denied',
    onion: 'A.req B.req A.view B.view VIEW B.exc A.exc B.res A.res -> 403',
  },
  {
    title: 'the view throws SuspiciousOperation',
    middleware: [all('A'), all('B')],
    view: 'suspicious',
    onion: 'A.req B.req A.view B.view VIEW B.exc A.exc B.res A.res -> 400',
  },
  {
    title: 'an exception hook answers Http404',
    middleware: [all('A'), all('B', { exc: 'respond' })],
    view: 'notfound',
    onion: 'A.req B.req A.view B.view VIEW B.exc B.res A.res -> 200 B.exc',
  },
  {
    title: 'the view returns nothing: no exception hook sees that',
    middleware: [all('A'), all('B')],
    view: 'none',
    onion: 'A.req B.req A.view B.view VIEW SIGNAL B.res A.res -> 500',
  },
  {
    title: 'no URL matches: neither view hooks nor exception hooks see it',
    middleware: [all('A'), all('B')],
    missing: true,
    onion: 'A.req B.req B.res A.res -> 404',
  },
  { title: 'no URL matches without any middleware', middleware: [], missing: true, onion: '-> 404' },
]

const hookErrors: MiddlewareCase[] = [
  {
    title: 'the first request hook throws',
    middleware: [all('A', { req: 'error' }), all('B')],
    onion: 'A.req SIGNAL -> 500',
    flat: 'A.req SIGNAL B.res A.res -> 500',
  },
  {
    title: 'the second request hook throws',
    middleware: [all('A'), all('B', { req: 'error' }), all('C')],
    onion: 'A.req B.req SIGNAL A.res -> 500',
    flat: 'A.req B.req SIGNAL C.res B.res A.res -> 500',
  },
  {
    title: 'the last request hook throws',
    middleware: [all('A'), all('B'), all('C', { req: 'error' })],
    onion: 'A.req B.req C.req SIGNAL B.res A.res -> 500',
    flat: 'A.req B.req C.req SIGNAL C.res B.res A.res -> 500',
  },
  {
    title: 'a request hook throws Http404',
    middleware: [all('A'), all('B', { req: 'notfound' })],
    onion: 'A.req B.req A.res -> 404',
    flat: 'A.req B.req B.res A.res -> 404',
  },
  {
    title: 'a request hook throws PermissionDenied',
    middleware: [all('A', { req: 'denied' }), all('B')],
    onion: 'A.req -> 403',
    flat: 'A.req B.res A.res -> 403',
  },
  {
    title: 'a request hook throws SuspiciousOperation',
    middleware: [all('A'), all('B', { req: 'suspicious' })],
    onion: 'A.req B.req A.res -> 400',
    flat: 'A.req B.req B.res A.res -> 400',
  },
  {
    title: 'a view hook throws: no exception hook sees it',
    middleware: [all('A', { view: 'error' }), all('B')],
    onion: 'A.req B.req A.view SIGNAL B.res A.res -> 500',
  },
  {
    title: 'a view hook throws Http404',
    middleware: [all('A'), all('B', { view: 'notfound' })],
    onion: 'A.req B.req A.view B.view B.res A.res -> 404',
  },
  {
    title: 'a view hook throws PermissionDenied',
    middleware: [all('A'), all('B', { view: 'denied' })],
    onion: 'A.req B.req A.view B.view B.res A.res -> 403',
  },
  {
    title: 'an exception hook throws: the outer ones do not see it',
    middleware: [all('A'), all('B', { exc: 'error' })],
    view: 'notfound',
    onion: 'A.req B.req A.view B.view VIEW B.exc SIGNAL B.res A.res -> 500',
  },
  {
    title: 'an exception hook throws Http404',
    middleware: [all('A'), all('B', { exc: 'notfound' })],
    view: 'error',
    onion: 'A.req B.req A.view B.view VIEW B.exc B.res A.res -> 404',
  },
  {
    title: 'the innermost response hook throws',
    middleware: [all('A'), all('B'), all('C', { res: 'error' })],
    onion: `${before} C.res SIGNAL B.res A.res -> 500`,
    flat: `${before} C.res SIGNAL -> 500`,
  },
  {
    title: 'a response hook in the middle throws',
    middleware: [all('A'), all('B', { res: 'error' }), all('C')],
    onion: `${before} C.res B.res SIGNAL A.res -> 500`,
    flat: `${before} C.res B.res SIGNAL -> 500`,
  },
  {
    title: 'the outermost response hook throws',
    middleware: [all('A', { res: 'error' }), all('B')],
    onion: 'A.req B.req A.view B.view VIEW B.res A.res SIGNAL -> 500',
  },
  {
    title: 'a response hook throws Http404: flat lists know no status there',
    middleware: [all('A'), all('B', { res: 'notfound' })],
    onion: 'A.req B.req A.view B.view VIEW B.res A.res -> 404',
    flat: 'A.req B.req A.view B.view VIEW B.res SIGNAL -> 500',
  },
  {
    title: 'a response hook throws after the view has thrown',
    middleware: [all('A'), all('B', { res: 'error' })],
    view: 'error',
    onion: 'A.req B.req A.view B.view VIEW B.exc A.exc SIGNAL B.res SIGNAL A.res -> 500',
    flat: 'A.req B.req A.view B.view VIEW B.exc A.exc SIGNAL B.res SIGNAL -> 500',
  },
  {
    title: 'a response hook returns nothing',
    middleware: [all('A'), all('B', { res: 'none' })],
    onion: 'A.req B.req A.view B.view VIEW B.res SIGNAL A.res -> 500',
    flat: 'A.req B.req A.view B.view VIEW B.res SIGNAL -> 500',
    differs: 'Django hands the nothing on to the next layer and fails where it is first used',
  },
]

const deferred: MiddlewareCase[] = [
  {
    title: 'a response rendered late goes by the template hooks, inside out',
    middleware: [all('A'), all('B'), all('C')],
    view: 'deferred',
    onion: `${before} C.tpl B.tpl A.tpl RENDER C.res B.res A.res -> 200 VIEW`,
  },
  {
    title: 'a response rendered late, no middleware',
    middleware: [],
    view: 'deferred',
    onion: 'VIEW RENDER -> 200 VIEW',
  },
  {
    title: 'a template hook replaces it by another that is rendered late',
    middleware: [all('A'), all('B', { tpl: 'deferred' })],
    view: 'deferred',
    onion: 'A.req B.req A.view B.view VIEW B.tpl A.tpl RENDER B.res A.res -> 200 B.tpl',
  },
  {
    title: 'a template hook returns nothing',
    middleware: [all('A'), all('B', { tpl: 'none' })],
    view: 'deferred',
    onion: 'A.req B.req A.view B.view VIEW B.tpl SIGNAL B.res A.res -> 500',
  },
  {
    title: 'a template hook throws: no exception hook sees it',
    middleware: [all('A'), all('B', { tpl: 'error' })],
    view: 'deferred',
    onion: 'A.req B.req A.view B.view VIEW B.tpl SIGNAL B.res A.res -> 500',
  },
  {
    title: 'a template hook throws Http404',
    middleware: [all('A', { tpl: 'notfound' }), all('B')],
    view: 'deferred',
    onion: 'A.req B.req A.view B.view VIEW B.tpl A.tpl B.res A.res -> 404',
  },
  {
    title: 'the rendering throws and nobody answers',
    middleware: [all('A'), all('B')],
    view: 'deferred error',
    onion: 'A.req B.req A.view B.view VIEW B.tpl A.tpl RENDER B.exc A.exc SIGNAL B.res A.res -> 500',
  },
  {
    title: 'the rendering throws and an exception hook answers',
    middleware: [all('A'), all('B', { exc: 'respond' })],
    view: 'deferred error',
    onion: 'A.req B.req A.view B.view VIEW B.tpl A.tpl RENDER B.exc B.res A.res -> 200 B.exc',
  },
  {
    title: 'the rendering throws Http404',
    middleware: [all('A'), all('B')],
    view: 'deferred notfound',
    onion: 'A.req B.req A.view B.view VIEW B.tpl A.tpl RENDER B.exc A.exc B.res A.res -> 404',
  },
  {
    title: 'a view hook answers with one that is rendered late',
    middleware: [all('A', { view: 'deferred' }), all('B')],
    onion: 'A.req B.req A.view B.tpl A.tpl RENDER B.res A.res -> 200 A.view',
  },
  {
    title: 'an exception hook answers with one that is rendered late',
    middleware: [all('A'), all('B', { exc: 'deferred' })],
    view: 'error',
    onion: 'A.req B.req A.view B.view VIEW B.exc B.tpl A.tpl RENDER B.res A.res -> 200 B.exc',
  },
  {
    title: 'a request hook answers with one that is rendered late',
    middleware: [all('A'), all('B', { req: 'deferred' })],
    onion: 'A.req B.req B.res A.res RENDER -> 200 B.req',
    flat: 'A.req B.req B.tpl A.tpl RENDER B.res A.res -> 200 B.req',
    differs: 'Django never renders it, and fails when the body is read',
  },
  {
    title: 'a plain response does not go by the template hooks',
    middleware: [only('A', { tpl: 'error' })],
    onion: 'VIEW -> 200 VIEW',
  },
]

const handlers: MiddlewareCase[] = [
  {
    title: 'an own handler404',
    middleware: [all('A')],
    missing: true,
    handler404: 'respond',
    onion: 'A.req A.res -> 404 handler404',
  },
  {
    title: 'an own handler404 that throws',
    middleware: [all('A')],
    missing: true,
    handler404: 'error',
    onion: 'A.req SIGNAL A.res -> 500',
  },
  {
    title: 'an own handler500',
    middleware: [all('A')],
    view: 'error',
    handler500: 'respond',
    onion: 'A.req A.view VIEW A.exc SIGNAL A.res -> 500 handler500',
  },
  {
    title: 'an own handler500 that throws',
    middleware: [all('A')],
    view: 'error',
    handler500: 'error',
    onion: 'A.req A.view VIEW A.exc SIGNAL A.res -> 500',
    differs: 'Django lets what a handler500 throws out of the application',
  },
]

const layers: MiddlewareCase[] = [
  {
    title: 'a layer',
    middleware: [layer('A')],
    onion: 'A.in VIEW A.out -> 200 VIEW',
  },
  {
    title: 'layers and hooks in one list',
    middleware: [layer('A'), all('B'), layer('C'), all('D')],
    onion: 'A.in B.req C.in D.req B.view D.view VIEW D.res C.out B.res A.out -> 200 VIEW',
  },
  {
    title: 'a layer answers itself',
    middleware: [all('A'), layer('B', 'respond'), all('C')],
    onion: 'A.req B.in A.res -> 200 B.in',
    flat: 'A.req B.in C.res A.res -> 200 B.in',
  },
  {
    title: 'a layer replaces the response',
    middleware: [all('A'), layer('B', 'pass', 'respond')],
    onion: 'A.req B.in A.view VIEW B.out A.res -> 200 B.out',
  },
  {
    title: 'a layer throws on the way in',
    middleware: [all('A'), layer('B', 'error'), all('C')],
    onion: 'A.req B.in SIGNAL A.res -> 500',
    flat: 'A.req B.in SIGNAL C.res A.res -> 500',
  },
  {
    title: 'a layer throws Http404 on the way in',
    middleware: [all('A'), layer('B', 'notfound')],
    onion: 'A.req B.in A.res -> 404',
  },
  {
    title: 'a layer throws on the way out',
    middleware: [all('A'), layer('B', 'pass', 'error'), all('C')],
    onion: 'A.req B.in C.req A.view C.view VIEW C.res B.out SIGNAL A.res -> 500',
    flat: 'A.req B.in C.req A.view C.view VIEW C.res B.out SIGNAL -> 500',
  },
  {
    title: 'a layer sees the response, never the exception, of what it wraps',
    middleware: [layer('A'), all('B', { req: 'error' })],
    onion: 'A.in B.req SIGNAL A.out -> 500',
    flat: 'A.in B.req SIGNAL B.res A.out -> 500',
  },
  {
    title: 'a layer around a view that throws',
    middleware: [layer('A'), layer('B')],
    view: 'error',
    onion: 'A.in B.in VIEW SIGNAL B.out A.out -> 500',
  },
  {
    title: 'a layer gets what is rendered late in its rendered form',
    middleware: [layer('A'), all('B')],
    view: 'deferred',
    onion: 'A.in B.req B.view VIEW B.tpl RENDER B.res A.out -> 200 VIEW',
  },
  {
    title: 'a layer that returns nothing',
    middleware: [all('A'), layer('B', 'pass', 'none')],
    onion: 'A.req B.in A.view VIEW B.out SIGNAL A.res -> 500',
    flat: 'A.req B.in A.view VIEW B.out SIGNAL -> 500',
    differs: 'Django hands the nothing on to the next layer and fails where it is first used',
  },
]

export const middlewareCases: readonly MiddlewareCase[] = [
  ...order,
  ...shortCircuits,
  ...viewErrors,
  ...hookErrors,
  ...deferred,
  ...handlers,
  ...layers,
]
