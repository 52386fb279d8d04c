/** Which model a site's users are rows of, and what has to be known of it: Django's AUTH_USER_MODEL. */
import { ImproperlyConfigured } from '../exceptions.ts'
import type { Settings } from '../conf/settings.ts'
import type { SettingValues } from '../conf/setting-values.ts'
import { FieldError } from '../db/errors.ts'
import type { Column, ModelMeta } from '../db/model-meta.ts'
import { models } from '../db/model-registry.ts'
import { plainText } from '../views/plain-text.ts'
import { passwords } from './passwords.ts'
import { normalizeEmail, normalizeUsername, type UserRow } from './user.ts'

/** Some users, until they are asked for. */
interface UserQuery {
  first(): Promise<UserRow | null>
  exists(): Promise<boolean>
  toArray(): Promise<UserRow[]>
}

/** The part of a user model's `objects` that the framework calls. */
interface UserObjects {
  get(where: Readonly<Record<string, unknown>>): Promise<UserRow>
  filter(where: Readonly<Record<string, unknown>>): UserQuery
  create(values: Readonly<Record<string, unknown>>): Promise<UserRow>
  /** A manager's own way of making users, as `userManager` gives it. */
  createUser?(values: Readonly<Record<string, unknown>>): Promise<UserRow>
  createSuperuser?(values: Readonly<Record<string, unknown>>): Promise<UserRow>
}

/** A user model and its facts. */
export class UserModel {
  readonly meta: ModelMeta
  /** Django's USERNAME_FIELD: what one signs in by. */
  readonly usernameField: string
  /** Django's EMAIL_FIELD; null for users without an address. */
  readonly emailField: string | null
  /** Django's REQUIRED_FIELDS: what `createsuperuser` asks for beside name and password. */
  readonly requiredFields: readonly string[]
  readonly objects: () => UserObjects

  /** @throws ImproperlyConfigured for a model that nobody can sign in by */
  constructor(meta: ModelMeta) {
    const rows: unknown = Reflect.get(meta.model, 'prototype')
    this.meta = meta
    this.usernameField = usernameFieldOf(rows)
    const email = textOf(rows, 'emailField') ?? 'email'
    this.emailField = meta.ready().column(email) === undefined ? null : email
    this.requiredFields = listOf(rows, 'requiredFields', this.emailField)
    // What a user model's `objects` can do is known where it is defined; here, only that it is a model.
    this.objects = () => Reflect.get(meta.model, 'objects') as UserObjects
    for (const name of [this.usernameField, 'password', 'lastLogin', ...this.requiredFields])
      this.column(name)
  }

  /** @throws ImproperlyConfigured */
  column(name: string): Column {
    try {
      return this.meta.requireColumn(name)
    } catch (error) {
      if (!(error instanceof FieldError)) throw error
      throw new ImproperlyConfigured(`${this.meta.name} cannot be the model of users: it has no ${name}.`)
    }
  }

  /** `email address` of `email`, for labels and sentences. */
  get usernameLabel(): string {
    return labelOf(this.column(this.usernameField))
  }

  /** An address to write to; '' when there is none. */
  emailOf(user: UserRow): string {
    return this.emailField === null ? '' : plainText(Reflect.get(user, this.emailField))
  }

  /** A name as it is looked for: null for what can be none. */
  normalized(username: string): string | null {
    const name = normalizeUsername(username, this.column(this.usernameField).options.max)
    return name !== null && this.usernameField === this.emailField ? normalizeEmail(name) : name
  }

  /** A new user, saved: by the manager's own method where there is one. @param values the password as it is typed */
  async create(values: Readonly<Record<string, unknown>>, isSuperuser = false): Promise<UserRow> {
    const objects = this.objects()
    const own = isSuperuser ? 'createSuperuser' : 'createUser'
    const made = await objects[own]?.(values)
    if (made !== undefined) return made
    const flags = ['isSuperuser', 'isStaff'].filter((name) => isSuperuser && this.meta.byName.has(name))
    const password = typeof values['password'] === 'string' ? values['password'] : null
    const email = this.emailField === null ? undefined : values[this.emailField]
    const username = values[this.usernameField]
    return objects.create({
      ...values,
      // As it is looked for when somebody signs in.
      ...(typeof username === 'string' && { [this.usernameField]: this.normalized(username) ?? username }),
      ...(this.emailField !== null &&
        this.emailField !== this.usernameField &&
        typeof email === 'string' && { [this.emailField]: normalizeEmail(email) }),
      ...Object.fromEntries(flags.map((name) => [name, true])),
      password: await passwords.make(password),
    })
  }
}

const labelOf = ({ name, options }: Column): string =>
  options.verboseName ?? name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()

function textOf(rows: unknown, name: string): string | null {
  const value: unknown = typeof rows === 'object' && rows !== null ? Reflect.get(rows, name) : undefined
  return typeof value === 'string' ? value : null
}

/** As it is said, or else, of a model that signs in by name, the address: Django's user is so. */
function listOf(rows: unknown, name: string, email: string | null): readonly string[] {
  const value: unknown = typeof rows === 'object' && rows !== null ? Reflect.get(rows, name) : undefined
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string')
  return email === null || usernameFieldOf(rows) === email ? [] : [email]
}

/** Of a row, or of what its model's rows have in common. */
const usernameFieldOf = (rows: unknown): string => textOf(rows, 'usernameField') ?? 'username'

/** What the user signs in by, whatever the field is called. */
export const usernameOf = (user: UserRow): string => plainText(Reflect.get(user, usernameFieldOf(user)))

const known = new WeakMap<ModelMeta, UserModel>()

/** The facts of a model. @throws ImproperlyConfigured */
export function userModelOf(meta: ModelMeta): UserModel {
  const made = known.get(meta) ?? new UserModel(meta)
  known.set(meta, made)
  return made
}

/** `settings.authUserModel`, found by its name. @throws ImproperlyConfigured */
export function getUserModel({ authUserModel }: Pick<Settings | SettingValues, 'authUserModel'>): UserModel {
  const meta = models.get(authUserModel)
  if (meta !== undefined) return userModelOf(meta)
  throw new ImproperlyConfigured(
    `settings.authUserModel refers to the model '${authUserModel}', which is not defined: name its module in settings.models.`,
  )
}
