import { describe, expect, test } from 'vitest'
import {
  BadHeaderError,
  Client,
  ConditionalGetMiddleware,
  ContentNotRenderedError,
  defineSettings,
  DisallowedRedirect,
  FileResponse,
  HttpResponse,
  HttpResponseNotAllowed,
  HttpResponseNotModified,
  HttpResponsePermanentRedirect,
  HttpResponseRedirect,
  JsonResponse,
  path,
  StreamingHttpResponse,
  TemplateResponse,
  type OutgoingResponse,
  type UploadedFile,
} from 'portico/web'

function answer(view: () => OutgoingResponse) {
  const settings = defineSettings({ secretKey: 'k', allowedHosts: ['*'], rootUrlconf: [path('', view)] })
  return new Client(settings).get('/')
}

describe('headers', () => {
  test.each(['a\r\nSet-Cookie: x=1', 'a\nb', 'a\rb', 'a\0b'])('the value %j is refused', (value) => {
    const response = new HttpResponse()
    expect(() => response.headers.set('X-One', value)).toThrow(BadHeaderError)
    expect(() => new HttpResponse('', { headers: { 'X-One': value } })).toThrow(BadHeaderError)
    expect(() => response.headers.setDefault('X-One', value)).toThrow(BadHeaderError)
    expect(() => response.headers.addTokens('Vary', value)).toThrow(BadHeaderError)
    expect(() => new HttpResponse('', { contentType: value })).toThrow(BadHeaderError)
  })

  test.each(['', 'a b', 'a:b', 'a\r\n', 'ü', 'a\0'])('the name %j is refused', (name) => {
    expect(() => new HttpResponse().headers.set(name, 'x')).toThrow(BadHeaderError)
  })

  test('are found by any case, and keep that of their setting', () => {
    const { headers } = new HttpResponse()
    headers.set('X-One', 1)
    headers.set('x-one', 2)
    headers.set('X-Two', 'b')
    expect([
      headers.get('X-ONE'),
      headers.has('x-two'),
      headers.delete('X-Two'),
      headers.has('X-Two'),
    ]).toEqual(['2', true, true, false])
    expect([...headers]).toEqual([
      ['Content-Type', 'text/html; charset=utf-8'],
      ['x-one', '2'],
    ])
  })

  test('a value outside Latin-1 becomes an encoded word', () => {
    const response = new HttpResponse('', { headers: { 'X-One': '€' } })
    expect(response.headers.get('X-One')).toBe('=?utf-8?b?4oKs?=')
  })

  test('tokens are added once', () => {
    const { headers } = new HttpResponse()
    headers.addTokens('Vary', 'Cookie')
    headers.addTokens('Vary', 'cookie', 'Accept')
    expect(headers.get('Vary')).toBe('Cookie, Accept')
  })

  test('a content type is given once', () => {
    const both = { contentType: 'a/b', headers: { 'Content-Type': 'c/d' } }
    expect(() => new HttpResponse('', both)).toThrow(TypeError)
    expect(new HttpResponse('', { headers: { 'content-type': 'c/d' } }).headers.get('Content-Type')).toBe(
      'c/d',
    )
  })
})

describe('status', () => {
  test.each([99, 600, 200.5, Number.NaN])('%s is none', (status) => {
    expect(() => new HttpResponse('', { status })).toThrow(RangeError)
  })

  test('has its reason, or its own', () => {
    expect(new HttpResponse('', { status: 404 }).statusLine).toBe('404 Not Found')
    expect(new HttpResponse('', { status: 499 }).statusLine).toBe('499 Unknown Status Code')
    expect(new HttpResponse('', { status: 200, reason: 'Fine' }).statusLine).toBe('200 Fine')
    expect(() => new HttpResponse('', { reason: 'a\r\nb' })).toThrow(BadHeaderError)
  })
})

