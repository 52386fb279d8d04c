/** Attacks on the pipeline, each of which has to fail (FAULTS, group Q). */
import { describe, expect, test } from 'vitest'
import {
  Client,
  csrfExempt,
  defaultMiddleware,
  defineSettings,
  getToken,
  Http404,
  HttpResponse,
  MemorySessionStore,
  messages,
  path,
  redirectToLogin,
  rePath,
  rotateToken,
  SessionMiddleware,
  type SessionStore,
  type SettingsInput,
  type UrlPattern,
} from 'portico/web'

const secretKey = 'a-secret-key-that-must-not-show'

function site(urlpatterns: readonly UrlPattern[], settings: SettingsInput = {}): Client {
  return new Client(
    defineSettings({
      secretKey,
      allowedHosts: ['testserver', 'other.testserver'],
      middleware: defaultMiddleware,
      rootUrlconf: urlpatterns,
      ...settings,
    }),
    { enforceCsrfChecks: true },
  )
}

describe('cross-site requests', () => {
  const client = site(
    [
      path('form/', (request) => new HttpResponse(getToken(request))),
      path('sign-in/', (request) => {
        rotateToken(request)
        return new HttpResponse(getToken(request))
      }),
      path('post/', () => new HttpResponse('done')),
      path(
        'exempt/',
        csrfExempt(() => new HttpResponse('done')),
      ),
    ],
    { csrfTrustedOrigins: ['https://trusted.example', 'https://*.wild.example'] },
  )
  const form = async () => ({ csrfmiddlewaretoken: (await client.get('/form/')).text })

  test.each([
    [undefined, false, 200],
    ['http://testserver', false, 200],
    ['https://testserver', true, 200],
    ['https://trusted.example', true, 200],
    ['https://a.wild.example', true, 200],
    ['http://testserver', true, 403],
    ['https://testserver', false, 403],
    ['null', false, 403],
    ['null', true, 403],
    ['http://evil.example', false, 403],
    ['http://testserver.evil.example', false, 403],
    ['http://testserver:8000', false, 403],
    ['http://trusted.example', false, 403],
    ['http://a.wild.example', false, 403],
    ['https://wild.example.evil.example', true, 403],
    ['https://evilwild.example', true, 403],
    ['https://testserver@evil.example', true, 403],
    ['https://[::1', true, 403],
    ['', false, 403],
  ])('with the Origin %j, secure %s: %i', async (origin, secure, status) => {
    const headers = {
      ...(origin !== undefined && { origin }),
      ...(secure && { referer: 'https://testserver/' }),
    }
    const response = await client.post('/post/', { form: await form() }, { headers, secure })
    expect(response.status).toBe(status)
  })

  test('the token is another each time, and every one is good', async () => {
    const [first, second] = [await form(), await form()]
    expect(first).not.toEqual(second)
    expect((await client.post('/post/', { form: first })).status).toBe(200)
    expect((await client.post('/post/', { form: second })).status).toBe(200)
  })

  test("another visitor's token is worth nothing", async () => {
    const other = site([path('form/', (request) => new HttpResponse(getToken(request)))])
    const csrfmiddlewaretoken = (await other.get('/form/')).text
    await form()
    expect((await client.post('/post/', { form: { csrfmiddlewaretoken } })).status).toBe(403)
  })

  test('a token from before sign-in is worth nothing after it', async () => {
    const before = await form()
    const after = (await client.get('/sign-in/')).text
    expect((await client.post('/post/', { form: before })).status).toBe(403)
    expect((await client.post('/post/', { form: { csrfmiddlewaretoken: after } })).status).toBe(200)
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'FROB', 'post'])('%s needs a token too', async (method) => {
    expect((await client.request(method, '/post/')).status).toBe(403)
  })

  test.each(['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method'])(
    '%s changes nothing',
    async (name) => {
      expect((await client.post('/post/', null, { headers: { [name]: 'GET' } })).status).toBe(403)
    },
  )

  test.each(['text/plain', 'application/json', 'application/csp-report', ''])(
    'a body of %j needs a token',
    async (type) => {
      const body = { body: '{"csrfmiddlewaretoken": "x"}', contentType: type }
      expect((await client.post('/post/', body)).status).toBe(403)
    },
  )

  test('an exempt view is open, and only that', async () => {
    expect((await client.post('/exempt/')).text).toBe('done')
    expect((await client.post('/post/')).status).toBe(403)
  })

  test('two cookies of the name: the last counts, and the token has to fit it', async () => {
    const good = await form()
    const secret = client.cookies.get('csrftoken') ?? ''
    const tossed = new Client(
      defineSettings({
        secretKey,
        allowedHosts: ['testserver'],
        middleware: defaultMiddleware,
        rootUrlconf: [path('post/', () => new HttpResponse('done'))],
      }),
      { enforceCsrfChecks: true },
    )
    const cookie = `csrftoken=${secret}; csrftoken=${'A'.repeat(32)}`
    expect((await tossed.post('/post/', { form: good }, { headers: { cookie } })).status).toBe(403)
  })

  test('the page of a refusal tells its reason in development only, escaped', async () => {
    const headers = { origin: 'https://<script>' }
    expect((await client.post('/post/', null, { headers })).text).not.toContain('Reason')
    const developer = site([path('post/', () => new HttpResponse())], { debug: true })
    const { text } = await developer.post('/post/', null, { headers })
    expect(text).toContain('https://&lt;script&gt;')
    expect(text).not.toContain('<script>')
  })
})

