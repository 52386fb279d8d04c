import { ImproperlyConfigured } from '../exceptions.ts'
import type { MiddlewareEntry } from '../handlers/middleware.ts'
import type { Databases, DatabaseSettings } from '../db/databases.ts'
import type { HttpRequest } from '../http/http-request.ts'
import type { RequestUser } from '../http/request-user.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { ManagementCommand } from '../management/command.ts'
import type { MessageStorage } from '../messages/message-storage.ts'
import type { SessionStore } from '../sessions/session-store.ts'
import type { TagSet } from '../template/tag-parser.ts'
import type { TemplateSource } from '../template/template-source.ts'
import type { ErrorView, UrlconfSource } from '../urls/url-pattern.ts'
import { assertTimeZone, bindTimeZone } from '../time-zones/current-time-zone.ts'
import { defaultSettingValues, type SettingValues } from './setting-values.ts'

/** Adds to the context of every template rendered for a request. */
export type ContextProcessor = (request: HttpRequest) => MaybePromise<Record<string, unknown>>

/** The part of a template engine that the pipeline calls. */
export interface TemplateEngine {
  /** @throws an error with `name` `TemplateDoesNotExist` */
  getTemplate(name: string): {
    render(context: Record<string, unknown>, request?: HttpRequest): MaybePromise<string>
  }
}

/** Where templates come from and what each of them has. */
export interface TemplateSettings {
  /** Folders that templates are looked for in, in this order. */
  readonly dirs?: readonly string[]
  /** The request, the user and the messages when this is left out. */
  readonly contextProcessors?: readonly ContextProcessor[]
  /** Tags and filters for `{% load %}`, by name. */
  readonly libraries?: Readonly<Record<string, TagSet>>
  /** Those that every template has without loading them. */
  readonly builtins?: readonly TagSet[]
  /** Where else templates come from, before the folders. */
  readonly loaders?: readonly TemplateSource[]
  readonly stringIfInvalid?: string
  /** An engine of one's own instead of the one that `dirs` describes. */
  readonly engine?: TemplateEngine
}

/** All settings: the values, and the parts that are code. */
export interface Settings extends SettingValues {
  /** The onion, outermost first. */
  readonly middleware: readonly MiddlewareEntry[]
  /** The flat lists of Django 1.9, instead of `middleware`; null for none. */
  readonly middlewareClasses: readonly MiddlewareEntry[] | null
  readonly rootUrlconf: UrlconfSource
  readonly templates: TemplateSettings
  /** URLs or options by alias: `{ default: 'sqlite:db.sqlite3' }`; or what `defineDatabases` made. */
  readonly databases: DatabaseSettings | Databases
  /** Null keeps sessions in signed cookies. */
  readonly sessionStore: SessionStore | null
  /** Null keeps messages in a cookie, and in the session when they do not fit. */
  readonly messageStorage: MessageStorage | null
  /** Answers a request that fails the CSRF check; null for the page of the framework. */
  readonly csrfFailureView: ErrorView | null
  /** Who makes the request; AuthenticationMiddleware asks it once per request. */
  readonly getUser: ((request: HttpRequest) => MaybePromise<RequestUser>) | null
  /** The project's folder, below which its migrations are; the settings module's own when null. */
  readonly baseDir: string | null
  /** Folders of migrations by application, where they are not `migrations` and `<application>/migrations`. */
  readonly migrationModules: Readonly<Record<string, string>>
  /** Modules with models that no view imports: `() => import('./models.ts')`. Commands load them. */
  readonly models: readonly (() => MaybePromise<unknown>)[]
  /** Commands of one's own for `portico manage`, by name. */
  readonly commands: Readonly<Record<string, ManagementCommand>>
}

/** What `defineSettings` takes: anything left out has the default that its setting names. */
export type SettingsInput = Partial<Settings>

const defaultParts: Omit<Settings, keyof SettingValues> = {
  middleware: [],
  middlewareClasses: null,
  rootUrlconf: [],
  templates: {},
  databases: {},
  sessionStore: null,
  messageStorage: null,
  csrfFailureView: null,
  getUser: null,
  baseDir: null,
  migrationModules: {},
  models: [],
  commands: {},
}

/**
 * The settings of a site, with Django's defaults for what is left out.
 *
 * @throws ImproperlyConfigured for a name that is none, which is what a typing error makes
 */
export function defineSettings(input: SettingsInput): Settings {
  const known = { ...defaultSettingValues, ...defaultParts }
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(known, name)) {
      throw new ImproperlyConfigured(
        `There is no setting called ${name}${suggestion(name, Object.keys(known))}`,
      )
    }
  }
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => (value as unknown) !== undefined),
  )
  const settings: Settings = { ...known, ...given }
  return Object.freeze({ ...settings, trace: input.trace ?? settings.debug })
}

function suggestion(name: string, known: readonly string[]): string {
  const flat = (text: string): string => text.toLowerCase().replaceAll('_', '')
  const same = known.find((candidate) => flat(candidate) === flat(name))
  const close = same ?? known.find((candidate) => flat(candidate).startsWith(flat(name).slice(0, 8)))
  return close === undefined ? '; what is your own goes into settings.extra.' : `: did you mean ${close}?`
}

/**
 * What would make every request fail, said before the first.
 *
 * @throws ImproperlyConfigured
 */
export function assertUsable(settings: Settings): void {
  if (settings.secretKey === '' && !settings.debug) {
    throw new ImproperlyConfigured(
      'settings.secretKey must not be empty unless settings.debug is on: it signs sessions and tokens. ' +
        'Give it 50 random characters that no repository holds.',
    )
  }
  inTimeZone(settings, assertTimeZone)
  const schemeless = settings.csrfTrustedOrigins.find((origin) => !origin.includes('://'))
  if (schemeless !== undefined) {
    throw new ImproperlyConfigured(
      `settings.csrfTrustedOrigins: ${JSON.stringify(schemeless)} needs a scheme, as in https://${schemeless}`,
    )
  }
  if (settings.secureProxySslHeader !== null && !settings.secureProxySslHeader[0].startsWith('HTTP_')) {
    throw new ImproperlyConfigured(
      `settings.secureProxySslHeader names an environ key such as HTTP_X_FORWARDED_PROTO, not ${settings.secureProxySslHeader[0]}`,
    )
  }
}

/** Makes the time zone of the settings the process's; gives what ends that. @throws ImproperlyConfigured */
export const bindSettingsTimeZone = (settings: Settings): (() => void) => inTimeZone(settings, bindTimeZone)

function inTimeZone<T>({ timeZone }: Settings, use: (timeZone: string) => T): T {
  try {
    return use(timeZone)
  } catch {
    throw new ImproperlyConfigured(`settings.timeZone: ${JSON.stringify(timeZone)} is no time zone`)
  }
}
