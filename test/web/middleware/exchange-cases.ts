/**
 * Requests that go to our middleware and to Django's: same settings, same list, same view, and the answers have to be
 * the same. Several requests in one row share their cookies, as a browser's would.
 */

import { cacheCases } from './cache-cases.ts'

export interface ExchangeRequest {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly secure?: boolean
  /** A simple form. `TOKEN` as a value is a good CSRF token for the cookie that the row sends. */
  readonly form?: Readonly<Record<string, string>>
  readonly cookies?: Readonly<Record<string, string>>
}

export interface ExchangeCase {
  readonly title: string
  /** Values that both know, under our names. Regular expressions are strings here. */
  readonly settings?: Readonly<Record<string, unknown>>
  readonly middleware: readonly MiddlewareName[]
  readonly requests: readonly ExchangeRequest[]
  /** Why Django 3.2 answers otherwise. */
  readonly differs?: string
}

export type MiddlewareName =
  | 'security'
  | 'session'
  | 'common'
  | 'csrf'
  | 'auth'
  | 'messages'
  | 'frames'
  | 'gzip'
  | 'conditional'
  | 'update'
  | 'fetch'

const everything: readonly MiddlewareName[] = [
  'security',
  'session',
  'common',
  'csrf',
  'auth',
  'messages',
  'frames',
]

const secret = 'abcdefghijklmnopqrstuvwxyzABCDEF'

/** One row for each value of something. */
function each<T>(values: readonly T[], row: (value: T) => ExchangeCase): ExchangeCase[] {
  return values.map(row)
}

const pages = [
  '/hello/',
  '/json/',
  '/stream/',
  '/empty/',
  '/redirect/',
  '/missing/',
  '/404/',
  '/403/',
  '/400/',
  '/500/',
]

const security: ExchangeCase[] = [
  ...each(pages, (path) => ({ title: `headers of ${path}`, middleware: ['security'], requests: [{ path }] })),
  ...each(pages, (path) => ({
    title: `headers of ${path} over HTTPS with HSTS`,
    settings: { secureHstsSeconds: 3600 },
    middleware: ['security'],
    requests: [{ path, secure: true }],
  })),
  {
    title: 'no HSTS over plain HTTP',
    settings: { secureHstsSeconds: 3600 },
    middleware: ['security'],
    requests: [{}],
  },
  {
    title: 'HSTS with subdomains and preload',
    settings: { secureHstsSeconds: 60, secureHstsIncludeSubdomains: true, secureHstsPreload: true },
    middleware: ['security'],
    requests: [{ secure: true }],
  },
  {
    title: 'HSTS that the view has set',
    settings: { secureHstsSeconds: 60 },
    middleware: ['security'],
    requests: [{ secure: true, path: '/own-headers/' }],
  },
  { title: 'headers that the view has set', middleware: ['security'], requests: [{ path: '/own-headers/' }] },
  {
    title: 'all of it off',
    settings: { secureContentTypeNosniff: false, secureReferrerPolicy: null },
    middleware: ['security'],
    requests: [{}],
  },
  ...each(['origin', 'origin, same-origin', 'no-referrer,strict-origin'], (policy) => ({
    title: `the referrer policy ${policy}`,
    settings: { secureReferrerPolicy: policy },
    middleware: ['security'],
    requests: [{}],
  })),
  ...each(['/hello/', '/hello/?a=1&b=%20', '/a%20b/', '/missing/', '//double/'], (path) => ({
    title: `${path} sent to HTTPS`,
    settings: { secureSslRedirect: true },
    middleware: ['security'],
    requests: [{ path }, { path, secure: true }],
  })),
  {
    title: 'sent to HTTPS on another host',
    settings: { secureSslRedirect: true, secureSslHost: 'secure.example.com' },
    middleware: ['security'],
    requests: [{ path: '/hello/?x=1' }],
  },
  {
    title: 'a path that may stay plain',
    settings: { secureSslRedirect: true, secureRedirectExempt: ['^hel+o/$'] },
    middleware: ['security'],
    requests: [{ path: '/hello/' }, { path: '/json/' }],
  },
  {
    title: 'HTTPS by the word of a trusted proxy',
    settings: { secureSslRedirect: true, secureProxySslHeader: ['HTTP_X_FORWARDED_PROTO', 'https'] },
    middleware: ['security'],
    requests: [
      { headers: { 'X-Forwarded-Proto': 'https' } },
      { headers: { 'X-Forwarded-Proto': 'http' } },
      {},
    ],
  },
]

