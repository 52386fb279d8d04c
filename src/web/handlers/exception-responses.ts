import {
  BadRequest,
  Http404,
  MultiPartParserError,
  PermissionDenied,
  SuspiciousOperation,
  UnreadablePostError,
} from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import { isRenderable } from '../http/template-response.ts'
import { chain, rescued, type MaybePromise } from '../maybe-promise.ts'
import type { Resolver } from '../urls/resolver.ts'
import { technicalErrorPage, technicalNotFoundPage } from './debug-page.ts'
import { errorPage } from './error-page.ts'
import { logError, logResponse } from './request-log.ts'
import type { Signal } from './signal.ts'

/** An error that no view or middleware dealt with, with the request it belongs to. */
export interface RequestException {
  readonly request: HttpRequest
  readonly error: unknown
}

/** Turns what was thrown into a response, by the URLconf's handlers or else by plain pages. */
export class ExceptionResponses {
  readonly #resolver: Resolver
  readonly #gotException: Signal<RequestException>

  constructor(resolver: Resolver, gotException: Signal<RequestException>) {
    this.#resolver = resolver
    this.#gotException = gotException
  }

  respond(request: HttpRequest, error: unknown): MaybePromise<OutgoingResponse> {
    return chain(this.#choose(request, error), renderedResponse)
  }

  #choose(request: HttpRequest, error: unknown): MaybePromise<OutgoingResponse> {
    const { debug } = request.settings
    if (error instanceof Http404) {
      return debug ? technicalNotFoundPage(request, error) : this.#byHandler(request, 404, error)
    }
    if (error instanceof PermissionDenied) {
      return this.#logged(
        request,
        this.#byHandler(request, 403, error),
        'Forbidden (Permission denied)',
        error,
      )
    }
    if (error instanceof MultiPartParserError) {
      const message = 'Bad request (Unable to parse request body)'
      return this.#logged(request, this.#byHandler(request, 400, error), message, error)
    }
    if (error instanceof UnreadablePostError) return errorPage(400)
    if (error instanceof BadRequest || error instanceof SuspiciousOperation) {
      const page = debug ? technicalErrorPage(request, error, 400) : this.#byHandler(request, 400, error)
      return this.#logged(request, page, error.message === '' ? 'Bad request' : error.message, error)
    }
    return this.respondServerError(request, error)
  }

  #logged(
    request: HttpRequest,
    response: MaybePromise<OutgoingResponse>,
    message: string,
    error: unknown,
  ): MaybePromise<OutgoingResponse> {
    return chain(response, (known) => {
      logResponse(request, known, message, error)
      return known
    })
  }

  /** The URLconf's handler; one that throws is an error like any other. */
  #byHandler(request: HttpRequest, status: 400 | 403 | 404, error: unknown): MaybePromise<OutgoingResponse> {
    const view = this.#resolver.errorView(status)
    if (view === undefined) return errorPage(status)
    return rescued(
      () => view(request, error),
      (thrown) => this.respondServerError(request, thrown),
    )
  }

  /** 500, whatever was thrown. Logged before anything else can go wrong. */
  respondServerError(request: HttpRequest, error: unknown): MaybePromise<OutgoingResponse> {
    this.#gotException.send({ request, error })
    logError(request, 'Internal Server Error', error)
    return chain(this.#serverErrorPage(request, error), (response) => {
      response.logged = true
      return response
    })
  }

  #serverErrorPage(request: HttpRequest, error: unknown): MaybePromise<OutgoingResponse> {
    const unavailable = isUnavailable(error)
    if (request.settings.debug) return technicalErrorPage(request, error, unavailable ? 503 : 500)
    if (unavailable) return errorPage(503)
    const view = this.#resolver.errorView(500)
    if (view === undefined) return errorPage(500)
    return rescued(
      () => chain(view(request, error), renderedResponse),
      (thrown) => {
        logError(request, 'handler500 failed', thrown)
        return errorPage(500)
      },
    )
  }
}

/** The response with its body made. */
export function renderedResponse(response: OutgoingResponse): MaybePromise<OutgoingResponse> {
  return !response.isRendered && isRenderable(response) ? response.render() : response
}

/** What the page needs is out of reach for now, and the same request may succeed later: the database, mostly. */
function isUnavailable(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 503
}
