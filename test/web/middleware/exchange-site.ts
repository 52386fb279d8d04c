/** The views of django-exchanges.py, once more. */
import {
  cacheControl,
  cachePage,
  csrfExempt,
  getToken,
  Http404,
  HttpResponse,
  HttpResponseRedirect,
  messages,
  neverCache,
  path,
  PermissionDenied,
  rotateToken,
  StreamingHttpResponse,
  SuspiciousOperation,
  varyOnHeaders,
  xframeOptionsDeny,
  xframeOptionsExempt,
  xframeOptionsSameorigin,
  type HttpRequest,
  type MaybePromise,
  type Session,
  type UrlPattern,
  type ViewFunction,
} from 'portico/web'
import type { MiddlewareName } from './exchange-cases.ts'

export const middlewareNames: Readonly<Record<MiddlewareName, string>> = {
  security: 'django.middleware.security.SecurityMiddleware',
  session: 'django.contrib.sessions.middleware.SessionMiddleware',
  common: 'django.middleware.common.CommonMiddleware',
  csrf: 'django.middleware.csrf.CsrfViewMiddleware',
  auth: 'django.contrib.auth.middleware.AuthenticationMiddleware',
  messages: 'django.contrib.messages.middleware.MessageMiddleware',
  frames: 'django.middleware.clickjacking.XFrameOptionsMiddleware',
  gzip: 'django.middleware.gzip.GZipMiddleware',
  conditional: 'django.middleware.http.ConditionalGetMiddleware',
  update: 'django.middleware.cache.UpdateCacheMiddleware',
  fetch: 'django.middleware.cache.FetchFromCacheMiddleware',
}

const text =
  (body: string, headers: Readonly<Record<string, string>> = {}): ViewFunction =>
  () =>
    new HttpResponse(body, { headers })

const raising = (error: Error): ViewFunction => {
  return () => {
    throw error
  }
}

const session =
  (act: (session: Session) => MaybePromise<string | number | undefined | void>): ViewFunction =>
  async (request) =>
    new HttpResponse(String((await act(request.session)) ?? 'None'))

const put = async (store: Session): Promise<number> => {
  const n = (await store.get('n', 0)) + 1
  store.set('n', n)
  return n
}

const expiry = (seconds: number) => (store: Session) => {
  store.set('n', 1)
  store.setExpiry(seconds)
}

const say =
  (...calls: readonly (readonly [level: number, text: string])[]): ViewFunction =>
  (request) => {
    for (const [level, body] of calls) request.messages.add(level, body)
    return new HttpResponse('said')
  }

const read = async (request: HttpRequest) => {
  const all = await messages.getMessages(request)
  return new HttpResponse(all.map((one) => `${one.tags}:${one.text}`).join('|'))
}

const long = 'long text '.repeat(100)
const random = Array.from({ length: 220 }, (_, index) =>
  String.fromCharCode(33 + ((index * index * 7919 + index * 104_729) % 90)),
).join('')

const frame = text('frame')

let calls = 0

/** Before each row: its views count from one. */
export function resetCalls(): void {
  calls = 0
}

/** Says how often views of a row were called. */
const count =
  (
    headers: Readonly<Record<string, string>> = {},
    options: { readonly status?: number; readonly cookie?: boolean } = {},
  ): ViewFunction =>
  () => {
    calls += 1
    const response = new HttpResponse(`call ${calls}`, { headers, status: options.status ?? 200 })
    if (options.cookie === true) response.setCookie('c', `v${calls}`)
    return response
  }

const countSession: ViewFunction = async (request) => {
  calls += 1
  return new HttpResponse(`call ${calls} ${await request.session.get<number | string>('n', 'none')}`)
}

const countSite: readonly UrlPattern[] = [
  path('count/', count()),
  path('count/vary/', count({ Vary: 'X-Kind' })),
  path('count/private/', count({ 'Cache-Control': 'private' })),
  path('count/no-store/', count({ 'Cache-Control': 'no-store' })),
  path('count/no-cache/', count({ 'Cache-Control': 'no-cache' })),
  path('count/max-age-0/', count({ 'Cache-Control': 'max-age=0' })),
  path('count/max-age-60/', count({ 'Cache-Control': 'public, max-age=60' })),
  path('count/404/', count({}, { status: 404 })),
  path('count/301/', count({ Location: '/x/' }, { status: 301 })),
  path('count/500/', count({}, { status: 500 })),
  path('count/202/', count({}, { status: 202 })),
  path('count/stream/', () => {
    calls += 1
    return new StreamingHttpResponse([`call ${calls}`])
  }),
  path('count/expires/', count({ Expires: 'Fri, 01 Jan 2100 00:00:00 GMT' })),
  path('count/never/', neverCache(count())),
  path('count/control/', cacheControl({ public: true, max_age: 60, s_maxage: 5 })(count())),
  path('count/vary-on/', varyOnHeaders('User-Agent', 'X-A')(count({ Vary: 'x-a' }))),
  path('count/cookie/', count({}, { cookie: true })),
  path('count/cookie-vary/', count({ Vary: 'Cookie' }, { cookie: true })),
  path('count/session/', countSession),
  path('count/page/', cachePage(60)(count())),
  path('count/page-private/', cachePage(60)(count({ 'Cache-Control': 'private' }))),
  path('count/page-404/', cachePage(60)(count({}, { status: 404 }))),
  path('count/page-max-age/', cachePage(60)(count({ 'Cache-Control': 'max-age=600' }))),
  path('count/page-session/', cachePage(60)(countSession)),
]

