import type { Settings } from '../conf/settings.ts'
import type { GetResponse, MiddlewareHooks } from '../handlers/middleware.ts'
import { loggerOf } from '../handlers/request-log.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { FallbackMessages, type MessageStorage } from '../messages/message-storage.ts'
import { StoredMessages } from '../messages/stored-messages.ts'

/** Gives each request its messages, and keeps those that were added for the next. */
export class MessageMiddleware implements MiddlewareHooks {
  readonly #settings: Settings
  readonly #storage: MessageStorage

  constructor(_getResponse: GetResponse, settings: Settings) {
    this.#settings = settings
    this.#storage = settings.messageStorage ?? new FallbackMessages(settings)
  }

  processRequest(request: HttpRequest): void {
    request.messages = new StoredMessages(request, this.#storage, this.#settings)
  }

  processResponse(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    if (!request.hasMessages || !(request.messages instanceof StoredMessages)) return response
    return chain(request.messages.update(response), (lost) => {
      if (lost.length > 0) {
        loggerOf(request).warn(
          { count: lost.length },
          'Not all messages could be kept: they fit into no cookie',
        )
      }
      return response
    })
  }
}