const common: ExchangeCase[] = [
  ...each([...pages, '/hello', '/json', '/hello?x=1', '/missing', '/slash-off', '/a%20b', '/'], (path) => ({
    title: `${path}`,
    middleware: ['common'],
    requests: [{ path }],
  })),
  ...each(['POST', 'PUT', 'HEAD', 'DELETE'], (method) => ({
    title: `${method} without the slash`,
    middleware: ['common'],
    requests: [{ path: '/hello', method }],
  })),
  {
    title: 'without appendSlash',
    settings: { appendSlash: false },
    middleware: ['common'],
    requests: [{ path: '/hello' }],
  },
  ...each(['/hello/', '/hello', '/missing/', '/hello/?q=1'], (path) => ({
    title: `${path} with prependWww`,
    settings: { prependWww: true, allowedHosts: ['testserver', 'www.testserver'] },
    middleware: ['common'],
    requests: [{ path }, { path, secure: true }, { path, headers: { Host: 'www.testserver' } }],
  })),
  ...each(['bot/1.0', 'Mozilla', ''], (agent) => ({
    title: `the user agent ${JSON.stringify(agent)}`,
    settings: { disallowedUserAgents: ['^bot', 'Evil'] },
    middleware: ['common'],
    requests: [{ headers: { 'User-Agent': agent } }],
  })),
  ...each(['evil.com', 'testserver:80', 'TESTSERVER', 'a b', 'testserver.'], (host) => ({
    title: `the host ${host}`,
    middleware: ['common'],
    requests: [{ headers: { Host: host } }],
  })),
]

const frames: ExchangeCase[] = [
  ...each([...pages, '/frame-exempt/', '/frame-same/', '/frame-deny/', '/own-headers/'], (path) => ({
    title: `${path} in frames`,
    middleware: ['frames'],
    requests: [{ path }],
  })),
  {
    title: 'frames of the same site',
    settings: { xFrameOptions: 'SAMEORIGIN' },
    middleware: ['frames'],
    requests: [{}, { path: '/frame-deny/' }],
  },
]

const sessions: ExchangeCase[] = [
  ...each(
    [
      ['/hello/'],
      ['/session-read/'],
      ['/session-set/'],
      ['/session-set/', '/session-read/'],
      ['/session-set/', '/hello/'],
      ['/session-set/', '/session-set/', '/session-read/'],
      ['/session-set/', '/session-flush/', '/session-read/'],
      ['/session-set/', '/session-cycle/', '/session-read/'],
      ['/session-set/', '/session-delete/', '/session-read/'],
      ['/session-expiry-0/'],
      ['/session-expiry-60/'],
      ['/session-set-500/', '/session-read/'],
      ['/session-set-404/', '/session-read/'],
      ['/session-flush/'],
    ],
    (paths) => ({
      title: `the session over ${paths.join(' ')}`,
      middleware: ['session'],
      requests: paths.map((path) => ({ path })),
    }),
  ),
  ...each(['a:b:c', '', 'ü'], (sessionid) => ({
    title: `a session cookie that is none, ${JSON.stringify(sessionid)}`,
    middleware: ['session'],
    requests: [
      { path: '/session-read/', cookies: { sessionid } },
      { path: '/hello/', cookies: { sessionid } },
    ],
  })),
  ...each(['nonsense', 'x'.repeat(3000), '../../etc/passwd'], (sessionid) => ({
    title: `a forged session cookie of ${sessionid.length} bytes`,
    differs: 'Django begins a session for whoever sends a forged one; we only end the cookie',
    middleware: ['session'],
    requests: [
      { path: '/session-read/', cookies: { sessionid } },
      { path: '/hello/', cookies: { sessionid } },
    ],
  })),
  {
    title: 'attributes of the session cookie',
    settings: {
      sessionCookieName: 'sid',
      sessionCookieAge: 60,
      sessionCookieDomain: 'example.com',
      sessionCookiePath: '/app',
      sessionCookieSecure: true,
      sessionCookieHttpOnly: false,
      sessionCookieSameSite: 'Strict',
    },
    middleware: ['session'],
    requests: [{ path: '/session-set/' }, { path: '/session-flush/' }],
  },
  {
    title: 'a session that ends with the browser',
    settings: { sessionExpireAtBrowserClose: true },
    middleware: ['session'],
    requests: [{ path: '/session-set/' }, { path: '/session-expiry-60/' }],
  },
  {
    title: 'a session saved on every request',
    settings: { sessionSaveEveryRequest: true },
    middleware: ['session'],
    requests: [{ path: '/hello/' }, { path: '/session-set/' }, { path: '/hello/' }],
  },
]

