/** A project's models as they change, and the database that follows them. */
import { ModelRegistry, model } from '../../../../src/entry/web.ts'
import type { Database, Operation } from '../../../../src/entry/web.ts'
import type { MetaOptions } from '../../../../src/web/db/model-meta.ts'
import { MigrationExecutor } from '../../../../src/web/db/migrations/executor.ts'
import type { LoadedMigration } from '../../../../src/web/db/migrations/migration.ts'
import { MigrationGraph } from '../../../../src/web/db/migrations/migration-graph.ts'
import type { ChangeOptions } from '../../../../src/web/db/migrations/plan-changes.ts'
import { planChanges } from '../../../../src/web/db/migrations/plan-changes.ts'
import { ProjectState } from '../../../../src/web/db/migrations/project-state.ts'
import type { FieldMap } from '../../../../src/web/db/types.ts'

export type Models = Readonly<Record<string, FieldMap | readonly [FieldMap, MetaOptions]>>

export function stateOf(models: Models): ProjectState {
  const registry = new ModelRegistry()
  for (const [name, entry] of Object.entries(models)) {
    const [fields, options] = Array.isArray(entry)
      ? (entry as [FieldMap, MetaOptions])
      : [entry as FieldMap, {}]
    model(name, fields, { ...options, registry })
  }
  return ProjectState.of(registry)
}

export class History {
  migrations: LoadedMigration[] = []

  get graph(): MigrationGraph {
    return new MigrationGraph(this.migrations)
  }

  /** What `makemigrations` would write, added to the history. */
  make(models: Models, options: ChangeOptions = {}): LoadedMigration[] {
    const made = planChanges(this.graph, stateOf(models), () => true, options)
    this.migrations.push(...made)
    return made
  }

  add(app: string, name: string, ...operations: Operation[]): void {
    const dependencies = this.graph.leaves(app).map((one) => [app, one.name] as const)
    this.migrations.push({ app, name, dependencies, operations })
  }

  async migrate(database: Database, app?: string, name?: string): Promise<string[]> {
    const executor = new MigrationExecutor(database, this.graph)
    const plan = await executor.plan(app, name)
    await executor.run(plan)
    return plan.map(
      ({ migration, backwards }) => `${backwards ? '-' : '+'}${migration.app}.${migration.name}`,
    )
  }

  /** The models of the last point, for rows. */
  get models(): ModelRegistry {
    return this.graph.stateAfter(this.graph.order).registry
  }
}

export const descriptions = (made: readonly LoadedMigration[]): string[] =>
  made.flatMap(({ app, name, operations }) => [
    `${app}.${name}`,
    ...operations.map(({ description }) => `  ${description}`),
  ])
