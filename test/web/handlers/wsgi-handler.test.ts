import { describe, expect, test } from 'vitest'
import {
  Client,
  defaultMiddleware,
  defineSettings,
  getWsgiApplication,
  HttpResponse,
  ImproperlyConfigured,
  memorySource,
  path,
  render,
  StreamingHttpResponse,
  UploadedFile,
  WSGIHandler,
  type GetResponse,
  type HttpRequest,
  type Layer,
  type MiddlewareEntry,
  type OutgoingResponse,
  type RequestUser,
  type Settings,
  type SettingsInput,
} from 'portico/web'
import { RequestInput } from '../../../src/gateway/input-stream.ts'
import { MemoryInput } from '../../../src/web/client/memory-input.ts'

const hello = () => new HttpResponse('hello')
const base: SettingsInput = { secretKey: 'k', allowedHosts: ['*'], rootUrlconf: [path('', hello)] }

function environ() {
  const errors = { write: () => undefined, writelines: () => undefined, flush: () => undefined }
  return Object.assign(Object.create(null) as object, {
    REQUEST_METHOD: 'GET',
    SCRIPT_NAME: '',
    PATH_INFO: '/',
    QUERY_STRING: '',
    SERVER_NAME: 'localhost',
    SERVER_PORT: '80',
    SERVER_PROTOCOL: 'HTTP/1.1',
    'wsgi.version': [1, 0] as const,
    'wsgi.url_scheme': 'http' as const,
    'wsgi.input': new MemoryInput(Buffer.alloc(0)),
    'wsgi.errors': errors,
    'wsgi.multithread': false,
    'wsgi.multiprocess': true,
    'wsgi.run_once': false,
  })
}

const noWrite = () => () => Promise.resolve()

describe('settings', () => {
  test('have defaults, and cannot be changed', () => {
    const settings = defineSettings({ secretKey: 'k' })
    expect([settings.sessionCookieAge, settings.xFrameOptions, settings.debug]).toEqual([
      1_209_600,
      'DENY',
      false,
    ])
    expect(Object.isFrozen(settings)).toBe(true)
  })

  test('trace as debug does, unless they say otherwise', () => {
    expect(defineSettings({ debug: true }).trace).toBe(true)
    expect(defineSettings({ debug: true, trace: false }).trace).toBe(false)
    expect(defineSettings({}).trace).toBe(false)
  })

  test.each<[object, string]>([
    [{ SECRET_KEY: 'k' }, 'did you mean secretKey?'],
    [{ secretkey: 'k' }, 'did you mean secretKey?'],
    [{ sessionCookieAges: 1 }, 'did you mean sessionCookie'],
    [{ whatever: 1 }, 'settings.extra'],
  ])('%j is a mistake that is explained', (input, message) => {
    expect(() => defineSettings(input)).toThrow(message)
  })

  test.each<[SettingsInput, string]>([
    [{}, 'settings.secretKey must not be empty'],
    [{ secretKey: 'k', csrfTrustedOrigins: ['example.com'] }, 'needs a scheme, as in https://example.com'],
    [{ secretKey: 'k', secureProxySslHeader: ['X-Forwarded-Proto', 'https'] }, 'names an environ key'],
    [{ secretKey: 'k', middleware: ['nothing.Here'] }, 'there is no middleware called "nothing.Here"'],
    [{ secretKey: 'k', databases: { default: 'mysql:x' } }, 'is not a database'],
  ])('%j stops the site before its first request', (input, message) => {
    expect(() => getWsgiApplication(defineSettings(input))).toThrow(ImproperlyConfigured)
    expect(() => getWsgiApplication(defineSettings(input))).toThrow(message)
  })

  test('need no key in development', () => {
    expect(getWsgiApplication(defineSettings({ debug: true }))).toBeTypeOf('function')
  })
})

describe('a request through the default middleware', () => {
  test('makes no promise while nothing waits', () => {
    const application = getWsgiApplication(defineSettings({ ...base, middleware: defaultMiddleware }))
    let status = ''
    const body = application(environ(), (line) => {
      status = line
      return noWrite()
    })
    expect(body).not.toBeInstanceOf(Promise)
    expect(status).toBe('200 OK')
    expect(body).toEqual([Buffer.from('hello')])
  })

  test('works as a function that was passed on', async () => {
    const { application } = new WSGIHandler(defineSettings(base))
    expect((await new Client(application).get('/')).text).toBe('hello')
  })

  test('two applications do not know each other', async () => {
    const other = defineSettings({ ...base, rootUrlconf: [path('', () => new HttpResponse('other'))] })
    const [first, second] = [new Client(defineSettings(base)), new Client(other)]
    expect([(await first.get('/')).text, (await second.get('/')).text]).toEqual(['hello', 'other'])
  })
})

