/**
 * The onion of Django 1.10 and later: every layer wraps the rest, every layer turns what comes out of it as an
 * exception into a response. Hooks around the view are kept in lists beside it.
 */
import type { Settings } from '../conf/settings.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { isPromise, type MaybePromise } from '../maybe-promise.ts'
import { assertResponse } from './check-response.ts'
import type { ExceptionResponses } from './exception-responses.ts'
import type { LoadedMiddleware, MiddlewareInstance } from './loaded-middleware.ts'
import type { BoundHooks } from './bound-hooks.ts'
import type { GetResponse } from './middleware.ts'
import { tracedHooks, tracedLayer } from './traced-hooks.ts'
import type { ViewHooks } from './view-runner.ts'

/** Adds each instance's hooks to `hooks` and gives the outermost layer. */
export function buildOnion(
  middleware: readonly LoadedMiddleware[],
  view: GetResponse,
  hooks: ViewHooks,
  exceptions: ExceptionResponses,
  settings: Settings,
): GetResponse {
  let next = converted(view, 'The view', exceptions)
  for (const loaded of middleware.toReversed()) {
    const made = loaded.make(next, settings)
    if (made === null) continue
    const instance = settings.trace ? { ...made, hooks: tracedHooks(made.name, made.hooks) } : made
    collectHooks(instance, hooks)
    next = converted(layerOf(instance, next, settings), `The middleware ${instance.name}`, exceptions)
  }
  return next
}

function layerOf(instance: MiddlewareInstance, next: GetResponse, settings: Settings): GetResponse {
  if (instance.call === null) return around(instance.hooks, instance.name, next)
  return settings.trace ? tracedLayer(instance.name, instance.call) : instance.call
}

/** View hooks run from the outside in, the other two from the inside out. */
function collectHooks({ hooks, name }: MiddlewareInstance, lists: ViewHooks): void {
  if (hooks.processView !== undefined) lists.view.unshift({ name, run: hooks.processView })
  if (hooks.processException !== undefined) {
    lists.exception.push({ name, run: hooks.processException })
  }
  if (hooks.processTemplateResponse !== undefined) {
    lists.templateResponse.push({ name, run: hooks.processTemplateResponse })
  }
}

/** The layer that a class with request and response hooks stands for. */
function around(hooks: BoundHooks, name: string, next: GetResponse): GetResponse {
  const { processRequest, processResponse } = hooks
  if (processRequest === undefined && processResponse === undefined) return next
  const leave = (request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> => {
    if (processResponse === undefined) return response
    assertResponse(response, `What ${name} is wrapped around`)
    return processResponse(request, response)
  }
  const goOn = (request: HttpRequest): MaybePromise<OutgoingResponse> => {
    const response = next(request)
    return isPromise(response) ? response.then((value) => leave(request, value)) : leave(request, response)
  }
  if (processRequest === undefined) return goOn
  return (request) => {
    const early = processRequest(request)
    if (early === undefined || early === null) return goOn(request)
    if (!isPromise(early)) return leave(request, early)
    return early.then((response) => (response ? leave(request, response) : goOn(request)))
  }
}

function converted(inner: GetResponse, what: string, exceptions: ExceptionResponses): GetResponse {
  const checked = (request: HttpRequest, response: OutgoingResponse): OutgoingResponse => {
    assertResponse(response, what)
    // The layer around it may throw, or answer with another.
    request.willClose(response)
    return response
  }
  return (request) => {
    try {
      const response = inner(request)
      if (!isPromise(response)) return checked(request, response)
      return response
        .then((value) => checked(request, value))
        .then(undefined, (error: unknown) => exceptions.respond(request, error))
    } catch (error) {
      return exceptions.respond(request, error)
    }
  }
}
