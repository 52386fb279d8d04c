/**
 * Attacks on a whole site (attacked-site.ts), each of which has to fail. Beside an attack that a switch would let
 * through stands the same attack with the switch thrown: what it is stopped by is the defence, and nothing else.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  BadHeaderError,
  Client,
  createTables,
  CsrfViewMiddleware,
  defaultMiddleware,
  F,
  f,
  FileResponse,
  FileSessionStore,
  HttpResponse,
  HttpResponseRedirect,
  model,
  modelForm,
  modelFormset,
  ModelRegistry,
  path,
  QueryDict,
  SessionMiddleware,
  Signer,
  storedFileResponse,
  urlHasAllowedHostAndScheme,
  User,
  type SettingsInput,
} from 'portico/web'
import { attackedSite, Note, type AttackedSite } from './attacked-site.ts'

let site: AttackedSite
let client: Client

beforeEach(async () => {
  site = await attackedSite()
  client = new Client(site.settings, { enforceCsrfChecks: true })
})

const another = () => new Client(site.settings, { enforceCsrfChecks: true })

/** The same site with other settings, and a client of it. */
async function withSettings(change: SettingsInput): Promise<Client> {
  site = await attackedSite(change)
  return another()
}

const tokenOf = async (visitor: Client) => (await visitor.get('/token/')).text

/** What a form of this site posts. */
async function submit(
  visitor: Client,
  url: string,
  fields: Readonly<Record<string, string | readonly string[]>>,
  headers: Readonly<Record<string, string>> = {},
) {
  const form = { ...fields, csrfmiddlewaretoken: await tokenOf(visitor) }
  return visitor.post(url, { form }, { headers })
}

const signIn = (visitor: Client, password = 'engine-1842', more: Readonly<Record<string, string>> = {}) =>
  submit(visitor, '/accounts/login/', { username: 'ada', password, ...more })
const whoIs = async (visitor: Client) => (await visitor.get('/whoami/')).text
const titles = () =>
  site.databases.run(async () => (await Note.objects.orderBy('id').values('title')).map((row) => row.title))