describe('middleware are given as', () => {
  const mark = (name: string) => (getResponse: GetResponse) => async (request: HttpRequest) => {
    const response = await getResponse(request)
    if (response instanceof HttpResponse) response.write(name)
    return response
  }
  class Named {
    readonly #secret: string
    constructor(_getResponse: GetResponse, settings: Settings) {
      this.#secret = settings.secretKey
    }
    processResponse(_request: HttpRequest, response: HttpResponse) {
      response.write(`[${this.#secret}]`)
      return response
    }
  }
  const instance = {
    processResponse: (_request: HttpRequest, response: HttpResponse) => {
      response.write('(instance)')
      return response
    },
  }
  const text = async (middleware: SettingsInput['middleware']) =>
    (await new Client(defineSettings({ ...base, middleware: middleware ?? [] })).get('/')).text

  test.each([
    ['a factory', [mark('!')], 'hello!'],
    ['a class, with the settings', [Named as never], 'hello[k]'],
    ['an object', [instance as never], 'hello(instance)'],
    ['a loader of a factory', [() => Promise.resolve(mark('?'))], 'hello?'],
    ['a loader of a module', [() => Promise.resolve({ default: mark('.') }) as never], 'hello.'],
    ['a loader of a class', [() => Promise.resolve(Named as never)], 'hello[k]'],
    ['several', [mark('1'), mark('2'), mark('3')], 'hello321'],
  ])('%s', async (_title, middleware, expected) => {
    expect(await text(middleware)).toBe(expected)
  })

  test.each([
    ['a loader of nothing', [() => Promise.resolve({}) as never], 'gave nothing that is a middleware'],
    ['a factory that returns nothing', [((_next: GetResponse) => undefined) as never], 'returned undefined'],
    ['a loader that fails', [() => Promise.reject(new Error('no such module'))], 'no such module'],
  ])('%s: every request fails with the reason', async (_title, middleware, message) => {
    const client = new Client(defineSettings({ ...base, middleware }))
    await expect(client.get('/')).rejects.toThrow(message)
    await expect(client.get('/')).rejects.toThrow(message)
  })

  test('nothing: the constructor says so at once when it can', () => {
    const broken = defineSettings({ ...base, middleware: [((_next: GetResponse) => null) as never] })
    expect(() => getWsgiApplication(broken)).toThrow('returned null')
  })
})

describe('the view', () => {
  test.each([
    ['undefined', () => undefined, 'It returned undefined instead. Is a "return" missing?'],
    ['null', () => null, 'It returned null instead'],
    ['text', () => 'text', 'It returned a string instead'],
    ['an object', () => ({ a: 1 }), 'It returned an object of Object instead'],
    ['a promise of nothing', async () => undefined, 'It returned undefined instead'],
  ])('that returns %s is told so by its name', async (_title, view, message) => {
    const broken = Object.defineProperty(view, 'name', { value: 'broken' }) as never
    const client = new Client(defineSettings({ ...base, rootUrlconf: [path('', broken, { name: 'x' })] }))
    expect((await client.get('/')).status).toBe(500)
    expect(client.errors.join('')).toContain(`The view x didn't return an HttpResponse object. ${message}`)
  })

  test('that throws something that is no Error is a 500 too', async () => {
    const view = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a careless library does
      throw 'text'
    }
    const client = new Client(defineSettings({ ...base, rootUrlconf: [path('', view)] }))
    expect((await client.get('/')).status).toBe(500)
    expect(client.errors).toHaveLength(1)
  })

  const looped = new Error('one')
  looped.cause = new Error('other', { cause: looped })
  const noStack = Object.assign(new Error('told'), { stack: [] })

  test.each([
    ['its own cause', looped, /one[^]*caused by Error: other/],
    ['an object without a text', Object.assign(Object.create(null), { code: 5 }), /\{"code":5\}/],
    ['an error with a stack that is none', noStack, /Error: told/],
  ])('that throws %s is a 500, and what was thrown is told', async (_name, thrown: unknown, told) => {
    const view = () => {
      throw thrown
    }
    for (const debug of [false, true]) {
      const client = new Client(defineSettings({ ...base, debug, rootUrlconf: [path('', view)] }))
      const page = await client.get('/')
      expect(page.status).toBe(500)
      expect(page.text.includes('settings.debug')).toBe(debug)
      expect(client.errors.join('')).toMatch(told)
    }
  })

  test('whose database is out of reach is a 503', async () => {
    const view = () => {
      throw Object.assign(new Error('no connection'), { status: 503 })
    }
    const client = new Client(defineSettings({ ...base, rootUrlconf: [path('', view)] }))
    expect((await client.get('/')).status).toBe(503)
  })
})

