/** A small site of what attackers aim at: sign-in, forms, rows, files, mail. On the public API alone. */
import {
  Authentication,
  createTables,
  CreateView,
  DatabaseSessionStore,
  defaultMiddleware,
  defineDatabases,
  defineForm,
  defineSettings,
  EmailMessage,
  f,
  field,
  FormView,
  getToken,
  HttpResponse,
  HttpResponseRedirect,
  LoginView,
  LogoutView,
  loginRequired,
  MemoryMailBackend,
  memorySource,
  messages,
  model,
  ModelBackend,
  passwordChangeDoneView,
  PasswordChangeView,
  passwordResetConfirmView,
  passwordResetDoneView,
  PasswordResetView,
  Passwords,
  path,
  RedirectView,
  render,
  ScryptHasher,
  sendMail,
  UpdateView,
  User,
  type Databases,
  type Form,
  type HttpRequest,
  type Instance,
  type PasswordHasher,
  type SettingsInput,
} from '../../src/entry/web.ts'

export const Note = model('attacked.Note', {
  title: f.char({ max: 50 }),
  owner: f.char({ max: 50, default: 'nobody' }),
  approved: f.bool({ default: false }),
  price: f.decimal({ maxDigits: 8, places: 2, default: '0.00' }),
})
export type Note = Instance<typeof Note>

export const NoteForm = defineForm({ fields: { title: field.text({ max: 50 }) } })
const ContactForm = defineForm({
  fields: { from: field.text({ max: 500 }), subject: field.text({ max: 500 }), body: field.textarea() },
})

class Add extends CreateView<Note, typeof NoteForm.fields> {
  override model = Note
  override formClass = NoteForm
  override templateName = 'form.html'
  override successUrl = '/notes/'
}

class Edit extends UpdateView<Note, typeof NoteForm.fields> {
  override model = Note
  override formClass = NoteForm
  override templateName = 'form.html'
  override successUrl = '/notes/%(title)s/'
}

class Contact extends FormView<typeof ContactForm.fields> {
  override formClass = ContactForm
  override templateName = 'form.html'
  override async formValid({ cleanedData: { from, subject, body } }: Form<typeof ContactForm.fields>) {
    const message = new EmailMessage({ subject, body, to: ['shop@example.com'], replyTo: [from] })
    await sendMail(this.request.settings, message)
    return new HttpResponse('sent')
  }
}

/** Counts what hashing costs, in hashings, and takes no time. */
export class CountingHasher implements PasswordHasher {
  readonly #inner = new ScryptHasher(16)
  readonly algorithm = this.#inner.algorithm
  hashings = 0

  encode(password: string, salt: string): Promise<string> {
    this.hashings += 1
    return this.#inner.encode(password, salt)
  }

  verify(password: string, encoded: string): Promise<boolean> {
    this.hashings += 1
    return this.#inner.verify(password, encoded)
  }

  mustUpdate(): boolean {
    return false
  }
}

const templates = {
  'form.html':
    '<form method="post">{% csrf_token %}{% for field in form %}{{ field.html|safe }}' +
    '{% for error in field.errors %}<p>{{ error }}</p>{% endfor %}{% endfor %}</form>',
  'notes.html':
    '{% for m in messages %}[{{ m.text }}]{% endfor %}{% for note in notes %}<li title="{{ note.title }}">' +
    '{{ note.title|truncatechars:90 }}</li>{% endfor %}{{ notes.0.title|json_script:"t" }}q={{ request.GET.q }}',
  'registration/login.html': '{% csrf_token %}{{ form.nonFieldErrors|join:"" }} next={{ next }}',
  'registration/logged_out.html': 'bye',
  'registration/password_reset_form.html': 'reset',
  'registration/password_change_form.html':
    '{% for e in form.fields.oldPassword.errors %}{{ e }}{% endfor %}',
}

const whoami = async (request: HttpRequest) => new HttpResponse((await request.user()).username)
const notes = async (request: HttpRequest) =>
  render(request, 'notes.html', { notes: await Note.objects.orderBy('-id').slice(0, 20) })
const cart = async (request: HttpRequest) => {
  const item = request.GET.get('put')
  if (item !== undefined) request.session.set('cart', item)
  return new HttpResponse(String((await request.session.get('cart')) ?? 'empty'))
}
const say = async (request: HttpRequest) => {
  const { fields } = await request.form()
  messages.info(request, fields.get('text') ?? '')
  return new HttpResponseRedirect('/notes/')
}

export interface AttackedSite {
  readonly settings: ReturnType<typeof defineSettings>
  readonly databases: Databases
  readonly mail: MemoryMailBackend
  readonly hasher: CountingHasher
}

/** With one user, ada, whose password is engine-1842, and one note. */
export async function attackedSite(change: SettingsInput = {}): Promise<AttackedSite> {
  const hasher = new CountingHasher()
  const hashing = new Passwords([hasher])
  const authentication = new Authentication<User>({ backends: [new ModelBackend(User, hashing)] })
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  const mail = new MemoryMailBackend()
  await createTables(databases.default)
  await databases.run(async () => {
    const password = await hashing.make('engine-1842')
    await User.objects.create({ username: 'ada', email: 'ada@example.com', password })
    await Note.objects.create({ title: 'first', owner: 'ada' })
  })
  const settings = defineSettings({
    secretKey: 'a secret of the attacked site',
    allowedHosts: ['testserver'],
    middleware: defaultMiddleware,
    databases,
    mail,
    sessionStore: new DatabaseSessionStore(),
    getUser: authentication.getUser,
    loginRedirectUrl: '/whoami/',
    templates: { loaders: [memorySource(templates)] },
    rootUrlconf: [
      path('accounts/login/', LoginView.asView({ authentication }), { name: 'login' }),
      path('accounts/logout/', LogoutView.asView({ authentication })),
      path('change/', PasswordChangeView.asView({ authentication, limiter: null })),
      path('change/done/', passwordChangeDoneView, { name: 'password_change_done' }),
      path('reset/', PasswordResetView.asView({ limiter: null })),
      path('reset/done/', passwordResetDoneView, { name: 'password_reset_done' }),
      path('reset/<uidb64>/<token>/', passwordResetConfirmView, { name: 'password_reset_confirm' }),
      path('whoami/', whoami),
      path('private/', loginRequired(whoami)),
      path('absolute/', (request) => new HttpResponse(request.buildAbsoluteUri('/x'))),
      path('goto/', (request) => new HttpResponseRedirect(`/x/${request.GET.get('v') ?? ''}`)),
      path('remember/', (request) => {
        const response = new HttpResponse('kept')
        response.setCookie('seen', request.GET.get('v') ?? '')
        return response
      }),
      path('token/', (request) => new HttpResponse(getToken(request))),
      path('cart/', cart),
      path('notes/', notes),
      path('notes/add/', Add.asView()),
      path('notes/<int:pk>/', Edit.asView()),
      path('contact/', Contact.asView()),
      path('say/', say),
      path('page/<path:name>', (request, { name }) => render(request, name)),
      path('old/<path:rest>', RedirectView.asView({ url: '/%(rest)s' })),
      path('to/<path:rest>', RedirectView.asView({ patternName: 'any' })),
      path('json/', async (request) => new HttpResponse(typeof (await request.json()))),
      path('form/', async (request) => {
        const { fields, files } = await request.form()
        return new HttpResponse(`${fields.size} fields, ${files.size} files`)
      }),
      path('at/<path:rest>/', () => new HttpResponse(), { name: 'any' }),
      path('<path:rest>/slash/', () => new HttpResponse('here')),
    ],
    ...change,
  })
  return { settings, databases, mail, hasher }
}
