/** Rows of exchange-cases.ts about what is kept and what is not: each view says how often it was called. */
import type { ExchangeCase, ExchangeRequest, MiddlewareName } from './exchange-cases.ts'

const around: readonly MiddlewareName[] = ['update', 'fetch']

function twice(path: string, ...between: ExchangeRequest[]): ExchangeRequest[] {
  return [{ path }, ...between, { path }]
}

const languages: readonly ExchangeRequest[] = ['de', 'en', 'de', undefined, 'en', undefined].map(
  (language) => ({
    path: '/count/vary/',
    ...(language !== undefined && { headers: { 'X-Kind': language } }),
  }),
)

/** Why Django 3.2 keeps what we do not. */
const newer =
  'Django 3.2 looks for "private" only; "no-store" and "no-cache" say as much (RFC 9111 section 3).'

export const cacheCases: readonly ExchangeCase[] = [
  { title: 'a page that is kept', middleware: around, requests: twice('/count/') },
  {
    title: 'the seconds of the settings',
    settings: { cacheMiddlewareSeconds: 77 },
    middleware: around,
    requests: twice('/count/'),
  },
  {
    title: 'one URL for each query',
    middleware: around,
    requests: twice('/count/?a=1', { path: '/count/?a=2' }),
  },
  {
    title: 'HEAD after GET',
    middleware: around,
    requests: [{ path: '/count/' }, { path: '/count/', method: 'HEAD' }],
  },
  {
    title: 'GET after HEAD',
    middleware: around,
    requests: [{ path: '/count/', method: 'HEAD' }, { path: '/count/', method: 'HEAD' }, { path: '/count/' }],
  },
  {
    title: 'POST between, which is never kept',
    middleware: around,
    requests: twice('/count/', { path: '/count/', method: 'POST' }, { path: '/count/', method: 'PUT' }),
  },
  { title: 'a page that varies', middleware: around, requests: languages },
  ...[
    ['private', '/count/private/'],
    ['max-age 0', '/count/max-age-0/'],
    ['max-age 60', '/count/max-age-60/'],
    ['404', '/count/404/'],
    ['301', '/count/301/'],
    ['500', '/count/500/'],
    ['202', '/count/202/'],
    ['streamed', '/count/stream/'],
    ['with Expires', '/count/expires/'],
    ['never cached', '/count/never/'],
    ['cacheControl', '/count/control/'],
    ['varyOn', '/count/vary-on/'],
  ].map(([title = '', path = '']): ExchangeCase => ({
    title: `${title} with the cache middleware`,
    middleware: around,
    requests: twice(path),
  })),
  ...['no-store', 'no-cache'].map((directive): ExchangeCase => ({
    title: `${directive} with the cache middleware`,
    middleware: around,
    requests: twice(`/count/${directive}/`),
    differs: newer,
  })),
  {
    title: 'a cookie set without Vary',
    middleware: around,
    requests: twice('/count/cookie/'),
    differs: 'Django gives the cookie that one visitor got to all others; we keep no such page.',
  },
  {
    title: 'a cookie set with Vary for who has none',
    middleware: around,
    requests: [{ path: '/count/cookie-vary/' }],
  },
  {
    title: 'a session that is read',
    middleware: ['update', 'session', 'fetch'],
    requests: twice('/count/session/'),
  },
  {
    title: 'a session that is written, under its cookie',
    middleware: ['update', 'session', 'fetch'],
    requests: [{ path: '/session-set/' }, ...twice('/count/session/')],
  },
  { title: 'cachePage', middleware: [], requests: twice('/count/page/') },
  {
    title: 'cachePage and POST',
    middleware: [],
    requests: twice('/count/page/', { path: '/count/page/', method: 'POST' }),
  },
  { title: 'cachePage of a private page', middleware: [], requests: twice('/count/page-private/') },
  { title: 'cachePage of an error', middleware: [], requests: twice('/count/page-404/') },
  { title: 'cachePage over a longer max-age', middleware: [], requests: twice('/count/page-max-age/') },
  {
    title: 'cachePage of a page that looks into the session',
    middleware: ['session'],
    requests: [
      { path: '/session-set/' },
      { path: '/count/page-session/' },
      { cookies: { sessionid: '' }, path: '/count/page-session/' },
    ],
    differs:
      'Django gives one visitor’s page to the next: SessionMiddleware says Vary only after the decorator.',
  },
  { title: 'neverCache alone', middleware: [], requests: [{ path: '/count/never/' }] },
  { title: 'cacheControl alone', middleware: [], requests: [{ path: '/count/control/' }] },
  { title: 'varyOnHeaders alone', middleware: [], requests: [{ path: '/count/vary-on/' }] },
  {
    title: 'a kept page and its ETag',
    middleware: ['update', 'conditional', 'fetch'],
    requests: twice('/count/'),
  },
]
