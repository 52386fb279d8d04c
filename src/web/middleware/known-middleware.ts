import type { MiddlewareClass } from '../handlers/middleware.ts'

/** Middleware by the dotted names that Django's settings give them. */
export const knownMiddleware: ReadonlyMap<string, MiddlewareClass> = new Map()
