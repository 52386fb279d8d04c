import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { createTables, defineDatabases } from 'portico/web'
import { firstStart } from '../../src/demo/first-start.ts'
import { Entry } from '../../src/demo/models.ts'
import { loadMigrations } from '../../src/web/db/migrations/migration-files.ts'
import { MigrationGraph } from '../../src/web/db/migrations/migration-graph.ts'
import { planChanges } from '../../src/web/db/migrations/plan-changes.ts'
import { ProjectState } from '../../src/web/db/migrations/project-state.ts'
import { models } from '../../src/web/db/model-registry.ts'
import { frameworkMigrations, isFrameworkApp } from '../../src/web/management/framework-migrations.ts'

test("the demo's migrations lead to its models", async () => {
  const folder = new URL('../../src/demo/migrations', import.meta.url).pathname
  const graph = new MigrationGraph([...frameworkMigrations, ...(await loadMigrations({ main: folder }))])
  const missing = planChanges(graph, ProjectState.of(models), (app) => !isFrameworkApp(app))
  expect(missing.flatMap(({ operations }) => operations.map(({ description }) => description))).toEqual([])
})

test('a book that was begun without migrations goes on', async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  // what later migrations make was not there then
  const later = /Permission|Group|ContentType|Cache/
  const before = models.all().filter(({ objectName, autoCreated }) => !autoCreated && !later.test(objectName))
  await createTables(
    databases.default,
    before.map(({ model }) => model),
  )
  for (const table of ['auth_user_groups', 'auth_user_user_permissions'])
    await sql.raw(`drop table if exists ${table}`).execute(databases.default.kysely())
  await firstStart(databases)
  await firstStart(databases)
  expect(await databases.run(() => Entry.objects.count())).toBe(8)
  await databases.close()
})
