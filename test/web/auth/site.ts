import {
  AuthenticationMiddleware,
  CsrfViewMiddleware,
  DatabaseSessionStore,
  HttpResponse,
  MessageMiddleware,
  SessionMiddleware,
  User,
  createTables,
  defineDatabases,
  defineSettings,
  Authentication,
  ModelBackend,
  Passwords,
  ScryptHasher,
  loginRequired,
  LoginView,
  LogoutView,
  path,
  SignUpView,
} from '../../../src/entry/web.ts'
import type { Client, Databases, HttpRequest, Settings } from '../../../src/entry/web.ts'

/** A site with sign-in in front of one page; its templates show what they were given, as JSON. */
const engine = {
  getTemplate: (name: string) => ({
    render: (context: Record<string, unknown>) => {
      const form = context['form'] as { errors?: ReadonlyMap<string, readonly string[]> } | undefined
      return JSON.stringify({ name, errors: Object.fromEntries(form?.errors ?? []), next: context['next'] })
    },
  }),
}

const whoami = async (request: HttpRequest) => new HttpResponse((await request.user()).username)
const remember = (request: HttpRequest) => {
  request.session.set('cart', 'apples')
  return new HttpResponse('kept')
}
const cart = async (request: HttpRequest) => new HttpResponse(String(await request.session.get('cart')))

export async function makeSite(
  change: Partial<Settings> = {},
): Promise<{ settings: Settings; databases: Databases }> {
  const authentication = new Authentication<User>({ backends: [new ModelBackend(User, cheap)] })
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  await createTables(databases.default)
  const settings = defineSettings({
    secretKey: 'a secret for tests',
    allowedHosts: ['testserver'],
    databases,
    sessionStore: new DatabaseSessionStore(),
    getUser: authentication.getUser,
    templates: { engine },
    loginRedirectUrl: '/whoami/',
    middleware: [SessionMiddleware, CsrfViewMiddleware, AuthenticationMiddleware, MessageMiddleware],
    rootUrlconf: [
      path('accounts/login/', LoginView.asView({ authentication }), { name: 'login' }),
      path('accounts/logout/', LogoutView.asView({ authentication }), { name: 'logout' }),
      path('accounts/signup/', SignUpView.asView({ authentication }), { name: 'signup' }),
      path('whoami/', whoami),
      path('private/', loginRequired(whoami)),
      path('remember/', remember),
      path('cart/', cart),
    ],
    ...change,
  })
  return { settings, databases }
}

/** Hashing takes its time on purpose; tests of other things need not wait for it. */
const cheap = new Passwords([new ScryptHasher(16)])

export async function addUser(
  databases: Databases,
  username: string,
  password: string | null,
): Promise<User> {
  const hash = await cheap.make(password)
  return databases.run(() => User.objects.create({ username, password: hash }))
}

export const signIn = (client: Client, username: string, password: string, query = '') =>
  client.post(`/accounts/login/${query}`, { form: { username, password } })
