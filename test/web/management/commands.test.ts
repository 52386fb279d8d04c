import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Permission, User, currentTimeZone, defineDatabases, postMigrate } from '../../../src/entry/web.ts'
import { Project } from './project.ts'

const settings = (more = ''): string => `
import { defineSettings, defaultMiddleware, MemorySessionStore } from 'portico/web'
export default defineSettings({
  secretKey: 'x'.repeat(60),
  databases: { default: 'sqlite:' + import.meta.dirname + '/db.sqlite3' },
  rootUrlconf: () => import('./urls.ts'),
  middleware: defaultMiddleware,
  sessionStore: new MemorySessionStore(),
  commands: { greet: { help: 'Greets.', usage: 'NAME', run: async (site, options, [name]) => site.write('Hello ' + name) } },
  ${more}
})`

const urls = `
import { HttpResponse, include, path, f, model } from 'portico/web'
export const Shelf = model('library.Shelf', { label: f.char({ max: 20 }) })
const list = () => new HttpResponse('x')
export const urlpatterns = [
  path('', list, { name: 'list' }),
  path('api/', include([path('<int:id>/', list, { name: 'one' })], { namespace: 'api' })),
]`

describe('portico manage', () => {
  let project: Project
  beforeAll(() => {
    project = new Project({ 'settings.ts': settings(), 'urls.ts': urls })
  })
  afterAll(() => project.remove())

  it('writes a migration, runs it, and shows it', async () => {
    const dry = await project.manage('makemigrations library --dry-run')
    expect(dry.out).toContain("createModel('Shelf', {")
    expect((await project.manage('makemigrations library --check')).code).toBe(1)
    const made = await project.manage('makemigrations library')
    expect(made).toEqual({
      code: 0,
      err: '',
      out: "Migrations for 'library':\n  library/migrations/0001_initial.ts\n    - Create model Shelf\n",
    })
    expect(project.list('library/migrations')).toEqual(['0001_initial.ts'])
    expect((await project.manage('makemigrations library')).out).toBe('No changes detected in app library\n')
    for (const command of ['makemigrations libary', 'makemigrations --empty libary']) {
      expect(await project.manage(command)).toMatchObject({ code: 1, out: '' })
      expect((await project.manage(command)).err).toContain("No application called 'libary'")
    }
    expect((await project.manage('migrate --check')).code).toBe(1)
    expect((await project.manage('showmigrations library')).out).toBe('library\n [ ] 0001_initial\n')
    expect((await project.manage('sqlmigrate library 0001')).out).toMatch(
      /^BEGIN;\n-- Create model Shelf\ncreate table/,
    )
    expect((await project.manage('migrate')).out).toContain('  Applying library.0001_initial... OK\n')
    expect((await project.manage('migrate --check')).code).toBe(0)
    expect((await project.manage('showmigrations library')).out).toBe('library\n [X] 0001_initial\n')
    const back = await project.manage('migrate library zero')
    expect(back.out).toContain('  Unapplying library.0001_initial... OK\n')
    const shown: string[] = []
    const progress = { show: (line: string) => shown.push(line), clear: () => shown.push('') }
    const again = await project.manage('migrate library', { progress })
    expect(again.out).toContain('  Applying library.0001_initial... OK\n')
    expect(shown).toEqual(['  [1/1] Applying library.0001_initial...', '', ''])
  })

  it('numbers migrations from those that have numbers', async () => {
    const begun = new Project({
      'settings.ts': settings(),
      'urls.ts': urls,
      'library/migrations/begin.ts':
        "import { migration } from 'portico/web'\nexport default migration({ dependencies: [], operations: [] })\n",
    })
    try {
      const made = await begun.manage('makemigrations --empty library --dry-run')
      expect(made.out).toContain("Migrations for 'library':\n  0001_custom\n")
      expect((await begun.manage('makemigrations library --dry-run')).out).toContain('  0001_')
    } finally {
      begun.remove()
    }
  })

  it('makes the permissions of the models after it has migrated, and tells who wants to know', async () => {
    const seen: [string, number, boolean][] = []
    const disconnect = postMigrate.connect(async ({ database, plan, applied }) => {
      seen.push([database.vendor, plan.length, applied.has('library.0001_initial')])
      expect(await Permission.objects.filter({ codename: 'add_shelf' }).count()).toBe(1)
    })
    try {
      expect(await project.manage('migrate')).toMatchObject({ code: 0, err: '' })
    } finally {
      disconnect()
    }
    expect((await project.manage('migrate')).code).toBe(0)
    expect(seen).toEqual([['sqlite', 0, true]])
    const databases = defineDatabases({ default: `sqlite:${join(project.folder, 'db.sqlite3')}` })
    const types = await databases.run(() =>
      Permission.objects
        .filter({ contentType__model: 'shelf' })
        .orderBy('codename')
        .valuesList('contentType__appLabel', 'codename')
        .toArray(),
    )
    await databases.close()
    expect(types).toEqual(['add', 'change', 'delete', 'view'].map((action) => ['library', `${action}_shelf`]))
  })

  it('makes no permissions in a database that has no tables for them', async () => {
    expect(await project.manage('migrate auth 0001')).toMatchObject({ code: 0, err: '' })
    expect(await project.manage('migrate auth zero')).toMatchObject({ code: 0, err: '' })
    expect(await project.manage('migrate')).toMatchObject({ code: 0, err: '' })
  })

  it('makes a superuser and changes the password', async () => {
    const env = { PORTICO_SUPERUSER_USERNAME: 'ada', PORTICO_SUPERUSER_PASSWORD: 'engine of 1843' }
    const made = await project.manage('createsuperuser --noinput --email ada@EXAMPLE.org', { env })
    expect(made).toEqual({ code: 0, err: '', out: 'Superuser created successfully.\n' })
    expect((await project.manage('createsuperuser --noinput', { env })).err).toContain('already taken')
    const answers = [
      'short',
      'short',
      'another one',
      'not the same',
      'a bridge of asses',
      'a bridge of asses',
    ]
    const hiddens: boolean[] = []
    const prompt = async (_question: string, { hidden }: { hidden: boolean }): Promise<string> => {
      hiddens.push(hidden)
      return answers.shift() ?? ''
    }
    const changed = await project.manage('changepassword ada', { prompt })
    expect(changed.code).toBe(0)
    expect(changed.err).toContain('too short')
    expect(changed.err).toContain("didn't match")
    expect(hiddens).toEqual(Array(6).fill(true))
    const databases = defineDatabases({ default: `sqlite:${join(project.folder, 'db.sqlite3')}` })
    const ada = await databases.run(() => User.objects.get({ username: 'ada' }))
    expect([ada.isSuperuser, ada.isStaff, ada.email]).toEqual([true, true, 'ada@example.org'])
    expect(await ada.checkPassword('a bridge of asses')).toBe(true)
    expect(await ada.checkPassword('engine of 1843')).toBe(false)
    await databases.close()
    expect((await project.manage('changepassword bob', { prompt })).err).toContain(
      "user 'bob' does not exist",
    )
  })

  it('makes a superuser of the site’s own model of users', async () => {
    const members = new Project({
      'settings.ts': settings("authUserModel: 'club.Member', models: [() => import('./members.ts')],"),
      'urls.ts': urls,
      'members.ts': `
import { baseUserFields, f, model, permissionFields, userMethods } from 'portico/web'
export const Member = model('club.Member', {
  ...baseUserFields, ...permissionFields, address: f.email({ unique: true }), birthYear: f.int(),
}, { methods: { ...userMethods, usernameField: 'address', emailField: 'address', requiredFields: ['birthYear'] } })`,
    })
    try {
      expect((await members.manage('check')).code).toBe(0)
      await members.manage('makemigrations')
      expect(await members.manage('migrate')).toMatchObject({ code: 0, err: '' })
      const env = { PORTICO_SUPERUSER_PASSWORD: 'engine of 1843', PORTICO_SUPERUSER_BIRTH_YEAR: '1815' }
      const make = 'createsuperuser --noinput --username'
      const wrong = await members.manage(`${make} ada@x.org --field birthYear=long`, { env })
      expect(wrong).toMatchObject({
        code: 1,
        err: expect.stringContaining('Enter a whole number.') as string,
      })
      expect((await members.manage(`${make} ada`, { env })).err).toContain('valid email')
      const unknown = await members.manage(`${make} ada@x.org --field birthYaer=1815`, { env })
      expect(unknown).toMatchObject({
        code: 1,
        err: expect.stringContaining("no field 'birthYaer'") as string,
      })
      expect(await members.manage(`${make} ada@EXAMPLE.org`, { env })).toMatchObject({ code: 0, err: '' })
      expect((await members.manage(`${make} ada@example.org`, { env })).err).toContain('already taken')
      const answers = ['byron@x.org', '1788', 'a bridge of asses', 'a bridge of asses']
      const asked: string[] = []
      const prompt = async (question: string): Promise<string> => {
        asked.push(question)
        return answers.shift() ?? ''
      }
      expect(await members.manage('createsuperuser', { prompt })).toMatchObject({ code: 0, err: '' })
      expect(asked).toEqual(['Email address: ', 'Birth year: ', 'Password: ', 'Password (again): '])
      answers.push('another good one', 'another good one')
      expect((await members.manage('changepassword ada@example.org', { prompt })).code).toBe(0)
      const databases = defineDatabases({ default: `sqlite:${join(members.folder, 'db.sqlite3')}` })
      const rows = await databases.run(async () => {
        const { Member } = (await import(join(members.folder, 'members.ts'))) as { Member: typeof User }
        const all = await Member.objects.orderBy('pk').toArray()
        const good = await all[0]?.checkPassword('another good one')
        return { good, rows: all.map((row) => ({ ...row, password: '' })) }
      })
      await databases.close()
      expect(rows.good).toBe(true)
      expect(rows.rows).toMatchObject([
        { address: 'ada@example.org', birthYear: 1815, isSuperuser: true },
        { address: 'byron@x.org', birthYear: 1788, isSuperuser: true },
      ])
    } finally {
      members.remove()
    }
  }, 60_000)

  it('lists routes, clears sessions, opens a shell, runs tests, and the commands of the project', async () => {
    expect((await project.manage('showurls')).out).toBe(
      '/               list  list\n/api/<int:id>/  list  api:one\n',
    )
    expect((await project.manage('clearsessions')).out).toBe('0 sessions cleared.\n')
    let names: string[] = []
    await project.manage('shell', { openShell: async (all) => void (names = Object.keys(all)) })
    expect(names).toEqual(expect.arrayContaining(['Shelf', 'User', 'settings', 'databases']))
    project.write('test/a.test.ts', '')
    let files: readonly string[] = []
    const runTests = async (all: readonly string[]): Promise<boolean> => ((files = all), false)
    expect((await project.manage('test', { runTests })).code).toBe(1)
    expect(files).toEqual([join(project.folder, 'test/a.test.ts')])
    expect((await project.manage('greet Bob')).out).toBe('Hello Bob\n')
  })

  it.each([
    ['nothing', "CommandError: Unknown command: 'nothing'. There are: changepassword, check,"],
    ['migrate nowhere', "App 'nowhere' does not have migrations. It has: auth"],
    ['migrate library 0009', "Cannot find a migration matching '0009' from app 'library'."],
    ['migrate --what', "Unknown option '--what'"],
    ['check --settings other.ts', 'There is no settings module other.ts.'],
    ['createsuperuser', 'nobody to ask'],
    ['makemigrations --rename x', 'expecting --rename OLD:NEW'],
  ])('%s: one line says what to do', async (command, message) => {
    const { code, err } = await project.manage(command)
    expect(code).toBe(1)
    expect(err).toContain(message)
    expect(err).not.toContain('    at ')
  })

  it('says where settings were looked for', async () => {
    const { err } = await project.manage('check', { cwd: join(project.folder, 'test') })
    expect(err).toMatch(/There is no settings\.ts in .*--settings FILE, or PORTICO_SETTINGS=FILE/)
  })
})

