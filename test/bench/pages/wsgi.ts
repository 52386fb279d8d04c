/** The pages that are compared with Django's: what test/bench/pages/django-pages.py is in Django. */
import { join } from 'node:path'
import {
  createTables,
  DatabaseSessionStore,
  defaultMiddleware,
  defineDatabases,
  defineForm,
  defineSettings,
  f,
  field,
  getUser,
  getWsgiApplication,
  HttpResponse,
  HttpResponseRedirect,
  model,
  path,
  render,
  type HttpRequest,
} from 'portico/web'

const ROWS = 20

const Line = model('Line', { author: f.char({ max: 100 }), text: f.text(), created: f.dateTime() })

const LineForm = defineForm({ fields: { author: field.text({ max: 100 }), text: field.textarea() } })

const items = Array.from({ length: 10 }, (_, index) => ({
  name: `item ${index}`,
  text: 'firm, useful & delightful to all who pass',
  price: index * 1.5,
}))

const databases = defineDatabases({
  default: `sqlite:${join(process.env['BENCH_FOLDER'] ?? '', 'ours.sqlite3')}`,
})

await databases.run(async () => {
  await createTables(databases.default)
  await databases.default.atomic(async () => {
    if ((await Line.objects.count()) > 0) return // the other worker was first
    for (let index = 0; index < ROWS; index += 1)
      await Line.objects.create({ author: `author ${index}`, text: `line <${index}>`, created: new Date() })
  })
})

async function rows(request: HttpRequest) {
  return render(request, 'rows.html', { lines: await Line.objects.orderBy('id').slice(0, ROWS) })
}

async function form(request: HttpRequest) {
  const visits = Number((await request.session.get('visits')) ?? 0)
  request.session.set('visits', visits + 1)
  if (request.method !== 'POST') return render(request, 'form.html', { form: LineForm.make() })
  const filled = LineForm.make({ data: request.POST })
  if (!(await filled.isValid())) return new HttpResponse('invalid', { status: 400 })
  await Line.objects.create({ ...filled.cleanedData, created: new Date() })
  return new HttpResponseRedirect('/form/')
}

const settings = defineSettings({
  secretKey: 'bench-only',
  allowedHosts: ['*'],
  databases,
  getUser,
  sessionStore: new DatabaseSessionStore(),
  middleware: defaultMiddleware,
  templates: { dirs: [join(import.meta.dirname, 'templates')] },
  rootUrlconf: {
    urlpatterns: [
      path('', () => new HttpResponse('hello')),
      path('template/', (request) => render(request, 'list.html', { heading: 'all items', items })),
      path('rows/', rows),
      path('form/', form),
    ],
  },
})

export const application = getWsgiApplication(settings)
