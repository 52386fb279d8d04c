import type { Application, Environ, ResponseBody, StartResponse } from '../../gateway/application.ts'
import { assertUsable, bindSettingsTimeZone, type Settings } from '../conf/settings.ts'
import { Databases } from '../db/databases.ts'
import type { UrlLookup } from '../http/match-info.ts'
import { HttpRequest } from '../http/http-request.ts'
import { HttpResponse } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { Site } from '../http/site.ts'
import { chain, isPromise, type MaybePromise } from '../maybe-promise.ts'
import { currentTimeZone, withTimeZone } from '../time-zones/current-time-zone.ts'
import { withTrace } from '../trace/current-trace.ts'
import { Trace } from '../trace/trace.ts'
import { Resolver } from '../urls/resolver.ts'
import type { UrlconfSource } from '../urls/url-pattern.ts'
import { ExceptionResponses, renderedResponse, type RequestException } from './exception-responses.ts'
import { collectFlatLists, FlatHandler, type FlatLists } from './flat-lists.ts'
import { bothLoaded, loadMiddleware, type LoadedMiddleware } from './loaded-middleware.ts'
import type { GetResponse } from './middleware.ts'
import { buildOnion } from './onion.ts'
import { loggerOf, logResponse } from './request-log.ts'
import { ResponseChunks } from './response-chunks.ts'
import { Signal } from './signal.ts'
import { TemplateRenderer } from './template-renderer.ts'
import { ViewRunner, type ViewHooks } from './view-runner.ts'

