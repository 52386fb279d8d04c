/** A small site of everything: models, templates, forms, messages, sessions and the trace. */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  Client,
  createTables,
  defaultMiddleware,
  defineDatabases,
  defineForm,
  defineSettings,
  DetailView,
  f,
  field,
  FormView,
  getObjectOr404,
  HttpResponse,
  ListView,
  memorySource,
  messages,
  model,
  path,
  redirect,
  render,
  UpdateView,
  type Form,
  type HttpRequest,
  type Instance,
} from 'portico/web'

const Note = model('Note', { title: f.char({ max: 50 }), slug: f.slug({ unique: true }) })
type Note = Instance<typeof Note>

const templates = {
  'base.html': '<title>{% block title %}Notes{% endblock %}</title>{% block body %}{% endblock %}',
  'list.html':
    '{% extends "base.html" %}{% block body %}{% for m in messages %}[{{ m.tags }}: {{ m.text }}]{% endfor %}' +
    '{% for note in object_list %}<a href="{% url "detail" slug=note.slug %}">{{ note.title }}</a>{% endfor %}{% endblock %}',
  'note_detail.html': '{{ note.title }} at {{ request.path }}, q={{ request.GET.q }}',
  'form.html':
    '<form method="post">{% csrf_token %}{% for field in form %}{{ field.label }}: {{ field.html|safe }}' +
    '{% for error in field.errors %}<p>{{ error }}</p>{% endfor %}{% endfor %}</form>',
  'trace.html': '{% for e in request.trace.entries %}{{ e.kind }} {{ e.name }}\n{% endfor %}',
}

const NoteForm = defineForm({ fields: { title: field.text({ max: 50 }), slug: field.slug() } })

class List extends ListView<Note> {
  override model = Note
  override templateName = 'list.html'
  override ordering = 'title'
}

class Detail extends DetailView<Note> {
  override model = Note
}

class Add extends FormView<typeof NoteForm.fields> {
  override formClass = NoteForm
  override templateName = 'form.html'
  override async formValid(form: Form<typeof NoteForm.fields>) {
    await Note.objects.create(form.cleanedData)
    messages.success(this.request, 'Kept & shown.')
    return redirect(this.request, 'list')
  }
}

class Edit extends UpdateView<Note, typeof NoteForm.fields> {
  override model = Note
  override formClass = NoteForm
  override templateName = 'form.html'
  override successUrl = '/%(slug)s/'
}

const count = async (request: HttpRequest) => {
  const visits = (await request.session.get('visits', 0)) + 1
  request.session.set('visits', visits)
  return new HttpResponse(`visit ${visits}`)
}
const first = async (_request: HttpRequest, { slug }: { slug: string }) =>
  new HttpResponse((await getObjectOr404(Note.objects, { slug })).title)

const databases = defineDatabases({ default: 'sqlite::memory:' })
const settings = defineSettings({
  secretKey: 'secret',
  allowedHosts: ['testserver'],
  middleware: defaultMiddleware,
  databases,
  trace: true,
  serverTiming: true,
  templates: { loaders: [memorySource(templates)] },
  rootUrlconf: [
    path('', List.asView(), { name: 'list' }),
    path('add/', Add.asView(), { name: 'add' }),
    path('count/', count),
    path('trace/', async (request) => render(request, 'trace.html', { n: await Note.objects.count() })),
    path('first/<slug:slug>/', first),
    path('edit/<int:pk>/', Edit.asView()),
    path('<slug:slug>/', Detail.asView(), { name: 'detail' }),
  ],
})

beforeAll(async () => {
  await createTables(databases.default)
})

describe('a site of everything', () => {
  const client = new Client(settings, { enforceCsrfChecks: true })

  test('takes a form with its token, redirects, and shows its message once', async () => {
    const { text } = await client.get('/add/')
    const token = /name="csrfmiddlewaretoken" value="(\w{64})"/.exec(text)?.[1] ?? ''
    expect((await client.post('/add/', { form: { title: 'One', slug: 'one' } })).status).toBe(403)
    const form = { title: 'One <i>', slug: 'one', csrfmiddlewaretoken: token }
    const shown = await client.post('/add/', { form }, { follow: true })
    expect(shown.redirectChain).toEqual([['/', 302]])
    expect(shown.text).toBe(
      '<title>Notes</title>[success: Kept &amp; shown.]<a href="/one/">One &lt;i&gt;</a>',
    )
    expect((await client.get('/')).text).not.toContain('Kept')
  })

  test('asks again for what was wrong', async () => {
    const token = /value="(\w{64})"/.exec((await client.get('/add/')).text)?.[1] ?? ''
    const wrong = await client.post('/add/', { form: { title: '', slug: 'a b', csrfmiddlewaretoken: token } })
    expect(wrong.text).toContain('<p>This field is required.</p>')
    expect(wrong.text).toContain('value="a b"')
  })

  test('shows one row, or 404', async () => {
    expect((await client.get('/one/?q=x')).text).toBe('One &lt;i&gt; at /one/, q=x')
    expect((await client.get('/none/')).status).toBe(404)
    expect((await client.get('/first/one/')).text).toBe('One <i>')
    expect((await client.get('/first/none/')).status).toBe(404)
  })

  test('changes a row by a form, and nothing that the form does not have', async () => {
    const page = (await client.get('/edit/1/')).text
    expect(page).toContain('value="One &lt;i&gt;"')
    const csrfmiddlewaretoken = /value="(\w{64})"/.exec(page)?.[1] ?? ''
    const changed = await client.post('/edit/1/', {
      form: { title: 'Two', slug: 'two', id: '99', csrfmiddlewaretoken },
    })
    expect(changed.header('location')).toBe('/two/')
    expect(await databases.run(async () => Note.objects.values('id', 'title'))).toEqual([
      { id: 1, title: 'Two' },
    ])
  })

  test('keeps a session', async () => {
    expect((await client.get('/count/')).text).toBe('visit 1')
    expect((await client.get('/count/')).text).toBe('visit 2')
    expect((await new Client(settings).get('/count/')).text).toBe('visit 1')
  })

  test('shows the way of the request, its queries and the front among it', async () => {
    const startUs = Math.floor((Date.now() - 5) * 1000)
    const response = await client.get('/trace/', {
      environ: { PORTICO_TRACE: `accept=${startUs}:1500,bad,=:` },
    })
    const lines = response.text.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(lines).toEqual([
      'front accept',
      'processRequest SecurityMiddleware',
      'processRequest SessionMiddleware',
      'processRequest CommonMiddleware',
      'processRequest CsrfViewMiddleware',
      'processRequest AuthenticationMiddleware',
      'processRequest MessageMiddleware',
      'resolve URLconf',
      'processView CsrfViewMiddleware',
      'view &lt;anonymous&gt;',
      'query select',
      'template trace.html',
      '',
    ])
    expect(response.header('server-timing')).toMatch(
      /front;desc="accept";dur=1\.500, .*query;desc="select count/,
    )
  })
})