describe('portico manage collectstatic', () => {
  it('copies once, under hashed names too, and says what the front serves them by', async () => {
    const project = new Project({
      'settings.ts': settings(
        "staticRoot: import.meta.dirname + '/collected', staticFilesDirs: [import.meta.dirname + '/static'],",
      ),
      'urls.ts': urls,
      'static/site.css': 'body { background: url(dot.png) }',
      'static/dot.png': 'not really one',
    })
    expect((await project.manage('collectstatic --dry-run')).out).toMatch(
      /^Pretending to copy 'dot\.png'[\s\S]* static files would be copied, 0 unmodified\.\n$/,
    )
    const first = await project.manage('collectstatic')
    expect(first.err).toBe('')
    expect(first.out).toMatch(/\n5 static files copied, 0 unmodified\.\n$/)
    const names = project.list('collected')
    expect(names).toHaveLength(5)
    expect(names).toEqual(
      expect.arrayContaining([
        'dot.png',
        'site.css',
        'staticfiles.json',
        expect.stringMatching(/^site\.[0-9a-f]{12}\.css$/),
      ]),
    )
    const shown: string[] = []
    const progress = { show: (line: string) => shown.push(line), clear: () => shown.push('') }
    expect((await project.manage('collectstatic', { progress })).out).toBe(
      '0 static files copied, 5 unmodified.\n',
    )
    expect(shown).toEqual([
      ...['  Reading 1', '  Reading 2', '  Hashing 2 of 2'],
      ...[1, 2, 3, 4, 5].map((done) => `  Writing ${done} of 5`),
      '',
    ])
    expect((await project.manage('collectstatic --conf')).out).toContain(
      `alias ${project.folder}/collected/;`,
    )
    project.remove()
  })

  it('needs a folder', async () => {
    const project = new Project({ 'settings.ts': settings(), 'urls.ts': urls })
    const { code, err } = await project.manage('collectstatic')
    expect([code, err]).toEqual([1, expect.stringContaining('settings.staticRoot')])
    project.remove()
  })
})

