/** The files of a new project. What is built on the public API alone. */

export interface NewProject {
  readonly name: string
  /** What `npm install` gets the package by: a version, a folder or a tarball. */
  readonly dependency: string
  readonly secretKey: string
}

/** Text by path below the project's folder. */
export function projectFiles(project: NewProject): Readonly<Record<string, string>> {
  return {
    'package.json': packageJson(project),
    'tsconfig.json': TSCONFIG,
    '.gitignore': 'node_modules/\nrun/*\n!run/.gitkeep\ndb.sqlite3*\n.secret-key\n',
    '.secret-key': `${project.secretKey}\n`,
    'run/.gitkeep': '',
    'README.md': readme(project),
    'settings.ts': SETTINGS,
    'wsgi.ts': WSGI,
    'urls.ts': URLS,
    'models.ts': MODELS,
    'migrations/0001_initial.ts': MIGRATION,
    'forms.ts': FORMS,
    'views.ts': VIEWS,
    'templates/base.html': base(project),
    'templates/notes.html': NOTES,
    'public/static/site.css': CSS,
    'conf/portico.conf': CONF,
    'test/site.test.ts': TEST,
  }
}

const packageJson = ({ name, dependency }: NewProject): string =>
  `${JSON.stringify(
    {
      name,
      private: true,
      type: 'module',
      engines: { node: '>=24' },
      scripts: {
        start: 'portico manage migrate && portico',
        dev: 'portico manage migrate && portico dev',
        test: 'portico manage test',
        manage: 'portico manage',
      },
      dependencies: { portico: dependency },
    },
    null,
    2,
  )}\n`

const TSCONFIG = `{
  "compilerOptions": {
    "target": "es2024",
    "module": "nodenext",
    "strict": true,
    "noEmit": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true
  }
}
`

const readme = ({ name }: NewProject): string => `# ${name}

    npm install
    npm run dev     # http://127.0.0.1:8080/, started again when you change something
    npm start       # the same as in production
    npm test

| command | does |
|---|---|
| \`npx portico manage makemigrations\` | writes migrations for what changed in models.ts |
| \`npx portico manage migrate\` | brings the database up to date |
| \`npx portico manage createsuperuser\` | makes a user |
| \`npx portico manage check --deploy\` | says what is wrong before strangers come |

The database is SQLite's file db.sqlite3, or whatever DATABASE_URL names: \`postgres://user@localhost/${name}\`.
SECRET_KEY takes the place of the file .secret-key.
`

const SETTINGS = `import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSessionStore, defaultMiddleware, defineSettings, getUser } from 'portico/web'

const baseDir = import.meta.dirname

export default defineSettings({
  baseDir,
  debug: process.env['DEBUG'] === '1',
  secretKey: process.env['SECRET_KEY'] ?? readFileSync(join(baseDir, '.secret-key'), 'utf8').trim(),
  allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
  databases: { default: process.env['DATABASE_URL'] ?? \`sqlite:\${join(baseDir, 'db.sqlite3')}\` },
  models: [() => import('./models.ts')],
  rootUrlconf: () => import('./urls.ts'),
  middleware: defaultMiddleware,
  getUser,
  sessionStore: new DatabaseSessionStore(),
  templates: { dirs: [join(baseDir, 'templates')] },
  staticUrl: '/static/',
})
`

const WSGI = `import { getWsgiApplication } from 'portico/web'
import settings from './settings.ts'

export const application = getWsgiApplication(settings)
`

const URLS = `import { path } from 'portico/web'
import { Notes } from './views.ts'

export const urlpatterns = [path('', Notes.asView(), { name: 'notes' })]
`

const MODELS = `import { f, model, type Instance } from 'portico/web'

export const Note = model(
  'Note',
  {
    text: f.char({ max: 200 }),
    created: f.dateTime({ autoNowAdd: true, index: true }),
  },
  { ordering: ['-created', '-id'] },
)
export type Note = Instance<typeof Note>
`

