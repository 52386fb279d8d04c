import { beforeEach, describe, expect, it } from 'vitest'
import { Client, SessionRow, User, passwords } from '../../../src/entry/web.ts'
import type { Databases, Settings } from '../../../src/entry/web.ts'
import { addUser, makeSite, signIn } from './site.ts'

let settings: Settings
let databases: Databases
let client: Client

beforeEach(async () => {
  ;({ settings, databases } = await makeSite())
  client = new Client(settings)
  await addUser(databases, 'ada', 'engine-1842')
})

const sessionRows = () => databases.run(() => SessionRow.objects.count())

describe('signing in', () => {
  it('leads to the page asked for, and makes the user known', async () => {
    expect((await client.get('/private/')).header('Location')).toBe('/accounts/login/?next=/private/')
    const answer = await signIn(client, 'ada', 'engine-1842', '?next=/private/')
    expect([answer.status, answer.header('Location')]).toEqual([302, '/private/'])
    expect((await client.get('/private/')).text).toBe('ada')
    const ada = await databases.run(() => User.objects.get({ username: 'ada' }))
    expect(ada.lastLogin).toBeInstanceOf(Date)
  })

  it.each([
    ['a wrong password', 'ada', 'engine-1843'],
    ['an unknown name', 'bob', 'engine-1842'],
    ['a name of another case', 'ADA', 'engine-1842'],
    ['an empty password', 'ada', ''],
  ])('refuses %s, without a session', async (_what, username, password) => {
    const answer = await signIn(client, username, password)
    expect(answer.status).toBe(200)
    expect(answer.json()).toMatchObject({ name: 'registration/login.html' })
    expect(Object.keys((answer.json() as { errors: object }).errors)).toHaveLength(1)
    expect((await client.get('/whoami/')).text).toBe('')
    expect(await sessionRows()).toBe(0)
  })

  it('says the same of a wrong password, an unknown name, an inactive user and one without a password', async () => {
    await addUser(databases, 'nopass', null)
    await addUser(databases, 'gone', 'engine-1842')
    await databases.run(() => User.objects.filter({ username: 'gone' }).update({ isActive: false }))
    const said = []
    for (const [name, password] of [
      ['ada', 'x'],
      ['nobody', 'x'],
      ['gone', 'engine-1842'],
      ['nopass', '!'],
    ] as const) {
      said.push((await signIn(client, name, password)).text)
    }
    expect(new Set(said).size).toBe(1)
  })

  it('takes a name in any Unicode form that means the same', async () => {
    await addUser(databases, 'zo\u00eb', 'engine-1842')
    expect((await signIn(client, 'zoe\u0308', 'engine-1842')).status).toBe(302)
  })
})

describe('the session (FAULTS Q1)', () => {
  it('gets a new key at sign-in, keeps what it held, and the old key is worth nothing', async () => {
    await client.get('/remember/')
    const planted = client.cookies.get('sessionid') ?? ''
    await signIn(client, 'ada', 'engine-1842')
    expect(client.cookies.get('sessionid')).not.toBe(planted)
    expect((await client.get('/cart/')).text).toBe('apples')
    const attacker = new Client(settings)
    attacker.cookies.set('sessionid', planted)
    expect((await attacker.get('/whoami/')).text).toBe('')
    expect((await attacker.get('/cart/')).text).toBe('undefined')
  })

  it('does not hand one user’s data to the next', async () => {
    await addUser(databases, 'bob', 'loom-1801')
    await signIn(client, 'ada', 'engine-1842')
    await client.get('/remember/')
    await signIn(client, 'bob', 'loom-1801')
    expect((await client.get('/whoami/')).text).toBe('bob')
    expect((await client.get('/cart/')).text).toBe('undefined')
  })

  it('gets a new key when the same user signs in again', async () => {
    await signIn(client, 'ada', 'engine-1842')
    const first = client.cookies.get('sessionid')
    await signIn(client, 'ada', 'engine-1842')
    expect(client.cookies.get('sessionid')).not.toBe(first)
    expect(await sessionRows()).toBe(1)
  })

  it('ends at sign-out, which only POST does', async () => {
    await signIn(client, 'ada', 'engine-1842')
    const key = client.cookies.get('sessionid') ?? ''
    expect((await client.get('/accounts/logout/')).status).toBe(405)
    expect((await client.get('/whoami/')).text).toBe('ada')
    expect((await client.post('/accounts/logout/', { form: {} })).json()).toMatchObject({
      name: 'registration/logged_out.html',
    })
    client.cookies.set('sessionid', key)
    expect((await client.get('/whoami/')).text).toBe('')
    expect(await sessionRows()).toBe(0)
  })

  it('is over when the password has changed elsewhere', async () => {
    await signIn(client, 'ada', 'engine-1842')
    await databases.run(async () => {
      const ada = await User.objects.get({ username: 'ada' })
      await ada.setPassword('another-1843')
      await ada.save()
    })
    expect((await client.get('/whoami/')).text).toBe('')
    expect(await sessionRows()).toBe(0)
  })

  it('is over when the user is gone or may not sign in any more', async () => {
    await signIn(client, 'ada', 'engine-1842')
    await databases.run(() => User.objects.filter({ username: 'ada' }).update({ isActive: false }))
    expect((await client.get('/whoami/')).text).toBe('')
    await databases.run(() => User.objects.filter({ username: 'ada' }).delete())
    expect((await client.get('/whoami/')).text).toBe('')
  })

  it('goes on when the secret key moves to the fallbacks, and is over when it goes altogether', async () => {
    await signIn(client, 'ada', 'engine-1842')
    const key = client.cookies.get('sessionid') ?? ''
    const moved = new Client({ ...settings, secretKey: 'new', secretKeyFallbacks: [settings.secretKey] })
    moved.cookies.set('sessionid', key)
    expect((await moved.get('/whoami/')).text).toBe('ada')
    const dropped = new Client({ ...settings, secretKey: 'newer' })
    dropped.cookies.set('sessionid', moved.cookies.get('sessionid') ?? '')
    expect((await dropped.get('/whoami/')).text).toBe('')
  })
})

