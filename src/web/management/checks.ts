import { getUserModel } from '../auth/user-model.ts'
import { assertUsable } from '../conf/settings.ts'
import type { Settings } from '../conf/settings.ts'
import type { Databases } from '../db/databases.ts'
import { models } from '../db/model-registry.ts'
import { defaultOrder } from '../db/query/ordering.ts'
import type { TableDefinition } from '../db/schema/table.ts'
import { tableOf } from '../db/schema/table.ts'
import type { MiddlewareEntry } from '../handlers/middleware.ts'
import { knownMiddleware } from '../middleware/known-middleware.ts'
import { checkUrls } from '../urls/check-urls.ts'
import type { ManagementSite } from './management-site.ts'

/** One finding of `portico manage check`. The ids are Django's where Django has the check. */
export interface CheckMessage {
  readonly id: string
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly hint: string
}

/** Everything that is wrong, errors first. */
export async function checkSite(site: ManagementSite, isDeploy: boolean): Promise<CheckMessage[]> {
  const found = [...checkSettings(site.settings), ...checkMiddleware(site.settings)]
  if (isDeploy) found.push(...checkSecurity(site.settings))
  try {
    const urls = checkUrls(await site.resolver())
    found.push(...urls.map(({ id, message, hint }) => ({ id, message, hint, level: 'warning' as const })))
    found.push(...checkModels(site), ...checkUsers(site.settings))
  } catch (error) {
    found.push(
      failed('urls.E001', error, 'Put right what the message names: nothing behind the URLconf was checked.'),
    )
  }
  return found.sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))
}

const failed = (id: string, error: unknown, hint: string): CheckMessage => ({
  id,
  level: 'error',
  message: error instanceof Error ? error.message : String(error),
  hint,
})

function* checkSettings(settings: Settings): Generator<CheckMessage> {
  try {
    assertUsable(settings)
  } catch (error) {
    yield failed('settings.E001', error, 'No request can be answered with these settings.')
  }
  const folders = settings.templates.dirs ?? []
  if (folders.some((folder) => !folder.startsWith('/')))
    yield warning(
      'templates.W001',
      'templates.dirs has a folder that depends on where the program is started.',
      "Write join(import.meta.dirname, 'templates').",
    )
  if (!settings.staticUrl.endsWith('/'))
    yield {
      ...warning('urls.E006', 'The staticUrl setting must end with a slash.', 'Add the slash.'),
      level: 'error',
    }
}

/** Positions in a list of middleware: whoever needs another stands after it. */
function* checkMiddleware(settings: Settings): Generator<CheckMessage> {
  const list = settings.middlewareClasses ?? settings.middleware
  const names = list.map(nameOf)
  const needs: readonly (readonly [id: string, name: string, needed: string])[] = [
    ['admin.E410', 'AuthenticationMiddleware', 'SessionMiddleware'],
    ['auth.E101', 'SessionAuthenticationMiddleware', 'AuthenticationMiddleware'],
    ['messages.E101', 'MessageMiddleware', 'SessionMiddleware'],
    ['cache.W101', 'FetchFromCacheMiddleware', 'UpdateCacheMiddleware'],
  ]
  for (const [id, name, needed] of needs) {
    const at = names.indexOf(name)
    const before = names.indexOf(needed)
    if (at < 0 || (before >= 0 && before < at)) continue
    const level = id.includes('.E') ? ('error' as const) : ('warning' as const)
    const what = before < 0 ? 'is not in the list' : 'stands after it'
    yield {
      id,
      level,
      message: `${name} needs ${needed}, which ${what}.`,
      hint: `Put ${needed} before ${name}.`,
    }
  }
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined)
    yield warning('middleware.W001', `${twice} is in the list twice.`, 'Remove one of them.')
}

function nameOf(entry: MiddlewareEntry): string {
  if (typeof entry === 'string') return knownMiddleware.get(entry)?.name ?? entry
  return typeof entry === 'function' ? entry.name : entry.constructor.name
}

const SECRET_LENGTH = 50
const SECRET_VARIETY = 5

