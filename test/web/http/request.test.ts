import { describe, expect, test } from 'vitest'
import {
  BadRequest,
  Client,
  defineSettings,
  HttpResponse,
  JsonResponse,
  path,
  type ClientBody,
  type HttpRequest,
  type OutgoingResponse,
  type SettingsInput,
} from 'portico/web'

function site(
  view: (request: HttpRequest) => OutgoingResponse | Promise<OutgoingResponse>,
  settings: SettingsInput = {},
): Client {
  return new Client(
    defineSettings({
      secretKey: 'k',
      allowedHosts: ['*'],
      rootUrlconf: [path('', view), path('<path:rest>', view)],
      ...settings,
    }),
  )
}

const show = (read: (request: HttpRequest) => unknown, settings: SettingsInput = {}) =>
  site(async (request) => new JsonResponse(await read(request)), settings)

describe('path and host', () => {
  test.each([
    ['/', '/'],
    ['/a%20b/', '/a b/'],
    ['/%C3%BC/', '/ü/'],
    // What is no UTF-8 stays apart from what is.
    ['/%FF/', '/%FF/'],
    ['/%C3%28/', '/%C3(/'],
    ['/a%2Fb/', '/a/b/'],
  ])('%s is read as %j', async (url, expected) => {
    expect((await show((request) => request.path).get(url)).json()).toBe(expected)
  })

  test('a mount point comes before the path, and in what is reversed', async () => {
    const client = show((request) => [request.path, request.pathInfo, request.scriptName])
    const response = await client.get('/x/', { environ: { SCRIPT_NAME: '/shop' } })
    expect(response.json()).toEqual(['/shop/x/', '/x/', '/shop'])
  })

  test.each([
    [{}, {}, 'http://testserver/p/?q=1'],
    [{}, { HTTP_X_FORWARDED_HOST: 'evil' }, 'http://testserver/p/?q=1'],
    [{ useXForwardedHost: true }, { HTTP_X_FORWARDED_HOST: 'example.com' }, 'http://example.com/p/?q=1'],
    [{}, { HTTP_X_FORWARDED_PROTO: 'https' }, 'http://testserver/p/?q=1'],
    [
      { secureProxySslHeader: ['HTTP_X_FORWARDED_PROTO', 'https'] },
      { HTTP_X_FORWARDED_PROTO: 'https', HTTP_HOST: 'testserver' },
      'https://testserver/p/?q=1',
    ],
    [{ secureProxySslHeader: ['HTTP_X_FORWARDED_PROTO', 'https'] }, {}, 'http://testserver/p/?q=1'],
    [{}, { SERVER_PORT: '8000', HTTP_HOST: undefined }, 'http://testserver:8000/p/?q=1'],
  ] satisfies [SettingsInput, Record<string, unknown>, string][])(
    '%j with %j',
    async (settings, environ, expected) => {
      const client = show((request) => request.buildAbsoluteUri(), settings)
      expect((await client.get('/p/?q=1', { environ })).json()).toBe(expected)
    },
  )

  test.each([
    ['/x/?a=ü', 'http://testserver/x/?a=%C3%BC'],
    ['y/', 'http://testserver/p/y/'],
    ['../y/', 'http://testserver/y/'],
    ['https://other.example/z', 'https://other.example/z'],
    ['//other.example/z', 'http://other.example/z'],
  ])('the absolute form of %s', async (location, expected) => {
    expect((await show((request) => request.buildAbsoluteUri(location)).get('/p/')).json()).toBe(expected)
  })

  test('an unknown host is refused', async () => {
    const client = show((request) => request.getHost(), { allowedHosts: ['example.com'] })
    expect((await client.get('/')).status).toBe(400)
    expect(client.errors.join('')).toContain('Invalid HTTP_HOST header')
  })
})

