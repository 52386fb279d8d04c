import type { Settings } from '../conf/settings.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'

/** Keeps pages out of other sites' frames, unless the view has said otherwise. */
export class XFrameOptionsMiddleware implements MiddlewareHooks {
  readonly #value: string

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#value = settings.xFrameOptions.toUpperCase()
  }

  processResponse(_request: HttpRequest, response: OutgoingResponse): OutgoingResponse {
    if (!response.xframeOptionsExempt) response.headers.setDefault('X-Frame-Options', this.#value)
    return response
  }
}