const post = (extra: ExchangeRequest = {}): ExchangeRequest => ({ method: 'POST', path: '/hello/', ...extra })
const csrftoken = secret
const cookies = { csrftoken }

const csrf: ExchangeCase[] = [
  ...each<[string, ExchangeRequest]>(
    [
      ['GET', { path: '/hello/' }],
      ['HEAD', { path: '/hello/', method: 'HEAD' }],
      ['OPTIONS', { path: '/hello/', method: 'OPTIONS' }],
      ['TRACE', { path: '/hello/', method: 'TRACE' }],
      ['POST without anything', post()],
      ['PUT without anything', post({ method: 'PUT' })],
      ['DELETE without anything', post({ method: 'DELETE' })],
      ['PATCH without anything', post({ method: 'PATCH' })],
      ['an unknown method', post({ method: 'FROB' })],
      ['POST with a cookie only', post({ cookies })],
      ['POST with a token only', post({ form: { csrfmiddlewaretoken: secret } })],
      ['POST with the secret itself', post({ cookies, form: { csrfmiddlewaretoken: secret } })],
      ['POST with a masked token', post({ cookies, form: { csrfmiddlewaretoken: 'TOKEN' } })],
      ['POST with the token in a header', post({ cookies, headers: { 'X-CSRFToken': 'TOKEN' } })],
      [
        'PUT with the token in a header',
        post({ method: 'PUT', cookies, headers: { 'X-CSRFToken': 'TOKEN' } }),
      ],
      [
        'PUT with the token in a form',
        post({ method: 'PUT', cookies, form: { csrfmiddlewaretoken: 'TOKEN' } }),
      ],
      [
        'DELETE with the token in a header',
        post({ method: 'DELETE', cookies, headers: { 'X-CSRFToken': 'TOKEN' } }),
      ],
      ['POST with another token', post({ cookies, form: { csrfmiddlewaretoken: secret.toLowerCase() } })],
      ['POST with a short token', post({ cookies, form: { csrfmiddlewaretoken: 'abc' } })],
      ['POST with signs in the token', post({ cookies, form: { csrfmiddlewaretoken: '*'.repeat(32) } })],
      ['POST with an empty token', post({ cookies, form: { csrfmiddlewaretoken: '' } })],
      [
        'an empty field and a good header',
        post({ cookies, form: { csrfmiddlewaretoken: '' }, headers: { 'X-CSRFToken': 'TOKEN' } }),
      ],
      [
        'a wrong field and a good header',
        post({ cookies, form: { csrfmiddlewaretoken: 'x' }, headers: { 'X-CSRFToken': 'TOKEN' } }),
      ],
      ['POST with the token in the query', post({ path: `/hello/?csrfmiddlewaretoken=${secret}`, cookies })],
      ['POST to an exempt view', post({ path: '/csrf-exempt/' })],
      ['POST to no view', post({ path: '/missing/' })],
      ['a method override', post({ headers: { 'X-HTTP-Method-Override': 'GET' } })],
      ['JSON as plain text', post({ cookies, headers: { 'Content-Type': 'text/plain' } })],
      ['an empty cookie', post({ cookies: { csrftoken: '' }, form: { csrfmiddlewaretoken: '' } })],
      ['HTTPS without a Referer', post({ secure: true, cookies, form: { csrfmiddlewaretoken: 'TOKEN' } })],
      ...[
        'https://testserver/form/',
        'https://testserver:443/',
        'https://TESTSERVER/',
        'http://testserver/form/',
        'https://evil.com/',
        'https://testserver.evil.com/',
        'https://testserver@evil.com/',
        'https://sub.testserver/',
        'https://trusted.example.com/',
        'https://a.wild.example.com/',
        'https:',
        'nonsense',
        '',
        'ttps://testserver/',
      ].map((Referer): [string, ExchangeRequest] => [
        `HTTPS with the Referer ${JSON.stringify(Referer)}`,
        post({ secure: true, cookies, form: { csrfmiddlewaretoken: 'TOKEN' }, headers: { Referer } }),
      ]),
    ],
    ([title, request]) => ({
      title: `CSRF: ${title}`,
      ...(title === 'an empty cookie' && { differs: 'Django has replaced it since 4.1 only' }),
      settings: { csrfTrustedOrigins: ['https://trusted.example.com', 'https://*.wild.example.com'] },
      middleware: ['csrf'],
      requests: [request],
    }),
  ),
  {
    title: 'a page with a token sets the cookie',
    middleware: ['csrf'],
    requests: [{ path: '/csrf-token/' }],
  },
  {
    title: 'a page with a token renews the cookie',
    middleware: ['csrf'],
    requests: [{ path: '/csrf-token/' }, { path: '/csrf-token/' }, { path: '/hello/' }],
  },
  { title: 'a rotated token', middleware: ['csrf'], requests: [{ path: '/csrf-rotate/', cookies }] },
  {
    title: 'attributes of the CSRF cookie',
    settings: {
      csrfCookieName: 'xsrf',
      csrfCookieAge: 60,
      csrfCookieDomain: 'example.com',
      csrfCookiePath: '/app',
      csrfCookieSecure: true,
      csrfCookieHttpOnly: true,
      csrfCookieSameSite: 'Strict',
    },
    middleware: ['csrf'],
    requests: [{ path: '/csrf-token/' }],
  },
  {
    title: 'a CSRF cookie that ends with the browser',
    settings: { csrfCookieAge: null },
    middleware: ['csrf'],
    requests: [{ path: '/csrf-token/' }],
  },
  {
    title: 'another header for the token',
    settings: { csrfHeaderName: 'HTTP_X_XSRF' },
    middleware: ['csrf'],
    requests: [
      post({ cookies, headers: { 'X-XSRF': 'TOKEN' } }),
      post({ cookies, headers: { 'X-CSRFToken': 'TOKEN' } }),
    ],
  },
  {
    title: 'the secret in the session',
    settings: { csrfUseSessions: true },
    middleware: ['session', 'csrf'],
    requests: [{ path: '/csrf-token/' }, post(), post({ cookies, form: { csrfmiddlewaretoken: 'TOKEN' } })],
  },
]

