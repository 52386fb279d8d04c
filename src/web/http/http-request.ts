import type { Environ, InputStream } from '../../gateway/application.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { BadRequest, DisallowedHost, ImproperlyConfigured } from '../exceptions.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { missingSession, type Session } from '../sessions/session.ts'
import { BadSignature, cookieSigner } from '../signing/signer.ts'
import type { Trace } from '../trace/trace.ts'
import { isNestedDeeper } from './json-depth.ts'
import { parseCookies } from './cookies.ts'
import { domainOf, isAllowedHost } from './host.ts'
import type { MatchInfo } from './match-info.ts'
import type { Site } from './site.ts'
import type { OutgoingResponse } from './outgoing-response.ts'
import type { FormContent } from './multipart-form.ts'
import type { MultiValueDict } from './multi-value-dict.ts'
import { escapeUriPath, iriToUri, pathTextOf, textOf } from './percent.ts'
import { QueryDict } from './query-dict.ts'
import { RequestBody } from './request-body.ts'
import { mediaTypeOf, RequestForm } from './request-form.ts'
import { RequestHeaders } from './request-headers.ts'
import type { RequestUser } from './request-user.ts'
import type { UploadedFile } from './uploaded-file.ts'
import type { MessageBox } from '../messages/message-box.ts'

const localHosts: readonly string[] = ['.localhost', '127.0.0.1', '[::1]']

/** One request. Whatever takes time to find out is found out when it is asked for the first time. */
export class HttpRequest {
  /** The environ (PEP 3333). Strings in it are Latin-1 code points. */
  readonly META: Environ
  readonly settings: SettingValues
  /** Upper case. */
  readonly method: string
  /** The prefix that the application is mounted at, without a slash at its end; '' at the root. */
  readonly scriptName: string
  /** The path below `scriptName`, decoded. */
  pathInfo: string
  /** The whole path, decoded. */
  path: string
  /** Set once the URLconf has answered. */
  resolverMatch: MatchInfo | null = null
  /** URL patterns for this request alone; a request middleware may put them here. */
  urlconf: unknown = null
  /** The way so far, while tracing is on. */
  trace: Trace | null = null
  /** What the CSRF middleware knows of this request. */
  csrfState: CsrfState | null = null
  /** Set by the tests' client and by those who know that the request cannot be forged. */
  enforceCsrfChecks = true
  /** The handler that answers: URLs and templates. */
  site: Site<HttpRequest> | null = null
  readonly #body: RequestBody
  #get: QueryDict | null = null
  #cookies: Map<string, string> | null = null
  #headers: RequestHeaders | null = null
  #form: RequestForm | null = null
  #responses: OutgoingResponse[] | null = null
  #session: Session | null = null
  #messages: MessageBox | null = null
  #loadUser: (() => MaybePromise<RequestUser>) | null = null
  #state: Map<unknown, unknown> | null = null
  #abort: AbortController | null = null

  constructor(environ: Environ, settings: SettingValues) {
    this.META = environ
    this.settings = settings
    this.method = environ.REQUEST_METHOD.toUpperCase()
    const scriptName = settings.forceScriptName ?? textOf(environ.SCRIPT_NAME)
    this.scriptName = scriptName.endsWith('/') ? scriptName.replace(/\/+$/, '') : scriptName
    const pathInfo = environ.PATH_INFO === '' ? '/' : pathTextOf(environ.PATH_INFO)
    this.pathInfo = pathInfo
    this.path = `${this.scriptName}${pathInfo.startsWith('/') ? '' : '/'}${pathInfo}`
    this.#body = new RequestBody(environ, settings)
  }

  /** The query string's parameters. @throws TooManyFieldsSent */
  get GET(): QueryDict {
    this.#get ??= QueryDict.parse(textOf(this.META.QUERY_STRING), this.settings.dataUploadMaxNumberFields)
    return this.#get
  }

  get COOKIES(): ReadonlyMap<string, string> {
    this.#cookies ??= parseCookies(textOf(this.#meta('HTTP_COOKIE') ?? ''))
    return this.#cookies
  }

  get headers(): RequestHeaders {
    this.#headers ??= new RequestHeaders(this.META)
    return this.#headers
  }

  /**
   * The form's fields. A request that can have none gives an empty dict at once.
   *
   * @throws Error while the form has not been read: `await request.form()` reads it, as CsrfViewMiddleware does
   */
  get POST(): QueryDict {
    return this.#formNow('POST').fields
  }

  /** The form's files; see `POST`. */
  get FILES(): MultiValueDict<UploadedFile> {
    return this.#formNow('FILES').files
  }