describe('the CSRF token', () => {
  it('is another one after sign-in', async () => {
    const careful = new Client(settings, { enforceCsrfChecks: true })
    const token = 'a'.repeat(32)
    careful.cookies.set('csrftoken', token)
    const form = { username: 'ada', password: 'engine-1842', csrfmiddlewaretoken: token }
    expect((await careful.post('/accounts/login/', { form })).status).toBe(302)
    expect(careful.cookies.get('csrftoken')).not.toBe(token)
    expect((await careful.post('/accounts/login/', { form })).status).toBe(403)
  })

  it('is needed to sign in and out', async () => {
    const forged = new Client(settings, { enforceCsrfChecks: true })
    expect((await signIn(forged, 'ada', 'engine-1842')).status).toBe(403)
    expect((await forged.post('/accounts/logout/', { form: {} })).status).toBe(403)
  })
})

describe('the way on (FAULTS I7)', () => {
  it.each([
    ['/private/', '/private/'],
    ['/private/?a=1#x', '/private/?a=1#x'],
    ['http://testserver/private/', 'http://testserver/private/'],
    ['//evil.example/', '/whoami/'],
    ['///evil.example', '/whoami/'],
    ['/\\evil.example', '/whoami/'],
    ['\\\\evil.example', '/whoami/'],
    ['https:evil.example', '/whoami/'],
    ['http://testserver@evil.example/', '/whoami/'],
    ['javascript:alert(1)', '/whoami/'],
    ['java\tscript:alert(1)', '/whoami/'],
    ['/a\r\nSet-Cookie: x=1', '/whoami/'],
    ['', '/whoami/'],
  ])('from %j goes to %j', async (next, location) => {
    const answer = await client.post('/accounts/login/', {
      form: { username: 'ada', password: 'engine-1842', next },
    })
    expect(answer.header('Location')).toBe(location)
  })
})

describe('too many attempts (FAULTS Q7)', () => {
  it('are answered 429 with the time to wait, for that name from there only', async () => {
    for (let i = 0; i < 5; i++) expect((await signIn(client, 'eve', `guess-${i}`)).status).toBe(200)
    const refused = await signIn(client, 'eve', 'guess-6')
    expect(refused.status).toBe(429)
    expect(Number(refused.header('Retry-After'))).toBeGreaterThan(0)
    const form = { username: 'eve', password: 'x' }
    const elsewhere = await client.post(
      '/accounts/login/',
      { form },
      { environ: { REMOTE_ADDR: '192.0.2.7' } },
    )
    expect(elsewhere.status).toBe(200)
    expect((await signIn(client, 'ada', 'engine-1842')).status).toBe(302)
  })
})

describe('signing up', () => {
  const form = { username: 'cyd', password1: 'wool-and-1801', password2: 'wool-and-1801' }

  it('makes a user, hashed, without rights, and signs in', async () => {
    const answer = await client.post('/accounts/signup/', {
      form: { ...form, isStaff: 'true', isSuperuser: '1' },
    })
    expect(answer.status).toBe(302)
    expect((await client.get('/whoami/')).text).toBe('cyd')
    const cyd = await databases.run(() => User.objects.get({ username: 'cyd' }))
    expect([cyd.isStaff, cyd.isSuperuser, cyd.password.startsWith('scrypt$')]).toEqual([false, false, true])
    expect(await passwords.check('wool-and-1801', cyd.password)).toBe(true)
  })

  it.each([
    ['a name that is taken', { username: 'ada' }, 'username', 'A user with that username already exists.'],
    ['a name with signs', { username: 'a b' }, 'username', /valid username/],
    ['two passwords', { password2: 'other' }, 'password2', 'The two password fields didn’t match.'],
    [
      'a common one',
      { password1: 'password123', password2: 'password123' },
      'password2',
      'This password is too common.',
    ],
    ['a short one', { password1: 'x7$q', password2: 'x7$q' }, 'password2', /too short/],
    ['a number', { password1: '2938475610', password2: '2938475610' }, 'password2', /entirely numeric/],
    [
      'the name itself',
      { password1: 'cydcydcyd', password2: 'cydcydcyd' },
      'password2',
      /too similar to the username/,
    ],
    ['a megabyte', { password1: 'x'.repeat(1e6), password2: 'x'.repeat(1e6) }, 'password1', /at most 4096/],
  ])('refuses %s', async (_what, change, field, message) => {
    const answer = await client.post('/accounts/signup/', { form: { ...form, ...change } })
    const { errors } = answer.json() as { errors: Record<string, string[]> }
    expect(errors[field]?.[0]).toMatch(message)
  })
})