const messages: ExchangeCase[] = each(
  [
    ['/message/'],
    ['/message/', '/message-read/', '/message-read/'],
    ['/message/', '/message/', '/hello/', '/message-read/'],
    ['/message-read/'],
    ['/message-levels/', '/message-read/'],
    ['/message-and-read/', '/message-read/'],
    ['/message-read-and-add/', '/message-read/'],
    ['/message-long/', '/message-read/', '/message-read/'],
  ],
  (paths) => ({
    title: `messages over ${paths.join(' ')}`,
    middleware: ['session', 'messages'],
    requests: paths.map((path) => ({ path })),
  }),
)

const old = 'Wed, 01 Jan 2020 00:00:00 GMT'

const conditional: ExchangeCase[] = [
  ...each(pages, (path) => ({
    title: `${path} with an ETag`,
    middleware: ['conditional'],
    requests: [{ path }],
  })),
  ...each<[string, ExchangeRequest]>(
    [
      ['the same ETag', { path: '/etag/', headers: { 'If-None-Match': '"tag"' } }],
      ['the same ETag, weak', { path: '/etag/', headers: { 'If-None-Match': 'W/"tag"' } }],
      ['a list with the ETag', { path: '/etag/', headers: { 'If-None-Match': '"a", "tag" ,"b"' } }],
      ['any ETag', { path: '/etag/', headers: { 'If-None-Match': '*' } }],
      ['another ETag', { path: '/etag/', headers: { 'If-None-Match': '"other"' } }],
      ['nonsense', { path: '/etag/', headers: { 'If-None-Match': 'tag' } }],
      ['If-Match', { path: '/etag/', headers: { 'If-Match': '"tag"' } }],
      ['If-Match of another', { path: '/etag/', headers: { 'If-Match': '"other"' } }],
      [
        'a date after',
        { path: '/modified/', headers: { 'If-Modified-Since': 'Thu, 02 Jan 2020 00:00:00 GMT' } },
      ],
      ['the date', { path: '/modified/', headers: { 'If-Modified-Since': old } }],
      [
        'a date before',
        { path: '/modified/', headers: { 'If-Modified-Since': 'Tue, 31 Dec 2019 00:00:00 GMT' } },
      ],
      ['no date', { path: '/modified/', headers: { 'If-Modified-Since': 'yesterday' } }],
      ['unmodified since', { path: '/modified/', headers: { 'If-Unmodified-Since': old } }],
      [
        'unmodified since before',
        { path: '/modified/', headers: { 'If-Unmodified-Since': 'Tue, 31 Dec 2019 00:00:00 GMT' } },
      ],
      ['POST with If-None-Match', { path: '/etag/', method: 'POST', headers: { 'If-None-Match': '"tag"' } }],
      ['a page that is not to be stored', { path: '/no-store/' }],
      ['cookies of a 304', { path: '/etag-cookie/', headers: { 'If-None-Match': '"tag"' } }],
      ['a 404 with If-None-Match: *', { path: '/404/', headers: { 'If-None-Match': '*' } }],
    ],
    ([title, request]) => ({
      title: `conditional: ${title}`,
      middleware: ['conditional'],
      requests: [request],
    }),
  ),
]

