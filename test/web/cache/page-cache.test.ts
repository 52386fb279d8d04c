import { describe, expect, it } from 'vitest'
import {
  AuthenticationMiddleware,
  cachePage,
  Client,
  CsrfViewMiddleware,
  defineCaches,
  defineSettings,
  FetchFromCacheMiddleware,
  getToken,
  HttpResponse,
  makeTemplateFragmentKey,
  memoryCache,
  memorySource,
  MessageMiddleware,
  messages,
  MemorySessionStore,
  path,
  render,
  SessionMessages,
  SessionMiddleware,
  templateResponse,
  UpdateCacheMiddleware,
  type HttpRequest,
  type MiddlewareEntry,
  type OutgoingResponse,
  type ViewFunction,
} from 'portico/web'

let nowMs = 1_000_000_000_000
const now = (): number => nowMs

function siteOf(view: ViewFunction, middleware: readonly MiddlewareEntry[] = []) {
  const caches = defineCaches({ default: memoryCache({ now }) })
  const settings = defineSettings({
    secretKey: 'secret',
    allowedHosts: ['*'],
    caches,
    now,
    sessionStore: new MemorySessionStore(100, now),
    templates: { loaders: [memorySource({ 'page.html': '{{ n }}', 'token.html': '{% csrf_token %}' })] },
    middleware: [...middleware],
    rootUrlconf: [path('', view), path('other/', view)],
  })
  return { settings, client: () => new Client(settings), caches }
}

const showMessages = (request: HttpRequest) => async () =>
  (await messages.getMessages(request)).map(String).join()

/** Counts its calls. */
const counting = (change: (response: HttpResponse, request: HttpRequest) => void = () => undefined) => {
  let n = 0
  return (request: HttpRequest): HttpResponse => {
    const response = new HttpResponse(`call ${++n}`)
    change(response, request)
    return response
  }
}

const aroundFirst = [UpdateCacheMiddleware]
const around = [UpdateCacheMiddleware, FetchFromCacheMiddleware]