/** Milliseconds of the processor's time: other processes of a busy machine do not add to it. */
async function cost(run: () => unknown): Promise<number> {
  const start = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

describe('a forged form', () => {
  const forged = { form: { title: 'forged' } }

  test('is refused, and let in only by the site without CsrfViewMiddleware', async () => {
    await signIn(client)
    expect((await client.post('/notes/add/', forged)).status).toBe(403)
    expect(await titles()).toEqual(['first'])
    const open = await withSettings({
      middleware: defaultMiddleware.filter(
        (entry) => entry !== CsrfViewMiddleware && !/Csrf/.test(String(entry)),
      ),
    })
    expect((await open.post('/notes/add/', forged)).status).toBe(302)
    expect(await titles()).toEqual(['first', 'forged'])
  })

  test('with the token of the attacker’s own visit is refused', async () => {
    const csrfmiddlewaretoken = await tokenOf(another())
    await client.get('/token/')
    const form = { title: 'forged', csrfmiddlewaretoken }
    expect((await client.post('/notes/add/', { form })).status).toBe(403)
    expect(
      (await client.post('/notes/add/', forged, { headers: { 'x-csrftoken': csrfmiddlewaretoken } })).status,
    ).toBe(403)
  })

  test('with a token in the query, in a cookie alone or in JSON is refused', async () => {
    const token = await tokenOf(client)
    expect((await client.post(`/notes/add/?csrfmiddlewaretoken=${token}`, forged)).status).toBe(403)
    client.cookies.set('csrfmiddlewaretoken', token)
    expect((await client.post('/notes/add/', forged)).status).toBe(403)
    expect(
      (await client.post('/notes/add/', { json: { title: 'x', csrfmiddlewaretoken: token } })).status,
    ).toBe(403)
  })

  test('that signs the victim in as the attacker is refused', async () => {
    const form = { username: 'ada', password: 'engine-1842' }
    expect((await client.post('/accounts/login/', { form })).status).toBe(403)
    expect(await whoIs(client)).toBe('')
  })

  test.each([
    [{ referer: 'https://testserver/notes/' }, 302],
    [{}, 403],
    [{ referer: '' }, 403],
    [{ referer: 'http://testserver/notes/' }, 403],
    [{ referer: 'https://evil.example/https://testserver/' }, 403],
    [{ referer: 'https://testserver.evil.example/' }, 403],
    [{ referer: 'https://testserver@evil.example/' }, 403],
    [{ referer: 'https://sub.testserver/' }, 403],
    [{ referer: 'https://testserver:8443/' }, 403],
    [{ referer: '//testserver/' }, 403],
    [{ origin: 'null', referer: 'https://testserver/' }, 403],
    [{ origin: 'https://sub.testserver', referer: 'https://testserver/' }, 403],
    [{ origin: 'https://testserver', referer: 'https://evil.example/' }, 302],
  ])('over https with %j: %i', async (headers, status) => {
    const form = { title: 'x', csrfmiddlewaretoken: await tokenOf(client) }
    expect((await client.post('/notes/add/', { form }, { headers, secure: true })).status).toBe(status)
  })

  describe('with a cookie that a sub-domain has planted', () => {
    const planted = 'A'.repeat(32)
    const form = { title: 'tossed', csrfmiddlewaretoken: planted }
    const toss = (visitor: Client, headers: Readonly<Record<string, string>>) => {
      visitor.cookies.set('csrftoken', planted)
      return visitor.post('/notes/add/', { form }, { headers, secure: true })
    }

    test.each([{ origin: 'https://evil.testserver' }, { referer: 'https://evil.testserver/' }, {}])(
      'is refused by where it comes from, %j',
      async (headers) => {
        expect((await toss(client, headers)).status).toBe(403)
        const trusting = await withSettings({ csrfTrustedOrigins: ['https://*.testserver'] })
        const accepted = 'origin' in headers || 'referer' in headers
        expect((await toss(trusting, headers)).status).toBe(accepted ? 302 : 403)
      },
    )

    test('is refused from anywhere where the session keeps the secret', async () => {
      const careful = await withSettings({
        csrfUseSessions: true,
        csrfTrustedOrigins: ['https://*.testserver'],
      })
      await careful.get('/token/')
      expect((await toss(careful, { origin: 'https://evil.testserver' })).status).toBe(403)
      expect((await toss(careful, { origin: 'https://testserver' })).status).toBe(403)
    })
  })

  test('cannot be made from what compression tells: no two tokens, and no token and the cookie, are alike', async () => {
    const tokens = [await tokenOf(client), await tokenOf(client), await tokenOf(client)]
    const all = [...tokens, client.cookies.get('csrftoken') ?? '']
    expect(new Set(all).size).toBe(4)
    for (const [index, one] of all.entries()) {
      for (const other of all.slice(index + 1)) {
        const parts = Array.from({ length: one.length - 7 }, (_, at) => one.slice(at, at + 8))
        expect(parts.filter((part) => other.includes(part))).toEqual([])
      }
    }
  })
})

describe('session fixation', () => {
  const planted = 'attackersattackersattackersattac'

  test('by an id of the attacker’s choice: it is never taken', async () => {
    client.cookies.set('sessionid', planted)
    await client.get('/cart/?put=apples')
    const own = client.cookies.get('sessionid')
    expect(own).not.toBe(planted)
    await signIn(client)
    const attacker = another()
    attacker.cookies.set('sessionid', planted)
    expect(await whoIs(attacker)).toBe('')
  })

  test('by an id that the site has given to the attacker: it ends at sign-in', async () => {
    const attacker = another()
    await attacker.get('/cart/?put=apples')
    const given = attacker.cookies.get('sessionid') ?? ''
    client.cookies.set('sessionid', given)
    await signIn(client)
    expect(await whoIs(client)).toBe('ada')
    expect(client.cookies.get('sessionid')).not.toBe(given)
    attacker.cookies.set('sessionid', given)
    expect([await whoIs(attacker), (await attacker.get('/cart/')).text]).toEqual(['', 'empty'])
  })

  test('by a session stolen before the password was changed: it ends, the victim’s goes on', async () => {
    await signIn(client)
    const thief = another()
    thief.cookies.set('sessionid', client.cookies.get('sessionid') ?? '')
    expect(await whoIs(thief)).toBe('ada')
    const changed = await submit(client, '/change/', {
      oldPassword: 'engine-1842',
      newPassword1: 'difference-1833',
      newPassword2: 'difference-1833',
    })
    expect(changed.header('location')).toBe('/change/done/')
    expect([await whoIs(thief), await whoIs(client)]).toEqual(['', 'ada'])
  })

  test('by a file name for an id: no store looks for it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-sessions-'))
    try {
      writeFileSync(join(folder, 'secret.session'), '9999999999999\n{"cart": "stolen"}')
      const store = new FileSessionStore(join(folder, 'own'))
      mkdirSync(join(folder, 'own'))
      const files = await withSettings({ sessionStore: store })
      for (const id of [
        '../secret',
        `${'../'.repeat(8)}secret`,
        `..%2fsecret${'a'.repeat(21)}`,
        `../secret\0${'a'.repeat(22)}`,
      ]) {
        files.cookies.set('sessionid', id)
        expect((await files.get('/cart/')).text).toBe('empty')
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the Host header', () => {
  const linkIn = () => /https?:\/\/[^\s/]+/.exec(site.mail.outbox.at(-1)?.body ?? '')?.[0]
  const reset = (visitor: Client, headers: Readonly<Record<string, string>>) =>
    submit(visitor, '/reset/', { email: 'ada@example.com' }, headers)

  test.each([
    { host: 'evil.example' },
    { host: 'testserver.evil.example' },
    { host: 'evil.example#testserver' },
    { host: 'testserver@evil.example' },
    { host: 'testserver:80@evil.example' },
    { host: 'testserver, evil.example' },
    { host: 'testserver/evil.example' },
    { host: 'testserver\\evil.example' },
    { host: 'testserver:x' },
    { host: 'test server' },
    { host: '' },
  ])('%j leads no reset link elsewhere: 400, and no mail', async (headers) => {
    expect((await reset(client, headers)).status).toBe(400)
    expect(site.mail.outbox).toEqual([])
  })

  test.each([
    { 'x-forwarded-host': 'evil.example' },
    { 'x-forwarded-host': 'evil.example', 'x-forwarded-port': '8080', 'x-forwarded-proto': 'https' },
    { forwarded: 'host=evil.example' },
    { 'x-host': 'evil.example', 'x-original-host': 'evil.example', 'x-forwarded-server': 'evil.example' },
  ])('%j changes nothing without a proxy that is trusted', async (headers) => {
    expect((await reset(client, headers)).status).toBe(302)
    expect(linkIn()).toBe('http://testserver')
  })

  test('X-Forwarded-Host of a trusted proxy is judged as Host is', async () => {
    const change = { useXForwardedHost: true, allowedHosts: ['testserver', 'other.example'] }
    const trusting = await withSettings(change)
    expect((await reset(trusting, { 'x-forwarded-host': 'evil.example' })).status).toBe(400)
    expect((await reset(trusting, { 'x-forwarded-host': 'other.example' })).status).toBe(302)
    expect(linkIn()).toBe('http://other.example')
  })

  test('is let through by a site that serves every host', async () => {
    const open = await withSettings({ allowedHosts: ['*'] })
    expect((await reset(open, { host: 'evil.example' })).status).toBe(302)
    expect(linkIn()).toBe('http://evil.example')
  })
})

describe('a redirect', () => {
  /** Where a browser at that page would go: the WHATWG parser is the one that browsers have. */
  const originOf = (location: string, from = '/accounts/login/'): string =>
    new URL(location, `http://testserver${from}`).origin

  const pieces = fc.constantFrom('/', '\\', ':', '@', '?', '#', '.', '%', '%2f', '%5c', '\t', '\n', '\r', ' ', '\0', '\x01', '\x0b', '\x7f', '\x85', '\xa0', '\u200b', '\u2028', '\u202e', '\ufeff', '／', '＼', '。', '：', '[', ']', 'http:', 'HTTP:', 'https:', 'javascript:', 'data:', 'ftp:', 'testserver', 'evil.example', 'a', '[::1]', '127.0.0.1') // prettier-ignore
  const targets = fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join(''))

  test('to what urlHasAllowedHostAndScheme takes never leads elsewhere', () => {
    let taken = 0
    fc.assert(
      fc.property(targets, (target) => {
        if (!urlHasAllowedHostAndScheme(target, ['testserver'])) return
        taken += 1
        expect(originOf(target)).toMatch(/^https?:\/\/testserver$/)
        expect(originOf(new HttpResponseRedirect(target).url)).toMatch(/^https?:\/\/testserver$/)
      }),
      { numRuns: 20_000 },
    )
    expect(taken).toBeGreaterThan(1000)
  })

  test.each(['\x85', '\xa0', '\u2028', '\u3000', '\ufeff', '\x01'])(
    'to a host of ours with %j behind it is not taken: it is no host to a browser',
    (blank) => {
      expect(urlHasAllowedHostAndScheme(`//testserver${blank}`, ['testserver'])).toBe(false)
      expect(urlHasAllowedHostAndScheme(`http://testserver${blank}`, ['testserver'])).toBe(false)
      expect(urlHasAllowedHostAndScheme('//testserver \t', ['testserver'])).toBe(true)
      expect(urlHasAllowedHostAndScheme(`/here${blank}`, ['testserver'])).toBe(true)
    },
  )

  const hostile = ['//evil.example', '///evil.example', '////evil.example', '/\\evil.example', '\\\\evil.example', '\\/evil.example', '/\t/evil.example', '\t//evil.example', ' //evil.example', '\u00a0//evil.example', '\x01//evil.example', '/\n/evil.example', 'https:evil.example', 'https:/evil.example', 'https:///evil.example', 'http://evil.example', '//testserver@evil.example', '//testserver\\@evil.example', '//evil.example\\@testserver', '//testserver.evil.example', '//testserver:80@evil.example', '//evil.example%2f@testserver', '//evil。example', '／／evil.example', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\nscript:alert(1)', 'data:text/html,<script>', 'vbscript:x', 'http://[::1', '/\r\nLocation: https://evil.example'] // prettier-ignore

  test.each(hostile)('after signing in does not go to %j', async (next) => {
    const answer = await signIn(client, 'engine-1842', { next })
    expect(answer.status).toBe(302)
    expect(originOf(answer.header('location') ?? '')).toBe('http://testserver')
  })

  test.each(hostile)('after signing out does not go to %j', async (next) => {
    const answer = await submit(client, '/accounts/logout/', { next })
    expect(answer.status === 200 || originOf(answer.header('location') ?? '') === 'http://testserver').toBe(
      true,
    )
  })

  test.each([
    '/old//evil.example/',
    '/old///evil.example/',
    '/old/%2Fevil.example/',
    '/old/%5Cevil.example/',
    '/old/https://evil.example/',
    '/old/%09/evil.example/',
    '/to//evil.example/',
    '/to/%5C%5Cevil.example/',
    '//evil.example/slash',
    '//evil.example/%2e%2e/slash',
    '/%5Cevil.example/slash',
  ])('from %s stays here', async (from) => {
    const answer = await client.get(from, { environ: pathEnviron(from) })
    expect([301, 302]).toContain(answer.status)
    expect(originOf(answer.header('location') ?? '', '/x/')).toBe('http://testserver')
  })

  test('to the page asked for is no way out either', async () => {
    const strict = await withSettings({
      rootUrlconf: [path('<path:any>', () => new HttpResponse('in'))],
      middleware: ['django.middleware.common.CommonMiddleware'],
      prependWww: true,
    })
    const answer = await strict.get('/x', { environ: { PATH_INFO: '//evil.example/x' } })
    expect(originOf(answer.header('location') ?? '')).toBe('http://www.testserver')
  })
})

/** The path as a server gives it: the client would take two slashes for a host. */
const pathEnviron = (target: string) => ({
  PATH_INFO: Buffer.from(decodeURIComponent(target), 'utf8').toString('latin1'),
})

describe('mass assignment', () => {
  const extra = { owner: 'attacker', approved: 'true', id: '99', pk: '99', __proto__x: '1', constructor: 'x' }
  const rows = () =>
    site.databases.run(() => Note.objects.orderBy('id').values('id', 'title', 'owner', 'approved'))

  test('by fields that the form does not have: they reach no row', async () => {
    expect((await submit(client, '/notes/add/', { title: 'added', ...extra })).status).toBe(302)
    expect((await submit(client, '/notes/1/', { title: 'changed', ...extra })).status).toBe(302)
    expect(await rows()).toEqual([
      { id: 1, title: 'changed', owner: 'ada', approved: false },
      { id: 2, title: 'added', owner: 'nobody', approved: false },
    ])
  })

  test('by a field sent twice: the form has one', async () => {
    await submit(client, '/notes/add/', { title: ['one', 'two'] })
    expect(await titles()).toEqual(['first', 'two'])
  })

  test('by a whole form, a Map or a list for keywords is refused: it has none, and would mean every row', async () => {
    const { settings, databases } = site
    const visitor = new Client({
      ...settings,
      rootUrlconf: [
        path('', async (request) => {
          const all = Note.objects
          const given = [request.GET, new Map([['title', 'x']]), ['title'], [], request.headers] as const
          for (const keywords of given) {
            // @ts-expect-error the compiler says so too: no value of a query is what a column takes
            await expect(all.create(keywords)).rejects.toThrow(/plain object/)
            expect(() => all.filter(keywords as never)).toThrow(/plain object/)
            expect(() => all.exclude(keywords as never)).toThrow(/plain object/)
            await expect(all.get(keywords as never)).rejects.toThrow(/plain object/)
            await expect(all.update(keywords as never)).rejects.toThrow(/plain object/)
            await expect(all.getOrCreate(keywords as never)).rejects.toThrow(/plain object/)
            await expect(all.updateOrCreate({ id: 1 }, { defaults: keywords as never })).rejects.toThrow(
              /plain object/,
            )
            expect(() => new Note(keywords as never)).toThrow(/plain object/)
          }
          return new HttpResponse('refused')
        }),
      ],
    })
    expect((await visitor.get('/?title=second&approved=true')).text).toBe('refused')
    expect(await databases.run(() => Note.objects.count())).toBe(1)
  })

  test.each(['__proto__', 'constructor', 'save', 'objects', 'toString', 'isAdmin'])(
    'by the JSON key %s is refused wherever a row is made or changed',
    async (name) => {
      const values = JSON.parse(`{"${name}": {"approved": true}}`) as never
      await site.databases.run(async () => {
        await expect(Note.objects.create(values)).rejects.toThrow(/unexpected keyword/)
        await expect(Note.objects.updateOrCreate({ id: 1 }, { defaults: values })).rejects.toThrow(
          /unexpected keyword/,
        )
        await expect(Note.objects.update(values)).rejects.toThrow(/Cannot resolve keyword/)
        expect(() => Note.objects.filter(values)).toThrow(/Cannot resolve keyword/)
      })
      expect(({} as { approved?: boolean }).approved).toBeUndefined()
    },
  )

  test('by a bulk form: rows of others, fields and deletions that it does not have, and counts without end', async () => {
    const kind = modelForm(Note, { fields: ['title'] })
    const Notes = modelFormset(kind, { extra: 1, maxNum: 5, absoluteMax: 5 })
    const send = (fields: Readonly<Record<string, string>>) =>
      site.databases.run(async () => {
        const queryset = Note.objects.filter({ owner: 'ada' })
        const set = await Notes.make({ data: new QueryDict(Object.entries(fields)), queryset })
        const valid = await set.isValid()
        if (valid) await set.save()
        return [valid, set.forms.length]
      })
    await site.databases.run(() => Note.objects.create({ title: 'hers', owner: 'eve' }))
    const counts = { 'form-TOTAL_FORMS': '1', 'form-INITIAL_FORMS': '1' }
    expect(await send({ ...counts, 'form-0-id': '2', 'form-0-title': 'taken over' })).toEqual([false, 1])
    const own = { 'form-0-id': '1', 'form-0-title': 'mine' }
    const more = { 'form-0-owner': 'eve', 'form-0-approved': 'on', 'form-0-DELETE': 'on', 'form-0-pk': '2' }
    expect(await send({ ...counts, ...own, ...more })).toEqual([true, 1])
    const spent = await cost(() => send({ 'form-TOTAL_FORMS': '999999', 'form-INITIAL_FORMS': '0' }))
    expect(spent).toBeLessThan(1000)
    expect(await rows()).toEqual([
      { id: 1, title: 'mine', owner: 'ada', approved: false },
      { id: 2, title: 'hers', owner: 'eve', approved: false },
    ])
  })

  test('signs nobody in by a JSON operator for a password', async () => {
    await site.databases
      .run(async () => {
        for (const value of [{ $ne: '' }, ['ada'], { startswith: 'a' }, true, { toString: () => 'ada' }]) {
          await expect(User.objects.filter({ username: value as never }).count()).rejects.toThrow()
        }
      })
      .catch((error: unknown) => expect(String(error)).toMatch(/ValueError/))
    expect(
      (await client.post('/accounts/login/', { json: { username: 'ada', password: { $ne: '' } } })).status,
    ).toBe(403)
  })
})

describe('SQL injection', () => {
  const hostile = ["'); DROP TABLE attacked_note; --", '" OR ""="', "' OR '1'='1", '\\', '%', '_', '\u0000', "'||(SELECT password FROM auth_user)||'", '\ud800', 'first\u0000'] // prettier-ignore

  test.each(hostile)('by %j as a value, from the form to the page', async (title) => {
    const answer = await submit(client, '/notes/add/', { title })
    const nul = title.includes('\0')
    expect(answer.status).toBe(nul ? 200 : 302)
    expect(await titles()).toEqual(nul ? ['first'] : ['first', title.toWellFormed()])
    expect((await submit(client, '/accounts/login/', { username: title, password: title })).status).toBe(200)
    expect((await client.get('/whoami/')).text).toBe('')
  })

  test.each([
    'a"b',
    'x"; DROP TABLE attacked_note; --',
    "it's",
    'a b',
    'select',
    '--',
    '/*',
    'ta\ttab',
    'größe',
    '$1',
    ':p',
    '?',
    '%s',
    '\\',
  ])('by %j as the name of a table, a column and an index: it is a name', async (name) => {
    const Odd = model(
      'Odd',
      { a: f.char({ max: 9, column: name }), b: f.int({ default: 0 }) },
      { table: name, registry: new ModelRegistry(), indexes: [['a', 'b']], uniqueTogether: [['a', 'b']] },
    )
    await createTables(site.databases.default, [Odd])
    await site.databases.run(async () => {
      const row = await Odd.objects.create({ a: 'one' })
      row.b = 2
      await row.save()
      expect(await Odd.objects.filter({ a: 'one', b__gt: 1 }).orderBy('-a').values('a', 'b')).toEqual([
        { a: 'one', b: 2 },
      ])
      expect(await Odd.objects.update({ b: F('b').add(1) })).toBe(1)
      expect(await Odd.objects.all().delete()).toMatchObject({ total: 1 })
    })
    expect(await titles()).toEqual(['first'])
  })
})

describe('template injection', () => {
  const evil = `{{ settings.secretKey }}{% include "registration/login.html" %}{{ 7|add:"7" }}{% debug %}"'><script>alert(1)</script>`

  test('by a row, a query, a message and a form: it is text everywhere, and escaped', async () => {
    const wide = evil.slice(0, 50)
    const script = '"\'><script>alert(1)</script>'
    for (const title of [wide, script]) await submit(client, '/notes/add/', { title })
    await submit(client, '/say/', { text: evil })
    const page = (await client.get(`/notes/?q=${encodeURIComponent(evil)}`)).text
    expect(page).toContain('{{ settings.secretKey }}')
    expect(page).not.toContain(site.settings.secretKey)
    expect(page).not.toContain('14')
    expect(page.match(/<script/g)).toEqual(['<script'])
    expect(page).not.toMatch(/="[^"]*'><script/)
    const again = (await submit(client, '/contact/', { from: evil, subject: '', body: evil })).text
    expect(again).not.toContain('<script')
    expect(again).toContain('&quot;&#x27;&gt;&lt;script&gt;')
  })

  test.each([
    '../../etc/passwd',
    '/etc/passwd',
    '..%2f..%2fetc/passwd',
    'form.html/../../x',
    '..\\x',
    'a\0b',
    './notes.html',
    'notes.html/',
    '.',
    'http://evil.example/x.html',
  ])('by the template name %j: there is no such template', async (name) => {
    const answer = await client.get(`/page/${encodeURIComponent(name).replaceAll('%2F', '/')}`, {
      environ: pathEnviron(`/page/${encodeURIComponent(name)}`),
    })
    expect(answer.status).toBe(500)
    expect(client.errors.join('')).toContain('TemplateDoesNotExist')
    expect(answer.text).not.toContain('root:')
  })
})

describe('header injection', () => {
  test.each(['a\r\nSet-Cookie: x=1', 'a\nX: y', 'a\0b', 'ü\u2028\r\nX: y'])(
    'by %j: nothing begins a line',
    async (text) => {
      const visitor = new Client({
        ...site.settings,
        rootUrlconf: [
          path(
            'value/',
            (request) => new HttpResponse('', { headers: { 'X-A': request.GET.get('v') ?? '' } }),
          ),
          path(
            'name/',
            (request) => new HttpResponse('', { headers: { [request.GET.get('v') ?? '']: 'x' } }),
          ),
          path('type/', (request) => new HttpResponse('', { contentType: request.GET.get('v') ?? '' })),
          path('to/', (request) => new HttpResponseRedirect(`/x/${request.GET.get('v')}`)),
          path(
            'file/',
            (request) =>
              new FileResponse(['x'], { filename: request.GET.get('v') ?? '', asAttachment: true }),
          ),
          path('cookie/', (request) => {
            const response = new HttpResponse()
            response.setCookie('c', Buffer.from(request.GET.get('v') ?? '').toString('latin1'))
            return response
          }),
        ],
      })
      for (const place of ['value', 'name', 'type', 'to', 'file', 'cookie']) {
        const { status, headerPairs } = await visitor.get(`/${place}/`, { query: { v: text } })
        expect(status, place).toBe({ to: 302, file: 200, cookie: 200 }[place] ?? 500)
        for (const [name, value] of headerPairs) expect(`${name}: ${value}`, place).not.toMatch(/[\r\n\0]/)
        expect(headerPairs.filter(([name]) => /^(?:set-cookie|x)$/i.test(name)).length, place).toBe(
          place === 'cookie' ? 1 : 0,
        )
      }
    },
  )

  test.each([
    { from: 'a@b.example\r\nBcc: all@example.com' },
    { subject: 'Hi\r\nBcc: all@example.com' },
    { subject: 'Hi\nBcc: all@example.com\n\nmore' },
    { from: 'a@b.example, all@example.com' },
  ])('into mail, by %j: it is not sent', async (change) => {
    const form = { from: 'a@b.example', subject: 'Hi', body: 'text', ...change }
    expect((await submit(client, '/contact/', form)).status).toBe(500)
    expect(client.errors.join('')).toContain(BadHeaderError.name)
    expect(site.mail.outbox).toEqual([])
    expect((await submit(client, '/contact/', { ...form, from: 'a@b.example', subject: 'Hi' })).text).toBe(
      'sent',
    )
  })
})

describe('a path that leads out of its folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portico-attacks-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'files/deep'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'files/open.txt'), 'open')
  symlinkSync('../secret.txt', join(folder, 'files/link.txt'))
  symlinkSync('..', join(folder, 'files/up'))
  const serve = (accel: boolean) =>
    new Client({
      ...site.settings,
      accelLocations: accel ? { '/protected/': folder } : {},
      rootUrlconf: [
        path('f/<path:name>', (request, { name }) =>
          storedFileResponse(request, join(folder, 'files'), name),
        ),
      ],
    })

  test.each([
    '../secret.txt',
    'deep/../../secret.txt',
    './../secret.txt',
    '/../secret.txt',
    '..\\secret.txt',
    'open.txt\0.png',
    '\0',
    'link.txt',
    'up/secret.txt',
    '',
    '.',
    '..',
    'deep',
    'open.txt/',
    '%2e%2e/secret.txt',
    '..%2fsecret.txt',
    '．．/secret.txt',
    `${folder}/secret.txt`,
    `${'deep/../'.repeat(500)}../secret.txt`,
  ])(
    // prettier-ignore
    'as %j is not there',
    async (name) => {
      const environ = { PATH_INFO: Buffer.from(`/f/${name}`).toString('latin1') }
      for (const accel of [false, true]) {
        const answer = await serve(accel).get('/f/x', { environ })
        expect([answer.status, answer.header('x-accel-redirect')]).toEqual([404, undefined])
        expect(answer.text).not.toContain('secret')
        expect((await serve(accel).get('/f/open.txt')).status).toBe(200)
      }
    },
  )
})

describe('a signed value', () => {
  const keys = { secretKey: 'key-one', secretKeyFallbacks: ['key-old'] }
  const signed = new Signer(keys, 'salt').sign('admin=0')
  const [value = '', signature = ''] = signed.split(':')

  test.each([
    ['another value', `admin=1:${signature}`],
    ['no signature', value],
    ['an empty signature', `${value}:`],
    ['a signature cut short', signed.slice(0, -1)],
    ['a longer signature', `${signed}A`],
    ['padding', `${signed}=`],
    ['the alphabet of standard base64', `${value}:${signature.replaceAll('-', '+').replaceAll('_', '/')}!`],
    ['the signature in lower case', `${value}:${signature.toLowerCase()}`],
    [
      'another last letter of the same bytes',
      `${value}:${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`,
    ],
    ['the salt of another purpose', new Signer(keys, 'other').sign(value)],
    ['another key', new Signer({ secretKey: 'key-two', secretKeyFallbacks: [] }, 'salt').sign(value)],
    ['an algorithm of its own', `{"alg":"none"}:${value}:`],
    ['nothing', ''],
    ['a megabyte', 'a'.repeat(1_000_000)],
  ])('with %s is refused', (_what, forged) => {
    expect(() => new Signer(keys, 'salt').unsign(forged)).toThrow(/Signature|No ":" found/)
    expect(new Signer(keys, 'salt').unsign(signed)).toBe(value)
  })

  test('of one cookie is none of another, nor after its time', async () => {
    let now = Date.UTC(2030, 0, 1)
    const visitor = await withSettings({
      now: () => now,
      rootUrlconf: [
        path('set/', (request) => {
          const response = new HttpResponse()
          response.setSignedCookie(request.settings, 'role', 'reader', { salt: 'roles' })
          return response
        }),
        path('get/', (request) => {
          const salt = request.GET.get('salt') ?? 'roles'
          return new HttpResponse(
            request.getSignedCookie(request.GET.get('name') ?? 'role', { salt, maxAge: 60 }) ?? 'none',
          )
        }),
      ],
    })
    await visitor.get('/set/')
    const cookie = visitor.cookies.get('role') ?? ''
    visitor.cookies.set('admin', cookie)
    expect((await visitor.get('/get/')).text).toBe('reader')
    expect((await visitor.get('/get/?name=admin')).text).toBe('none')
    expect((await visitor.get('/get/?salt=other')).text).toBe('none')
    now += 61_000
    expect((await visitor.get('/get/')).text).toBe('none')
  })
})

describe('a bomb', () => {
  test('of gzip as a body is never unpacked: it is no JSON and no form', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const headers = { 'content-encoding': 'gzip', 'x-csrftoken': await tokenOf(client) }
    const json = await client.post('/json/', { body: bomb, contentType: 'application/json' }, { headers })
    expect(json.status).toBe(400)
    const form = await client.post(
      '/form/',
      { body: bomb, contentType: 'application/x-www-form-urlencoded' },
      { headers },
    )
    expect(form.text).toBe('1 fields, 0 files')
  })

  test('as a session is never unpacked without its signature', async () => {
    const bomb = deflateSync(Buffer.alloc(20_000_000)).toString('base64url')
    const visitor = await withSettings({ sessionStore: null })
    visitor.cookies.set('sessionid', `.${bomb}:1abcde:${'A'.repeat(43)}`)
    expect(await cost(async () => expect((await visitor.get('/cart/')).text).toBe('empty'))).toBeLessThan(500)
  })

  test.each([
    ['arrays', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000)],
    ['arrays without an end', '['.repeat(2_000_000)],
    ['1001 levels', '['.repeat(1001) + ']'.repeat(1001)],
  ])('of %s in each other is no JSON', async (_what, body) => {
    const headers = { 'x-csrftoken': await tokenOf(client) }
    const send = (text: string) =>
      client.post('/json/', { body: text, contentType: 'application/json' }, { headers })
    expect((await send(body)).status).toBe(400)
    expect((await send('['.repeat(1000) + ']'.repeat(1000))).text).toBe('object')
    expect((await send(JSON.stringify(['["[{\\"'.repeat(5000)]))).text).toBe('object')
  })

  test('JSON that other readers read otherwise is read as JavaScript and Python read it, and no column takes what it is not', async () => {
    const read = await withSettings({
      middleware: [],
      rootUrlconf: [
        path('', async (request) => {
          const values = (await request.json()) as Record<string, unknown>
          expect(Object.getPrototypeOf(values)).toBe(Object.prototype)
          const note = await Note.objects.create(values as { title: string })
          return new HttpResponse((await Note.objects.get({ id: note.id })).title)
        }),
      ],
    })
    const send = async (body: string) => {
      const { status, text } = await read.post('/', { body, contentType: 'application/json' })
      return status === 200 ? text : status
    }
    expect(await send('{"title": "one", "title": "two"}')).toBe('two')
    expect(await send('{"title": "\\ud800"}')).toBe('\ufffd')
    for (const value of [
      '1e999',
      '-1e999',
      '"NaN"',
      '"Infinity"',
      '12345678901234567890',
      '[1]',
      '{}',
      '"1e9"',
    ]) {
      expect(await send(`{"title": "x", "price": ${value}}`), value).toBe(500)
    }
    for (const body of [
      '\ufeff{}',
      '{"title": "x",}',
      "{'title': 1}",
      '{"title": "x"}{}',
      '{"title": 01}',
      'NaN',
    ]) {
      expect(await send(body), body).toBe(400)
    }
    expect(await titles()).toHaveLength(3)
  })
})

