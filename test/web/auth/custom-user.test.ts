/** A site whose users are its own model's and sign in by their address: settings.authUserModel. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  authenticate,
  AuthenticationMiddleware,
  baseUserFields,
  Client,
  createTables,
  defineDatabases,
  defineSettings,
  f,
  getUser,
  getUserModel,
  HttpResponse,
  loginView,
  memorySource,
  MemoryMailBackend,
  MemorySessionStore,
  model,
  passwordChangeView,
  passwordResetConfirmView,
  passwordResetView,
  path,
  permissionFields,
  permissionRequired,
  SessionMiddleware,
  signUpView,
  userMethods,
  type Instance,
} from 'portico/web'

const Member = model(
  'members.Member',
  {
    ...baseUserFields,
    ...permissionFields,
    address: f.email({ unique: true, verboseName: 'e-mail address' }),
    town: f.char({ max: 20, blank: true, default: '' }),
  },
  { methods: { ...userMethods, usernameField: 'address', emailField: 'address', requiredFields: ['town'] } },
)
type Member = Instance<typeof Member>

const databases = defineDatabases({ default: 'sqlite::memory:' })
const mail = new MemoryMailBackend()
const page = '{{ form.asP }}{{ validlink }}'
const settings = defineSettings({
  secretKey: 'a secret for tests',
  allowedHosts: ['testserver'],
  databases,
  authUserModel: 'members.Member',
  sessionStore: new MemorySessionStore(),
  mail,
  getUser,
  middleware: [SessionMiddleware, AuthenticationMiddleware],
  loginRedirectUrl: '/who/',
  rootUrlconf: [
    path('login/', loginView, { name: 'login' }),
    path('signup/', signUpView),
    path('change/', passwordChangeView),
    path('changed/', passwordChangeView, { name: 'password_change_done' }),
    path('reset/', passwordResetView),
    path('sent/', passwordResetView, { name: 'password_reset_done' }),
    path('reset/<uidb64>/<token>/', passwordResetConfirmView, { name: 'password_reset_confirm' }),
    path('complete/', passwordResetView, { name: 'password_reset_complete' }),
    path('who/', async (request) => new HttpResponse((await request.user()).username)),
    path(
      'staff/',
      permissionRequired('members.change_member')(() => new HttpResponse('come in')),
    ),
  ],
  templates: {
    loaders: [
      memorySource({
        ...Object.fromEntries(
          ['login', 'signup', 'password_change_form', 'password_reset_form', 'password_reset_confirm'].map(
            (name) => [`registration/${name}.html`, page],
          ),
        ),
        'registration/password_reset_email.txt': '{{ link }} for {{ email }}',
        'registration/password_reset_subject.txt': 'Reset',
      }),
    ],
  },
})
const users = getUserModel(settings)

beforeAll(() => createTables(databases.default))
afterAll(() => databases.close())
const inside = <T>(work: () => T): T => databases.run(work)

const ADDRESS = 'Ada@example.org'
const PASSWORD = 'engine of 1843'
let ada: Member
beforeEach(async () => {
  ada = await inside(async () => {
    await Member.objects.all().delete()
    await users.create({ address: 'Ada@EXAMPLE.org', password: PASSWORD })
    return Member.objects.get({ address: ADDRESS })
  })
})

const signIn = (client: Client, username: string, password: string) =>
  client.post('/login/', { form: { username, password } })
const who = async (client: Client): Promise<string> => (await client.get('/who/')).text

describe('a model of users of one’s own', () => {
  it('keeps the name of a new one as it is looked for', async () => {
    const create = () =>
      getUserModel(settings).create({ address: '\uff21da@X.org', password: 'engine of 1843' })
    const made = await databases.run(create)
    expect(Reflect.get(made, 'address')).toBe('Ada@x.org')
  })

  it('knows what it was told', () => {
    expect(users).toMatchObject({
      usernameField: 'address',
      emailField: 'address',
      requiredFields: ['town'],
      usernameLabel: 'e-mail address',
    })
    expect(getUserModel(defineSettings({}))).toMatchObject({
      usernameField: 'username',
      emailField: 'email',
      requiredFields: ['email'],
    })
  })

  it('signs in by the address, whatever the case of its domain', async () => {
    const client = new Client(settings)
    const form = (await client.get('/login/')).text
    expect(form).toContain('E-mail address:')
    expect(form).toContain('maxlength="254"')
    expect((await signIn(client, ADDRESS, 'wrong')).text).toContain('correct e-mail address and password')
    expect((await signIn(client, 'Ada@Example.ORG', PASSWORD)).header('Location')).toBe('/who/')
    expect(await who(client)).toBe(ADDRESS)
    const row = await inside(() => Member.objects.get({ pk: ada.pk }))
    expect(row.lastLogin).not.toBeNull()
  })

  it('does not sign in who is not active, and ends the session of who is gone', async () => {
    const client = new Client(settings)
    await signIn(client, ADDRESS, PASSWORD)
    await inside(() => Member.objects.all().update({ isActive: false }))
    expect(await who(client)).toBe('')
    expect((await signIn(new Client(settings), ADDRESS, PASSWORD)).status).toBe(200)
  })

  it('signs up, by the same field', async () => {
    const client = new Client(settings)
    const form = {
      username: 'byron@example.org',
      password1: 'a bridge of asses',
      password2: 'a bridge of asses',
    }
    expect((await client.post('/signup/', { form })).status).toBe(302)
    expect(await who(client)).toBe('byron@example.org')
    expect((await new Client(settings).post('/signup/', { form })).text).toContain('already exists')
  })

  it('changes its password, and stays signed in', async () => {
    const [client, other] = [new Client(settings), new Client(settings)]
    for (const one of [client, other]) await signIn(one, ADDRESS, PASSWORD)
    const form = {
      oldPassword: PASSWORD,
      newPassword1: 'a bridge of asses',
      newPassword2: 'a bridge of asses',
    }
    expect((await client.post('/change/', { form: { ...form, oldPassword: 'x' } })).text).toContain(
      'incorrectly',
    )
    const alike = { ...form, newPassword1: 'ada example', newPassword2: 'ada example' }
    expect((await client.post('/change/', { form: alike })).text).toContain('too similar')
    expect((await client.post('/change/', { form })).header('Location')).toBe('/changed/')
    expect([await who(client), await who(other)]).toEqual([ADDRESS, ''])
    expect((await signIn(other, ADDRESS, 'a bridge of asses')).status).toBe(302)
  })

  it('gets a link to a new password, good once', async () => {
    mail.outbox.length = 0
    const client = new Client(settings)
    await client.post('/reset/', { form: { email: 'nobody@example.org' } })
    await client.post('/reset/', { form: { email: 'ada@example.org' } })
    expect(mail.outbox.map(({ to }) => to)).toEqual([[ADDRESS]])
    const link = new URL(/\S+/.exec(mail.outbox[0]?.body ?? '')?.[0] ?? '').pathname
    const shown = await client.get(link, { follow: true })
    expect(shown.text).toContain('True')
    const form = { newPassword1: 'a bridge of asses', newPassword2: 'a bridge of asses' }
    const last = shown.redirectChain.at(-1)?.[0] ?? ''
    expect((await client.post(last, { form })).header('Location')).toBe('/complete/')
    expect((await signIn(client, ADDRESS, 'a bridge of asses')).status).toBe(302)
    expect((await new Client(settings).get(link, { follow: true })).text).toContain('False')
  })

  it('may do what its permissions say', async () => {
    const client = new Client(settings)
    await signIn(client, ADDRESS, PASSWORD)
    expect((await client.get('/staff/')).status).not.toBe(200)
    await inside(() => Member.objects.all().update({ isSuperuser: true }))
    expect((await client.get('/staff/')).text).toBe('come in')
  })

  it('is not what a program without a request is asked about', async () => {
    expect(await inside(() => authenticate(null, { username: ADDRESS, password: PASSWORD }))).toBeNull()
  })

  it('has to be there, and to have what signing in needs', () => {
    expect(() => getUserModel(defineSettings({ authUserModel: 'members.Nobody' }))).toThrow('members.Nobody')
    model('members.Bare', { name: f.char({ max: 9 }) })
    expect(() => getUserModel(defineSettings({ authUserModel: 'members.Bare' }))).toThrow('has no username')
  })
})