describe('cachePage', () => {
  it('calls the view once until the time is over', async () => {
    const { client } = siteOf(cachePage(60)(counting()))
    const first = await client().get('/')
    expect([first.text, first.header('Cache-Control'), first.header('Age')]).toEqual([
      'call 1',
      'max-age=60',
      undefined,
    ])
    nowMs += 20_000
    const second = await client().get('/')
    expect([second.text, second.header('Age'), second.header('Expires')]).toEqual([
      'call 1',
      '20',
      first.header('Expires'),
    ])
    nowMs += 40_000
    expect((await client().get('/')).text).toBe('call 2')
  })

  it('keeps a page rendered late, and one after middleware has changed it', async () => {
    let n = 0
    const { client } = siteOf(
      cachePage(60)((request) => templateResponse(request, 'page.html', { n: ++n })),
      [
        () => ({
          processTemplateResponse: (_request: HttpRequest, response: OutgoingResponse) => {
            Object.assign(response, { contextData: { n: 'changed' } })
            return response
          },
        }),
      ],
    )
    expect((await client().get('/')).text).toBe('changed')
    expect((await client().get('/')).text).toBe('changed')
    expect(n).toBe(1)
  })

  it('keeps a page of a session under its cookie', async () => {
    let n = 0
    const { client } = siteOf(
      cachePage(60)(async (request) => {
        const name = request.GET.get('name')
        if (name !== undefined) request.session.set('name', name)
        return new HttpResponse(`${++n} ${String(await request.session.get('name'))}`)
      }),
      [SessionMiddleware],
    )
    const ada = client()
    await ada.get('/?name=ada')
    const bob = client()
    await bob.get('/?name=bob')
    expect((await ada.get('/')).text).toBe('3 ada')
    expect((await bob.get('/')).text).toBe('4 bob')
    expect((await ada.get('/')).text).toBe('3 ada')
    expect((await client().get('/')).text).toBe('5 undefined')
  })

  it('gives nobody another’s CSRF token', async () => {
    const { client } = siteOf(
      cachePage(60)((request) => render(request, 'token.html')),
      [CsrfViewMiddleware],
    )
    const [a, b] = [client(), client()]
    const tokenOf = (text: string): string => /value="([^"]+)"/.exec(text)?.[1] ?? ''
    const first = await a.get('/')
    const second = await b.get('/')
    expect(tokenOf(first.text)).not.toBe('')
    expect(a.cookies.get('csrftoken')).not.toBe(b.cookies.get('csrftoken'))
    expect(tokenOf(first.text)).not.toBe(tokenOf(second.text))
  })

  it('gives nobody a page whose template looked into another’s session while it was rendered', async () => {
    const view = cachePage(60)((request) =>
      templateResponse(request, 'page.html', { n: async () => request.session.get('name') }),
    )
    const { settings, client } = siteOf(view, [SessionMiddleware])
    const naming = (request: HttpRequest): HttpResponse => {
      request.session.set('name', 'ada')
      return new HttpResponse('')
    }
    const ada = new Client({ ...settings, rootUrlconf: [path('', view), path('name/', naming)] })
    await ada.get('/name/')
    expect((await ada.get('/')).text).toBe('ada')
    expect((await client().get('/')).text).toBe('')
    expect((await ada.get('/')).text).toBe('ada')
  })

  it.each([
    ['without a cookie', {}],
    ['with a cookie that many have', { theme: 'dark' }],
  ])('keeps no page that a session was begun for, %s', async (_what, cookies) => {
    let n = 0
    const begin = (request: HttpRequest): HttpResponse => {
      request.session.set('id', ++n)
      return new HttpResponse(`visitor ${n}`)
    }
    for (const { client } of [
      siteOf(cachePage(60)(begin), [SessionMiddleware]),
      siteOf(begin, [UpdateCacheMiddleware, SessionMiddleware, FetchFromCacheMiddleware]),
    ]) {
      const [a, b] = [client(), client()]
      for (const [name, value] of Object.entries(cookies)) {
        a.cookies.set(name, value)
        b.cookies.set(name, value)
      }
      expect((await a.get('/')).text).not.toBe((await b.get('/')).text)
      expect(a.cookies.get('sessionid')).not.toBe(b.cookies.get('sessionid'))
    }
  })

  it('shows a message once', async () => {
    const page = (request: HttpRequest) => render(request, 'page.html', { n: showMessages(request) })
    const add = (request: HttpRequest): HttpResponse => {
      messages.info(request, 'saved')
      return new HttpResponse('')
    }
    for (const [middleware, view] of [
      [[SessionMiddleware, MessageMiddleware], cachePage(60)(page)],
      [[UpdateCacheMiddleware, SessionMiddleware, MessageMiddleware, FetchFromCacheMiddleware], page],
    ] as const) {
      const { settings } = siteOf(view, middleware)
      const rootUrlconf = [path('', view), path('add/', add)]
      const client = new Client({ ...settings, messageStorage: new SessionMessages(), rootUrlconf })
      await client.get('/add/')
      expect((await client.get('/')).text).toBe('saved')
      expect((await client.get('/')).text).toBe('')
    }
  })

  it('keeps no token for who has another’s other cookies', async () => {
    for (const { client } of [
      siteOf(
        cachePage(60)((request) => render(request, 'token.html')),
        [CsrfViewMiddleware],
      ),
      siteOf(
        (request) => render(request, 'token.html'),
        [...aroundFirst, CsrfViewMiddleware, FetchFromCacheMiddleware],
      ),
    ]) {
      const [a, b] = [client(), client()]
      a.cookies.set('theme', 'dark')
      b.cookies.set('theme', 'dark')
      const [first, second] = [await a.get('/'), await b.get('/')]
      expect(first.text).not.toBe(second.text)
      expect(a.cookies.get('csrftoken')).not.toBe(b.cookies.get('csrftoken'))
      // Each has a page of its own from now on.
      const again = (await a.get('/')).text
      expect((await a.get('/')).text).toBe(again)
    }
  })

  it('does not call a token that was given in a signed-in page anybody’s', async () => {
    const view = cachePage(60)((request) => new HttpResponse(getToken(request).slice(0, 0) + 'x'))
    const { client } = siteOf(view, [SessionMiddleware, CsrfViewMiddleware, AuthenticationMiddleware])
    const answer = await client().get('/')
    expect(answer.header('Vary')).toBe('Cookie')
  })
})

