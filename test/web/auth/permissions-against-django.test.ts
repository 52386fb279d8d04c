/** Who may do what, by the tables of users, groups and permissions: the same as Django says, row by row. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  Authentication,
  AuthenticationMiddleware,
  Client,
  createPermissions,
  createTables,
  defineDatabases,
  defineSettings,
  Group,
  HttpResponse,
  ModelBackend,
  path,
  Permission,
  permissionRequired,
  SessionMiddleware,
  User,
  type HttpRequest,
} from 'portico/web'
import { describeWithPeer } from '../../support/peer.ts'

interface Row {
  readonly anonymous?: boolean
  readonly active?: boolean
  readonly staff?: boolean
  readonly superuser?: boolean
  readonly own?: readonly string[]
  readonly groups?: readonly (readonly string[])[]
}

const names = ['auth.view_user', 'auth.add_user', 'auth.view_group', 'view_user', 'AUTH.view_user', 'auth.View_User', 'auth.', '.', '', 'auth.view_user.x', 'auth.view_user ', 'none.at_all'] // prettier-ignore
const lists = [['auth.view_user'], ['auth.view_user', 'auth.add_user'], ['auth.view_user', 'none.x']]
const modules = ['auth', 'aut', 'AUTH', 'contenttypes', '']

const rows: readonly (readonly [title: string, row: Row])[] = [
  ['nobody', { anonymous: true }],
  ['a user without any', {}],
  ['one of its own', { own: ['view_user'] }],
  ['two of its own', { own: ['view_user', 'add_user'] }],
  ['one by a group', { groups: [['view_user']] }],
  ['one by each of two groups', { groups: [['view_user'], ['add_user']] }],
  ['the same by itself and by a group', { own: ['view_user'], groups: [['view_user']] }],
  ['a group without any', { groups: [[]] }],
  ['another one', { own: ['view_group'] }],
  ['staff without any', { staff: true }],
  ['staff with one', { staff: true, own: ['view_user'] }],
  ['a superuser', { superuser: true }],
  ['an inactive superuser', { superuser: true, active: false }],
  ['an inactive user with one', { active: false, own: ['view_user'] }],
  ['an inactive user with one by a group', { active: false, groups: [['view_user', 'add_user']] }],
]

interface Answer {
  readonly all: string | string[]
  readonly one: boolean[]
  readonly object: boolean
  readonly several: boolean[]
  readonly modules: boolean[]
  readonly view: number
  readonly raising: number
  readonly two: number
}

const databases = defineDatabases({ default: 'sqlite::memory:' })
const authentication = new Authentication<User>({ backends: [new ModelBackend(User)] })
afterAll(() => databases.close())

async function userOf(row: Row): Promise<User | null> {
  if (row.anonymous === true) return null
  await User.objects.all().delete()
  await Group.objects.all().delete()
  const permissions = async (codenames: readonly string[]) =>
    Permission.objects.filter({ codename__in: codenames, contentType__appLabel: 'auth' }).toArray()
  const { active: isActive = true, superuser: isSuperuser = false, staff: isStaff = false } = row
  const user = await User.objects.create({ username: 'ada', password: '!', isActive, isSuperuser, isStaff })
  await user.userPermissions.set(await permissions(row.own ?? []))
  for (const [index, codenames] of (row.groups ?? []).entries()) {
    const group = await Group.objects.create({ name: `group ${index}` })
    await group.permissions.set(await permissions(codenames))
    await user.groups.add(group)
  }
  return User.objects.get({ username: 'ada' })
}

const page = () => new HttpResponse()
const anonymous = { isAuthenticated: false, isAnonymous: true, isActive: false, username: '', pk: null }

async function statuses(user: User | null): Promise<Pick<Answer, 'view' | 'raising' | 'two'>> {
  const client = new Client(
    defineSettings({
      secretKey: 'k',
      allowedHosts: ['*'],
      databases,
      getUser: (_request: HttpRequest) => user ?? anonymous,
      middleware: [SessionMiddleware, AuthenticationMiddleware],
      rootUrlconf: [
        path('view/', permissionRequired('auth.view_user')(page)),
        path('raising/', permissionRequired('auth.view_user', { raiseException: true })(page)),
        path('two/', permissionRequired(['auth.view_user', 'auth.add_user'], { raiseException: true })(page)),
      ],
    }),
  )
  const status = async (name: string) => (await client.get(`/${name}/`)).status
  return { view: await status('view'), raising: await status('raising'), two: await status('two') }
}

const answer = (row: Row): Promise<Answer> =>
  databases.run(async () => {
    const user = await userOf(row)
    const each = async <T>(list: readonly T[], ask: (one: T) => Promise<boolean> | undefined) =>
      Promise.all(list.map(async (one) => (await ask(one)) ?? false))
    return {
      all: row.superuser === true ? 'all' : [...((await user?.getAllPermissions()) ?? [])].sort(),
      one: await each(names, (name) => user?.hasPerm(name)),
      object: user === null ? false : await authentication.hasPerm(user, 'auth.view_user', {}),
      several: await each(lists, (list) => user?.hasPerms(list)),
      modules: await each(modules, (name) => user?.hasModulePerms(name)),
      ...(await statuses(user)),
    }
  })

describeWithPeer('python3', 'as Django', (python = '') => {
  let django: Answer[]

  beforeAll(async () => {
    await createTables(databases.default)
    await databases.run(() => createPermissions())
    const script = new URL('django-permissions.py', import.meta.url).pathname
    const input = JSON.stringify({ rows: rows.map(([, row]) => row), names, lists, modules })
    django = JSON.parse(
      execFileSync(python, [script], { input, encoding: 'utf8', timeout: 60_000 }),
    ) as Answer[]
  }, 90_000)

  test.each(rows.map(([title, row], index) => ({ title, row, index })))('$title', async ({ row, index }) => {
    const expected = django[index]
    if (expected === undefined) throw new Error('no answer')
    const ours = await answer(row)
    // Django sends who is signed in and may not to sign in again, for ever; we say 403.
    const endless = expected.view === 302 && row.anonymous !== true
    expect(ours).toEqual({ ...expected, view: endless ? 403 : expected.view })
  })
})