describe('sessions', () => {
  const urls = [
    path('set/', (request) => {
      request.session.set('n', 1)
      return new HttpResponse('set')
    }),
    path('get/', async (request) => new HttpResponse(String((await request.session.get('n')) ?? 'none'))),
    path('cycle/', async (request) => {
      await request.session.cycleKey()
      return new HttpResponse('cycled')
    }),
    path('flush/', async (request) => {
      await request.session.flush()
      return new HttpResponse('flushed')
    }),
    path('big/', (request) => {
      request.session.set(
        'n',
        'x'.repeat(100).concat(...Array.from({ length: 1000 }, () => Math.random().toString(36))),
      )
      return new HttpResponse('big')
    }),
  ]
  const withStore = (store = new MemorySessionStore()) =>
    [site(urls, { sessionStore: store, middleware: [SessionMiddleware] }), store] as const

  test('one that is ended while somebody waits for it stays ended', async () => {
    const inner = new MemorySessionStore()
    const later: SessionStore = {
      load: async (key) => Promise.resolve(inner.load(key)),
      create: (payload, expires) => inner.create(payload, expires),
      update: (key, payload, expires) => inner.update(key, payload, expires),
      delete: (key) => inner.delete(key),
    }
    const both = path('both/', async (request) => {
      const [before] = await Promise.all([request.session.get<number>('n'), request.session.flush()])
      request.session.set('m', 2)
      return new HttpResponse(`${String(before)} ${String(await request.session.get('n'))}`)
    })
    const client = site([...urls, both], { sessionStore: later, middleware: [SessionMiddleware] })
    await client.get('/set/')
    const old = client.cookies.get('sessionid')
    expect((await client.get('/both/')).text).toBe('undefined undefined')
    expect(client.cookies.get('sessionid')).not.toBe(old)
    expect((await client.get('/get/')).text).toBe('none')
  })

  test('a planted id is not taken over', async () => {
    const [client] = withStore()
    const planted = 'a'.repeat(32)
    client.cookies.set('sessionid', planted)
    await client.get('/set/')
    expect(client.cookies.get('sessionid')).toMatch(/^[a-z0-9]{32}$/)
    expect(client.cookies.get('sessionid')).not.toBe(planted)
  })

  test('after cycling the old id is worth nothing, and the data is kept', async () => {
    const [client] = withStore()
    await client.get('/set/')
    const old = client.cookies.get('sessionid') ?? ''
    await client.get('/cycle/')
    expect(client.cookies.get('sessionid')).not.toBe(old)
    expect((await client.get('/get/')).text).toBe('1')
    client.cookies.set('sessionid', old)
    expect((await client.get('/get/')).text).toBe('none')
  })

  test('after flushing both are gone', async () => {
    const [client] = withStore()
    await client.get('/set/')
    const old = client.cookies.get('sessionid') ?? ''
    await client.get('/flush/')
    expect(client.cookies.has('sessionid')).toBe(false)
    client.cookies.set('sessionid', old)
    expect((await client.get('/get/')).text).toBe('none')
  })

  test.each([
    'x',
    'A'.repeat(32),
    '../../etc/passwd',
    '\u00fc'.repeat(32),
    'x'.repeat(5000),
    '__proto__'.padEnd(32, 'a'),
  ])('the id %j makes no session', async (id) => {
    let created = 0
    class Counting extends MemorySessionStore {
      override create(payload: string, expires: Date): string {
        created += 1
        return super.create(payload, expires)
      }
    }
    const [client] = withStore(new Counting())
    client.cookies.set('sessionid', id)
    expect((await client.get('/get/')).text).toBe('none')
    expect(created).toBe(0)
  })

  test('a session ended by another request is not brought back', async () => {
    const store = new MemorySessionStore()
    const [client] = withStore(store)
    await client.get('/set/')
    const id = client.cookies.get('sessionid') ?? ''
    const slow = site(
      [
        path('', async (request) => {
          await request.session.load()
          store.delete(id)
          request.session.set('n', 2)
          return new HttpResponse()
        }),
      ],
      { sessionStore: store, middleware: [SessionMiddleware] },
    )
    slow.cookies.set('sessionid', id)
    expect((await slow.get('/')).status).toBe(400)
    expect(store.load(id)).toBeNull()
  })

  test('a store that is down is a 500 for those who use it, and for nobody else', async () => {
    const down = (): never => {
      throw new Error('store down')
    }
    const client = site([...urls, path('plain/', () => new HttpResponse('plain'))], {
      sessionStore: { load: down, create: down, update: down, delete: down },
      middleware: [SessionMiddleware],
    })
    client.cookies.set('sessionid', 'a'.repeat(32))
    expect((await client.get('/plain/')).text).toBe('plain')
    expect((await client.get('/get/')).status).toBe(500)
    expect((await client.get('/set/')).status).toBe(500)
  })

  test('a signed session that was changed, cut or has expired is none', async () => {
    let now = 1_700_000_000_000
    const client = site(urls, { now: () => now, sessionCookieAge: 60, middleware: [SessionMiddleware] })
    await client.get('/set/')
    const good = client.cookies.get('sessionid') ?? ''
    expect((await client.get('/get/')).text).toBe('1')
    for (const bad of [`x${good.slice(1)}`, good.slice(0, -1), good.replaceAll(':', ''), `${good}x`]) {
      client.cookies.set('sessionid', bad)
      expect((await client.get('/get/')).text).toBe('none')
    }
    client.cookies.set('sessionid', good)
    now += 61_000
    expect((await client.get('/get/')).text).toBe('none')
  })

  test('a key that was replaced still verifies, a foreign one does not', async () => {
    const old = site(urls, { middleware: [SessionMiddleware] })
    await old.get('/set/')
    const cookie = old.cookies.get('sessionid') ?? ''
    const rotated = site(urls, {
      secretKey: 'new',
      secretKeyFallbacks: [secretKey],
      middleware: [SessionMiddleware],
    })
    rotated.cookies.set('sessionid', cookie)
    expect((await rotated.get('/get/')).text).toBe('1')
    const foreign = site(urls, { secretKey: 'other', middleware: [SessionMiddleware] })
    foreign.cookies.set('sessionid', cookie)
    expect((await foreign.get('/get/')).text).toBe('none')
  })

  test('more than a cookie holds is an error, not half a cookie', async () => {
    const client = site(urls, { middleware: [SessionMiddleware] })
    expect((await client.get('/big/')).status).toBe(500)
    expect(client.cookies.has('sessionid')).toBe(false)
    expect(client.errors.join('')).toContain('does not fit into a cookie')
  })
})