function* checkSecurity(settings: Settings): Generator<CheckMessage> {
  const list = settings.middlewareClasses ?? settings.middleware
  const names = list.map(nameOf)
  const rows: readonly (readonly [id: string, isWrong: boolean, message: string, hint: string])[] = [
    [
      'security.W001',
      !names.includes('SecurityMiddleware'),
      'SecurityMiddleware is not in the list.',
      'Its settings have no effect without it.',
    ],
    [
      'security.W002',
      !names.includes('XFrameOptionsMiddleware'),
      'XFrameOptionsMiddleware is not in the list.',
      'Without it your pages can be put into frames of others.',
    ],
    [
      'security.W003',
      !names.includes('CsrfViewMiddleware'),
      'CsrfViewMiddleware is not in the list.',
      'Forms are not protected without it.',
    ],
    [
      'security.W004',
      settings.secureHstsSeconds === 0,
      'secureHstsSeconds is not set.',
      'If the whole site is served over HTTPS, set it; begin small.',
    ],
    [
      'security.W008',
      !settings.secureSslRedirect,
      'secureSslRedirect is not true.',
      'Unless the front redirects, set it.',
    ],
    [
      'security.W009',
      isWeak(settings.secretKey),
      `secretKey has fewer than ${SECRET_LENGTH} characters or less than ${SECRET_VARIETY} different ones.`,
      'Make a long random one, and keep it out of the repository.',
    ],
    [
      'security.W012',
      !settings.sessionCookieSecure,
      'sessionCookieSecure is not true.',
      'A session cookie sent over plain HTTP can be read on its way.',
    ],
    [
      'security.W016',
      !settings.csrfUseSessions && !settings.csrfCookieSecure,
      'csrfCookieSecure is not true.',
      'A CSRF cookie sent over plain HTTP can be read on its way.',
    ],
    ['security.W018', settings.debug, 'debug is on.', 'Its error pages show the inside: turn it off.'],
    [
      'security.W020',
      settings.allowedHosts.length === 0,
      'allowedHosts must not be empty.',
      'Name the hosts of the site.',
    ],
    [
      'security.W101',
      settings.serverTiming,
      'serverTiming is on.',
      'It tells strangers how requests are answered: turn it off.',
    ],
  ]
  for (const [id, isWrong, message, hint] of rows) if (isWrong) yield warning(id, message, hint)
}

const isWeak = (secret: string): boolean =>
  secret.length < SECRET_LENGTH || new Set(secret).size < SECRET_VARIETY || secret.startsWith('insecure-')

function* checkModels(site: ManagementSite): Generator<CheckMessage> {
  const tables = new Map<string, string>()
  const names = new Map<string, string>()
  for (const meta of models.all()) {
    const other = tables.get(meta.table)
    if (other !== undefined)
      yield failed(
        'models.E028',
        `The table '${meta.table}' is used by ${other} and ${meta.name}.`,
        'Give one of them another table.',
      )
    tables.set(meta.table, meta.name)
    try {
      yield* checkNames(site.databases, tableOf(meta), names)
      defaultOrder(meta)
    } catch (error) {
      yield failed(
        'models.E015',
        `${meta.name}: ${error instanceof Error ? error.message : String(error)}`,
        'Name fields that the model has.',
      )
    }
  }
  if (
    tables.size > 0 &&
    !site.databases.aliases.includes('default') &&
    models.all().some((meta) => site.isOurs(meta.name.split('.')[0] ?? ''))
  )
    yield warning(
      'models.W101',
      'There are models but no database.',
      "Set databases: { default: 'sqlite:db.sqlite3' }.",
    )
}

/**
 * Indexes of all tables share one space of names, and PostgreSQL makes one of each constraint: `a_b` with a column `c`
 * is spelled as `a` with `b_c` is.
 */
function* checkNames(
  databases: Databases,
  table: TableDefinition,
  names: Map<string, string>,
): Generator<CheckMessage> {
  const isPostgres = databases.aliases.some((alias) => databases.get(alias).vendor === 'postgresql')
  for (const { name } of isPostgres ? [...table.indexes, ...table.uniques] : table.indexes) {
    const other = names.get(name)
    if (other !== undefined && other !== table.name)
      yield failed(
        'models.E030',
        `The tables '${other}' and '${table.name}' both have an index called '${name}'.`,
        'Give one of the tables or columns another name.',
      )
    names.set(name, table.name)
  }
}

/** The model of users: that it is there, and that its rows can be told apart. */
function* checkUsers(settings: Settings): Generator<CheckMessage> {
  try {
    const { meta, usernameField, requiredFields } = getUserModel(settings)
    if (requiredFields.includes(usernameField))
      yield failed(
        'auth.E002',
        `The field named as the usernameField of ${meta.name} must not be in its requiredFields.`,
        `createsuperuser asks for it anyway: take ${usernameField} out.`,
      )
    const { unique, primaryKey } = meta.requireColumn(usernameField).options
    if (unique !== true && primaryKey !== true)
      yield failed(
        'auth.E003',
        `${meta.name}.${usernameField} must be unique because it is named as the usernameField.`,
        'Give the field unique: true.',
      )
  } catch (error) {
    yield failed('auth.E100', error, 'Nobody can sign in, whatever the views are.')
  }
}

const warning = (id: string, message: string, hint: string): CheckMessage => ({
  id,
  level: 'warning',
  message,
  hint,
})
