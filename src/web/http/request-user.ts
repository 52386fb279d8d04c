import type { MaybePromise } from '../maybe-promise.ts'

/** Who makes the request, as far as the framework needs to know; the auth room's users are more than this. */
export interface RequestUser {
  readonly isAuthenticated: boolean
  readonly isAnonymous: boolean
  readonly isActive: boolean
  /** The name to sign in with; '' for nobody. */
  readonly username: string
  /** Changes with the password: a session that knows another value is over. */
  getSessionAuthHash?(): string
  /** Whether the user may do `app.codename`; nobody may where this is missing. */
  hasPerm?(permission: string): MaybePromise<boolean>
  /** All that the user may do, for `perms` in templates. */
  getAllPermissions?(): MaybePromise<ReadonlySet<string>>
}

/** Nobody in particular. */
export const anonymousUser: RequestUser = Object.freeze({
  isAuthenticated: false,
  isAnonymous: true,
  isActive: false,
  username: '',
})
