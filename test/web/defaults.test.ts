/** What holds for a site that says nothing: Django's defaults, the flags of cookies, the limits at their very edge. */
import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  Client,
  defaultMiddleware,
  defineSettings,
  getToken,
  HttpResponse,
  MemorySessionStore,
  messages,
  path,
  type Settings,
  type SettingsInput,
} from 'portico/web'
import { describeWithPeer } from '../support/peer.ts'

const defaults = defineSettings({})

const site = (settings: SettingsInput = {}) =>
  new Client(
    defineSettings({
      secretKey: 'secret',
      allowedHosts: ['testserver'],
      middleware: defaultMiddleware,
      sessionStore: new MemorySessionStore(),
      rootUrlconf: [
        path('all/', (request) => {
          request.session.set('n', 1)
          messages.info(request, 'said')
          const response = new HttpResponse(getToken(request).slice(0, 0))
          response.setSignedCookie(request.settings, 'own', 'x')
          return response
        }),
        path('form/', async (request) => {
          const { fields, files } = await request.form()
          return new HttpResponse(`${[...fields.lists()].length} ${files.size}`)
        }),
        path('query/', (request) => new HttpResponse(String(request.GET.size))),
        path('body/', async (request) => new HttpResponse(String((await request.body()).length))),
      ],
      ...settings,
    }),
  )

describe('cookies', () => {
  const flags = async (settings: SettingsInput = {}, secure = false) => {
    const response = await site(settings).get('/all/', { secure })
    const lines = response.headers('set-cookie').map((line) => line.replace(/expires=[^;]+; /, ''))
    const pairs = lines.map((line) => [line.split('=')[0] ?? '', line.slice(line.indexOf(';') + 2)] as const)
    return Object.fromEntries(pairs)
  }

  test('without a name, or without an equals sign, are kept by no client', async () => {
    const fields = ['foo', '=x', ' ; bar', 'a=b; Path=/', 'c="d e"']
    const client = new Client((_environ, startResponse) => {
      startResponse(
        '200 OK',
        fields.map((value): [string, string] => ['Set-Cookie', value]),
      )
      return []
    })
    await client.get('/')
    expect([...client.cookies]).toEqual([
      ['a', 'b'],
      ['c', '"d e"'],
    ])
  })

  test('have Django’s flags', async () => {
    expect(await flags()).toEqual({
      sessionid: 'HttpOnly; Max-Age=1209600; Path=/; SameSite=Lax',
      csrftoken: 'Max-Age=31449600; Path=/; SameSite=Lax',
      messages: 'HttpOnly; Path=/; SameSite=Lax',
      own: 'Path=/',
    })
  })

  test('are secure where the settings say so, and only there', async () => {
    const secure = { sessionCookieSecure: true, csrfCookieSecure: true }
    for (const [name, value] of Object.entries(await flags(secure))) {
      expect([name, value.endsWith('; Secure')]).toEqual([name, name !== 'own'])
    }
    for (const value of Object.values(await flags({}, true))) expect(value).not.toContain('Secure')
  })
})

