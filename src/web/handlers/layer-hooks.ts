/**
 * A layer of the onion in a flat list: its way in is a request hook, its way out a response hook, and between the two
 * it waits for the response that `getResponse` promised it.
 */
import type { Settings } from '../conf/settings.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { LoadedMiddleware } from './loaded-middleware.ts'
import type { BoundHooks } from './bound-hooks.ts'
import type { GetResponse } from './middleware.ts'

/** One request on its way through the layer. */
class Passage {
  readonly #entered = Promise.withResolvers<'entered'>()
  readonly #response = Promise.withResolvers<OutgoingResponse>()
  #result: Promise<OutgoingResponse> | null = null

  /** What the layer gets when it calls `getResponse`. */
  goOn(): Promise<OutgoingResponse> {
    this.#entered.resolve('entered')
    return this.#response.promise
  }

  /** Null once the layer has called `getResponse`; its own answer when it never does. */
  async enter(call: GetResponse, request: HttpRequest): Promise<OutgoingResponse | null> {
    const result = (async () => call(request))()
    this.#result = result
    const first = await Promise.race([this.#entered.promise, result])
    if (first !== 'entered') return first
    // Another hook's error may keep anybody from asking for the result.
    result.catch(() => undefined)
    return null
  }

  leave(response: OutgoingResponse): Promise<OutgoingResponse> {
    this.#response.resolve(response)
    return this.#result ?? Promise.resolve(response)
  }

  /** What the layer waited for will not come: its `finally` runs. Nobody asks for its answer any more. */
  abandon(error: unknown): void {
    this.#response.promise.catch(() => undefined)
    this.#response.reject(error)
  }
}

/** A middleware of a flat list. */
interface ListedMiddleware {
  readonly hooks: BoundHooks
  /** For a layer: the response hooks ended before its own. */
  readonly abandon?: (request: HttpRequest, error: unknown) => void
}

/** The hooks of a middleware for a flat list; null for one that wants to be left out. */
export function layerHooks(loaded: LoadedMiddleware, settings: Settings): ListedMiddleware | null {
  const passages = new WeakMap<HttpRequest, Passage>()
  const made = loaded.make((request) => {
    const passage = passages.get(request)
    if (passage === undefined) throw new Error(`${loaded.name} called getResponse outside of its request`)
    return passage.goOn()
  }, settings)
  if (made === null) return null
  const { call } = made
  if (call === null) return { hooks: made.hooks }
  const hooks: BoundHooks = {
    ...made.hooks,
    async processRequest(request) {
      const passage = new Passage()
      passages.set(request, passage)
      const early = await passage.enter(call, request).catch((error: unknown) => {
        passages.delete(request)
        throw error
      })
      if (early !== null) passages.delete(request)
      return early
    },
    // An answer before this layer, or its own, leaves nothing for it to do on the way back.
    processResponse: (request, response) => passages.get(request)?.leave(response) ?? response,
  }
  return { hooks, abandon: (request, error) => passages.get(request)?.abandon(error) }
}
