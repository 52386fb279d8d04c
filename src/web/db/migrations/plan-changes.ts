import type { DetectOptions, DetectedPart } from './autodetector.ts'
import { Autodetector } from './autodetector.ts'
import type { MigrationKey } from './migration.ts'
import type { MigrationGraph } from './migration-graph.ts'
import type { NewMigration } from './migration-files.ts'
import type { ProjectState } from './project-state.ts'
import { appOf } from './project-state.ts'

export interface ChangeOptions extends DetectOptions {
  /** Only these applications. */
  readonly apps?: readonly string[]
  /** The part of the name after the number. */
  readonly name?: string
}

/**
 * The migrations that are missing: from the state that those on disk give to the models as they are. Applications
 * that are not `ours` (the framework's own) are left alone.
 *
 * @throws MigrationQuestion, ImproperlyConfigured for a conflict
 */
export function planChanges(
  graph: MigrationGraph,
  models: ProjectState,
  ours: (app: string) => boolean,
  options: ChangeOptions = {},
): NewMigration[] {
  graph.refuseConflicts()
  const isWanted = (app: string): boolean =>
    ours(app) && (options.apps === undefined || options.apps.length === 0 || options.apps.includes(app))
  const from = graph.stateAfter(graph.order)
  const to = merged(from, models, isWanted)
  const parts = new Autodetector(from, to, options).detect()
  const named = new Map<DetectedPart, NewMigration>()
  for (const part of parts) {
    const earlier = [...named.values()].filter((one) => one.app === part.app).length
    const number = lastNumber(graph, part.app) + 1 + earlier
    const name = `${String(number).padStart(4, '0')}_${nameOf(part, number, options.name)}`
    named.set(part, { app: part.app, name, dependencies: [], operations: part.operations })
  }
  return parts.map((part) => {
    const own = named.get(part)
    return { ...(own as NewMigration), dependencies: dependenciesOf(part, parts, named, graph) }
  })
}

/** The models of wanted applications as they are, of others as the migrations have them. */
function merged(from: ProjectState, models: ProjectState, isWanted: (app: string) => boolean): ProjectState {
  let state = models
  for (const model of models.models.values())
    if (!isWanted(appOf(model.name))) state = state.without(model.name)
  for (const model of from.models.values()) if (!isWanted(appOf(model.name))) state = state.with(model)
  return state
}

/** 0 where no migration has a number: a name written by hand need not begin with one. */
export const lastNumber = (graph: MigrationGraph, app: string): number =>
  Math.max(0, ...graph.of(app).map(({ name }) => Number(/^\d+/.exec(name)?.[0] ?? 0)))

/** Names of migrations are kept short: they are typed. */
const NAME_LIMIT = 52

function nameOf(part: DetectedPart, number: number, given: string | undefined): string {
  if (given !== undefined) return given
  if (number === 1) return 'initial'
  const fragments = part.operations.map((operation) => operation.fragment)
  const name = fragments.join('_')
  if (name.length <= NAME_LIMIT) return name
  return fragments.length === 1
    ? name.slice(0, NAME_LIMIT)
    : `${(fragments[0] ?? '').slice(0, NAME_LIMIT - 9)}_and_more`
}

function dependenciesOf(
  part: DetectedPart,
  parts: readonly DetectedPart[],
  named: ReadonlyMap<DetectedPart, NewMigration>,
  graph: MigrationGraph,
): MigrationKey[] {
  const first = (app: string): NewMigration | undefined => {
    const found = parts.find((one) => one.app === app && !one.isLate)
    return found && named.get(found)
  }
  const before = part.isLate ? first(part.app) : undefined
  const previous: MigrationKey[] =
    before === undefined
      ? graph.leaves(part.app).map(({ app, name }) => [app, name] as const)
      : [[before.app, before.name]]
  const others = [...part.needs].flatMap((app): MigrationKey[] => {
    const fresh = first(app)
    if (fresh !== undefined) return [[app, fresh.name]]
    return graph.leaves(app).map((leaf) => [leaf.app, leaf.name] as const)
  })
  return [...previous, ...others]
}
