import { dirname, isAbsolute, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isFile } from '../../io/files/text-file.ts'
import type { Settings } from '../conf/settings.ts'
import type { Database } from '../db/database.ts'
import { Databases } from '../db/databases.ts'
import { loadMigrations } from '../db/migrations/migration-files.ts'
import type { MigrationFolders } from '../db/migrations/migration-files.ts'
import { MigrationGraph } from '../db/migrations/migration-graph.ts'
import { ProjectState, appOf } from '../db/migrations/project-state.ts'
import { models } from '../db/model-registry.ts'
import { Resolver } from '../urls/resolver.ts'
import { CommandError } from './command.ts'
import type { ManagementContext, OptionValues } from './command.ts'
import { text } from './command.ts'
import { frameworkMigrations, isFrameworkApp } from './framework-migrations.ts'

const NAMES = ['settings.ts', 'settings.js', 'settings.mjs']

/** A project as commands see it: its settings, models, migrations and databases. */
export class ManagementSite {
  readonly context: ManagementContext
  readonly settings: Settings
  readonly baseDir: string
  readonly databases: Databases
  #resolver: Resolver | null = null
  #graph: MigrationGraph | null = null

  constructor(context: ManagementContext, settings: Settings, baseDir: string) {
    this.context = context
    this.settings = settings
    this.baseDir = baseDir
    const { databases } = settings
    this.databases = databases instanceof Databases ? databases : new Databases(databases)
  }

  /** Reads the settings module: `--settings`, PORTICO_SETTINGS, or `settings.ts` here. @throws CommandError */
  static async load(context: ManagementContext, options: OptionValues): Promise<ManagementSite> {
    const path = settingsPath(context, text(options, 'settings') ?? context.env['PORTICO_SETTINGS'])
    const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
    const exported = module['default'] ?? module['settings']
    const settings: unknown = typeof exported === 'function' ? await (exported as () => unknown)() : exported
    if (!isSettings(settings)) {
      throw new CommandError(`${path} exports no settings: export default defineSettings({ ... })`)
    }
    return new ManagementSite(context, settings, settings.baseDir ?? dirname(path))
  }

  get database(): Database {
    if (!this.databases.aliases.includes('default'))
      throw new CommandError("The settings name no database: databases: { default: 'sqlite:db.sqlite3' }")
    return this.databases.default
  }

  /** The URLconf, whose views import the models. */
  async resolver(): Promise<Resolver> {
    if (this.#resolver !== null) return this.#resolver
    for (const load of this.settings.models) await load()
    return (this.#resolver = await Resolver.load(this.settings.rootUrlconf))
  }

  /** The project's models as they are. */
  async state(): Promise<ProjectState> {
    await this.resolver()
    return ProjectState.of(models)
  }

  isOurs(app: string): boolean {
    return !isFrameworkApp(app)
  }

  /** Where the migrations of the project's applications are. */
  async folders(): Promise<MigrationFolders> {
    const state = await this.state()
    const apps = [...state.models.values()].map(({ name }) => appOf(name)).filter((app) => this.isOurs(app))
    return migrationFolders(this.settings, this.baseDir, apps)
  }

  /** Read once. */
  async graph(): Promise<MigrationGraph> {
    if (this.#graph !== null) return this.#graph
    const own = await loadMigrations(await this.folders())
    return (this.#graph = new MigrationGraph([...frameworkMigrations, ...own]))
  }

  write(line: string): void {
    this.context.write(`${line}\n`)
  }
}

/** The folders of `apps`, and those that the settings name. */
export function migrationFolders(
  settings: Settings,
  baseDir: string,
  apps: readonly string[],
): MigrationFolders {
  const folders: Record<string, string> = { main: 'migrations' }
  for (const app of apps) folders[app] = app === 'main' ? 'migrations' : join(...app.split('.'), 'migrations')
  for (const [app, folder] of Object.entries(settings.migrationModules)) folders[app] = folder
  return Object.fromEntries(Object.entries(folders).map(([app, folder]) => [app, resolve(baseDir, folder)]))
}

function settingsPath({ cwd }: ManagementContext, given: string | undefined): string {
  const names = given === undefined ? NAMES : [given]
  const path = names.map((name) => (isAbsolute(name) ? name : join(cwd, name))).find(isFile)
  if (path !== undefined) return path
  throw new CommandError(
    given === undefined
      ? `There is no settings.ts in ${cwd}. Go to the project's folder, or name the module: --settings FILE, or PORTICO_SETTINGS=FILE. A new project: portico new NAME`
      : `There is no settings module ${given}.`,
  )
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && 'rootUrlconf' in value && 'middleware' in value