export const exchangeSite: readonly UrlPattern[] = [
  ...countSite,
  path('', text('root')),
  path('hello/', text('hello')),
  path('a b/', text('space')),
  path('json/', () => new HttpResponse('{"a": 1}', { contentType: 'application/json' })),
  path('stream/', () => new StreamingHttpResponse(['one ', 'two'])),
  path('empty/', () => new HttpResponse('', { status: 204 })),
  path('redirect/', () => new HttpResponseRedirect('/hello/')),
  path('404/', raising(new Http404('x'))),
  path('403/', raising(new PermissionDenied('x'))),
  path('400/', raising(new SuspiciousOperation('x'))),
  path('500/', raising(new Error('x'))),
  path('slash-off/', Object.assign(text('off'), { shouldAppendSlash: false })),
  path(
    'own-headers/',
    text('own', {
      'Strict-Transport-Security': 'own',
      'X-Content-Type-Options': 'own',
      'Referrer-Policy': 'own',
      'X-Frame-Options': 'SAMEORIGIN',
    }),
  ),
  path('frame-exempt/', xframeOptionsExempt(frame)),
  path('frame-same/', xframeOptionsSameorigin(frame)),
  path('frame-deny/', xframeOptionsDeny(frame)),
  path(
    'session-read/',
    session((store) => store.get<number | string>('n', 'none')),
  ),
  path('session-set/', session(put)),
  path('session-set-500/', async (request) => {
    await put(request.session)
    throw new Error('view')
  }),
  path('session-set-404/', async (request) => {
    await put(request.session)
    throw new Http404('view')
  }),
  path(
    'session-flush/',
    session((store) => store.flush()),
  ),
  path(
    'session-cycle/',
    session((store) => store.cycleKey()),
  ),
  path(
    'session-delete/',
    session((store) => store.delete('n')),
  ),
  path('session-expiry-0/', session(expiry(0))),
  path('session-expiry-60/', session(expiry(60))),
  path('csrf-token/', (request) => {
    getToken(request)
    return new HttpResponse('token')
  }),
  path('csrf-rotate/', (request) => {
    rotateToken(request)
    return new HttpResponse('rotated')
  }),
  path('csrf-exempt/', csrfExempt(text('exempt'))),
  path('message/', say([20, 'hello'])),
  path('message-levels/', say([10, 'debug'], [20, 'info'], [25, 'success'], [30, 'warning'], [40, 'error'])),
  path(
    'message-long/',
    say(...Array.from({ length: 6 }, (_, index) => [20, 'x'.repeat(600) + index] as const)),
  ),
  path('message-read/', read),
  path('message-and-read/', (request) => {
    messages.info(request, 'now')
    return read(request)
  }),
  path('message-read-and-add/', async (request) => {
    const response = await read(request)
    messages.info(request, 'later')
    return response
  }),
  path('etag/', text('tagged', { ETag: '"tag"' })),
  path('etag-cookie/', () => {
    const response = new HttpResponse('tagged', { headers: { ETag: '"tag"', Vary: 'Cookie' } })
    response.setCookie('c', 'v')
    return response
  }),
  path('modified/', text('dated', { 'Last-Modified': 'Wed, 01 Jan 2020 00:00:00 GMT' })),
  path('no-store/', text('private', { 'Cache-Control': 'private, no-store' })),
  path('long/', text(long)),
  path('long-etag/', text(long, { ETag: '"tag"' })),
  path('long-weak/', text(long, { ETag: 'W/"tag"' })),
  path('coded/', text(long, { 'Content-Encoding': 'br' })),
  path('random/', text(random)),
  path('login-required/', () => new HttpResponseRedirect('/accounts/login/?next=/login-required/')),
]