describe('portico manage check', () => {
  const cases: [what: string, ids: string[], more: string, urls?: string, command?: string][] = [
    ['nothing', [], ''],
    ['an empty secret', ['settings.E001'], "secretKey: '',"],
    [
      'a list in the wrong order',
      ['admin.E410', 'messages.E101'],
      'middleware: [...defaultMiddleware].reverse(),',
    ],
    ['a static URL without its slash', ['urls.E006'], "staticUrl: '/static',"],
    ['a template folder that moves', ['templates.W001'], "templates: { dirs: ['templates'] },"],
    ['a slash before a route', ['urls.W002'], '', urls.replace("path('',", "path('/x',")],
    [
      'a pattern that takes forever',
      ['urls.W101'],
      '',
      urls.replace("path('',", 'rePath(/^(a+)+b$/,').replace('include,', 'include, rePath,'),
    ],
    ['a module that is not there', ['urls.E001'], '', "import './gone.ts'"],
    [
      'an ordering by no field',
      ['models.E015'],
      '',
      urls.replace('max: 20 }) }', "max: 20 }) }, { ordering: ['-colour'] }"),
    ],
    [
      'an ordering by a part that the field has not',
      ['models.E015'],
      '',
      urls.replace('max: 20 }) }', "max: 20 }) }, { ordering: ['label__colour'] }"),
    ],
    [
      'indexes of two tables under one name',
      ['models.E030'],
      '',
      urls.replace(
        'max: 20 }) }',
        "max: 20 }) }, { indexes: [['label']] })\nmodel('library.All', { shelf_label: f.int({ index: true }) }, { table: 'library' }",
      ),
    ],
    [
      'what strangers meet',
      ['security.W004', 'security.W008', 'security.W009', 'security.W012', 'security.W016', 'security.W020'],
      '',
      urls,
      'check --deploy',
    ],
  ]

  it.each(cases)('finds %s', async (_what, ids, more, conf = urls, command = 'check') => {
    const project = new Project({ 'settings.ts': settings(more), 'urls.ts': conf })
    const { code, err } = await project.manage(command)
    project.remove()
    expect([...err.matchAll(/\((\w+\.[EW]\d+)\)/g)].map((match) => match[1])).toEqual(ids)
    expect(code).toBe(ids.some((id) => id.includes('.E')) ? 1 : 0)
    expect(err.match(/HINT: \S/g)?.length ?? 0).toBe(ids.length)
  })
})

describe('a command', () => {
  const zoned = (timeZone: string): Project =>
    new Project({
      'settings.ts': settings(`timeZone: '${timeZone}',`)
        .replace(
          'commands: {',
          "commands: { zone: { help: 'Says it.', run: async (site) => site.write(currentTimeZone()) },",
        )
        .replace('import { ', 'import { currentTimeZone, '),
      'urls.ts': urls,
    })

  it('runs in the time zone of the settings, and leaves the process in its own', async () => {
    const project = zoned('Asia/Kolkata')
    expect((await project.manage('zone')).out).toBe('Asia/Kolkata\n')
    let inShell = ''
    await project.manage('shell', { openShell: async () => void (inShell = currentTimeZone()) })
    expect(inShell).toBe('Asia/Kolkata')
    expect(currentTimeZone()).toBe('UTC')
    project.remove()
  })

  it('does not run in what is no time zone; check says so', async () => {
    const project = zoned('Mars/Olympus')
    const message = 'settings.timeZone: "Mars/Olympus" is no time zone'
    expect(await project.manage('zone')).toEqual({
      code: 1,
      out: '',
      err: `ImproperlyConfigured: ${message}\n`,
    })
    expect((await project.manage('check')).err).toContain(message)
    project.remove()
  })
})