const gzip: ExchangeCase[] = each<[string, ExchangeRequest]>(
  [
    ['a long page', { path: '/long/', headers: { 'Accept-Encoding': 'gzip' } }],
    [
      'a long page among others',
      { path: '/long/', headers: { 'Accept-Encoding': 'deflate, gzip;q=1.0, *;q=0.5' } },
    ],
    ['a client without gzip', { path: '/long/' }],
    ['a client with another coding', { path: '/long/', headers: { 'Accept-Encoding': 'br' } }],
    ['a short page', { path: '/hello/', headers: { 'Accept-Encoding': 'gzip' } }],
    ['a stream', { path: '/stream/', headers: { 'Accept-Encoding': 'gzip' } }],
    ['a page that is coded', { path: '/coded/', headers: { 'Accept-Encoding': 'gzip' } }],
    ['a page that gets no shorter', { path: '/random/', headers: { 'Accept-Encoding': 'gzip' } }],
    ['a page with an ETag', { path: '/long-etag/', headers: { 'Accept-Encoding': 'gzip' } }],
    ['a page with a weak ETag', { path: '/long-weak/', headers: { 'Accept-Encoding': 'gzip' } }],
  ],
  ([title, request]) => ({ title: `gzip: ${title}`, middleware: ['gzip'], requests: [request] }),
)

const together: ExchangeCase[] = [
  ...each([...pages, '/hello', '/csrf-token/', '/session-set/', '/message/', '/login-required/'], (path) => ({
    title: `${path} through the default middleware`,
    ...(path === '/hello' && { differs: 'Django loses X-Frame-Options where it appends the slash' }),
    middleware: everything,
    requests: [{ path }],
  })),
  ...each(['/hello/', '/csrf-exempt/', '/missing/'], (path) => ({
    title: `POST ${path} through the default middleware`,
    middleware: everything,
    requests: [{ path, method: 'POST' }],
  })),
  { title: 'authentication without a session', middleware: ['auth'], requests: [{}] },
  { title: 'authentication before the session', middleware: ['auth', 'session'], requests: [{}] },
]

export const exchangeCases: readonly ExchangeCase[] = [
  ...security,
  ...common,
  ...frames,
  ...sessions,
  ...csrf,
  ...messages,
  ...conditional,
  ...gzip,
  ...together,
  ...cacheCases,
]
