import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  AuthenticationMiddleware,
  Authentication,
  Client,
  ContentType,
  createPermissions,
  createTables,
  defineDatabases,
  defineSettings,
  Group,
  HttpResponse,
  login,
  getUser,
  memorySource,
  MemorySessionStore,
  ModelBackend,
  path,
  Permission,
  PermissionDenied,
  permissionRequired,
  render,
  SessionMiddleware,
  User,
} from 'portico/web'

const databases = defineDatabases({ default: 'sqlite::memory:' })
const inside = <T>(work: () => T): T => databases.run(work)

beforeAll(async () => {
  await createTables(databases.default)
  await inside(() => createPermissions())
})
afterAll(() => databases.close())

let ada: User
beforeEach(async () => {
  ada = await inside(async () => {
    await User.objects.all().delete()
    await Group.objects.all().delete()
    return User.objects.createUser({ username: 'ada' })
  })
})

const permission = (codename: string) => Permission.objects.get({ codename })
const fresh = () => User.objects.get({ username: 'ada' })

describe('permissions', () => {
  it('are made four for each model, once', () =>
    inside(async () => {
      const type = await ContentType.objects.get({ appLabel: 'auth', model: 'user' })
      const names = await Permission.objects
        .filter({ contentType: type })
        .orderBy('codename')
        .valuesList('codename', 'name')
        .toArray()
      expect(names).toEqual([
        ['add_user', 'Can add user'],
        ['change_user', 'Can change user'],
        ['delete_user', 'Can delete user'],
        ['view_user', 'Can view user'],
      ])
      expect(await createPermissions()).toBe(0)
      // The table between a group and its permissions is nobody's to be allowed to.
      expect(await ContentType.objects.filter({ model__contains: 'permissions' }).count()).toBe(0)
    }))

  it('come by oneself and by groups', () =>
    inside(async () => {
      expect(await ada.hasPerm('auth.add_user')).toBe(false)
      await ada.userPermissions.add(await permission('add_user'))
      const editors = await Group.objects.create({ name: 'editors' })
      await editors.permissions.add(await permission('change_user'))
      await ada.groups.add(editors)
      const user = await fresh()
      expect([...(await user.getAllPermissions())].sort()).toEqual(['auth.add_user', 'auth.change_user'])
      expect(await user.hasPerms(['auth.add_user', 'auth.change_user'])).toBe(true)
      expect(await user.hasPerms(['auth.add_user', 'auth.delete_user'])).toBe(false)
      expect(await user.hasModulePerms('auth')).toBe(true)
      expect(await user.hasModulePerms('aut')).toBe(false)
      expect(await user.hasPerm('add_user')).toBe(false)
    }))

  it('are found once for a row, until it is told to forget', () =>
    inside(async () => {
      expect(await ada.hasPerm('auth.view_user')).toBe(false)
      await ada.userPermissions.add(await permission('view_user'))
      expect(await ada.hasPerm('auth.view_user')).toBe(false)
      ada.forgetPermissions()
      expect(await ada.hasPerm('auth.view_user')).toBe(true)
    }))

  it('are all a superuser’s, and none of who is not active', () =>
    inside(async () => {
      ada.isSuperuser = true
      expect(await ada.hasPerm('anything.at_all')).toBe(true)
      ada.isActive = false
      expect(await ada.hasPerm('anything.at_all')).toBe(false)
      ada.isSuperuser = false
      await ada.userPermissions.add(await permission('view_user'))
      expect(await ada.hasPerm('auth.view_user')).toBe(false)
    }))

  it('are asked of every back end in turn; one may refuse for all', () =>
    inside(async () => {
      const own = {
        name: 'own',
        authenticate: () => Promise.resolve(null),
        getUser: () => Promise.resolve(null),
      }
      const asking = (hasPerm: () => boolean) =>
        new Authentication<User>({ backends: [{ ...own, hasPerm }, new ModelBackend(User)] })
      await ada.userPermissions.add(await permission('view_user'))
      const user = await fresh()
      expect(await asking(() => false).hasPerm(user, 'auth.view_user')).toBe(true)
      expect(await asking(() => false).hasPerm(user, 'auth.view_user', {})).toBe(false)
      expect(await asking(() => true).hasPerm(user, 'auth.none')).toBe(true)
      const refusing = asking(() => {
        throw new PermissionDenied()
      })
      expect(await refusing.hasPerm(user, 'auth.view_user')).toBe(false)
    }))
})

describe('permissionRequired', () => {
  const page = () => new HttpResponse('in')
  const settings = defineSettings({
    secretKey: 'x',
    allowedHosts: ['*'],
    databases,
    sessionStore: new MemorySessionStore(),
    getUser,
    templates: {
      loaders: [
        memorySource({ 'p.html': '{{ perms.auth.view_user }}/{{ perms.auth.add_user }}/{{ perms.none.x }}' }),
      ],
    },
    middleware: [SessionMiddleware, AuthenticationMiddleware],
    rootUrlconf: [
      path('in/', async (request) => {
        await login(request, await fresh())
        return new HttpResponse()
      }),
      path('one/', permissionRequired('auth.view_user')(page)),
      path('two/', permissionRequired(['auth.view_user', 'auth.add_user'])(page)),
      path('raise/', permissionRequired('auth.view_user', { raiseException: true })(page)),
      path('perms/', (request) => render(request, 'p.html')),
    ],
  })

  it('sends strangers to sign in, refuses those who may not, and lets in who may', async () => {
    const client = new Client(settings)
    expect((await client.get('/one/')).header('Location')).toBe('/accounts/login/?next=/one/')
    expect((await client.get('/raise/')).status).toBe(403)
    await client.get('/in/')
    expect((await client.get('/one/')).status).toBe(403)
    await inside(async () => ada.userPermissions.add(await permission('view_user')))
    expect((await client.get('/one/')).text).toBe('in')
    expect((await client.get('/raise/')).text).toBe('in')
    expect((await client.get('/two/')).status).toBe(403)
    expect((await client.get('/perms/')).text).toBe('True//')
  })
})
