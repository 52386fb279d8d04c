/**
 * The flat lists of the generation before the onion (Django 1.9, `MIDDLEWARE_CLASSES`): each hook has a list of its
 * own. A request hook that answers ends its list and skips the view, and then *all* response hooks run. Exceptions
 * outside the view are converted once, around all of it; what a response hook throws ends the rest of them.
 */
import type { Settings } from '../conf/settings.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, isPromise, rescued, type MaybePromise } from '../maybe-promise.ts'
import { assertResponse } from './check-response.ts'
import { renderedResponse, type ExceptionResponses } from './exception-responses.ts'
import type { LoadedMiddleware } from './loaded-middleware.ts'
import { layerHooks } from './layer-hooks.ts'
import type { GetResponse, MiddlewareHooks } from './middleware.ts'
import { tracedHooks } from './traced-hooks.ts'
import type { NamedHook, ViewHooks, ViewRunner } from './view-runner.ts'

export interface FlatLists extends ViewHooks {
  readonly request: NamedHook<NonNullable<MiddlewareHooks['processRequest']>>[]
  readonly response: NamedHook<NonNullable<MiddlewareHooks['processResponse']>>[]
  /** Told when response hooks end before their turn. */
  readonly layers: ((request: HttpRequest, error: unknown) => void)[]
}

/** Request and view hooks in order, the other three in reverse. */
export function collectFlatLists(
  middleware: readonly LoadedMiddleware[],
  lists: FlatLists,
  settings: Settings,
): void {
  for (const loaded of middleware) {
    const made = layerHooks(loaded, settings)
    if (made === null) continue
    const { name } = loaded
    if (made.abandon !== undefined) lists.layers.push(made.abandon)
    const hooks = settings.trace ? tracedHooks(name, made.hooks) : made.hooks
    const { processRequest, processView, processException, processTemplateResponse, processResponse } = hooks
    if (processRequest) lists.request.push({ name, run: processRequest })
    if (processView) lists.view.push({ name, run: processView })
    if (processException) lists.exception.unshift({ name, run: processException })
    if (processTemplateResponse) lists.templateResponse.unshift({ name, run: processTemplateResponse })
    if (processResponse) lists.response.unshift({ name, run: processResponse })
  }
}

/** Runs a request through flat lists. */
export class FlatHandler {
  readonly #lists: FlatLists
  readonly #runner: ViewRunner
  readonly #exceptions: ExceptionResponses

  constructor(lists: FlatLists, runner: ViewRunner, exceptions: ExceptionResponses) {
    this.#lists = lists
    this.#runner = runner
    this.#exceptions = exceptions
  }

  readonly getResponse: GetResponse = (request) => {
    const response = rescued(
      () => this.#requestHooks(request, 0),
      (error) => this.#exceptions.respond(request, error),
    )
    return chain(response, (value) =>
      chain(
        rescued(
          () => this.#responseHooks(request, value, 0),
          (error) => {
            // A layer whose turn does not come would wait for ever, with all that it holds.
            for (const abandon of this.#lists.layers) abandon(request, error)
            return this.#exceptions.respondServerError(request, error)
          },
        ),
        renderedResponse,
      ),
    )
  }

  #requestHooks(request: HttpRequest, from: number): MaybePromise<OutgoingResponse> {
    const hooks = this.#lists.request
    for (let index = from; index < hooks.length; index += 1) {
      const early = hooks[index]?.run(request)
      if (early === undefined || early === null) continue
      if (!isPromise(early)) return this.#runner.renderWithHooks(request, early)
      return early.then((response) =>
        response ? this.#runner.renderWithHooks(request, response) : this.#requestHooks(request, index + 1),
      )
    }
    return this.#runner.run(request)
  }

  #responseHooks(
    request: HttpRequest,
    first: OutgoingResponse,
    from: number,
  ): MaybePromise<OutgoingResponse> {
    const hooks = this.#lists.response
    let response = first
    for (let index = from; index < hooks.length; index += 1) {
      const hook = hooks[index]
      if (hook === undefined) break
      const what = `${hook.name}.processResponse`
      // The hook may throw, or answer with another.
      request.willClose(response)
      const next = hook.run(request, response)
      if (isPromise(next)) {
        return next.then((value) => {
          assertResponse(value, what)
          return this.#responseHooks(request, value, index + 1)
        })
      }
      assertResponse(next, what)
      response = next
    }
    return response
  }
}