describe('the cache middleware', () => {
  it('does not keep a cookie that is set for everybody to get', async () => {
    const { client } = siteOf(
      counting((response) => {
        response.setCookie('who', 'you')
      }),
      around,
    )
    expect((await client().get('/')).text).toBe('call 1')
    const second = await client().get('/')
    expect(second.text).toBe('call 2')
  })

  it.each([
    ['Vary: *', { Vary: '*' }, {}],
    ['Cache-Control: private', { 'Cache-Control': 'private' }, {}],
    ['Cache-Control: no-store', { 'Cache-Control': 'no-store' }, {}],
    ['Cache-Control: no-cache', { 'Cache-Control': 'max-age=60, No-Cache' }, {}],
    ['Set-Cookie', { 'Set-Cookie': 'who=you' }, {}],
    ['Authorization in the request', {}, { Authorization: 'Basic YTpi' }],
    ['Authorization, and a time to live', { 'Cache-Control': 'max-age=60' }, { Authorization: 'Bearer x' }],
  ])('never gives anybody a page with %s', async (_what, fields, asked) => {
    const { client } = siteOf(
      counting((response) => {
        for (const [name, value] of Object.entries(fields)) response.headers.set(name, value)
      }),
      around,
    )
    const headers = asked as Record<string, string>
    expect((await client().get('/', { headers })).text).toBe('call 1')
    expect((await client().get('/', { headers })).text).toBe('call 2')
    expect((await client().get('/')).text).toBe('call 3')
  })

  it.each([
    ['public', { 'Cache-Control': 'public, max-age=60' }, ['call 1', 'call 1', 'call 1']],
    ['s-maxage', { 'Cache-Control': 's-maxage=60' }, ['call 1', 'call 1', 'call 1']],
    ['Vary: Authorization', { Vary: 'Authorization' }, ['call 1', 'call 2', 'call 1']],
  ])('keeps what was asked for with Authorization where the view says %s', async (_what, fields, texts) => {
    const { client } = siteOf(
      counting((response) => {
        for (const [name, value] of Object.entries(fields)) response.headers.set(name, value)
      }),
      around,
    )
    const ask = async (Authorization: string) =>
      (await client().get('/', { headers: { Authorization } })).text
    expect([await ask('Basic YTpi'), await ask('Basic YTpj'), await ask('Basic YTpi')]).toEqual(texts)
  })

  it('tells hosts, queries and schemes apart', async () => {
    const { client } = siteOf(counting(), around)
    const texts = []
    for (const [url, secure, host] of [
      ['/', false, 'a.example'],
      ['/?x=1', false, 'a.example'],
      ['/?x=1&y', false, 'a.example'],
      ['/', true, 'a.example'],
      ['/', false, 'b.example'],
      ['/other/', false, 'a.example'],
      ['/', false, 'a.example'],
    ] as const) {
      texts.push((await client().get(url, { secure, headers: { Host: host } })).text)
    }
    expect(texts).toEqual(['call 1', 'call 2', 'call 3', 'call 4', 'call 5', 'call 6', 'call 1'])
  })

  it('is not fooled by values that run into each other', async () => {
    const { client } = siteOf(
      counting((response) => {
        response.headers.set('Vary', 'X-A, X-B')
      }),
      around,
    )
    const get = async (a: string, b: string): Promise<string> =>
      (await client().get('/', { headers: { 'X-A': a, 'X-B': b } })).text
    expect([await get('ab', 'c'), await get('a', 'bc'), await get('a,', 'b'), await get('a', ',b')]).toEqual([
      'call 1',
      'call 2',
      'call 3',
      'call 4',
    ])
  })

  it('answers HEAD with what was kept for GET, and never by a body', async () => {
    const { client } = siteOf(counting(), around)
    await client().get('/')
    const head = await client().request('HEAD', '/')
    expect(head.header('Age')).toBe('0')
  })

  it('works in the flat lists of the older generation too', async () => {
    const { settings } = siteOf(counting(), [])
    const flat = { ...settings, middlewareClasses: around }
    expect((await new Client(flat).get('/')).text).toBe('call 1')
    expect((await new Client(flat).get('/')).text).toBe('call 1')
  })
})

describe('{% cache %}', () => {
  const template =
    '{% load cache %}{% cache 60 box user %}{{ count }} for {{ user }}{% endcache %}' +
    '{% if other %}{% cache 60 box2 using="other" %}{{ count }}{% endcache %}{% endif %}'

  function fragments(extra: Record<string, unknown> = {}) {
    const caches = defineCaches({ default: memoryCache({ now }), other: memoryCache({ now }) })
    let n = 0
    const settings = defineSettings({
      secretKey: 'x',
      allowedHosts: ['*'],
      caches,
      templates: { loaders: [memorySource({ 'a.html': template })] },
      rootUrlconf: [
        path('', (request) =>
          render(request, 'a.html', {
            ...extra,
            user: request.GET.get('user'),
            count: async () => Promise.resolve(++n),
          }),
        ),
      ],
    })
    const show = async (user: string): Promise<string> =>
      (await new Client(settings).get(`/?user=${user}`)).text
    return { show, caches }
  }

  it('renders a fragment once for each value it varies by', async () => {
    const { show, caches } = fragments()
    expect(await show('ada')).toBe('1 for ada')
    expect(await show('bob')).toBe('2 for bob')
    expect(await show('ada')).toBe('1 for ada')
    await caches.default.delete(makeTemplateFragmentKey('box', ['ada']))
    expect(await show('ada')).toBe('3 for ada')
  })

  it('keeps escaped text, and escapes it once', async () => {
    const { show } = fragments()
    expect(await show('%3Cb%3E')).toBe('1 for &lt;b&gt;')
    expect(await show('%3Cb%3E')).toBe('1 for &lt;b&gt;')
  })

  it('uses the cache it is told', async () => {
    const { show, caches } = fragments({ other: true })
    await show('ada')
    expect(await caches.get('other').get(makeTemplateFragmentKey('box2'))).toBe('2')
    expect(await caches.default.get(makeTemplateFragmentKey('box2'))).toBeUndefined()
  })
})