describe('a flood', () => {
  const multipart = (body: string | Buffer) => ({ body, contentType: 'multipart/form-data; boundary=X' })
  const part = (head: string, content = '') => `--X\r\n${head}\r\n\r\n${content}\r\n`
  const named = (name: string) => part(`Content-Disposition: form-data; name="${name}"`)
  const end = '--X--\r\n'

  test.each<[string, string, number]>([
    ['fields', named('a').repeat(1001), 400],
    ['fields without a name', named('').repeat(20_000), 400],
    ['parts that say nothing', part('').repeat(100_000), 400],
    ['parts of another disposition', part('Content-Disposition: attachment').repeat(20_000), 400],
    ['files', part('Content-Disposition: form-data; name="f"; filename="a"', 'x').repeat(101), 400],
    ['files without a name', part('Content-Disposition: form-data; filename=""').repeat(20_000), 400],
    ['bytes in one field', part('Content-Disposition: form-data; name="a"', 'x'.repeat(2_700_000)), 400],
    ['bytes in names', named('n'.repeat(15_000)).repeat(200), 400],
    ['headers', part('A: b\r\n'.repeat(200_000)), 200],
    [
      'near misses of the boundary',
      part('Content-Disposition: form-data; name="f"; filename="a"', '\r\n--'.repeat(500_000)),
      200,
    ],
    [
      'carriage returns',
      part('Content-Disposition: form-data; name="f"; filename="a"', '\r'.repeat(2_000_000)),
      200,
    ],
    [
      'base64 blanks',
      part(
        'Content-Disposition: form-data; name="f"; filename="a"\r\nContent-Transfer-Encoding: base64',
        ' \n'.repeat(1_000_000),
      ),
      200,
    ],
    ['quotes and backslashes', part(`Content-Disposition: form-data; name="${'\\"'.repeat(7000)}"`), 200],
    ['preamble', 'x'.repeat(4_000_000), 400],
  ])('of %s costs little', async (_what, body, status) => {
    const headers = { 'x-csrftoken': await tokenOf(client) }
    const spent = await cost(async () => {
      expect((await client.post('/form/', multipart(body + end), { headers })).status).toBe(status)
    })
    expect(spent).toBeLessThan(2000)
  })

  test.each([
    '&'.repeat(2_000_000),
    'a&'.repeat(1001),
    'a=%'.repeat(500_000),
    `${'a'.repeat(2_700_000)}=1`,
    'a[b]'.repeat(400_000),
    '%u0041'.repeat(400_000),
  ])('of simple fields costs little', async (body) => {
    const headers = { 'x-csrftoken': await tokenOf(client) }
    const type = 'application/x-www-form-urlencoded'
    const spent = await cost(() => client.post('/form/', { body, contentType: type }, { headers }))
    expect(spent).toBeLessThan(1000)
  })

  test('of cookies, queries and Accept lists costs little', async () => {
    const headers = {
      cookie: 'a=b;'.repeat(100_000),
      accept: 'a/b,'.repeat(100_000),
      'accept-encoding': 'x;q=0,'.repeat(100_000),
    }
    expect(await cost(() => client.get(`/notes/?${'q=%2525&'.repeat(900)}`, { headers }))).toBeLessThan(1000)
  })
})

