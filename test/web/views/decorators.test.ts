import { describe, expect, test } from 'vitest'
import {
  cacheControl,
  Client,
  condition,
  csrfExempt,
  defaultMiddleware,
  defineSettings,
  etag,
  HttpResponse,
  lastModified,
  loginRequired,
  neverCache,
  path,
  requireGET,
  requireHttpMethods,
  requirePOST,
  requireSafe,
  userPassesTest,
  varyOnCookie,
  varyOnHeaders,
  type RequestUser,
  type UrlPattern,
} from 'portico/web'

let calls = 0
const view = () => {
  calls += 1
  return new HttpResponse('ok')
}
const site = (urlpatterns: UrlPattern[], user: RequestUser | null = null) =>
  new Client(
    defineSettings({
      secretKey: 'k',
      allowedHosts: ['*'],
      middleware: defaultMiddleware,
      rootUrlconf: urlpatterns,
      now: () => Date.UTC(2024, 0, 1),
      ...(user && { getUser: () => Promise.resolve(user) }),
    }),
  )

describe('methods', () => {
  const client = site([
    path('get/', requireGET(view)),
    path('post/', requirePOST(view)),
    path('safe/', requireSafe(view)),
    path('two/', requireHttpMethods('put', 'patch')(view)),
  ])
  test.each([
    ['GET', '/get/', 200, undefined],
    ['HEAD', '/get/', 405, 'GET'],
    ['POST', '/post/', 200, undefined],
    ['GET', '/post/', 405, 'POST'],
    ['HEAD', '/safe/', 200, undefined],
    ['OPTIONS', '/safe/', 405, 'GET, HEAD'],
    ['PATCH', '/two/', 200, undefined],
    ['GET', '/two/', 405, 'PUT, PATCH'],
  ])('%s %s is %i', async (method, url, status, allow) => {
    const response = await client.request(method, url)
    expect([response.status, response.header('allow')]).toEqual([status, allow])
  })
})

describe('caching', () => {
  const client = site([
    path('never/', neverCache(view)),
    path('control/', cacheControl({ public: true, 'max-age': 60, private: false })(view)),
    path('vary/', varyOnHeaders('Accept', 'X-One')(varyOnCookie(view))),
  ])
  test('never', async () => {
    const response = await client.get('/never/')
    expect(response.header('cache-control')).toBe('max-age=0, no-cache, no-store, must-revalidate, private')
    expect(response.header('expires')).toBe('Mon, 01 Jan 2024 00:00:00 GMT')
  })
  test.each([
    ['public, max-age=3600', 'max-age=0, no-cache, no-store, must-revalidate, private'],
    ['no-transform, Max-Age=60', 'no-transform, max-age=0, no-cache, no-store, must-revalidate, private'],
  ])('never, where the view says %s', async (said, expected) => {
    const told = () => new HttpResponse('ok', { headers: { 'Cache-Control': said } })
    const response = await site([path('', neverCache(told))]).get('/')
    expect(response.header('cache-control')).toBe(expected)
  })
  test('as told', async () => {
    expect((await client.get('/control/')).header('cache-control')).toBe('public, max-age=60')
    expect((await client.get('/vary/')).header('vary')).toBe('Cookie, Accept, X-One')
  })
})

describe('conditions', () => {
  const date = new Date(Date.UTC(2020, 0, 1))
  const client = site([
    path('etag/<slug:tag>/', etag((_request, { tag }) => String(tag))(view)),
    path('date/', lastModified(async () => date)(view)),
    path('both/', condition({ etag: () => 'W/"x"', lastModified: () => date })(view)),
    path('none/', condition({ etag: () => null })(view)),
  ])
  test.each([
    ['/etag/a/', { 'if-none-match': '"a"' }, 304, 0],
    ['/etag/a/', { 'if-none-match': '"b"' }, 200, 1],
    ['/etag/a/', { 'if-match': '"b"' }, 412, 0],
    ['/date/', { 'if-modified-since': 'Wed, 01 Jan 2020 00:00:00 GMT' }, 304, 0],
    ['/date/', { 'if-modified-since': 'Tue, 31 Dec 2019 23:59:59 GMT' }, 200, 1],
    ['/both/', { 'if-none-match': 'W/"x"' }, 304, 0],
    ['/both/', { 'if-match': 'W/"x"' }, 412, 0],
    ['/none/', { 'if-none-match': '*' }, 200, 1],
  ])('%s with %j is %i, the view called %i times', async (url, headers, status, times) => {
    calls = 0
    const response = await client.get(url, { headers })
    expect([response.status, calls]).toEqual([status, times])
  })

  test('are told with the response', async () => {
    const response = await client.get('/both/')
    expect([response.header('etag'), response.header('last-modified')]).toEqual([
      'W/"x"',
      'Wed, 01 Jan 2020 00:00:00 GMT',
    ])
  })
})

describe('sign-in', () => {
  const ann = { isAuthenticated: true, isAnonymous: false, isActive: true, username: 'ann' }
  const urls = [
    path('in/', loginRequired(view)),
    path(
      'ann/',
      userPassesTest((user) => user.username === 'ann', { loginUrl: 'enter', redirectFieldName: 'to' })(view),
    ),
    path('enter/', view, { name: 'enter' }),
  ]
  test('lets the signed-in through', async () => {
    expect((await site(urls, ann).get('/in/')).text).toBe('ok')
    expect((await site(urls, ann).get('/ann/')).text).toBe('ok')
  })
  test('sends others to sign in, with the way back', async () => {
    const client = site(urls)
    expect((await client.get('/in/?a=1&b=ü')).header('location')).toBe(
      '/accounts/login/?next=/in/%3Fa%3D1%26b%3D%25C3%25BC',
    )
    expect((await client.get('/ann/')).header('location')).toBe('/enter/?to=/ann/')
  })
})

test('marks stay through decorators, and the view itself has none', () => {
  const exempt = csrfExempt(view)
  expect('csrfExempt' in view).toBe(false)
  expect('csrfExempt' in neverCache(requireGET(exempt))).toBe(true)
  expect(neverCache(exempt).name).toBe('view')
})
