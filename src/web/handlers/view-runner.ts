import { reportStage } from '../../gateway/report-stage.ts'
import type { Databases } from '../db/databases.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { OutgoingResponse } from '../http/outgoing-response.ts'
import { isRenderable, type Renderable } from '../http/template-response.ts'
import { isPromise, type MaybePromise } from '../maybe-promise.ts'
import { viewName, type ResolverMatch } from '../urls/resolver-match.ts'
import type { Resolver } from '../urls/resolver.ts'
import type { ViewFunction } from '../urls/url-pattern.ts'
import { assertResponse } from './check-response.ts'
import type { MiddlewareHooks } from './middleware.ts'

/** A hook bound to its middleware, under the middleware's name. */
export interface NamedHook<H> {
  readonly name: string
  readonly run: H
}

/** The hooks around the view, each list in the order it runs in. */
export interface ViewHooks {
  readonly view: NamedHook<NonNullable<MiddlewareHooks['processView']>>[]
  readonly exception: NamedHook<NonNullable<MiddlewareHooks['processException']>>[]
  readonly templateResponse: NamedHook<NonNullable<MiddlewareHooks['processTemplateResponse']>>[]
}

/**
 * The inside of either generation: resolve, view hooks, view, exception hooks, template-response hooks and rendering.
 * What it throws is for the layer around it.
 */
export class ViewRunner {
  readonly #hooks: ViewHooks
  readonly #resolverFor: (request: HttpRequest) => MaybePromise<Resolver>
  readonly #databases: Databases | null

  constructor(
    hooks: ViewHooks,
    resolverFor: (request: HttpRequest) => MaybePromise<Resolver>,
    databases: Databases | null,
  ) {
    this.#hooks = hooks
    this.#resolverFor = resolverFor
    this.#databases = databases
  }

  readonly run = (request: HttpRequest): MaybePromise<OutgoingResponse> => {
    const resolver = this.#resolverFor(request)
    return isPromise(resolver)
      ? resolver.then((known) => this.#dispatch(request, known))
      : this.#dispatch(request, resolver)
  }

  #dispatch(request: HttpRequest, resolver: Resolver): MaybePromise<OutgoingResponse> {
    const { trace } = request
    const entry = trace?.begin('resolve', 'URLconf')
    let match: ResolverMatch
    try {
      match = resolver.resolve(request.pathInfo)
    } finally {
      if (entry !== undefined) trace?.end(entry)
    }
    request.resolverMatch = match
    return this.#viewHooks(request, match, 0)
  }

  #viewHooks(request: HttpRequest, match: ResolverMatch, from: number): MaybePromise<OutgoingResponse> {
    const hooks = this.#hooks.view
    for (let index = from; index < hooks.length; index += 1) {
      const early = hooks[index]?.run(request, match.view, match.args, match.kwargs)
      if (early === undefined || early === null) continue
      if (!isPromise(early)) return this.#finish(request, match, early)
      return early.then((response) =>
        response === undefined || response === null
          ? this.#viewHooks(request, match, index + 1)
          : this.#finish(request, match, response),
      )
    }
    return this.#view(request, match)
  }

  #view(request: HttpRequest, match: ResolverMatch): MaybePromise<OutgoingResponse> {
    // The route made these kwargs for this view: `path` has checked their types.
    const view = match.view as unknown as ViewFunction
    const { trace } = request
    const entry = trace?.begin('view', viewName(view))
    reportStage('view', view.name)
    let response: MaybePromise<OutgoingResponse>
    try {
      response =
        this.#databases === null || isNonAtomic(view)
          ? view(request, match.kwargs, match.args)
          : this.#databases.atomicRequest(() => view(request, match.kwargs, match.args))
    } catch (error) {
      if (entry !== undefined) trace?.end(entry)
      return this.#rescued(request, match, error)
    }
    if (!isPromise(response)) {
      if (entry !== undefined) trace?.end(entry)
      return this.#finish(request, match, response)
    }
    const settled =
      entry === undefined ? response : Promise.resolve(response).finally(() => trace?.end(entry))
    return settled.then(
      (value) => this.#finish(request, match, value),
      (error: unknown) => this.#rescued(request, match, error),
    )
  }

  /** After the view threw: the answer of a hook goes on as if it were the view's. */
  #rescued(request: HttpRequest, match: ResolverMatch, error: unknown): MaybePromise<OutgoingResponse> {
    const response = this.#exceptionHooks(request, error, 0)
    return isPromise(response)
      ? response.then((value) => this.#finish(request, match, value))
      : this.#finish(request, match, response)
  }

  /** The first answer; without any the error itself goes on. */
  #exceptionHooks(request: HttpRequest, error: unknown, from: number): MaybePromise<OutgoingResponse> {
    const hooks = this.#hooks.exception
    for (let index = from; index < hooks.length; index += 1) {
      const answer = hooks[index]?.run(request, error)
      if (answer === undefined || answer === null) continue
      if (!isPromise(answer)) return answer
      return answer.then((response) => response ?? this.#exceptionHooks(request, error, index + 1))
    }
    throw error
  }

  #finish(
    request: HttpRequest,
    match: ResolverMatch,
    response: OutgoingResponse,
  ): MaybePromise<OutgoingResponse> {
    if (!(response instanceof OutgoingResponse)) assertResponse(response, `The view ${match.viewName}`)
    request.willClose(response)
    return this.renderWithHooks(request, response)
  }

  /** Template-response hooks and rendering, if the response is of that kind. */
  renderWithHooks(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    return isRenderable(response) ? this.#templateHooks(request, response, 0) : response
  }

  #templateHooks(
    request: HttpRequest,
    first: OutgoingResponse,
    from: number,
  ): MaybePromise<OutgoingResponse> {
    const hooks = this.#hooks.templateResponse
    let response = first
    for (let index = from; index < hooks.length; index += 1) {
      const hook = hooks[index]
      if (hook === undefined) break
      const what = `${hook.name}.processTemplateResponse`
      const next = hook.run(request, response)
      if (isPromise(next)) {
        return next.then((value) => {
          assertResponse(value, what)
          return this.#templateHooks(request, value, index + 1)
        })
      }
      assertResponse(next, what)
      response = next
    }
    return isRenderable(response) ? this.#render(request, response) : response
  }

  #render(request: HttpRequest, response: Renderable): MaybePromise<OutgoingResponse> {
    let rendered: MaybePromise<OutgoingResponse>
    try {
      rendered = response.render()
    } catch (error) {
      return this.#exceptionHooks(request, error, 0)
    }
    if (!isPromise(rendered)) return rendered
    return rendered.then(undefined, (error: unknown) => this.#exceptionHooks(request, error, 0))
  }
}

function isNonAtomic(view: ViewFunction): boolean {
  return 'nonAtomicRequests' in view && view.nonAtomicRequests === true
}