describe('names of every object', () => {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '__defineGetter__',
    'then',
  ]

  test('are plain names in queries, forms, cookies, sessions and kwargs', async () => {
    const visitor = new Client({
      ...site.settings,
      middleware: [SessionMiddleware],
      rootUrlconf: [
        path('<name>/', async (request, { name }) => {
          const { fields } = await request.form()
          request.session.set(name, 'kept')
          const known = [
            request.GET.get(name),
            fields.get(name),
            request.COOKIES.get(name),
            await request.session.get(name),
          ]
          const absent = [
            request.GET.get('valueOf'),
            request.COOKIES.get('valueOf'),
            await request.session.get('valueOf'),
            request.headers.get('constructor'),
          ]
          return new HttpResponse([...known, ...absent].map(String).join())
        }),
      ],
    })
    for (const name of names) {
      visitor.cookies.set(name, 'cookie')
      const body = { body: `${name}=form&${name}[x]=y`, contentType: 'application/x-www-form-urlencoded' }
      const answer = await visitor.post(`/${name}/?${name}=query&${name}[polluted]=yes`, body)
      expect(answer.text).toBe('query,form,cookie,kept,undefined,undefined,undefined,undefined')
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })
})

describe('a text made to hold validators up', () => {
  const times = 200_000
  test.each([
    ['/accounts/login/', { username: 'a'.repeat(times), password: 'x' }],
    ['/accounts/login/', { username: `${' '.repeat(times)}x`, password: 'x' }],
    ['/accounts/login/', { username: 'e\u0301'.repeat(times), password: 'x' }],
    ['/accounts/login/', { username: 'ﷺ'.repeat(times), password: 'x' }],
    ['/accounts/login/', { username: 'x', password: 'x', next: '/'.repeat(times) }],
    ['/reset/', { email: `${'a'.repeat(times)}@` }],
    ['/reset/', { email: `a@${'a.'.repeat(times)}` }],
    ['/reset/', { email: '@'.repeat(times) }],
    ['/notes/add/', { title: `${'\u2003'.repeat(times)}x` }],
  ])('at %s costs little', async (url, form) => {
    expect(await cost(() => submit(client, url, form))).toBeLessThan(1500)
  })

  test.each([
    `0.${'0'.repeat(times)}1`,
    `${'0'.repeat(times)}1`,
    `1${'0'.repeat(times)}`,
    `1.${'0'.repeat(times)}x`,
    '1e9999',
    '-'.repeat(times),
    `.${'0'.repeat(times)}`,
  ])('as a decimal costs little', async (price) => {
    const find = () => site.databases.run(async () => Note.objects.filter({ price }).count())
    expect(await cost(() => find().catch(() => 0))).toBeLessThan(1000)
  })
})

