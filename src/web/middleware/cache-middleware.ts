import { cachesOf } from '../cache/cache.ts'
import { keepPage, keptPage, type PageCacheOptions } from '../cache/page-cache.ts'
import type { Settings } from '../conf/settings.ts'
import type { EarlyAnswer, GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'

/** In `request.state` while the response may be kept. */
const updateKey = Symbol('portico.updateCache')

function optionsOf(settings: Settings): PageCacheOptions {
  return {
    cache: cachesOf(settings).get(settings.cacheMiddlewareAlias),
    keyPrefix: settings.cacheMiddlewareKeyPrefix,
    seconds: settings.cacheMiddlewareSeconds,
    fixed: false,
  }
}

/** Keeps responses. Stands first in the list, so that it sees what all others have made of them. */
export class UpdateCacheMiddleware implements MiddlewareHooks {
  readonly #options: PageCacheOptions

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#options = optionsOf(settings)
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    return request.state.get(updateKey) === true ? keepPage(request, response, this.#options) : response
  }
}

/** Answers with what is kept. Stands last in the list: what the others say in `Vary` is part of the key. */
export class FetchFromCacheMiddleware implements MiddlewareHooks {
  readonly #options: PageCacheOptions

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#options = optionsOf(settings)
  }

  processRequest(request: HttpRequest): EarlyAnswer {
    if (request.method !== 'GET' && request.method !== 'HEAD') return null
    return chain(keptPage(request, this.#options), (kept) => {
      if (kept === null) request.state.set(updateKey, true)
      return kept
    })
  }
}
