import type { Caches } from '../cache/cache.ts'
import type { MailBackend } from '../mail/mail-backend.ts'
import type { WebLogger } from './logger.ts'

/** `SameSite` of a cookie; null leaves the attribute out. */
export type SameSite = 'Lax' | 'Strict' | 'None' | null

/**
 * The settings that are plain values: what a request carries as `request.settings`. Names and defaults are Django
 * 5.2's, in camelCase. Ages are in seconds, sizes in bytes.
 */
export interface SettingValues {
  /** Technical error pages, with the code around the error. Never in production. */
  readonly debug: boolean
  /** Signs cookies, sessions, tokens. Required unless `debug`. */
  readonly secretKey: string
  /** Older keys that still verify what was signed with them. */
  readonly secretKeyFallbacks: readonly string[]
  /** Host names served: exact, `.example.com` for a domain with its subdomains, or `*`. */
  readonly allowedHosts: readonly string[]
  readonly useXForwardedHost: boolean
  readonly useXForwardedPort: boolean
  /** The environ key and value that say the client came over HTTPS: `['HTTP_X_FORWARDED_PROTO', 'https']`. */
  readonly secureProxySslHeader: readonly [header: string, value: string] | null
  readonly forceScriptName: string | null
  readonly appendSlash: boolean
  readonly prependWww: boolean
  readonly disallowedUserAgents: readonly RegExp[]
  readonly dataUploadMaxMemorySize: number | null
  readonly dataUploadMaxNumberFields: number | null
  readonly dataUploadMaxNumberFiles: number | null
  /** A file larger than this goes to disk while it arrives. */
  readonly fileUploadMaxMemorySize: number
  /** The largest single file, and the sum of all files of one request; null is no limit. */
  readonly fileUploadMaxSize: number | null
  /** Files there have no name: they end with their request, whatever happens to the process. */
  readonly fileUploadTempDir: string
  readonly defaultCharset: 'utf-8'
  readonly staticUrl: string
  readonly mediaUrl: string
  /** The folder that `collectStatic` fills and the web server serves; null: none. */
  readonly staticRoot: string | null
  /** Folders with static files, those of applications included; of two of one path the first counts. */
  readonly staticFilesDirs: readonly string[]
  /**
   * Where the web server takes files from on our word (`X-Accel-Redirect`): from an internal location to the folder
   * it stands for, as `{ '/protected/': '/srv/files/' }`. Empty: we send files ourselves.
   */
  readonly accelLocations: Readonly<Record<string, string>>
  /** The model of users by its name, as `shop.Customer`. Whoever has one of their own names it before the first migration. */
  readonly authUserModel: string
  readonly loginUrl: string
  readonly loginRedirectUrl: string
  readonly logoutRedirectUrl: string | null
  readonly languageCode: string
  readonly timeZone: string
  readonly useTz: boolean

  readonly sessionCookieName: string
  readonly sessionCookieAge: number
  readonly sessionCookieDomain: string | null
  readonly sessionCookiePath: string
  readonly sessionCookieSecure: boolean
  readonly sessionCookieHttpOnly: boolean
  readonly sessionCookieSameSite: SameSite
  readonly sessionSaveEveryRequest: boolean
  readonly sessionExpireAtBrowserClose: boolean

  readonly csrfCookieName: string
  readonly csrfCookieAge: number | null
  readonly csrfCookieDomain: string | null
  readonly csrfCookiePath: string
  readonly csrfCookieSecure: boolean
  readonly csrfCookieHttpOnly: boolean
  readonly csrfCookieSameSite: SameSite
  /** An environ key. */
  readonly csrfHeaderName: string
  readonly csrfTrustedOrigins: readonly string[]
  readonly csrfUseSessions: boolean

  readonly secureContentTypeNosniff: boolean
  readonly secureCrossOriginOpenerPolicy: string | null
  readonly secureHstsSeconds: number
  readonly secureHstsIncludeSubdomains: boolean
  readonly secureHstsPreload: boolean
  readonly secureRedirectExempt: readonly RegExp[]
  readonly secureReferrerPolicy: string | readonly string[] | null
  readonly secureSslHost: string | null
  readonly secureSslRedirect: boolean
  readonly xFrameOptions: 'DENY' | 'SAMEORIGIN'

