import type { Database } from '../db/database.ts'
import { MigrationExecutor } from '../db/migrations/executor.ts'
import { MigrationGraph } from '../db/migrations/migration-graph.ts'
import type { MigrationFolders } from '../db/migrations/migration-files.ts'
import { loadMigrations } from '../db/migrations/migration-files.ts'
import { frameworkMigrations } from './framework-migrations.ts'
import { sendPostMigrate } from './post-migrate.ts'

/** The settings that migrating reads. */
export interface MigrateSettings {
  /** Where the project's migrations are: folders by application. Models without an application belong to `main`. */
  readonly folders: MigrationFolders
  /** A first migration whose tables are there already counts as applied. */
  readonly fakeInitial?: boolean
}

/** The framework's migrations and those of a project. @throws ImproperlyConfigured */
async function loadGraph(folders: MigrationFolders): Promise<MigrationGraph> {
  return new MigrationGraph([...frameworkMigrations, ...(await loadMigrations(folders))])
}

/** `portico manage migrate`, for programs that bring their database up to date by themselves. */
export async function migrate(database: Database, settings: MigrateSettings): Promise<void> {
  const graph = await loadGraph(settings.folders)
  graph.refuseConflicts()
  const executor = new MigrationExecutor(database, graph)
  const plan = await executor.plan()
  await executor.run(plan, { fakeInitial: settings.fakeInitial ?? false })
  await sendPostMigrate(database, executor, plan)
}