test.each([
  ['form', 'application/x-www-form-urlencoded'],
  ['form', 'multipart/form-data; boundary=b'],
  ['body', 'text/plain'],
] as const)(
  'a %s that no view waited for (%s) fails for nobody when its response ends',
  async (kind, type) => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const view = (request: HttpRequest) => {
      void request[kind]()
      const response = new HttpResponse('at once')
      response.onClose(() => new Promise((resolve) => setTimeout(resolve, 5)))
      return response
    }
    const input = new RequestInput(100, () => undefined)
    input.push(Buffer.from('--b\r\n'))
    const application = getWsgiApplication(defineSettings({ ...base, rootUrlconf: [path('', view)] }))
    const post = { REQUEST_METHOD: 'POST', CONTENT_TYPE: type, CONTENT_LENGTH: '100', 'wsgi.input': input }
    const body = await application(Object.assign(environ(), post), noWrite)
    const closing = body.close?.()
    input.discard()
    await closing
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', listener)
    expect(unhandled).toEqual([])
  },
)

test('what ends with a response may still read an upload, and its failure keeps none on disk', async () => {
  const read: string[] = []
  const files: UploadedFile[] = []
  const view = async (request: HttpRequest): Promise<HttpResponse> => {
    const file = (await request.form()).files.get('f')
    if (!(file instanceof UploadedFile)) throw new TypeError('no file came')
    files.push(file)
    const response = new HttpResponse('taken')
    response.onClose(async () => {
      await new Promise(setImmediate)
      read.push(await file.text())
      throw new Error('the closer fails')
    })
    return response
  }
  const client = new Client(
    defineSettings({ ...base, fileUploadMaxMemorySize: 4, rootUrlconf: [path('', view)] }),
  )
  const multipart = { f: { name: 'f', content: 'longer' } }
  const response = await client.post('/', { multipart })
  expect([response.status, response.text, read]).toEqual([200, 'taken', ['longer']])
  expect(files[0]?.temporary).toBe(true)
  await expect(files[0]?.text()).rejects.toThrow()
})

describe('signals', () => {
  test('come in their order, and a listener that throws stops nothing', async () => {
    const logged: unknown[] = []
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => logged.push(fields),
    }
    const events: string[] = []
    const view = () => {
      events.push('view')
      return new StreamingHttpResponse(['x'])
    }
    const handler = new WSGIHandler(defineSettings({ ...base, logger, rootUrlconf: [path('', view)] }))
    handler.signals.requestStarted.connect(() => {
      throw new Error('listener')
    })
    handler.signals.requestStarted.connect(() => events.push('started'))
    const disconnect = handler.signals.requestFinished.connect(() => events.push('finished'))
    expect((await new Client(handler).get('/')).text).toBe('x')
    expect(events).toEqual(['started', 'view', 'finished'])
    expect(logged).toHaveLength(1)
    disconnect()
    await new Client(handler).get('/')
    expect(events).toEqual(['started', 'view', 'finished', 'started', 'view'])
  })
})