describe('limits', () => {
  const urlencoded = (body: string) => ({ body, contentType: 'application/x-www-form-urlencoded' })
  const fields = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=`).join('&')
  const parts = (count: number, file = false) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`f${index}`, file ? { name: 'a', content: 'x' } : '']),
    )
  const megabytes = 2_621_440

  test.each([
    ['1000 fields', '/form/', urlencoded(fields(1000)), 200],
    ['1001 fields', '/form/', urlencoded(fields(1001)), 400],
    ['1000 fields in parts', '/form/', { multipart: parts(1000) }, 200],
    ['1001 fields in parts', '/form/', { multipart: parts(1001) }, 400],
    ['100 files', '/form/', { multipart: parts(100, true) }, 200],
    ['101 files', '/form/', { multipart: parts(101, true) }, 400],
    ['2.5 MiB of form', '/form/', urlencoded(`a=${'x'.repeat(megabytes - 2)}`), 200],
    ['a byte more of form', '/form/', urlencoded(`a=${'x'.repeat(megabytes - 1)}`), 400],
    ['2.5 MiB of body', '/body/', { body: Buffer.alloc(megabytes), contentType: 'x/y' }, 200],
    ['a byte more of body', '/body/', { body: Buffer.alloc(megabytes + 1), contentType: 'x/y' }, 400],
    ['a field of 2.5 MiB in a part', '/form/', { multipart: { a: 'x'.repeat(megabytes + 1) } }, 400],
    [
      'a file above 2.5 MiB',
      '/form/',
      { multipart: { f: { name: 'a', content: Buffer.alloc(megabytes * 2) } } },
      200,
    ],
  ])('%s (%s), with security headers either way', async (_what, url, body, status) => {
    const response = await site().post(url, body)
    expect(response.status).toBe(status)
    expect(response.header('x-frame-options')).toBe('DENY')
    expect(response.header('x-content-type-options')).toBe('nosniff')
  })

  test('a query has 1000 fields, too', async () => {
    expect((await site().get(`/query/?${fields(1000)}`)).status).toBe(200)
    expect((await site().get(`/query/?${fields(1001)}`)).status).toBe(400)
  })

  test.each(['dataUploadMaxNumberFields', 'dataUploadMaxNumberFiles', 'dataUploadMaxMemorySize'] as const)(
    '%s may be lifted',
    async (name) => {
      const body = name === 'dataUploadMaxNumberFiles' ? { multipart: parts(101, true) } : urlencoded(name === 'dataUploadMaxMemorySize' ? `a=${'x'.repeat(megabytes)}` : fields(1001)) // prettier-ignore
      expect((await site({ [name]: null }).post('/form/', body)).status).toBe(200)
    },
  )
})

/** Ours by Django's name, where it is not the same in camelCase. */
const NAMES: Readonly<Record<string, keyof Settings>> = {
  USE_X_FORWARDED_HOST: 'useXForwardedHost',
  USE_X_FORWARDED_PORT: 'useXForwardedPort',
  CSRF_COOKIE_HTTPONLY: 'csrfCookieHttpOnly',
  CSRF_COOKIE_SAMESITE: 'csrfCookieSameSite',
  SESSION_COOKIE_HTTPONLY: 'sessionCookieHttpOnly',
  SESSION_COOKIE_SAMESITE: 'sessionCookieSameSite',
  X_FRAME_OPTIONS: 'xFrameOptions',
  FILE_UPLOAD_MAX_MEMORY_SIZE: 'fileUploadMaxMemorySize',
}

/** Settings whose default is another one than Django 3.2's, and why. */
const OTHER: Readonly<Record<string, string>> = {
  STATIC_URL: 'startproject writes static/; a site that serves no static file never asks for it',
  MEDIA_URL: 'Django puts the script name before the empty one, which gives the slash',
  TIME_ZONE: 'Django’s is the place it was written at; startproject writes UTC',
  USE_TZ: 'true since Django 5',
  FILE_UPLOAD_TEMP_DIR: 'Django says None for the same folder',
  CACHES: 'null stands for Django’s: one in memory',
  MESSAGE_STORAGE: 'null stands for Django’s: the cookie, and the session for what does not fit',
  CSRF_FAILURE_VIEW: 'null stands for the page of the framework',
  TEMPLATES: 'one engine, and its options have names',
}

describeWithPeer('python3', 'settings', (python = '') => {
  const script =
    'import json; from django.conf import global_settings as g; ' +
    'print(json.dumps({k: getattr(g, k) for k in dir(g) if k.isupper()}, default=str))'
  const django = JSON.parse(
    execFileSync(python, ['-c', script], { encoding: 'utf8', timeout: 30_000 }),
  ) as Record<string, unknown>
  const camel = (name: string): string =>
    name.toLowerCase().replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase())
  const shared = Object.keys(django)
    .map((name) => [name, NAMES[name] ?? camel(name)] as const)
    .filter(([, ours]) => Object.hasOwn(defaults, ours))

  test('of the same meaning are many', () => {
    expect(shared.length).toBeGreaterThan(60)
    expect(Object.keys(OTHER).filter((name) => !shared.some(([django]) => django === name))).toEqual([])
  })

  test.each(shared)('%s has the same default as ours, or there is a reason', (name, ours) => {
    const own: unknown = JSON.parse(JSON.stringify(defaults[ours as keyof Settings] ?? null))
    if (name in OTHER) expect(own).not.toEqual(django[name])
    else expect(own).toEqual(django[name])
  })
})
