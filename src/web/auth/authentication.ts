import { rotateToken } from '../csrf/csrf-token.ts'
import { ObjectDoesNotExist, ValueError } from '../db/errors.ts'
import type { ModelMeta } from '../db/model-meta.ts'
import { PermissionDenied } from '../exceptions.ts'
import type { HttpRequest } from '../http/http-request.ts'
import { anonymousUser } from '../http/request-user.ts'
import type { RequestUser } from '../http/request-user.ts'
import { chain } from '../maybe-promise.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { sessionHashKey } from '../middleware/authentication-middleware.ts'
import { constantTimeEqual, hmac, saltedKey } from '../signing/salted-hmac.ts'
import { AttemptLimiter } from './attempt-limiter.ts'
import { passwords } from './passwords.ts'
import type { Passwords } from './passwords.ts'
import { getUserModel, usernameOf, userModelOf, type UserModel } from './user-model.ts'
import { normalizeEmail, normalizeUsername, User } from './user.ts'
import type { UserRow } from './user.ts'

/** Attempts with names up to this are counted by what they mean: an address has 320 characters at the most. */
const LONGEST_NAME = 320

/** Where the session keeps who signed in, and by which backend: Django's keys. */
const SESSION_KEY = '_auth_user_id'
const BACKEND_KEY = '_auth_user_backend'
const HASH_SALT = 'django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash'

/** What a sign-in form asks for. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** One way of proving who somebody is. */
export interface AuthenticationBackend<U extends UserRow> {
  /** Kept in the session: names the backend that `getUser` is asked of. */
  readonly name: string
  /** Null when the credentials are not right; costs the same time for names that do not exist. */
  authenticate(request: HttpRequest | null, credentials: Credentials): Promise<U | null>
  /** Whether this backend lets the user do it; one that says PermissionDenied ends the asking. */
  hasPerm?(user: U, permission: string, object?: unknown): MaybePromise<boolean>
  /** By the key that the session has; null when the user is gone or may not sign in any more. */
  getUser(id: string, request: HttpRequest): Promise<U | null>
}

/** The part of a user model that signing in needs. */
interface UserSource<U extends UserRow> {
  readonly meta: ModelMeta
  readonly objects: { get(where: Readonly<Record<string, unknown>>): Promise<U> }
}

/** Users of a table, by their passwords. */
export class ModelBackend<U extends UserRow> implements AuthenticationBackend<U> {
  readonly name = 'ModelBackend'
  readonly #users: UserSource<U>
  readonly #passwords: Passwords

  constructor(users: UserSource<U>, hashing: Passwords = passwords) {
    this.#users = users
    this.#passwords = hashing
  }

  async authenticate(_request: HttpRequest | null, { username, password }: Credentials): Promise<U | null> {
    const model = userModelOf(this.#users.meta)
    const name = model.normalized(username)
    const user = name === null ? null : await this.#find({ [model.usernameField]: name })
    const correct = await this.#passwords.check(password, user?.password ?? null, async (encoded) => {
      if (user === null) return
      user.password = encoded
      await user.save({ updateFields: ['password'] })
    })
    return correct && user?.isActive === true ? user : null
  }

  async getUser(id: string): Promise<U | null> {
    const user = await this.#find({ pk: id })
    return user?.isActive === true ? user : null
  }

  /** By the tables of groups and permissions. No permission of them is for one object alone, as in Django. */
  hasPerm(user: U, permission: string, object?: unknown): MaybePromise<boolean> {
    return object === undefined ? (user.hasPerm?.(permission) ?? false) : false
  }

  async #find(where: Readonly<Record<string, unknown>>): Promise<U | null> {
    try {
      return await this.#users.objects.get(where)
    } catch (error) {
      // A session of the time before another model of users has a key that is none of its own.
      if (error instanceof ObjectDoesNotExist || error instanceof ValueError) return null
      throw error
    }
  }
}

/** Users of the model that the settings name: what is used where nothing else is said. */
class SiteBackend implements AuthenticationBackend<UserRow> {
  readonly name = 'ModelBackend'
  readonly #byModel = new WeakMap<UserModel, ModelBackend<UserRow>>()

