/** The same hooks, noted in the request's trace. Put around them when the site starts, and only if tracing is on. */
import type { HttpRequest } from '../http/http-request.ts'
import { isPromise, type MaybePromise } from '../maybe-promise.ts'
import type { TraceKind } from '../trace/trace.ts'
import type { BoundHooks } from './bound-hooks.ts'
import type { GetResponse } from './middleware.ts'

type Hook<A extends readonly unknown[], R> = (request: HttpRequest, ...rest: A) => MaybePromise<R>

function traced<A extends readonly unknown[], R>(
  kind: TraceKind,
  name: string,
  hook: Hook<A, R> | undefined,
): Hook<A, R> | undefined {
  if (hook === undefined) return undefined
  return (request, ...rest) => {
    const { trace } = request
    if (trace === null) return hook(request, ...rest)
    const entry = trace.begin(kind, name)
    try {
      const result = hook(request, ...rest)
      if (isPromise(result)) return Promise.resolve(result).finally(() => trace.end(entry))
      trace.end(entry)
      return result
    } catch (error) {
      trace.end(entry)
      throw error
    }
  }
}

export function tracedHooks(name: string, hooks: BoundHooks): BoundHooks {
  return {
    processRequest: traced('processRequest', name, hooks.processRequest),
    processView: traced('processView', name, hooks.processView),
    processException: traced('processException', name, hooks.processException),
    processTemplateResponse: traced('processTemplateResponse', name, hooks.processTemplateResponse),
    processResponse: traced('processResponse', name, hooks.processResponse),
  }
}

export function tracedLayer(name: string, layer: GetResponse): GetResponse {
  return traced('middleware', name, layer) ?? layer
}