describe('the body', () => {
  const limits: SettingsInput = {
    dataUploadMaxMemorySize: 1000,
    dataUploadMaxNumberFields: 3,
    dataUploadMaxNumberFiles: 2,
    fileUploadMaxMemorySize: 100,
  }
  const form = show(async (request) => {
    const { fields, files } = await request.form()
    const read = [...files.all()].map(async (one) => [
      one.fieldName,
      one.name,
      one.size,
      one.temporary,
      await one.text(),
    ])
    return { fields: [...fields.lists()], files: await Promise.all(read) }
  }, limits)
  const many = (count: number, value = 'x') =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`f${index}`, value]))
  const upload = (content: string, name = 'a.txt') => ({ name, content })

  test.each([
    [
      'fields',
      { form: { a: '1', b: ['2', '3'] } },
      [
        ['a', ['1']],
        ['b', ['2', '3']],
      ],
      [],
    ],
    ['a small file', { multipart: { f: upload('hi') } }, [], [['f', 'a.txt', 2, false, 'hi']]],
    [
      'a file on disk',
      { multipart: { a: 'x', f: upload('y'.repeat(5000)) } },
      [['a', ['x']]],
      [['f', 'a.txt', 5000, true, 'y'.repeat(5000)]],
    ],
    [
      'a path for a name',
      { multipart: { f: upload('x', '../../etc/passwd') } },
      [],
      [['f', 'passwd', 1, false, 'x']],
    ],
    [
      'a Windows path',
      { multipart: { f: upload('x', 'C:\\temp\\a.txt') } },
      [],
      [['f', 'a.txt', 1, false, 'x']],
    ],
    [
      'a name that turns round',
      { multipart: { f: upload('x', 'a\u202egnp.exe') } },
      [],
      [['f', 'agnp.exe', 1, false, 'x']],
    ],
    ['a name of dots', { multipart: { f: upload('x', '..') } }, [], []],
    ['an empty file field', { multipart: { f: upload('', '') } }, [], []],
    ['another type', { body: 'a=1', contentType: 'text/plain' }, [], []],
    [
      'prototype names',
      { form: { __proto__x: '1', constructor: '2' } },
      [
        ['__proto__x', ['1']],
        ['constructor', ['2']],
      ],
      [],
    ],
  ] satisfies [string, ClientBody, unknown, unknown][])('gives %s', async (_title, body, fields, files) => {
    expect((await form.post('/', body)).json()).toEqual({ fields, files })
  })

  const raw = (text: string, boundary = 'X'): ClientBody => ({
    body: text.replaceAll('\n', '\r\n'),
    contentType: `multipart/form-data; boundary=${boundary}`,
  })
  test.each([
    ['too many fields', { form: many(4) }],
    ['too many fields in parts', { multipart: many(4) }],
    ['too many empty fields', { body: '&'.repeat(5000), contentType: 'application/x-www-form-urlencoded' }],
    ['too many files', { multipart: { a: upload('1'), b: upload('2'), c: upload('3') } }],
    ['too much data', { form: { a: 'x'.repeat(2000) } }],
    ['too much data in a part', { multipart: { a: 'x'.repeat(2000) } }],
    ['too much data in parts together', { multipart: many(3, 'x'.repeat(400)) }],
    ['no boundary', { body: 'x', contentType: 'multipart/form-data' }],
    [
      'a boundary of 10 KB',
      { body: 'x', contentType: `multipart/form-data; boundary=${'b'.repeat(10_000)}` },
    ],
    [
      'a boundary with control characters',
      { body: 'x', contentType: 'multipart/form-data; boundary="a\tb"' },
    ],
    ['a part that never ends', raw('--X\nContent-Disposition: form-data; name="a"\n\nhalf')],
    ['a file that never ends', raw('--X\nContent-Disposition: form-data; name="a"; filename="f"\n\nhalf')],
    ['no part at all', raw('nothing like a form')],
  ] satisfies [string, ClientBody][])('refuses %s', async (_title, body) => {
    expect((await form.post('/', body)).status).toBe(400)
  })

  test('puts a large file on disk without being told where', async () => {
    const client = show(async (request) => {
      const { files } = await request.form()
      const file = files.get('f')
      return [file?.temporary, file?.size, (await file?.read())?.at(-1)]
    })
    const content = Buffer.alloc(3_000_000, 97)
    expect((await client.post('/', { multipart: { f: { name: 'x', content } } })).json()).toEqual([
      true,
      3_000_000,
      97,
    ])
  })

  test.each([
    ['; charset=utf-8', 200],
    ['; charset="UTF-8"', 200],
    ['; boundary=x', 200],
    ['; charset=iso-8859-1', 400],
    [';charset = "windows-1252"', 400],
  ])('of the type urlencoded%s is %i', async (parameter, status) => {
    const contentType = `application/x-www-form-urlencoded${parameter}`
    expect((await form.post('/', { body: 'a=%E4', contentType })).status).toBe(status)
  })

  test('closes the files of a form that nobody waited for', async () => {
    let content: Promise<Awaited<ReturnType<HttpRequest['form']>>> | undefined
    const hasty = show((request) => {
      content = Promise.resolve(request.form())
      return 'answered'
    }, limits)
    await hasty.post('/', { multipart: { f: upload('y'.repeat(900)) } })
    const file = (await content)?.files.get('f')
    expect(file?.temporary).toBe(true)
    await expect(file?.read()).rejects.toThrow()
  })

  test('counts what came, not what was announced', async () => {
    const body = { body: `a=${'x'.repeat(2000)}`, contentType: 'application/x-www-form-urlencoded' }
    expect((await form.post('/', body, { environ: { CONTENT_LENGTH: '10' } })).status).toBe(400)
  })

  test('refuses a length above the limit before anything is read', async () => {
    let reads = 0
    const input = {
      async *[Symbol.asyncIterator]() {
        reads += 1
        yield Buffer.from('a=1')
      },
    }
    const environ = { CONTENT_LENGTH: '1001', 'wsgi.input': input }
    expect((await form.post('/', { form: { a: '1' } }, { environ })).status).toBe(400)
    expect(reads).toBe(0)
  })

  test('tells who reads POST too early what to write', async () => {
    const client = show((request) => request.POST.get('a'))
    expect((await client.post('/', { form: { a: '1' } })).status).toBe(500)
    expect(client.errors.join('')).toContain('Write "await request.form()" first')
    expect((await client.get('/')).status).toBe(500)
  })

  test('POST is empty at once where there is no form', async () => {
    const client = show((request) => [...request.POST, ...request.FILES])
    expect((await client.get('/')).json()).toEqual([])
    expect((await client.post('/', { json: { a: 1 } })).json()).toEqual([])
  })

  test.each([
    ['{"a": [1, "ü"]}', 200],
    ['{"__proto__": {"x": 1}}', 200],
    ['{', 400],
    ['', 400],
    ['\ufeff{}', 400],
    ['[1,]', 400],
    ['NaN', 400],
  ])('JSON %j: %i', async (body, status) => {
    const client = show(async (request) => {
      const value = await request.json()
      return [value, ({} as { x?: number }).x ?? null]
    })
    const response = await client.post('/', { body, contentType: 'application/json' })
    expect(response.status).toBe(status)
    if (status === 200) expect(response.json()).toEqual([JSON.parse(body), null])
  })

  test('JSON of another encoding is refused', async () => {
    const client = show((request) => request.json())
    const body = Buffer.from([0x22, 0xff, 0x22])
    expect((await client.post('/', { body, contentType: 'application/json' })).status).toBe(400)
  })

  test('the whole body and the stream exclude each other', async () => {
    const client = show(async (request) => {
      const parts: Buffer[] = []
      for await (const part of request.bodyStream()) parts.push(part)
      const again = await request.body().catch((error: unknown) => String(error))
      return [Buffer.concat(parts).toString(), again]
    })
    const [text, again] = (
      await client.post('/', { body: 'abc', contentType: 'text/plain' })
    ).json() as string[]
    expect(text).toBe('abc')
    expect(again).toContain("after reading from request's data stream")
  })

  test('a client that goes away is no 500', async () => {
    const input = {
      // eslint-disable-next-line require-yield -- the source that breaks off
      async *[Symbol.asyncIterator]() {
        throw new Error('reset')
      },
    }
    const client = site(async (request) => {
      await request.body()
      return new HttpResponse()
    })
    const response = await client.post('/', { form: { a: '1' } }, { environ: { 'wsgi.input': input } })
    expect(response.status).toBe(400)
  })
})