describe('templates', () => {
  const ann: RequestUser = { isAuthenticated: true, isAnonymous: false, isActive: true, username: 'ann' }
  const templates = {
    'user.html': '{% if user.is_authenticated %}no{% endif %}{{ user.username }} {{ user.isAuthenticated }}',
    'later.html': '{{ value }}',
    'extra.html': '{{ extra }} {{ debug }}',
  }
  const site = (settings: SettingsInput, view: (request: HttpRequest) => ReturnType<typeof render>) =>
    new Client(
      defineSettings({
        ...base,
        middleware: defaultMiddleware,
        templates: { loaders: [memorySource(templates)] },
        rootUrlconf: [path('', view)],
        ...settings,
      }),
    )

  test('find the user, asked only if the template does', async () => {
    let asked = 0
    const getUser = async () => {
      asked += 1
      return ann
    }
    const client = site({ getUser }, (request) => render(request, 'user.html'))
    expect((await client.get('/')).text).toBe('ann True')
    expect(asked).toBe(1)
    const other = site({ getUser }, (request) => render(request, 'later.html', { value: 1 }))
    await other.get('/')
    expect(asked).toBe(1)
  })

  test('wait for what their context promises', async () => {
    const client = site({}, (request) => render(request, 'later.html', { value: Promise.resolve('later') }))
    expect((await client.get('/')).text).toBe('later')
  })

  test('take the first that exists, and say when none does', async () => {
    const names = ['none.html', 'later.html']
    expect((await site({}, (request) => render(request, names, { value: 1 })).get('/')).text).toBe('1')
    const client = site({}, (request) => render(request, ['a.html', 'b.html']))
    expect((await client.get('/')).status).toBe(500)
    expect(client.errors.join('')).toContain('b.html')
  })

  test('take what processors add, now or later; the view has the last word', async () => {
    const contextProcessors = [() => ({ extra: 'processor' }), async () => ({ debug: 'later' })]
    const loaders = [memorySource(templates)]
    const client = site({ templates: { loaders, contextProcessors } }, (request) =>
      render(request, 'extra.html'),
    )
    expect((await client.get('/')).text).toBe('processor later')
    const own = site({ templates: { loaders, contextProcessors } }, (request) =>
      render(request, 'extra.html', { extra: 'view' }),
    )
    expect((await own.get('/')).text).toBe('view later')
  })
})

describe.each(['middleware', 'middlewareClasses'] as const)(
  'with %s, a response that is not sent ends, too',
  (list) => {
    const failing = {
      processResponse() {
        throw new Error('a hook that fails')
      },
    }
    const replacing = { processResponse: () => new HttpResponse('another') }
    const late: Layer = (getResponse) => async (request) => {
      await getResponse(request)
      return new HttpResponse('another')
    }
    const early = {
      processRequest: () => heldBy('early'),
      processResponse: (_request: HttpRequest, response: OutgoingResponse) => response,
    }
    const ended: string[] = []
    function heldBy(name: string): HttpResponse {
      const response = new HttpResponse(name)
      response.onClose(() => void ended.push(name))
      return response
    }

    test.each<[string, MiddlewareEntry[], number, string[]]>([
      ['where a hook throws', [failing], 500, ['view']],
      ['where a hook answers', [replacing], 200, ['view']],
      ['where a layer answers', [late], 200, ['view']],
      ['where it was a hook that made it', [failing, early], 500, ['early']],
      ['and one that is sent ends once', [], 200, ['view']],
    ])('%s', async (_name, entries, status, held) => {
      ended.length = 0
      const settings = defineSettings({ ...base, rootUrlconf: [path('', () => heldBy('view'))] })
      const client = new Client({ ...settings, [list]: entries })
      expect([(await client.get('/')).status, ended]).toEqual([status, held])
    })
  },
)

describe('a layer in a flat list', () => {
  const flat = (...middlewareClasses: MiddlewareEntry[]) =>
    new Client({ ...defineSettings(base), middlewareClasses })
  const holding =
    (held: string[], name: string): Layer =>
    (getResponse) =>
    async (request) => {
      try {
        return await getResponse(request)
      } finally {
        held.push(name)
      }
    }

  test('gives back what it holds when a response hook before its own throws', async () => {
    const held: string[] = []
    const failing = {
      processResponse() {
        throw new Error('a hook that fails')
      },
    }
    const client = flat(holding(held, 'outer'), holding(held, 'inner'), failing)
    expect([(await client.get('/')).status, held.sort()]).toEqual([500, ['inner', 'outer']])
  })

  test('gives it back when a layer further in throws on its way out', async () => {
    const held: string[] = []
    const failing: Layer = (getResponse) => async (request) => {
      await getResponse(request)
      throw new Error('a layer that fails')
    }
    const client = flat(holding(held, 'outer'), failing)
    expect([(await client.get('/')).status, held]).toEqual([500, ['outer']])
  })
})

test('a listener of a signal that fails later is logged, and ends nothing', async () => {
  const logged: string[] = []
  const note = (_fields: object, message: string): number => logged.push(message)
  const handler = new WSGIHandler(
    defineSettings({ ...base, logger: { debug: note, info: note, warn: note, error: note } }),
  )
  handler.signals.requestStarted.connect(async () => Promise.reject(new Error('later')))
  expect((await new Client(handler).get('/')).text).toBe('hello')
  expect(logged).toEqual(['A signal listener failed'])
})
