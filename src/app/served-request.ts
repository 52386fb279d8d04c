/** One request between a gateway protocol and the application, whatever the protocol. */
import type { Environ, HeaderPair, InputStream } from '../gateway/application.ts'
import { environFromParams, environFromRequest } from '../gateway/environ.ts'
import type { EnvironContext, HttpConnectionInfo, HttpRequestHead } from '../gateway/environ.ts'
import { offerSections } from '../gateway/field-sections.ts'
import { emptyInput } from '../gateway/input-stream.ts'
import type { RequestInput } from '../gateway/input-stream.ts'
import type { ResponseSink } from '../gateway/response-sink.ts'
import { ApplicationRun } from '../gateway/run-application.ts'
import { RequestErrors } from './request-errors.ts'
import type { ScoredRequest } from './scoreboard.ts'
import type { Site } from './site.ts'

const CLIENT_GONE = new Error('the client went away')
const OVERLOADED = new Error('too many requests wait for this worker')
/** Seconds; the queue of a worker that is well is gone by then. */
const RETRY_AFTER: readonly HeaderPair[] = [['Retry-After', '1']]

/** A request that came without a gateway protocol. */
export interface HttpSource {
  readonly head: HttpRequestHead
  readonly connection: HttpConnectionInfo
  /** Bytes of body; undefined when only its end tells. */
  readonly length: number | undefined
}

export class ServedRequest implements ScoredRequest {
  startedMs = 0
  slot = -1
  /** The front or the probe says so; HTTP has no word for it that a client could not say as well. */
  readonly urgent: boolean
  /** What its code did last, where the worker keeps account of that. */
  stage: RequestStage | undefined
  /** The last query that its code sent. */
  query: RequestStage | undefined
  readonly #site: Site
  readonly #environ: Environ
  readonly #input: RequestInput | undefined
  readonly #errors: RequestErrors
  readonly #abort = new AbortController()
  readonly #run: ApplicationRun

  /**
   * Runs the application, at once or when its turn comes. `source` is a flat list of names and values, or an HTTP
   * request; `input` is undefined without a body.
   *
   * @throws WsgiError WSGI_NO_METHOD: nothing was run.
   */
  constructor(
    site: Site,
    source: readonly string[] | HttpSource,
    input: RequestInput | undefined,
    sink: ResponseSink,
  ) {
    this.#site = site
    this.#input = input
    this.#errors = new RequestErrors(site)
    const stream: InputStream = input ?? emptyInput
    const environ = makeEnviron(source, {
      input: stream,
      errors: this.#errors,
      multiprocess: site.multiprocess,
      mount: site.mount,
    })
    this.#errors.belongTo(environ)
    // For fetch() and timers of the application: aborted when nobody waits for the response any more.
    environ['portico.signal'] = this.#abort.signal
    environ['portico.wait_until'] = site.waitUntil
    this.#environ = environ
    this.urgent = environ['PORTICO_PRIORITY'] === 'high'
    this.#run = new ApplicationRun(environ, sink, site.onApplicationError, site.waitUntil)
    if (sink.sections) offerSections(environ, sink.sections, this.#run)
    if (!site.scoreboard.enter(this)) this.refuse()
  }

  /** `request 4f2a: GET /shop` */
  get title(): string {
    return this.#site.titleOf(this.#environ)
  }

  run(): void {
    this.#site.start(this, this.#run)
  }

  refuse(): void {
    this.#run.giveUp(OVERLOADED, '503 Service Unavailable', RETRY_AFTER)
  }

  expire(ageMs: number): void {
    const error = new DOMException(`the request ran for ${(ageMs / 1000).toFixed(1)} s`, 'TimeoutError')
    this.#site.sayExpired(this, ageMs)
    // First: the end of the response drops the rest of the body, and a read would take that for the body's end.
    this.#input?.abort(error)
    this.#run.giveUp(error, '504 Gateway Timeout')
    this.#abort.abort(error)
  }

  /** The response is through: what was not read of the body is dropped. */
  finish(): void {
    this.#site.scoreboard.leave(this)
    this.#errors.flush()
    this.#input?.discard()
  }

  /** Nobody waits for the response any more: the sink gets nothing from here on. */
  cancel(): void {
    this.#run.cancel(CLIENT_GONE)
    this.#site.scoreboard.leave(this)
    this.#input?.abort()
    this.#abort.abort(CLIENT_GONE)
    this.#errors.flush()
  }
}

/** Something that the application's code began. */
export interface RequestStage {
  readonly name: string
  readonly detail: string
  /** Monotonic milliseconds. */
  readonly atMs: number
}

function makeEnviron(source: readonly string[] | HttpSource, context: EnvironContext): Environ {
  if (!('head' in source)) return environFromParams(source, context)
  const environ = environFromRequest(source.head, source.connection, source.length, context)
  // HTTP has a field for what the other protocols have a variable for.
  const id = environ['HTTP_X_REQUEST_ID']
  if (id !== undefined) environ['REQUEST_ID'] = id
  return environ
}

/** CONTENT_LENGTH (RFC 3875 section 4.1.2): undefined without one, NaN where it is not exact as a number. */
export function declaredLength(params: readonly string[]): number | undefined {
  let text = ''
  for (let i = 0; i < params.length; i += 2) {
    if (params[i] === 'CONTENT_LENGTH') text = params[i + 1] ?? ''
  }
  if (text === '') return undefined
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : NaN
}
