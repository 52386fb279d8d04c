import type { HttpRequest } from '../http/http-request.ts'
import { HttpResponse, HttpResponseNotAllowed } from '../http/http-response.ts'
import type { OutgoingResponse } from '../http/outgoing-response.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { loggerOf } from '../handlers/request-log.ts'
import type { ViewFunction } from '../urls/url-pattern.ts'

/** What a route captured, when nothing more is known of it. */
export type Kwargs = Readonly<Record<string, unknown>>

/** Changes a view function: see views/decorators. */
export type ViewDecorator = <K>(view: ViewFunction<K>) => ViewFunction<K>

type Answer = MaybePromise<OutgoingResponse>

const methodNames = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'] as const

/**
 * A view as a class: one method for each HTTP method, and a new object for each request. `asView` makes the function
 * that a route takes.
 *
 * @typeParam K what the route captures
 */
export class View<K extends object = Kwargs> {
  /** Methods that `dispatch` looks for. */
  readonly httpMethodNames: readonly string[] = methodNames
  request!: HttpRequest
  kwargs!: K
  args: readonly string[] = []

  get?(request: HttpRequest, kwargs: K): Answer
  post?(request: HttpRequest, kwargs: K): Answer
  put?(request: HttpRequest, kwargs: K): Answer
  patch?(request: HttpRequest, kwargs: K): Answer
  delete?(request: HttpRequest, kwargs: K): Answer
  head?(request: HttpRequest, kwargs: K): Answer
  trace?(request: HttpRequest, kwargs: K): Answer

  /**
   * The view function. `attributes` replace those of the class; `decorators` go around it, the first outermost.
   *
   * @throws TypeError for an attribute that the class does not have
   */
  static asView<K extends object, V extends View<K>>(
    this: new () => V & View<K>,
    attributes: Partial<Omit<V, keyof View>> = {},
    ...decorators: ViewDecorator[]
  ): ViewFunction<K> {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class, which the function has to remember
    const Class = this
    assertKnown(Class, attributes)
    const view: ViewFunction<K> = (request, kwargs, args) => {
      const instance = Object.assign(new Class(), attributes)
      instance.setup(request, kwargs, args)
      return instance.dispatch(request, kwargs)
    }
    const decorated = decorators.reduceRight((inner, decorator) => decorator(inner), view)
    return Object.assign(decorated, { viewClass: Class })
  }

  /** Before anything else; what all methods need can be put on the object here. */
  setup(request: HttpRequest, kwargs: K, args: readonly string[]): void {
    this.request = request
    this.kwargs = kwargs
    this.args = args
  }

  /** Calls the method for the request's method. HEAD is GET unless there is a `head`. */
  dispatch(request: HttpRequest, kwargs: K): Answer {
    const name = request.method.toLowerCase()
    if (!this.httpMethodNames.includes(name)) return this.httpMethodNotAllowed(request)
    if (name === 'options') return this.options(request, kwargs)
    const method = this.#methodFor(name)
    return method === undefined ? this.httpMethodNotAllowed(request) : method(request, kwargs)
  }

  #methodFor(name: string): View<K>['get'] {
    switch (name) {
      case 'get':
        return this.get?.bind(this)
      case 'head':
        return (this.head ?? this.get)?.bind(this)
      case 'post':
        return this.post?.bind(this)
      case 'put':
        return this.put?.bind(this)
      case 'patch':
        return this.patch?.bind(this)
      case 'delete':
        return this.delete?.bind(this)
      default:
        return name === 'trace' ? this.trace?.bind(this) : undefined
    }
  }

  /** 405, with the methods that there are. */
  httpMethodNotAllowed(request: HttpRequest): Answer {
    loggerOf(request).warn({ status: 405, method: request.method }, `Method Not Allowed (${request.method})`)
    const response = new HttpResponseNotAllowed(this.allowedMethods())
    response.logged = true
    return response
  }

  /** What OPTIONS gets: the methods that there are. */
  options(_request: HttpRequest, _kwargs: K): Answer {
    return new HttpResponse('', { headers: { Allow: this.allowedMethods().join(', '), 'Content-Length': 0 } })
  }

  allowedMethods(): string[] {
    const has = (name: string): boolean => name === 'options' || this.#methodFor(name) !== undefined
    return this.httpMethodNames.filter(has).map((name) => name.toUpperCase())
  }
}

function assertKnown(Class: new () => object, attributes: object): void {
  const names = Object.keys(attributes)
  if (names.length === 0) return
  const sample = new Class()
  const unknown = names.find((name) => !(name in sample))
  if (unknown !== undefined) {
    throw new TypeError(`${Class.name}.asView got ${unknown}, and the class has no such attribute`)
  }
}