describe('messages', () => {
  const urls = [
    path('add/<int:size>/', (request, { size }) => {
      for (let index = 0; index < 8; index += 1) messages.info(request, `${index}`.padEnd(size, 'äöü€'))
      return new HttpResponse()
    }),
    path('read/', async (request) => new HttpResponse(String((await messages.getMessages(request)).length))),
  ]

  test.each([10, 400, 1000])('of %i characters each are all shown, once', async (size) => {
    const client = site(urls, { sessionStore: new MemorySessionStore() })
    const response = await client.get(`/add/${size}/`)
    for (const field of response.headers('set-cookie')) expect(field.length).toBeLessThan(4096)
    expect((await client.get('/read/')).text).toBe('8')
    expect((await client.get('/read/')).text).toBe('0')
  })

  test('a forged cookie shows nothing', async () => {
    const client = site(urls)
    await client.get('/add/10/')
    client.cookies.set('messages', (client.cookies.get('messages') ?? '').replace(/^../, 'ab'))
    expect((await client.get('/read/')).text).toBe('0')
  })
})

describe('every answer', () => {
  const urls = [
    path('ok/', () => new HttpResponse('ok')),
    path('redirect/', (request) => redirectToLogin(request)),
    path('304/', () => new HttpResponse('', { status: 304 })),
    path('404/', () => {
      throw new Http404()
    }),
    path('500/', () => {
      throw new Error('boom')
    }),
    path('csrf/', () => new HttpResponse()),
  ]
  test.each([
    ['/ok/', 'GET', 200],
    ['/redirect/', 'GET', 302],
    ['/304/', 'GET', 304],
    ['/404/', 'GET', 404],
    ['/nothing/', 'GET', 404],
    ['/500/', 'GET', 500],
    ['/csrf/', 'POST', 403],
    ['/ok', 'GET', 301],
  ])('of %s %s has the security headers', async (url, method, status) => {
    const response = await site(urls, { secureHstsSeconds: 60 }).request(method, url, null, { secure: true })
    expect(response.status).toBe(status)
    expect(response.header('x-content-type-options')).toBe('nosniff')
    expect(response.header('referrer-policy')).toBe('same-origin')
    expect(response.header('cross-origin-opener-policy')).toBe('same-origin')
    expect(response.header('x-frame-options')).toBe('DENY')
    expect(response.header('strict-transport-security')).toBe('max-age=60')
  })

  test('a host that is not ours is refused, and the answer has them too', async () => {
    const response = await site(urls).get('/ok/', { headers: { host: 'evil.example' } })
    expect([response.status, response.header('x-content-type-options')]).toEqual([400, 'nosniff'])
  })
})

