import type { Application, Environ, HeaderPair } from '../../gateway/application.ts'
import type { Settings } from '../conf/settings.ts'
import { WSGIHandler } from '../handlers/wsgi-handler.ts'
import { ClientResponse } from './client-response.ts'
import { MemoryInput } from './memory-input.ts'
import { multipart, urlencode, type EncodedBody, type FormFields } from './request-data.ts'

/** What holds for every request of a test client. */
export interface ClientOptions {
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Forms then need their token. Only for a client of settings; an application decides for itself. */
  readonly enforceCsrfChecks?: boolean
  /** Over HTTPS, as far as the application can see. */
  readonly secure?: boolean
}

/** What one request of a test client has besides its path and body. */
export interface ClientRequest {
  readonly headers?: Readonly<Record<string, string>>
  /** Added to the path's own query. */
  readonly query?: FormFields
  /** Follows redirects, 20 at most. */
  readonly follow?: boolean
  readonly secure?: boolean
  /** Environ keys as they stand, after all others. */
  readonly environ?: Readonly<Record<string, unknown>>
}

/** The body: a multipart form (which a browser sends for files), a simple form, JSON, or bytes of any type. */
export type ClientBody =
  | { readonly multipart: FormFields }
  | { readonly form: FormFields }
  | { readonly json: unknown }
  | { readonly body: string | Uint8Array; readonly contentType: string }

/** Sends requests to an application without a socket, and keeps its cookies as a browser would. */
export class Client {
  /** By name, as they go back to the application. Write here to send one. */
  readonly cookies = new Map<string, string>()
  /** What the application wrote to `wsgi.errors`. */
  readonly errors: string[] = []
  readonly #application: Application
  readonly #options: ClientOptions

  constructor(target: Application | Settings | WSGIHandler, options: ClientOptions = {}) {
    this.#options = options
    if (typeof target === 'function') this.#application = target
    else if (target instanceof WSGIHandler) this.#application = target.application
    else {
      const enforceCsrfChecks = options.enforceCsrfChecks ?? false
      this.#application = new WSGIHandler(target, { enforceCsrfChecks }).application
    }
  }

  get(path: string, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('GET', path, null, request)
  }

  head(path: string, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('HEAD', path, null, request)
  }

  options(path: string, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('OPTIONS', path, null, request)
  }

  post(path: string, body: ClientBody | null = null, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('POST', path, body, request)
  }

  put(path: string, body: ClientBody | null = null, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('PUT', path, body, request)
  }

  patch(path: string, body: ClientBody | null = null, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('PATCH', path, body, request)
  }

  delete(path: string, body: ClientBody | null = null, request: ClientRequest = {}): Promise<ClientResponse> {
    return this.request('DELETE', path, body, request)
  }

  /** Any method. Rejects with what the application throws. */
  async request(
    method: string,
    path: string,
    body: ClientBody | null = null,
    request: ClientRequest = {},
  ): Promise<ClientResponse> {
    const encoded = body === null ? null : encode(body)
    const response = await this.#send(method, path, encoded, request)
    return request.follow === true ? this.#follow(method, path, encoded, request, response) : response
  }

