import { cachesOf } from '../cache/cache.ts'
import { keepPage, keptPage } from '../cache/page-cache.ts'
import { chain } from '../maybe-promise.ts'
import { decorator } from './decorators.ts'
import type { ViewDecorator } from './view.ts'

/**
 * The view's responses are kept for so many seconds, each under its URL and what it varies by. A page that looked
 * into the session or has a CSRF token in it is kept for its own visitor only.
 *
 * @param options the alias of the cache, and what keys begin with
 */
export function cachePage(
  seconds: number,
  options: { readonly cache?: string; readonly keyPrefix?: string } = {},
): ViewDecorator {
  return decorator((view, request, kwargs, args) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return view(request, kwargs, args)
    const { settings } = request
    const cache = cachesOf(settings).get(options.cache ?? settings.cacheMiddlewareAlias)
    const keyPrefix = options.keyPrefix ?? settings.cacheMiddlewareKeyPrefix
    return chain(keptPage(request, { cache, keyPrefix }), (kept) => {
      if (kept !== null) return kept
      return chain(view(request, kwargs, args), (response) =>
        keepPage(request, response, { cache, keyPrefix, seconds, fixed: true }),
      )
    })
  })
}
