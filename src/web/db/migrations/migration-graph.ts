import { ImproperlyConfigured } from '../../exceptions.ts'
import type { LoadedMigration } from './migration.ts'
import { keyOf } from './migration.ts'
import { ProjectState } from './project-state.ts'

/** All migrations and what each of them needs. */
export class MigrationGraph {
  readonly #all = new Map<string, LoadedMigration>()
  readonly #order: LoadedMigration[]

  /** @throws ImproperlyConfigured for a dependency that is missing, or a circle */
  constructor(migrations: readonly LoadedMigration[]) {
    for (const one of migrations) this.#all.set(keyOf(one.app, one.name), one)
    this.#order = this.#sorted()
  }

  get apps(): string[] {
    return [...new Set(this.#order.map((one) => one.app))].sort()
  }

  /** Each after what it depends on. */
  get order(): readonly LoadedMigration[] {
    return this.#order
  }

  of(app: string): LoadedMigration[] {
    return this.#order.filter((one) => one.app === app)
  }

  get(app: string, name: string): LoadedMigration | undefined {
    return this.#all.get(keyOf(app, name))
  }

  /** By the beginning of its name. @throws ImproperlyConfigured when there is none, or more than one */
  find(app: string, prefix: string): LoadedMigration {
    const exact = this.get(app, prefix)
    if (exact !== undefined) return exact
    const found = this.of(app).filter((one) => one.name.startsWith(prefix))
    const [only] = found
    if (only === undefined || found.length > 1) {
      const what = only === undefined ? 'Cannot find a migration matching' : 'More than one migration matches'
      throw new ImproperlyConfigured(`${what} '${prefix}' from app '${app}'.`)
    }
    return only
  }

  /** Those of an application that none of the same application follows. More than one: a conflict. */
  leaves(app: string): LoadedMigration[] {
    const own = this.of(app)
    return own.filter(
      ({ name }) => !own.some((one) => one.dependencies.some(([of, to]) => of === app && to === name)),
    )
  }

  /** @throws ImproperlyConfigured in Django's words where an application has two last migrations */
  refuseConflicts(): void {
    const conflicts = this.apps.flatMap((app) => {
      const leaves = this.leaves(app)
      return leaves.length > 1 ? [`${leaves.map(({ name }) => name).join(', ')} in ${app}`] : []
    })
    if (conflicts.length === 0) return
    throw new ImproperlyConfigured(
      `Conflicting migrations detected; multiple leaf nodes in the migration graph: (${conflicts.join('; ')}).\n` +
        "To fix them run 'portico manage makemigrations --merge'",
    )
  }

  /** `target` and all it needs, in order. */
  ancestors(target: LoadedMigration): LoadedMigration[] {
    const needed = new Set<LoadedMigration>()
    const visit = (one: LoadedMigration): void => {
      if (needed.has(one)) return
      needed.add(one)
      for (const [app, name] of one.dependencies) visit(this.#dependency(one, app, name))
    }
    visit(target)
    return this.#order.filter((one) => needed.has(one))
  }

  /** `target` and all that needs it, in the order to undo them. */
  descendants(target: LoadedMigration): LoadedMigration[] {
    return this.#order.filter((one) => this.ancestors(one).includes(target)).reverse()
  }

  /** The models after `migrations`, which are in order. */
  stateAfter(migrations: Iterable<LoadedMigration>): ProjectState {
    let state = new ProjectState()
    for (const one of migrations) state = applied(state, one)
    return state
  }

  #dependency(from: LoadedMigration, app: string, name: string): LoadedMigration {
    const found = this.get(app, name)
    if (found !== undefined) return found
    throw new ImproperlyConfigured(
      `Migration ${keyOf(from.app, from.name)} depends on ${keyOf(app, name)}, which is not there.`,
    )
  }

  #sorted(): LoadedMigration[] {
    const done = new Set<LoadedMigration>()
    const visit = (one: LoadedMigration, above: readonly LoadedMigration[]): void => {
      if (done.has(one)) return
      if (above.includes(one)) {
        const circle = [...above.slice(above.indexOf(one)), one].map(({ app, name }) => keyOf(app, name))
        throw new ImproperlyConfigured(`Migrations depend on each other in a circle: ${circle.join(', ')}`)
      }
      for (const [app, name] of one.dependencies) visit(this.#dependency(one, app, name), [...above, one])
      done.add(one)
    }
    const byName = [...this.#all.values()].sort((a, b) =>
      keyOf(a.app, a.name) < keyOf(b.app, b.name) ? -1 : 1,
    )
    for (const one of byName) visit(one, [])
    return [...done]
  }
}

/** The models after one migration. */
export const applied = (state: ProjectState, { app, operations }: LoadedMigration): ProjectState =>
  operations.reduce((before, operation) => operation.apply(before, app), state)