  /** What `defineCaches` made; null: one cache in memory, called `default`. */
  readonly caches: Caches | null
  /** The cache that the cache middleware uses. */
  readonly cacheMiddlewareAlias: string
  readonly cacheMiddlewareKeyPrefix: string
  readonly cacheMiddlewareSeconds: number

  /** Sends mail; null: SMTP to this machine. */
  readonly mail: MailBackend | null
  /** The sender of mail that names none. */
  readonly defaultFromEmail: string
  /** Seconds that a link to set a new password is good. */
  readonly passwordResetTimeout: number

  /** The least level of a message that is kept. */
  readonly messageLevel: number
  /** Names of levels beyond the five, used as css classes. */
  readonly messageTags: Readonly<Record<number, string>>

  /** Records each request's way through the pipeline. As `debug` when left out. */
  readonly trace: boolean
  /** Writes the recorded way into the Server-Timing header too: it tells strangers about the inside. */
  readonly serverTiming: boolean
  /** Milliseconds since the epoch; a test puts a clock of its own here. */
  readonly now: () => number
  /** Where the framework logs. `wsgi.errors` of the request when null. A pino logger fits. */
  readonly logger: WebLogger | null
  /** Whatever the application itself wants to find in its settings. */
  readonly extra: Readonly<Record<string, unknown>>
}

/** Global defaults (Django 5.2, `django.conf.global_settings`). */
export const defaultSettingValues: SettingValues = {
  debug: false,
  secretKey: '',
  secretKeyFallbacks: [],
  allowedHosts: [],
  useXForwardedHost: false,
  useXForwardedPort: false,
  secureProxySslHeader: null,
  forceScriptName: null,
  appendSlash: true,
  prependWww: false,
  disallowedUserAgents: [],
  dataUploadMaxMemorySize: 2_621_440,
  dataUploadMaxNumberFields: 1000,
  dataUploadMaxNumberFiles: 100,
  fileUploadMaxMemorySize: 2_621_440,
  fileUploadMaxSize: null,
  fileUploadTempDir: '/tmp',
  defaultCharset: 'utf-8',
  staticUrl: '/static/',
  mediaUrl: '/',
  staticRoot: null,
  staticFilesDirs: [],
  accelLocations: {},
  authUserModel: 'auth.User',
  loginUrl: '/accounts/login/',
  loginRedirectUrl: '/accounts/profile/',
  logoutRedirectUrl: null,
  languageCode: 'en-us',
  timeZone: 'UTC',
  useTz: true,

  sessionCookieName: 'sessionid',
  sessionCookieAge: 1_209_600,
  sessionCookieDomain: null,
  sessionCookiePath: '/',
  sessionCookieSecure: false,
  sessionCookieHttpOnly: true,
  sessionCookieSameSite: 'Lax',
  sessionSaveEveryRequest: false,
  sessionExpireAtBrowserClose: false,

  csrfCookieName: 'csrftoken',
  csrfCookieAge: 31_449_600,
  csrfCookieDomain: null,
  csrfCookiePath: '/',
  csrfCookieSecure: false,
  csrfCookieHttpOnly: false,
  csrfCookieSameSite: 'Lax',
  csrfHeaderName: 'HTTP_X_CSRFTOKEN',
  csrfTrustedOrigins: [],
  csrfUseSessions: false,

  secureContentTypeNosniff: true,
  secureCrossOriginOpenerPolicy: 'same-origin',
  secureHstsSeconds: 0,
  secureHstsIncludeSubdomains: false,
  secureHstsPreload: false,
  secureRedirectExempt: [],
  secureReferrerPolicy: 'same-origin',
  secureSslHost: null,
  secureSslRedirect: false,
  xFrameOptions: 'DENY',

  caches: null,
  cacheMiddlewareAlias: 'default',
  cacheMiddlewareKeyPrefix: '',
  cacheMiddlewareSeconds: 600,

  mail: null,
  defaultFromEmail: 'webmaster@localhost',
  passwordResetTimeout: 259_200,

  messageLevel: 20,
  messageTags: {},

  trace: false,
  serverTiming: false,
  now: Date.now,
  logger: null,
  extra: {},
}
