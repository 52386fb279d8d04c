import { markChanging } from '../db/changing.ts'
import { f } from '../db/fields/f.ts'
import { model } from '../db/model.ts'
import type { Instance } from '../db/types.ts'
import type { RequestUser } from '../http/request-user.ts'
import { isUsable, passwords } from './passwords.ts'
import { forgetPermissions, Group, Permission, permissionsOf, type PermissionHolder } from './permissions.ts'

/** The least that a user model of one's own has, beside what one signs in by: Django's AbstractBaseUser. */
export const baseUserFields = {
  password: f.char({ max: 128, editable: false }),
  lastLogin: f.dateTime({ null: true, blank: true, editable: false }),
  isActive: f.bool({ default: true }),
}

/** What permissions need, for a user model of one's own: Django's PermissionsMixin. */
export const permissionFields = {
  isSuperuser: f.bool({ default: false }),
  groups: () => f.manyToMany(Group),
  userPermissions: () => f.manyToMany(Permission),
}

/** The columns of Django's user, for a user model of one's own: `model('shop.Customer', { ...userFields, ... })`. */
export const userFields = {
  password: f.char({ max: 128 }),
  lastLogin: f.dateTime({ null: true }),
  isSuperuser: f.bool({ default: false }),
  username: f.char({ max: 150, unique: true }),
  firstName: f.char({ max: 150, blank: true }),
  lastName: f.char({ max: 150, blank: true }),
  email: f.email({ blank: true }),
  isStaff: f.bool({ default: false }),
  isActive: f.bool({ default: true }),
  dateJoined: f.dateTime({ default: () => new Date() }),
  groups: () => f.manyToMany(Group),
  userPermissions: () => f.manyToMany(Permission),
}

/** What signing in needs of a user's row. */
export interface UserRow extends Omit<RequestUser, 'username'> {
  readonly pk: unknown
  /** The field that one signs in by, where it is not `username`: `methods: { ...userMethods, usernameField: 'email' }`. */
  readonly usernameField?: string
  password: string
  isActive: boolean
  lastLogin: Date | null
  save(options?: { readonly updateFields?: readonly string[] }): Promise<void>
}

interface HasPassword {
  password: string
}

interface Named {
  readonly username: string
  readonly firstName: string
  readonly lastName: string
}

/** The methods of a user's row. */
export const userMethods = {
  get isAuthenticated(): boolean {
    return true
  },

  get isAnonymous(): boolean {
    return false
  },

  getFullName(this: Named): string {
    return `${this.firstName} ${this.lastName}`.trim()
  },

  /** Keeps the hash of `password` in the row, which is not saved yet. Null: no password matches from now on. */
  async setPassword(this: HasPassword, password: string | null): Promise<void> {
    this.password = await passwords.make(password)
  },

  /** True for the right one; a hash made the old way is made anew and saved then. */
  checkPassword(this: HasPassword & Pick<UserRow, 'save'>, password: string): Promise<boolean> {
    return passwords.check(password, this.password, async (encoded) => {
      this.password = encoded
      await this.save({ updateFields: ['password'] })
    })
  },

  /** Whether the user may do `app.codename`, as `blog.change_article`; a superuser who is active may do all. */
  async hasPerm(this: PermissionHolder, permission: string): Promise<boolean> {
    if (!this.isActive) return false
    return this.isSuperuser || (await permissionsOf(this)).has(permission)
  },

  /** Whether the user may do all of them. */
  async hasPerms(this: PermissionHolder, permissions: readonly string[]): Promise<boolean> {
    if (!this.isActive) return false
    if (this.isSuperuser) return true
    const mine = await permissionsOf(this)
    return permissions.every((permission) => mine.has(permission))
  },

  /** Whether the user may do anything in the application. */
  async hasModulePerms(this: PermissionHolder, appLabel: string): Promise<boolean> {
    if (!this.isActive) return false
    if (this.isSuperuser) return true
    return [...(await permissionsOf(this))].some((permission) => permission.startsWith(`${appLabel}.`))
  },

  /** All that the user may do: found once for a row, until `forgetPermissions`. */
  getAllPermissions(this: PermissionHolder): Promise<ReadonlySet<string>> {
    return permissionsOf(this)
  },

  /** After groups or permissions have changed: what this row may do is found anew. */
  forgetPermissions(this: PermissionHolder): void {
    forgetPermissions(this)
  },

  hasUsablePassword(this: HasPassword): boolean {
    return isUsable(this.password)
  },
}

markChanging(userMethods, ['setPassword', 'checkPassword'])

/** More than this nobody types; normalising it would be work for nothing. */
const USERNAME_MAX_LENGTH = 150

/**
 * One form for each name (NFKC), so that two that look alike are one. Null for what cannot be a name.
 *
 * @param max characters that the column has
 */
export function normalizeUsername(username: string, max = USERNAME_MAX_LENGTH): string | null {
  if (username === '' || username.length > max) return null
  const normal = username.normalize('NFKC')
  return normal.length > max ? null : normal
}

/** The domain in lower case: of an address only that is without case. */
export function normalizeEmail(email: string): string {
  const at = email.lastIndexOf('@')
  return at < 0 ? email : email.slice(0, at + 1) + email.slice(at + 1).toLowerCase()
}

interface NewUser {
  readonly username: string
  readonly email?: string
  /** Left out or null: an account that nobody can sign in to by password. */
  readonly password?: string | null
}

interface Creating<Row> {
  create(values: { username: string; email: string; password: string }): Promise<Row>
}

/** The methods of a user model's `objects`. */
export function userManager<Row>(users: Creating<Row>) {
  const create = async (user: NewUser & Readonly<Record<string, unknown>>): Promise<Row> => {
    const { username, email = '', password = null, ...rest } = user
    const name = normalizeUsername(username)
    if (name === null) throw new RangeError('The given username must be set, and at most 150 characters long')
    return users.create({
      ...rest,
      username: name,
      email: normalizeEmail(email),
      password: await passwords.make(password),
    })
  }
  return {
    /** A new user, saved, with the password hashed. @throws IntegrityError when the name is taken */
    createUser: (user: NewUser & Readonly<Record<string, unknown>>): Promise<Row> => create(user),
    createSuperuser: (user: NewUser & Readonly<Record<string, unknown>>): Promise<Row> =>
      create({ ...user, isStaff: true, isSuperuser: true }),
  }
}

/** The users of a site that has no user model of its own. The table is Django's. */
export const User = model('auth.User', userFields, {
  table: 'auth_user',
  verboseName: 'user',
  verboseNamePlural: 'users',
  managers: (users) => userManager(users),
  methods: userMethods,
})
export type User = Instance<typeof User>