  authenticate(request: HttpRequest | null, credentials: Credentials): Promise<UserRow | null> {
    return this.#backend(request).authenticate(request, credentials)
  }

  getUser(id: string, request: HttpRequest): Promise<UserRow | null> {
    return this.#backend(request).getUser(id)
  }

  hasPerm(user: UserRow, permission: string, object?: unknown): MaybePromise<boolean> {
    return object === undefined ? (user.hasPerm?.(permission) ?? false) : false
  }

  /** Without a request nobody says which settings count: then users are `User`. */
  #backend(request: HttpRequest | null): ModelBackend<UserRow> {
    const model = request === null ? userModelOf(User.meta) : getUserModel(request.settings)
    const made =
      this.#byModel.get(model) ??
      new ModelBackend({ meta: model.meta, objects: { get: (where) => model.objects().get(where) } })
    this.#byModel.set(model, made)
    return made
  }
}

export interface AuthenticationOptions<U extends UserRow> {
  readonly backends: readonly AuthenticationBackend<U>[]
  /** Null: attempts are not counted. */
  readonly limiter?: AttemptLimiter | null
}

/** Signing in and out, and who makes a request. One object serves all requests. */
export class Authentication<U extends UserRow> {
  readonly #backends: readonly AuthenticationBackend<U>[]
  readonly #limiter: AttemptLimiter | null
  /** Which backend vouched for a user, until `login` writes it down. */
  readonly #vouched = new WeakMap<U, string>()

  constructor(options: AuthenticationOptions<U>) {
    this.#backends = options.backends
    this.#limiter = options.limiter === undefined ? new AttemptLimiter() : options.limiter
  }

  /**
   * The user whose credentials these are, or null.
   *
   * @throws TooManyAttempts, HashingOverload
   */
  async authenticate(request: HttpRequest | null, credentials: Credentials): Promise<U | null> {
    // As back ends look it up: else each way of writing one name would have attempts of its own.
    const plain = normalizeUsername(credentials.username, LONGEST_NAME)
    const name = plain === null ? credentials.username.slice(0, 200) : normalizeEmail(plain)
    const address = request?.META['REMOTE_ADDR']
    const from = typeof address === 'string' ? address : ''
    // Without a request it is a program's own call, not somebody trying.
    const cache = request?.settings.caches?.default ?? null
    if (request !== null) await this.#limiter?.begin(name, from, cache)
    for (const backend of this.#backends) {
      const user = await unlessDenied(() => backend.authenticate(request, credentials))
      if (user === DENIED) return null
      if (user === null) continue
      this.#vouched.set(user, backend.name)
      if (request !== null) await this.#limiter?.succeed(name, from, cache)
      return user
    }
    return null
  }

  /**
   * Makes `user` the one who makes this session's requests. The session gets a new key, so that one planted before
   * is worth nothing; another user's data does not come along.
   */
  async login(request: HttpRequest, user: U): Promise<void> {
    const { session } = request
    const hash = sessionHash(user, request.settings.secretKey)
    const known = await session.get(SESSION_KEY)
    const id = String(user.pk)
    if (known !== undefined && (known !== id || !isHash(await session.get(sessionHashKey), hash))) {
      await session.flush()
    } else {
      await session.cycleKey()
    }
    session.set(SESSION_KEY, id)
    session.set(BACKEND_KEY, this.#vouched.get(user) ?? this.#backends[0]?.name ?? '')
    session.set(sessionHashKey, hash)
    const signedIn = withHash(user, hash)
    request.setUser(() => signedIn)
    rotateToken(request)
    user.lastLogin = new Date(request.settings.now())
    await user.save({ updateFields: ['lastLogin'] })
  }

  /**
   * Whether any backend lets the user do it: `app.codename`, for one object where the backend knows objects. A
   * superuser who is active may do all, and no backend is asked.
   */
  async hasPerm(user: U, permission: string, object?: unknown): Promise<boolean> {
    if (user.isActive && 'isSuperuser' in user && user.isSuperuser === true) return true
    for (const backend of this.#backends) {
      const may = await unlessDenied(() => backend.hasPerm?.(user, permission, object) ?? false)
      if (may === DENIED) return false
      if (may) return true
    }
    return false
  }

  /** Ends the session, data and all. */
  async logout(request: HttpRequest): Promise<void> {
    await request.session.flush()
    request.setUser(() => anonymousUser)
  }

  /** For `settings.getUser`: whom the session belongs to. A session begun before the password changed is over. */
  readonly getUser = (request: HttpRequest): MaybePromise<RequestUser> =>
    chain(request.session.get(SESSION_KEY), (id) =>
      typeof id === 'string' ? this.#userOf(request, id) : anonymousUser,
    )

  async #userOf(request: HttpRequest, id: string): Promise<RequestUser> {
    const { session } = request
    const name = await session.get(BACKEND_KEY)
    const backend = this.#backends.find((known) => known.name === name)
    const user = (await backend?.getUser(id, request)) ?? null
    if (user === null) return anonymousUser
    const kept = await session.get(sessionHashKey)
    const { secretKey, secretKeyFallbacks } = request.settings
    const hash = sessionHash(user, secretKey)
    if (!isHash(kept, hash)) {
      const older = secretKeyFallbacks.some((secret) => isHash(kept, sessionHash(user, secret)))
      if (!older) {
        await session.flush()
        return anonymousUser
      }
      await session.cycleKey()
      session.set(sessionHashKey, hash)
    }
    return withHash(user, hash)
  }

