import type { MiddlewareHooks } from './middleware.ts'

type Method<K extends keyof MiddlewareHooks> = NonNullable<MiddlewareHooks[K]>

/** The hooks of one middleware, bound to it; undefined for those it does not have. */
export interface BoundHooks {
  readonly processRequest: Method<'processRequest'> | undefined
  readonly processView: Method<'processView'> | undefined
  readonly processException: Method<'processException'> | undefined
  readonly processTemplateResponse: Method<'processTemplateResponse'> | undefined
  readonly processResponse: Method<'processResponse'> | undefined
}

export function bindHooks(hooks: MiddlewareHooks): BoundHooks {
  return {
    processRequest: hooks.processRequest?.bind(hooks),
    processView: hooks.processView?.bind(hooks),
    processException: hooks.processException?.bind(hooks),
    processTemplateResponse: hooks.processTemplateResponse?.bind(hooks),
    processResponse: hooks.processResponse?.bind(hooks),
  }
}
