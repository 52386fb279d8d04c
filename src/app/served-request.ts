/** One request between a gateway protocol and the application, whatever the protocol. */
import type { Environ, InputStream } from '../gateway/application.ts'
import { environFromParams, environFromRequest } from '../gateway/environ.ts'
import type { EnvironContext, HttpConnectionInfo, HttpRequestHead } from '../gateway/environ.ts'
import { emptyInput } from '../gateway/input-stream.ts'
import type { RequestInput } from '../gateway/input-stream.ts'
import type { ResponseSink } from '../gateway/response-sink.ts'
import { runApplication } from '../gateway/run-application.ts'
import type { ApplicationRun } from '../gateway/run-application.ts'
import { RequestErrors } from './request-errors.ts'
import type { Site } from './site.ts'

const CLIENT_GONE = new Error('the client went away')

/** A request that came without a gateway protocol. */
export interface HttpSource {
  readonly head: HttpRequestHead
  readonly connection: HttpConnectionInfo
  /** Bytes of body; undefined when only its end tells. */
  readonly length: number | undefined
}

export class ServedRequest {
  readonly #input: RequestInput | undefined
  readonly #errors: RequestErrors
  readonly #abort = new AbortController()
  readonly #run: ApplicationRun

  /**
   * Runs the application. `source` is a flat list of names and values, or an HTTP request; `input` is undefined
   * without a body.
   *
   * @throws WsgiError WSGI_NO_METHOD: nothing was run.
   */
  constructor(
    site: Site,
    source: readonly string[] | HttpSource,
    input: RequestInput | undefined,
    sink: ResponseSink,
  ) {
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
    this.#run = runApplication(site.application, environ, sink, site.onApplicationError)
  }

  /** The response is through: what was not read of the body is dropped. */
  finish(): void {
    this.#errors.flush()
    this.#input?.discard()
  }

  /** Nobody waits for the response any more: the sink gets nothing from here on. */
  cancel(): void {
    this.#run.cancel()
    this.#input?.abort()
    this.#abort.abort(CLIENT_GONE)
    this.#errors.flush()
  }
}

function makeEnviron(source: readonly string[] | HttpSource, context: EnvironContext): Environ {
  if ('head' in source) return environFromRequest(source.head, source.connection, source.length, context)
  return environFromParams(source, context)
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