/** Runs requests through middleware, URLconf and view. `application` is what a server calls. */
export class WSGIHandler implements Site<HttpRequest> {
  readonly settings: Settings
  /** Events of this handler. Listeners run inside the request: they should be quick. */
  readonly signals = {
    requestStarted: new Signal<HttpRequest>((error) => this.#listenerFailed(error)),
    requestFinished: new Signal<HttpRequest>((error) => this.#listenerFailed(error)),
    gotRequestException: new Signal<RequestException>((error) => this.#listenerFailed(error)),
  }
  readonly #renderer: TemplateRenderer
  #resolver: Resolver | null = null
  #chain: GetResponse | null = null
  #loading: Promise<void> | null = null
  /** URLconfs that requests brought along, loaded once. */
  readonly #otherResolvers = new WeakMap<object, MaybePromise<Resolver>>()

  readonly #enforceCsrfChecks: boolean
  /** Those of the settings; null when there are none. Every request runs on them. */
  readonly databases: Databases | null

  /**
   * @param options `enforceCsrfChecks` false is for tests, whose forms carry no token
   * @throws ImproperlyConfigured for settings that no request could be answered with
   */
  constructor(settings: Settings, options: { readonly enforceCsrfChecks?: boolean } = {}) {
    assertUsable(settings)
    this.settings = settings
    this.#enforceCsrfChecks = options.enforceCsrfChecks ?? true
    this.#renderer = new TemplateRenderer(settings, () => this.#rootResolver())
    this.databases = databasesOf(settings)
  }

  /**
   * Loads URLconf and middleware, once; the first request would do it otherwise. Returns nothing to wait for when no
   * module had to be imported.
   *
   * @throws ImproperlyConfigured, or whatever a module throws while it is imported
   */
  load(): MaybePromise<void> {
    if (this.#chain !== null) return
    if (this.#loading !== null) return this.#loading
    const list = this.settings.middlewareClasses ?? this.settings.middleware
    const loaded = bothLoaded(Resolver.load(this.settings.rootUrlconf), loadMiddleware(list))
    const built = chain(loaded, ([resolver, middleware]) => this.#build(resolver, middleware))
    if (isPromise(built)) {
      this.#loading = built
      // The requests that wait for it get the error; it is no one else's.
      built.catch(() => undefined)
    }
    return built
  }

  #build(resolver: Resolver, middleware: readonly LoadedMiddleware[]): void {
    const exceptions = new ExceptionResponses(resolver, this.signals.gotRequestException)
    this.#resolver = resolver
    this.#chain =
      this.settings.middlewareClasses === null
        ? this.#onion(middleware, exceptions)
        : this.#flat(middleware, exceptions)
  }

  #onion(middleware: readonly LoadedMiddleware[], exceptions: ExceptionResponses): GetResponse {
    const hooks: ViewHooks = { view: [], exception: [], templateResponse: [] }
    const runner = this.#viewRunner(hooks)
    return buildOnion(middleware, runner.run, hooks, exceptions, this.settings)
  }

  #viewRunner(hooks: ViewHooks): ViewRunner {
    return new ViewRunner(hooks, (request) => this.#resolverFor(request), this.databases)
  }

  #flat(middleware: readonly LoadedMiddleware[], exceptions: ExceptionResponses): GetResponse {
    const lists: FlatLists = {
      request: [],
      view: [],
      exception: [],
      templateResponse: [],
      response: [],
      layers: [],
    }
    collectFlatLists(middleware, lists, this.settings)
    const runner = this.#viewRunner(lists)
    return new FlatHandler(lists, runner, exceptions).getResponse
  }

  /** The application of PEP 3333, bound: it can be passed around. */
  readonly application: Application = (environ, startResponse) => {
    if (this.#chain !== null) return this.#serve(this.#chain, environ, startResponse)
    return chain(this.load(), () => this.application(environ, startResponse))
  }

  #serve(way: GetResponse, environ: Environ, startResponse: StartResponse): MaybePromise<ResponseBody> {
    const request = this.makeRequest(environ)
    this.signals.requestStarted.send(request)
    const response = this.#respondInScope(way, request)
    if (isPromise(response)) return response.then((value) => this.#send(request, value, startResponse))
    return this.#send(request, response, startResponse)
  }

  /** A request of this site, as `application` makes it. */
  makeRequest(environ: Environ): HttpRequest {
    const request = new HttpRequest(environ, this.settings)
    request.site = this
    if (!this.#enforceCsrfChecks) request.enforceCsrfChecks = false
    if (this.settings.trace) {
      request.trace = new Trace()
      const front = environ['PORTICO_TRACE']
      if (typeof front === 'string') request.trace.addFront(front, performance.timeOrigin + performance.now())
    }
    return request
  }

  /** The response to a request: all of the way but sending it. */
  getResponse(request: HttpRequest): MaybePromise<OutgoingResponse> {
    return chain(this.load(), () => {
      if (this.#chain === null) throw new Error('The handler has not been loaded')
      return this.#respond(this.#chain, request)
    })
  }

  #respond(way: GetResponse, request: HttpRequest): MaybePromise<OutgoingResponse> {
    const response = way(request)
    return isPromise(response)
      ? response.then((value) => this.#finish(request, value))
      : this.#finish(request, response)
  }

  #respondInScope(way: GetResponse, request: HttpRequest): MaybePromise<OutgoingResponse> {
    const { trace } = request
    // Without a closure: this is the way of most requests of a site without databases.
    if (trace === null && this.databases === null && this.settings.timeZone === currentTimeZone())
      return this.#respond(way, request)
    const response = this.#inScope(request, () => this.#respond(way, request))
    return trace !== null && this.settings.serverTiming
      ? chain(response, (value) => withTiming(value, trace))
      : response
  }

  /** In the time zone and on the databases of the settings, its queries noted in its trace. */
  #inScope<T>(request: HttpRequest, work: () => T): T {
    const { databases } = this
    const { timeZone } = this.settings
    const { trace } = request
    const onDatabases = databases === null ? work : (): T => databases.run(work)
    const traced = trace === null ? onDatabases : (): T => withTrace(trace, onDatabases)
    return timeZone === currentTimeZone() ? traced() : withTimeZone(timeZone, traced)
  }

  #finish(request: HttpRequest, response: OutgoingResponse): MaybePromise<OutgoingResponse> {
    if (response.status >= 400) logResponse(request, response)
    // A layer's own answer that is rendered late never came by the hooks that would have rendered it.
    return response.isRendered ? response : renderedResponse(response)
  }

  #send(request: HttpRequest, response: OutgoingResponse, startResponse: StartResponse): ResponseBody {
    startResponse(response.statusLine, response.headerPairs())
    request.willClose(response)
    const nothingToClose = !request.holdsSomething && !this.signals.requestFinished.hasListeners
    if (nothingToClose && response instanceof HttpResponse) return [response.content]
    // A body that is made while it is sent is made on the site's databases and in its time zone, as the view was. What
    // else a middleware had around the view, as the zone of a visitor, has ended by now.
    const inScope = <T>(work: () => T): T => this.#inScope(request, work)
    return new ResponseChunks(response.body(), inScope, () => this.#close(request))
  }

  async #close(request: HttpRequest): Promise<void> {
    try {
      await request.close()
    } catch (error) {
      loggerOf(request).error({ err: error }, 'Closing a response failed')
    }
    this.signals.requestFinished.send(request)
  }

  #resolverFor(request: HttpRequest): MaybePromise<Resolver> {
    const own = request.urlconf
    if (own === null || own === undefined) return this.#rootResolver()
    if (own instanceof Resolver) return own
    if (typeof own !== 'object' && typeof own !== 'function') {
      throw new TypeError('request.urlconf has to be a URLconf: an array of patterns, a module or a loader')
    }
    const known = this.#otherResolvers.get(own)
    if (known !== undefined) return known
    const resolver = Resolver.load(own as UrlconfSource)
    this.#otherResolvers.set(own, resolver)
    return chain(resolver, (ready) => {
      this.#otherResolvers.set(own, ready)
      return ready
    })
  }

  #rootResolver(): Resolver {
    if (this.#resolver === null) throw new Error('The handler has not been loaded')
    return this.#resolver
  }

  urlsFor(request: HttpRequest): UrlLookup {
    const resolver = this.#resolverFor(request)
    return (isPromise(resolver) ? this.#rootResolver() : resolver).under(request.scriptName)
  }

  renderTemplate(
    request: HttpRequest,
    template: string | readonly string[],
    context: Record<string, unknown>,
  ): MaybePromise<string> {
    return this.#renderer.render(request, template, context)
  }

  #listenerFailed(error: unknown): void {
    this.settings.logger?.error({ err: error }, 'A signal listener failed')
  }
}

function withTiming(response: OutgoingResponse, trace: Trace): OutgoingResponse {
  response.headers.set('Server-Timing', trace.serverTiming())
  return response
}

function databasesOf({ databases }: Settings): Databases | null {
  if (databases instanceof Databases) return databases
  return Object.keys(databases).length === 0 ? null : new Databases(databases)
}

/** Of the application before. */
let unbindTimeZone = (): void => undefined

/**
 * The application of a site. What can be loaded without waiting is loaded here, so that a mistake in the settings
 * shows when the server starts. Its time zone is the process's: what it does by itself, outside of requests, is in it.
 *
 * @throws ImproperlyConfigured
 */
export function getWsgiApplication(settings: Settings): Application {
  const handler = new WSGIHandler(settings)
  unbindTimeZone()
  unbindTimeZone = bindSettingsTimeZone(settings)
  void handler.load()
  return handler.application
}