  /** After a password change: this session goes on, all others of the user end. */
  async updateSessionAuthHash(request: HttpRequest, user: U): Promise<void> {
    await request.session.cycleKey()
    const hash = sessionHash(user, request.settings.secretKey)
    request.session.set(sessionHashKey, hash)
    const signedIn = withHash(user, hash)
    request.setUser(() => signedIn)
  }
}

const DENIED = Symbol('portico.denied')

async function unlessDenied<T>(ask: () => MaybePromise<T>): Promise<T | typeof DENIED> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof PermissionDenied) return DENIED
    throw error
  }
}

/** Changes with the password; the secret keeps it from telling anything about the hash. */
const sessionHash = (user: UserRow, secret: string): string =>
  hmac(saltedKey(HASH_SALT, secret), user.password).toString('hex')

const isHash = (kept: unknown, hash: string): boolean =>
  typeof kept === 'string' && constantTimeEqual(kept, hash)

/**
 * The row as the request's user: with a hash for SessionAuthenticationMiddleware, which knows the user only, and with
 * a `username` where what one signs in by is called otherwise. No columns: loops do not meet them.
 */
function withHash<U extends UserRow>(user: U, hash: string): U & RequestUser {
  Object.defineProperty(user, 'getSessionAuthHash', { value: () => hash, configurable: true })
  if (!('username' in user))
    Object.defineProperty(user, 'username', { get: () => usernameOf(user), configurable: true })
  // What it lacked to be one, it has now.
  return user as U & RequestUser
}

/** Signing in with the site's model of users and passwords. */
export const defaultAuthentication = new Authentication<UserRow>({ backends: [new SiteBackend()] })

/**
 * The user whose credentials these are; null when they are not right. Signs nobody in.
 *
 * @typeParam U the rows of `settings.authUserModel`
 */
export const authenticate = <U extends UserRow = User>(
  request: HttpRequest | null,
  credentials: Credentials,
): Promise<U | null> =>
  // The setting names the model: only the caller can know its type.
  defaultAuthentication.authenticate(request, credentials) as Promise<U | null>
/** Signs a user in: the session gets a new key and the CSRF token is rotated. */
export const login = (request: HttpRequest, user: UserRow): Promise<void> =>
  defaultAuthentication.login(request, user)
/** Signs out: the session and all that is in it is gone. */
export const logout = (request: HttpRequest): Promise<void> => defaultAuthentication.logout(request)
/** After a change of password: this session stays, all others of the user end. */
export const updateSessionAuthHash = (request: HttpRequest, user: UserRow): Promise<void> =>
  defaultAuthentication.updateSessionAuthHash(request, user)
/** `getUser` in the settings: whom the request's session belongs to. */
export const getUser = defaultAuthentication.getUser
