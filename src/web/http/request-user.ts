/** Who makes the request, as far as the framework needs to know; the auth room's users are more than this. */
export interface RequestUser {
  readonly isAuthenticated: boolean
  readonly isAnonymous: boolean
  readonly isActive: boolean
  /** The name to sign in with; '' for nobody. */
  readonly username: string
  /** Changes with the password: a session that knows another value is over. */
  getSessionAuthHash?(): string
}

/** Nobody in particular. */
export const anonymousUser: RequestUser = Object.freeze({
  isAuthenticated: false,
  isAnonymous: true,
  isActive: false,
  username: '',
})
