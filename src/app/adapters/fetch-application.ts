/**
 * A `fetch` handler as an application: Hono, H3, itty-router and plain `(request) => Response` functions.
 *
 * The second argument is `{ environ }` (Hono's `c.env`), the third has `waitUntil` as service workers know it.
 */
import type {
  Application,
  Environ,
  HeaderPair,
  InputStream,
  ResponseBody,
} from '../../gateway/application.ts'
import { describeValue } from '../../gateway/describe-value.ts'
import { emptyInput } from '../../gateway/input-stream.ts'
import { streamPieces } from '../../gateway/stream-pieces.ts'
import { reasonPhrase } from '../../http/status.ts'
import { thrownText } from '../../util/thrown-text.ts'
import { flatHeaders, originTarget } from './environ-headers.ts'

export type FetchHandler = (
  request: Request,
  env: { readonly environ: Environ },
  context: FetchContext,
) => unknown

interface FetchContext {
  /** Its failure is logged with the request. A worker that is to go waits for it. */
  waitUntil(work: unknown): void
  passThroughOnException(): void
}

const BAD_REQUEST = Buffer.from('Bad Request\n')
const NOT_PASSED_ON: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
])

export function fetchApplication(handler: FetchHandler): Application {
  return async (environ, startResponse) => {
    const request = fetchRequest(environ)
    if (request === undefined) {
      startResponse('400 Bad Request', [['Content-Type', 'text/plain']])
      return [BAD_REQUEST]
    }
    const response = await handler(request, { environ }, contextOf(environ))
    if (!isResponse(response)) throw notResponse(response)
    startResponse(statusOf(response), headersOf(response))
    return bodyOf(response)
  }
}

/** Undefined for what the client wrote and no URL can say. */
function fetchRequest(environ: Environ): Request | undefined {
  const host = environ['HTTP_HOST']
  const authority =
    typeof host === 'string' && host !== '' ? host : `${environ.SERVER_NAME}:${environ.SERVER_PORT}`
  const url = `${environ['wsgi.url_scheme']}://${authority}${originTarget(environ)}`
  if (!URL.canParse(url)) return undefined
  const signal = environ['portico.signal']
  const method = environ.REQUEST_METHOD
  const input = environ['wsgi.input']
  try {
    return new Request(url, {
      method,
      headers: fetchHeaders(environ),
      ...(signal instanceof AbortSignal && { signal }),
      // The standard knows no body of GET and HEAD.
      ...(input !== emptyInput && method !== 'GET' && method !== 'HEAD' && streaming(input)),
    })
  } catch {
    // CONNECT, TRACE and names that are no tokens
    return undefined
  }
}

function fetchHeaders(environ: Environ): Headers {
  const flat = flatHeaders(environ)
  const headers = new Headers()
  for (let index = 0; index + 1 < flat.length; index += 2)
    headers.append(flat[index] ?? '', flat[index + 1] ?? '')
  return headers
}

function streaming(input: InputStream): { body: ReadableStream<Uint8Array>; duplex: 'half' } {
  const iterator = input[Symbol.asyncIterator]()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const step = await iterator.next()
        if (step.done === true) controller.close()
        else controller.enqueue(step.value)
      },
    },
    // Nothing is read before the handler wants it.
    { highWaterMark: 0 },
  )
  return { body, duplex: 'half' }
}

function contextOf(environ: Environ): FetchContext {
  return {
    waitUntil: (work) => {
      const done = Promise.resolve(work).catch((error: unknown) => {
        environ['wsgi.errors'].write(`waitUntil: ${thrownText(error)}\n`)
        environ['wsgi.errors'].flush()
      })
      environ['portico.wait_until']?.(done)
    },
    passThroughOnException: () => undefined,
  }
}

/** By its shape: libraries bring Responses of their own. */
function isResponse(value: unknown): value is Response {
  return (
    value instanceof Response ||
    (typeof value === 'object' &&
      value !== null &&
      'status' in value &&
      'headers' in value &&
      'body' in value)
  )
}

function notResponse(value: unknown): TypeError {
  return new TypeError(
    `The fetch handler didn't return a Response. It returned ${describeValue(value)} instead.`,
  )
}

function statusOf({ status, statusText }: Response): string {
  return `${status} ${statusText === '' ? reasonPhrase(status) || 'Unknown' : statusText}`
}

function headersOf(response: Response): HeaderPair[] {
  const pairs: HeaderPair[] = []
  // Set-Cookie comes once for each.
  for (const [name, value] of response.headers) if (!NOT_PASSED_ON.has(name)) pairs.push([name, value])
  return pairs
}

function bodyOf({ body }: Response): ResponseBody {
  if (body === null) return []
  return body instanceof ReadableStream ? streamPieces(body) : body
}