describe('cookies', () => {
  const field = (response: HttpResponse) => response.headerPairs().at(-1)?.[1]

  test('carry their attributes', () => {
    const response = new HttpResponse()
    response.setCookie('a', 'b', { maxAge: 60, sameSite: 'Lax' }, 0)
    expect(field(response)).toBe(
      'a=b; expires=Thu, 01 Jan 1970 00:01:00 GMT; Max-Age=60; Path=/; SameSite=Lax',
    )
  })

  test('of one name replace each other', () => {
    const response = new HttpResponse()
    response.setCookie('a', '1')
    response.setCookie('a', '2')
    expect(response.headerPairs().filter(([name]) => name === 'Set-Cookie')).toHaveLength(1)
  })

  test.each(['__Host-a', '__Secure-a'])('%s is deleted with Secure', (name) => {
    const response = new HttpResponse()
    response.deleteCookie(name)
    expect(field(response)).toMatch(/Max-Age=0; Path=\/; Secure$/)
  })

  test.each([
    ['', 'x', {}],
    ['a b', 'x', {}],
    ['a;b', 'x', {}],
    ['a=b', 'x', {}],
    ['a', '€', {}],
    ['a', 'x', { path: '/;x' }],
    ['a', 'x', { domain: 'a\r\nb' }],
  ])('%j=%j %j is refused', (name, value, options) => {
    expect(() => new HttpResponse().setCookie(name, value, options)).toThrow(TypeError)
  })

  test('a value can break out of nothing', () => {
    const response = new HttpResponse()
    response.setCookie('a', 'x; Secure\r\nX: y')
    expect(field(response)).toBe('a="x\\073 Secure\\015\\012X: y"; Path=/')
  })
})

describe('redirects', () => {
  test.each([
    ['/a/', '/a/'],
    ['/ü/', '/%C3%BC/'],
    ['https://example.com/x', 'https://example.com/x'],
    ['a?b=c#d', 'a?b=c#d'],
  ])('to %s', (to, location) => {
    expect(new HttpResponseRedirect(to).headers.get('Location')).toBe(location)
  })

  test.each([
    'javascript:alert(1)',
    'JAVASCRIPT:x',
    'data:text/html,x',
    'ssh://x',
    ' javascript:x',
    'java\tscript:x',
    '\x01javascript:x',
  ])('to %j is refused', (to) => {
    expect(() => new HttpResponseRedirect(to)).toThrow(DisallowedRedirect)
  })

  test('a newline is encoded, never written', () => {
    const location = new HttpResponseRedirect('/a\r\nSet-Cookie: x').headers.get('Location')
    expect(location).toBe('/a%0D%0ASet-Cookie:%20x')
  })

  test('for good', () => {
    expect(new HttpResponsePermanentRedirect('/').status).toBe(301)
  })
})