const MIGRATION = `import { createModel, f, migration } from 'portico/web'

export default migration({
  dependencies: [],
  operations: [
    createModel('Note', {
      text: f.char({ max: 200 }),
      created: f.dateTime({ index: true, autoNowAdd: true }),
    }),
  ],
})
`

const FORMS = `import { modelForm } from 'portico/web'
import { Note } from './models.ts'

/** Only the fields named here are taken from a request. */
export const NoteForm = modelForm(Note, { fields: ['text'], labels: { text: 'A note' } })
`

const VIEWS = `import { CreateView, messages, type Form } from 'portico/web'
import { NoteForm } from './forms.ts'
import { Note } from './models.ts'

/** The notes, newest first, and the form to write one. */
export class Notes extends CreateView<Note, typeof NoteForm.fields> {
  override templateName = 'notes.html'
  override formClass = NoteForm
  override successUrl = '/'

  override async getContextData(extra: Record<string, unknown> = {}) {
    return { ...(await super.getContextData(extra)), notes: await Note.objects.all().slice(0, 20) }
  }

  override formValid(form: Form<typeof NoteForm.fields>) {
    messages.success(this.request, 'Noted.')
    return super.formValid(form)
  }
}
`

const base = ({ name }: NewProject): string => `{% load static %}<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{% block title %}${name}{% endblock %}</title>
  <link rel="stylesheet" href="{% static 'site.css' %}">
</head>
<body>
  <main>
    {% for message in messages %}<p class="message">{{ message.text }}</p>{% endfor %}
    {% block content %}{% endblock %}
  </main>
</body>
</html>
`

const NOTES = `{% extends 'base.html' %}
{% block content %}
<h1>Notes</h1>
<form method="post">
  {% csrf_token %}
  <label for="{{ form.fields.text.id }}">{{ form.fields.text.label }}</label>
  {{ form.fields.text.html|safe }}
  {% for error in form.fields.text.errors %}<p class="error">{{ error }}</p>{% endfor %}
  <button type="submit">Keep it</button>
</form>
<ul>
  {% for note in notes %}<li>{{ note.text }} <time>{{ note.created|date:'j M Y, H:i' }}</time></li>{% empty %}<li>Nothing yet.</li>{% endfor %}
</ul>
{% endblock %}
`

const CSS = `:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif }
main { max-width: 40rem; margin: 3rem auto; padding: 0 1rem }
time { opacity: .6; font-size: .8em }
.message { padding: .5rem 1rem; border-left: .3rem solid seagreen }
.error { color: crimson }
`

const CONF = `# nginx's grammar; \`npx portico -t\` checks it.

worker_processes  1;
error_log         stderr notice;
pid               run/portico.pid;

events {
    worker_connections  1024;
}

app site {
    entry    wsgi.ts;
    workers  2;
}

http {
    include       mime.types;
    default_type  application/octet-stream;
    charset       utf-8;
    access_log    /dev/stdout;

    server {
        listen       127.0.0.1:8080;
        server_name  localhost;
        root         public;

        location /static/ {
        }

        location / {
            app_pass site;
        }
    }
}
`

const TEST = `import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { testSite, type TestSite } from 'portico/testing'
import { Note } from '../models.ts'
import settings from '../settings.ts'

let site: TestSite
before(async () => {
  site = await testSite(settings)
})
after(() => site.close())

test('a note that is written stands on the page', async () => {
  const client = site.client()
  assert.match((await client.get('/')).text, /Nothing yet/)
  const page = await client.post('/', { form: { text: 'Milk & bread' } }, { follow: true })
  assert.equal(page.status, 200)
  assert.match(page.text, /Milk &amp; bread/)
  assert.match(page.text, /<p class="message">Noted\\.</)
  assert.equal(await Note.objects.count(), 1)
})

test('an empty note is refused', async () => {
  const page = await site.client().post('/', { form: { text: '' } })
  assert.match(page.text, /class="error"/)
  assert.equal(await Note.objects.filter({ text: '' }).count(), 0)
})
`