describe('an error', () => {
  const urls = [
    rePath(/^/, (request) => {
      void request.COOKIES
      throw new Error('inside <script>alert(1)</script>')
    }),
  ]

  test('tells strangers nothing', async () => {
    const client = site(urls)
    const { text, status } = await client.get('/x/?password=hunter2')
    expect(status).toBe(500)
    for (const inside of ['inside', 'script', 'hunter2', secretKey, 'Error:', 'attacks.test']) {
      expect(text).not.toContain(inside)
    }
  })

  test('tells the developer all but the secrets, escaped', async () => {
    const client = site(urls, {
      debug: true,
      databases: { default: 'sqlite::memory:' },
      extra: {
        apiToken: 'token-1',
        url: 'https://user:hunter3@example.com/',
        plain: 'visible',
        nested: { password: 'hunter4' },
      },
    })
    client.cookies.set('sessionid', 'cookie-secret')
    const { text } = await client.get('/<b>/?password=hunter2&next="><script>', {
      headers: { authorization: 'Basic hunter5', 'x-plain': 'shown' },
    })
    expect(text).toContain('inside &lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).toContain('visible')
    expect(text).toContain('shown')
    for (const hidden of [
      secretKey,
      'token-1',
      'hunter2',
      'hunter3',
      'hunter4',
      'hunter5',
      'cookie-secret',
      '<script>',
      '<b>',
    ]) {
      expect(text).not.toContain(hidden)
    }
  })

  test('is plain text for who takes no HTML', async () => {
    const response = await site(urls, { debug: true }).get('/x', { headers: { accept: 'application/json' } })
    expect(response.header('content-type')).toBe('text/plain; charset=utf-8')
    expect(response.text).toContain('Error at /x')
  })

  test('is logged once, on lines that the path cannot break', async () => {
    const client = site(urls)
    await client.get('/a%0D%0A[error] forged%1B[31m', { environ: { REQUEST_ID: 'abc\n123' } })
    const [entry = '', ...more] = client.errors
    expect(more).toEqual([])
    const [first = ''] = entry.split('\n')
    expect(first).toBe('[error] [abc\\x0a123] Internal Server Error: /a\\x0d\\x0a[error] forged\\x1b[31m')
    expect(entry).not.toMatch(/^\[error\] forged/m)
    expect(entry).not.toContain('\x1b')
  })
})