  async #follow(
    method: string,
    path: string,
    body: EncodedBody | null,
    request: ClientRequest,
    first: ClientResponse,
  ): Promise<ClientResponse> {
    let response = first
    let here = new URL(path, this.#origin(request))
    let [nextMethod, nextBody] = [method, body]
    const chain: [string, number][] = []
    const { query: _query, ...rest } = request
    for (let location = response.header('location'); isRedirect(response.status) && location !== undefined;) {
      if (chain.length === 20) throw new Error(`Redirected too often: ${chain.map(([url]) => url).join(' ')}`)
      chain.push([location, response.status])
      here = new URL(location, here)
      // 307 and 308 repeat the request; the others ask with GET (RFC 9110 section 15.4).
      if (response.status !== 307 && response.status !== 308) {
        nextMethod = nextMethod === 'HEAD' ? 'HEAD' : 'GET'
        nextBody = null
      }
      const secure = here.protocol === 'https:'
      response = await this.#send(nextMethod, here.pathname + here.search, nextBody, { ...rest, secure })
      location = response.header('location')
    }
    const statusLine = `${response.status} ${response.reason}`
    return new ClientResponse(statusLine, response.headerPairs, response.content, chain)
  }

  #origin(request: ClientRequest): string {
    return this.#isSecure(request) ? 'https://testserver' : 'http://testserver'
  }

  #isSecure(request: ClientRequest): boolean {
    return request.secure ?? this.#options.secure ?? false
  }

  async #send(
    method: string,
    path: string,
    body: EncodedBody | null,
    request: ClientRequest,
  ): Promise<ClientResponse> {
    const environ = this.#environ(method, path, body, request)
    let started: { status: string; headers: readonly HeaderPair[] } | null = null
    const chunks: Uint8Array[] = []
    const result = await this.#application(environ, (status, headers) => {
      started = { status, headers }
      return (data) => {
        chunks.push(data)
        return Promise.resolve()
      }
    })
    try {
      for await (const chunk of result) chunks.push(chunk)
    } finally {
      await result.close?.()
    }
    const head = started as { status: string; headers: readonly HeaderPair[] } | null
    if (head === null) throw new Error('The application did not call startResponse')
    const response = new ClientResponse(head.status, head.headers, contentFor(method, head.status, chunks))
    this.#keepCookies(response)
    return response
  }

  #environ(method: string, path: string, body: EncodedBody | null, request: ClientRequest): Environ {
    const hash = path.indexOf('#')
    const target = hash < 0 ? path : path.slice(0, hash)
    const mark = target.indexOf('?')
    const pathname = mark < 0 ? target : target.slice(0, mark)
    const query = [mark < 0 ? '' : target.slice(mark + 1), urlencode(request.query ?? {})].filter(
      (part) => part !== '',
    )
    const secure = this.#isSecure(request)
    const environ: Environ = Object.assign(Object.create(null) as object, {
      REQUEST_METHOD: method,
      SCRIPT_NAME: '',
      PATH_INFO: unquoted(pathname),
      QUERY_STRING: latin1(query.join('&')),
      REMOTE_ADDR: '127.0.0.1',
      SERVER_NAME: 'testserver',
      SERVER_PORT: secure ? '443' : '80',
      SERVER_PROTOCOL: 'HTTP/1.1',
      'wsgi.version': [1, 0] as const,
      'wsgi.url_scheme': secure ? ('https' as const) : ('http' as const),
      'wsgi.input': new MemoryInput(body?.bytes ?? Buffer.alloc(0)),
      'wsgi.errors': new ErrorList(this.errors),
      'wsgi.multithread': false,
      'wsgi.multiprocess': true,
      'wsgi.run_once': false,
    })
    if (body !== null) {
      environ.CONTENT_TYPE = body.contentType
      environ.CONTENT_LENGTH = String(body.bytes.length)
    }
    this.#addHeaders(environ, request)
    return Object.assign(environ, request.environ)
  }

  #addHeaders(environ: Environ, request: ClientRequest): void {
    if (this.cookies.size > 0) {
      environ.HTTP_COOKIE = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    }
    for (const [name, value] of Object.entries({ ...this.#options.headers, ...request.headers })) {
      const key = name.toUpperCase().replaceAll('-', '_')
      environ[key === 'CONTENT_TYPE' || key === 'CONTENT_LENGTH' ? key : `HTTP_${key}`] = latin1(value)
    }
  }

  #keepCookies(response: ClientResponse): void {
    for (const field of response.headers('set-cookie')) {
      const [pair = '', ...attributes] = field.split(';')
      const equals = pair.indexOf('=')
      const name = pair.slice(0, Math.max(0, equals)).trim()
      if (name === '') continue // each browser does something else with it
      const ended = attributes.some((attribute) => /^\s*max-age=(?:0|-\d+)\s*$/i.test(attribute))
      if (ended) this.cookies.delete(name)
      else this.cookies.set(name, pair.slice(equals + 1).trim())
    }
  }
}

class ErrorList {
  readonly #lines: string[]

  constructor(lines: string[]) {
    this.#lines = lines
  }

  write(text: string): void {
    this.#lines.push(text)
  }

  writelines(lines: Iterable<string>): void {
    this.#lines.push(...lines)
  }

  flush(): void {
    // Nothing is held back.
  }
}

function encode(body: ClientBody): EncodedBody {
  if ('multipart' in body) return multipart(body.multipart)
  if ('form' in body) {
    return { contentType: 'application/x-www-form-urlencoded', bytes: Buffer.from(urlencode(body.form)) }
  }
  if ('json' in body)
    return { contentType: 'application/json', bytes: Buffer.from(JSON.stringify(body.json)) }
  return { contentType: body.contentType, bytes: Buffer.from(body.body) }
}

/** A server sends no body after HEAD and with these statuses (RFC 9110 section 6.4.1). */
function contentFor(method: string, status: string, chunks: readonly Uint8Array[]): Buffer {
  const code = Number.parseInt(status, 10)
  const bodiless = method === 'HEAD' || code === 204 || code === 304 || code < 200
  return bodiless ? Buffer.alloc(0) : Buffer.concat(chunks)
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

/** Text as an environ holds it: one code point for each byte of its UTF-8. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The bytes that a path's percent-encoding stands for. */
function unquoted(path: string): string {
  return latin1(path).replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