describe('bodies', () => {
  test('are read, written to and replaced', () => {
    const response = new HttpResponse('ä')
    response.write('b')
    response.write(Buffer.from('c'))
    expect([response.text, response.contentLength]).toEqual(['äbc', 4])
    response.content = 'new'
    expect(response.content.toString()).toBe('new')
    expect(new HttpResponse(new Uint8Array([65, 66]).subarray(1)).text).toBe('B')
  })

  test('JSON', async () => {
    expect((await answer(() => new JsonResponse({ a: '€' }))).json()).toEqual({ a: '€' })
    expect(() => new JsonResponse(undefined)).toThrow(TypeError)
    expect(() => new JsonResponse(1n)).toThrow(TypeError)
  })

  test('a stream is sent as it comes, and closed', async () => {
    let closed = 0
    const response = await answer(() => {
      const stream = new StreamingHttpResponse(
        (async function* () {
          yield 'one '
          yield Buffer.from('two')
        })(),
      )
      stream.onClose(() => {
        closed += 1
      })
      return stream
    })
    expect([response.text, closed]).toEqual(['one two', 1])
  })

  test('a stream that breaks off is closed too', async () => {
    let closed = 0
    const broken = answer(() => {
      const stream = new StreamingHttpResponse(
        (function* () {
          yield 'one'
          throw new Error('broken')
        })(),
      )
      stream.onClose(() => {
        closed += 1
      })
      return stream
    })
    await expect(broken).rejects.toThrow('broken')
    expect(closed).toBe(1)
  })

  test('a stream that is not sent because the client has it is closed too', async () => {
    let closed = 0
    const stream = () => {
      const response = new StreamingHttpResponse(['x'], {
        headers: { 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' },
      })
      response.onClose(() => {
        closed += 1
      })
      return response
    }
    const settings = defineSettings({
      secretKey: 'k',
      allowedHosts: ['*'],
      middleware: [ConditionalGetMiddleware],
      rootUrlconf: [path('', stream)],
    })
    const headers = { 'If-Modified-Since': 'Tue, 02 Jan 2024 00:00:00 GMT' }
    expect([(await new Client(settings).get('/', { headers })).status, closed]).toEqual([304, 1])
  })

  test('what one closer throws keeps no upload open', async () => {
    let kept: UploadedFile | undefined
    const settings = defineSettings({
      secretKey: 'k',
      allowedHosts: ['*'],
      fileUploadMaxMemorySize: 0,
      rootUrlconf: [
        path('', async (request) => {
          kept = (await request.form()).files.get('f')
          const response = new HttpResponse(await kept?.text())
          response.onClose(() => {
            throw new Error('a closer that fails')
          })
          return response
        }),
      ],
    })
    const client = new Client(settings)
    const answered = await client.post('/', { multipart: { f: { name: 'a.txt', content: 'hello' } } })
    expect([answered.text, kept?.temporary]).toEqual(['hello', true])
    expect(client.errors.join()).toContain('a closer that fails')
    await expect(kept?.read()).rejects.toThrow()
  })

  test.each([
    [{ filename: 'a.png' }, 'image/png', 'inline; filename="a.png"'],
    [{ filename: 'a"b\\.csv', asAttachment: true }, 'text/csv', 'attachment; filename="a\\"b\\\\.csv"'],
    [{ filename: 'ü.pdf' }, 'application/pdf', "inline; filename*=utf-8''%C3%BC.pdf"],
    [{ filename: 'x\r\ny' }, 'application/octet-stream', 'inline; filename="xy"'],
    [{ asAttachment: true }, 'application/octet-stream', 'attachment'],
    [{}, 'application/octet-stream', undefined],
  ])('a file, %j', (init, type, disposition) => {
    const { headers } = new FileResponse(['x'], { ...init, contentLength: 1 })
    expect([headers.get('Content-Type'), headers.get('Content-Disposition')]).toEqual([type, disposition])
  })

  test('304 has no type, 405 says what is allowed', () => {
    expect(new HttpResponseNotModified().headers.has('Content-Type')).toBe(false)
    expect(new HttpResponseNotAllowed(['GET', 'HEAD']).headers.get('Allow')).toBe('GET, HEAD')
  })
})

describe('a response rendered late', () => {
  const make = () =>
    new TemplateResponse((name, context) => `${String(name)} ${JSON.stringify(context)}`, 't', { a: 1 })

  test('has no body before', () => {
    expect(() => make().content).toThrow(ContentNotRenderedError)
  })

  test('is rendered once, with what it has then', () => {
    const response = make()
    response.templateName = 'u'
    response.contextData['b'] = 2
    void response.render()
    response.contextData['c'] = 3
    void response.render()
    expect(response.text).toBe('u {"a":1,"b":2}')
  })

  test('calls back with the rendered response, which may be replaced', () => {
    const response = make()
    const seen: string[] = []
    response.addPostRenderCallback((done) => {
      expect(done).toBe(response)
      seen.push(response.text)
    })
    const other = new HttpResponse('other')
    response.addPostRenderCallback(() => other)
    response.addPostRenderCallback((done) => {
      expect(done).toBe(other)
      seen.push('behind')
    })
    expect(seen).toEqual([])
    expect(response.render()).toBe(other)
    response.addPostRenderCallback(() => {
      seen.push('late')
    })
    expect(seen).toEqual(['t {"a":1}', 'behind', 'late'])
  })

  test('setting its body renders it', () => {
    const response = make()
    response.content = 'own'
    expect([response.isRendered, response.text]).toEqual([true, 'own'])
  })
})