describe('who has an account', () => {
  test('is not told by the work of a sign-in: unknown names, inactive users and those without a password hash too', async () => {
    await site.databases.run(async () => {
      await User.objects.create({
        username: 'gone',
        password: (await User.objects.get({ username: 'ada' })).password,
        isActive: false,
      })
      await User.objects.create({ username: 'nopass', password: '!' })
    })
    const seen = new Set<string>()
    for (const username of ['ada', 'nobody', 'gone', 'nopass']) {
      const before = site.hasher.hashings
      const answer = await submit(another(), '/accounts/login/', { username, password: 'wrong-1843' })
      expect(site.hasher.hashings - before, username).toBe(1)
      seen.add(answer.text.replace(/value="\w+"/, ''))
    }
    expect(seen.size).toBe(1)
  })

  test('is not told by the answer of a password reset', async () => {
    const known = await submit(client, '/reset/', { email: 'ada@example.com' })
    const unknown = await submit(client, '/reset/', { email: 'eve@example.com' })
    expect([unknown.status, unknown.header('location'), unknown.text]).toEqual([
      known.status,
      known.header('location'),
      known.text,
    ])
    expect(site.mail.outbox).toHaveLength(1)
  })

  test('cannot be guessed at by other ways to write the name, nor by headers that claim another address', async () => {
    const ways = ['ada', 'ａda', 'aｄa', 'adａ', '𝐚da', 'ａｄａ', 'a𝐝a']
    const statuses: number[] = []
    for (const [index, username] of ways.entries()) {
      const headers = {
        'x-forwarded-for': `192.0.2.${index}`,
        'x-real-ip': `192.0.2.${index}`,
        forwarded: `for=192.0.2.${index}`,
      }
      statuses.push(
        (await submit(client, '/accounts/login/', { username, password: 'guess' }, headers)).status,
      )
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429])
  })
})
