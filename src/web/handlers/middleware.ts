/** What a middleware may be, in either list of the settings. */
import type { Settings } from '../conf/settings.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ViewFunction } from '../urls/url-pattern.ts'

/** The rest of the way: the next layer, and at last the view. */
export type GetResponse = (request: HttpRequest) => MaybePromise<OutgoingResponse>

/** A hook that may answer in the place of those after it. */
export type EarlyAnswer = MaybePromise<OutgoingResponse | null | undefined | void>

/** The five hooks; a middleware has any of them. Each may answer by a promise. */
export interface MiddlewareHooks {
  /** Before the URL is looked up. */
  processRequest?(request: HttpRequest): EarlyAnswer
  /** Just before the view. */
  processView?(
    request: HttpRequest,
    view: ViewFunction<never>,
    args: readonly string[],
    kwargs: Readonly<Record<string, unknown>>,
  ): EarlyAnswer
  /** When the view, or the rendering of its response, throws. */
  processException?(request: HttpRequest, error: unknown): EarlyAnswer
  /** When the response is one that is rendered late. */
  processTemplateResponse?(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse>
  /** On the way back. */
  processResponse?(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse>
}

/**
 * A layer of the onion: `(getResponse) => (request) => response`. What it returns may carry hooks besides.
 *
 * @throws MiddlewareNotUsed to be left out
 */
export type Layer = (
  getResponse: GetResponse,
  settings: Settings,
) => GetResponse | (GetResponse & MiddlewareHooks) | MiddlewareHooks

/** A class with hooks. Its constructor may throw MiddlewareNotUsed. */
export type MiddlewareClass = new (getResponse: GetResponse, settings: Settings) => MiddlewareHooks

/** Imports a middleware when the site starts: `() => import('./timing.ts').then((m) => m.timing)`. */
export type MiddlewareLoader = () => Promise<Layer | MiddlewareClass | MiddlewareHooks>

/** A middleware as the settings list it. A string is the dotted name that Django knows it by. */
export type MiddlewareEntry = Layer | MiddlewareClass | MiddlewareHooks | MiddlewareLoader | string