describe('the rest of a request', () => {
  test('headers by any case, and all of them', async () => {
    const client = show((request) => [
      request.headers.get('x-one'),
      request.headers.get('X_ONE'),
      request.headers.has('content-type'),
      [...request.headers].filter(([name]) => name.startsWith('X-') || name === 'User-Agent'),
    ])
    const headers = { 'x-one': '1', 'user-agent': 'me' }
    expect((await client.get('/', { headers })).json()).toEqual([
      '1',
      '1',
      false,
      [
        ['X-One', '1'],
        ['User-Agent', 'me'],
      ],
    ])
  })

  test.each([
    ['text/html', 'text/html', true],
    ['text/*;q=0.5', 'text/html', true],
    ['*/*', 'text/html', true],
    ['application/json', 'text/html', false],
  ])('Accept: %s takes %s: %s', async (accept, type, expected) => {
    const client = show((request) => request.accepts(type))
    expect((await client.get('/', { headers: { accept } })).json()).toBe(expected)
  })

  test('a signed cookie comes back, a changed or old one does not', async () => {
    let now = 1_700_000_000_000
    const client = site(
      (request) => {
        const known = request.getSignedCookie('c', { salt: 's', maxAge: 60 }) ?? 'none'
        const response = new HttpResponse(known)
        if (request.GET.has('set')) {
          response.setSignedCookie({ ...request.settings, now: () => now }, 'c', 'value', { salt: 's' })
        }
        return response
      },
      { now: () => now },
    )
    await client.get('/?set')
    expect((await client.get('/')).text).toBe('value')
    const signed = client.cookies.get('c') ?? ''
    client.cookies.set('c', signed.replace('value', 'Value'))
    expect((await client.get('/')).text).toBe('none')
    client.cookies.set('other', signed)
    client.cookies.delete('c')
    expect((await client.get('/')).text).toBe('none')
    client.cookies.set('c', signed)
    now += 61_000
    expect((await client.get('/')).text).toBe('none')
  })

  test.each(['session', 'messages', 'user'] as const)(
    '%s without its middleware says what is missing',
    async (name) => {
      const client = show((request) => (name === 'user' ? request.user() : request[name]))
      expect((await client.get('/')).status).toBe(500)
      expect(client.errors.join('')).toMatch(/Middleware/)
    },
  )

  test('BadRequest becomes 400', async () => {
    const client = site(() => {
      throw new BadRequest('no')
    })
    expect((await client.get('/')).status).toBe(400)
  })
})
