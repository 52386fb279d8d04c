import { sql } from 'kysely'
import { randomString } from '../signing/salted-hmac.ts'
import { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client.ts'
import { bindSettingsTimeZone } from '../conf/settings.ts'
import type { Settings } from '../conf/settings.ts'
import { Databases } from '../db/databases.ts'
import type { DatabaseSettings } from '../db/databases.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import { Resolver } from '../urls/resolver.ts'
import { migrationFolders } from './management-site.ts'
import { migrate } from './migrate.ts'

/** A site on a database of its own, for tests: migrated, empty, and gone when it is closed. */
export interface TestSite {
  readonly settings: Settings
  readonly databases: Databases
  /** A browser that has not been here. */
  readonly client: (options?: ClientOptions) => Client
  /** Closes the database and removes it. */
  readonly close: () => Promise<void>
}

/**
 * Makes a test database of the same kind as the site's own (SQLite in memory, or a new database of the PostgreSQL
 * server) by its migrations, and binds the models to it and the process to the settings' time zone.
 * `settings.baseDir` says where the migrations are.
 */
export async function testSite(given: Settings): Promise<TestSite> {
  if (given.baseDir === null)
    throw new ImproperlyConfigured('testSite needs settings.baseDir: import.meta.dirname.')
  if (given.databases instanceof Databases)
    throw new ImproperlyConfigured('testSite needs the URLs of the databases in the settings.')
  const { databases, drop } = await testDatabases(given.databases)
  const settings: Settings = { ...given, databases, allowedHosts: [...given.allowedHosts, 'testserver'] }
  let unbind: (() => void) | null = null
  const close = async (): Promise<void> => {
    unbind?.()
    await drop()
  }
  try {
    for (const load of settings.models) await load()
    await Resolver.load(settings.rootUrlconf)
    databases.bind()
    unbind = bindSettingsTimeZone(settings)
    if (databases.aliases.includes('default'))
      await migrate(databases.default, { folders: migrationFolders(settings, given.baseDir, []) })
  } catch (error) {
    await close()
    throw error
  }
  return { settings, databases, client: (options = {}) => new Client(settings, options), close }
}

async function testDatabases(
  settings: DatabaseSettings,
): Promise<{ databases: Databases; drop: () => Promise<void> }> {
  const changed: [string, DatabaseSettings[string]][] = []
  const drops: (() => Promise<void>)[] = []
  const dropAll = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(drops.map((one) => one()))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }
  try {
    for (const [alias, value] of Object.entries(settings)) {
      const url = typeof value === 'string' ? value : value.url
      const own = url.startsWith('sqlite:') ? { url: 'sqlite::memory:' } : await testDatabase(url)
      if ('drop' in own) drops.push(own.drop)
      changed.push([alias, typeof value === 'string' ? own.url : { ...value, url: own.url }])
    }
  } catch (error) {
    // Those that were made are nobody's.
    await dropAll().catch(() => undefined)
    throw error
  }
  const databases = new Databases(Object.fromEntries(changed))
  const drop = (): Promise<void> => databases.close().finally(dropAll)
  return { databases, drop }
}

/** A database beside the one that is named, with a name that no other test run has. */
async function testDatabase(url: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_portico_${randomString(10).toLowerCase()}`
  const run = async (command: string): Promise<void> => {
    const server = new Databases({ default: url })
    try {
      await sql.raw(`${command} "${name}"`).execute(server.default.kysely())
    } finally {
      await server.close()
    }
  }
  await run('CREATE DATABASE')
  const other = new URL(url)
  other.pathname = `/${name}`
  return { url: other.href, drop: () => run('DROP DATABASE IF EXISTS') }
}