  #formNow(name: string): FormContent {
    const content = this.#formOf().content
    if (content !== null) return content
    throw new Error(
      `request.${name} was used before the form was here. Write "await request.form()" first: ` +
        'the body of a request arrives after the request does.',
    )
  }

  #formOf(): RequestForm {
    return (this.#form ??= new RequestForm(this.META, this.settings, this.#body))
  }

  /**
   * Reads the form, once: fields and files.
   *
   * @throws MultiPartParserError, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError
   */
  form(): MaybePromise<FormContent> {
    return this.#formOf().read()
  }

  /** The whole body. @throws RequestDataTooBig, UnreadablePostError */
  body(): Promise<Buffer> {
    return this.#body.bytes()
  }

  /** The body as it comes, instead of `body()` and `form()`. */
  bodyStream(): InputStream {
    return this.#body.stream()
  }

  async text(): Promise<string> {
    return (await this.#body.bytes()).toString('utf8')
  }

  /**
   * The body read as JSON, whatever its content type says.
   *
   * @throws BadRequest when it is none, or nested more than 1000 deep
   */
  async json(): Promise<unknown> {
    const bytes = await this.#body.bytes()
    try {
      const text = strictUtf8.decode(bytes)
      if (isNestedDeeper(text, maxJsonDepth)) throw new RangeError(`More than ${maxJsonDepth} levels`)
      return JSON.parse(text) as unknown
    } catch (error) {
      throw new BadRequest('The request body is no JSON', { cause: error })
    }
  }

  /** The media type in lower case, without its parameters; '' when there is none. */
  get contentType(): string {
    return mediaTypeOf(this.META)
  }

  /** `http` or `https`, the trusted proxy's word first (`secureProxySslHeader`). */
  get scheme(): 'http' | 'https' {
    const header = this.settings.secureProxySslHeader
    if (header !== null) {
      const value = this.#meta(header[0])
      // Each proxy of a chain appends its own; the first is the one that the client spoke to.
      if (value !== undefined) return value.split(',', 1)[0]?.trim() === header[1] ? 'https' : 'http'
    }
    return this.META['wsgi.url_scheme']
  }

  /**
   * Tells the browser at once what the response will need (103, RFC 8297), while the view still works on it:
   * `['</site.css>; rel=preload; as=style']`. Nothing happens where the server or its front cannot say so.
   */
  sendEarlyHints(links: readonly string[]): void {
    this.META['portico.early_hints']?.(links.map((link) => ['Link', link]))
  }

  isSecure(): boolean {
    return this.scheme === 'https'
  }

  /** The host with its port when it has one. @throws DisallowedHost unless it is one of `allowedHosts` */
  getHost(): string {
    const host = this.#rawHost()
    const domain = domainOf(host)
    const { allowedHosts, debug } = this.settings
    const allowed = debug && allowedHosts.length === 0 ? localHosts : allowedHosts
    if (domain !== '' && isAllowedHost(domain, allowed)) return host
    const advice =
      domain === ''
        ? ' The domain name provided is not valid according to RFC 1034/1035.'
        : ` You may need to add '${domain}' to settings.allowedHosts.`
    throw new DisallowedHost(`Invalid HTTP_HOST header: ${JSON.stringify(host)}.${advice}`)
  }

  #rawHost(): string {
    const forwarded = this.settings.useXForwardedHost ? this.#meta('HTTP_X_FORWARDED_HOST') : undefined
    const host = forwarded ?? this.#meta('HTTP_HOST')
    if (host !== undefined) return host
    const port = this.getPort()
    const usual = this.isSecure() ? '443' : '80'
    return port === usual ? this.META.SERVER_NAME : `${this.META.SERVER_NAME}:${port}`
  }

  getPort(): string {
    const forwarded = this.settings.useXForwardedPort ? this.#meta('HTTP_X_FORWARDED_PORT') : undefined
    return forwarded ?? this.META.SERVER_PORT
  }

  /** Path and query, encoded. */
  getFullPath(forceAppendSlash = false): string {
    const slash = forceAppendSlash && !this.path.endsWith('/') ? '/' : ''
    const query = this.META.QUERY_STRING
    return `${escapeUriPath(this.path)}${slash}${query === '' ? '' : `?${iriToUri(textOf(query))}`}`
  }

  /** An absolute URL of this host; without `location` that of the request. @throws DisallowedHost */
  buildAbsoluteUri(location?: string): string {
    if (location === undefined) return iriToUri(`${this.scheme}://${this.getHost()}${this.getFullPath()}`)
    if (/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]/.test(location)) return iriToUri(location)
    const base = `${this.scheme}://${this.getHost()}`
    if (/^\/(?!\/)/.test(location) && !/\/\.\.?(?:\/|$)/.test(location)) return iriToUri(base + location)
    return new URL(location, base + escapeUriPath(this.path)).href
  }

  /** True when the Accept header takes that media type. */
  accepts(mediaType: string): boolean {
    const header = this.#meta('HTTP_ACCEPT') ?? '*/*'
    const [wantedMain = ''] = mediaType.split('/', 1)
    return header.split(',', 100).some((part) => {
      const type = part.split(';', 1)[0]?.trim().toLowerCase()
      return type === '*/*' || type === mediaType || type === `${wantedMain}/*`
    })
  }

  /**
   * A cookie set by `setSignedCookie` with the same salt; undefined when it is missing, was changed or is older
   * than `maxAge` seconds.
   */
  getSignedCookie(
    name: string,
    { salt = '', maxAge = null }: { salt?: string; maxAge?: number | null } = {},
  ): string | undefined {
    const value = this.COOKIES.get(name)
    if (value === undefined) return undefined
    try {
      return cookieSigner(this.settings, name + salt, this.settings.now).unsign(value, maxAge)
    } catch (error) {
      if (error instanceof BadSignature) return undefined
      throw error
    }
  }

  /** @throws ImproperlyConfigured without SessionMiddleware before this */
  get session(): Session {
    return this.#session ?? missingSession()
  }

  set session(session: Session) {
    this.#session = session
  }

  get hasSession(): boolean {
    return this.#session !== null
  }

  /** @throws ImproperlyConfigured without MessageMiddleware before this */
  get messages(): MessageBox {
    if (this.#messages !== null) return this.#messages
    throw new ImproperlyConfigured('You cannot add messages without installing MessageMiddleware')
  }

  set messages(messages: MessageBox) {
    this.#messages = messages
  }

  get hasMessages(): boolean {
    return this.#messages !== null
  }

  /** Who makes the request; found out once. @throws ImproperlyConfigured without AuthenticationMiddleware */
  user(): MaybePromise<RequestUser> {
    return this.userLoader()
  }

  /** What `user` asks; for a middleware that puts itself before it. */
  get userLoader(): () => MaybePromise<RequestUser> {
    return this.#loadUser ?? missingUser
  }

  get hasUser(): boolean {
    return this.#loadUser !== null
  }

  /** For an authentication middleware, and for `login` and `logout`, which change who it is. */
  setUser(load: () => MaybePromise<RequestUser>): void {
    this.#loadUser = load
  }

  /** What middleware and views leave for each other. */
  get state(): Map<unknown, unknown> {
    this.#state ??= new Map()
    return this.#state
  }

  /** Aborts when the client has gone away, if the server tells (`portico.signal`). */
  get signal(): AbortSignal {
    const given = this.META['portico.signal']
    if (given instanceof AbortSignal) return given
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  /** The path of a named URL. @throws NoReverseMatch */
  reverse(
    name: string,
    kwargs: Readonly<Record<string, unknown>> = {},
    args: readonly unknown[] = [],
  ): string {
    if (this.site === null) throw new Error('request.reverse works while a handler answers the request')
    return this.site.urlsFor(this).reverse(name, kwargs, args)
  }

  /** A response that was made for it: what ends with that ends with the request, also where another is sent. */
  willClose(response: OutgoingResponse): void {
    if (!response.hasClosers) return
    if (this.#responses?.at(-1) !== response) (this.#responses ??= []).push(response)
  }

  /**
   * Ends what responses hold, then gives back what the form holds on disk: a closer may still read that.
   *
   * @throws what one of them threw, AggregateError for several, after all have run
   */
  async close(): Promise<void> {
    const errors: unknown[] = []
    for (const open of [...(this.#responses ?? []), this.#form]) {
      try {
        await open?.close()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, 'Several ends of a request failed')
    if (errors.length > 0) throw errors[0]
  }

  /** True when `close` has something to do. */
  get holdsSomething(): boolean {
    return this.#responses !== null || this.#form?.holdsFiles === true
  }

  #meta(key: string): string | undefined {
    const value = this.META[key]
    return typeof value === 'string' ? value : undefined
  }
}

/** The CSRF middleware's notes. */
export interface CsrfState {
  /** The secret behind the tokens; null until one is needed. */
  secret: string | null
  /** True when the browser does not have the secret yet. */
  isNew: boolean
  /** True when the cookie has to be set (again). */
  cookieNeedsUpdate: boolean
  /** True once the request has passed the check, or needs none. */
  processingDone: boolean
}

function missingUser(): never {
  throw new ImproperlyConfigured(
    'request.user() needs AuthenticationMiddleware: put it into settings.middleware after SessionMiddleware.',
  )
}

/** Whoever walks through the value, as `JSON.stringify` does, needs the stack for each level. */
const maxJsonDepth = 1000

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
