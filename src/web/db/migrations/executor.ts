import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { Databases } from '../databases.ts'
import { NotSupportedError } from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import { changePostgres } from '../schema/change-postgres.ts'
import { changeSqlite } from '../schema/change-sqlite.ts'
import { LOCK_KEY, checkTable } from '../schema/create-tables.ts'
import type { StatementRunner } from '../schema/schema-change.ts'
import type { ModelClass } from '../types.ts'
import type { LoadedMigration } from './migration.ts'
import { keyOf } from './migration.ts'
import type { MigrationGraph } from './migration-graph.ts'
import { applied } from './migration-graph.ts'
import { MigrationRecorder } from './migration-recorder.ts'
import type { ChangeHints, DataStep, HistoricalShape, Operation } from './operation.ts'
import { ProjectState } from './project-state.ts'

export interface PlannedMigration {
  readonly migration: LoadedMigration
  readonly backwards: boolean
}

export interface MigrateOptions {
  /** Writes down that they are applied, or not applied, and does nothing else. */
  readonly fake?: boolean
  /** A first migration whose tables are there already counts as applied. */
  readonly fakeInitial?: boolean
  readonly onStart?: (planned: PlannedMigration) => void
  readonly onEnd?: (planned: PlannedMigration, outcome: 'done' | 'faked' | 'elsewhere') => void
}

/** Brings one database to a point of the history. Each migration is one transaction, on both databases. */
export class MigrationExecutor {
  readonly #database: Database
  readonly #graph: MigrationGraph
  readonly #recorder: MigrationRecorder

  constructor(database: Database, graph: MigrationGraph) {
    this.#database = database
    this.#graph = graph
    this.#recorder = new MigrationRecorder(database)
  }

  /** What is applied, by `app.name`. */
  applied(): Promise<ReadonlySet<string>> {
    return this.#recorder.applied()
  }

  /**
   * What there is to do: to the last of all, to the last of `app`, to `name` of `app` (back, if that is behind), or
   * with the name `zero` before the first.
   */
  async plan(app?: string, name?: string): Promise<PlannedMigration[]> {
    const done = await this.applied()
    const isDone = (one: LoadedMigration): boolean => done.has(keyOf(one.app, one.name))
    const forwards = (list: readonly LoadedMigration[]): PlannedMigration[] =>
      list.filter((one) => !isDone(one)).map((migration) => ({ migration, backwards: false }))
    const backwards = (list: readonly LoadedMigration[]): PlannedMigration[] =>
      list.filter(isDone).map((migration) => ({ migration, backwards: true }))
    if (app === undefined) return forwards(this.#graph.order)
    const own = this.#graph.of(app)
    if (name === undefined) return forwards(this.#together(own))
    if (name === 'zero') return backwards(this.#order(own.flatMap((one) => this.#graph.descendants(one))))
    const target = this.#graph.find(app, name)
    if (!isDone(target)) return forwards(this.#graph.ancestors(target))
    const after = this.#graph.descendants(target).filter((one) => one !== target)
    // What other applications have built on it stays, unless it needs something that goes.
    const leaving = after.filter((one) => one.app === app)
    return backwards(this.#order(leaving.flatMap((one) => this.#graph.descendants(one))))
  }

  #together(list: readonly LoadedMigration[]): LoadedMigration[] {
    const needed = new Set(list.flatMap((one) => this.#graph.ancestors(one)))
    return this.#graph.order.filter((one) => needed.has(one))
  }

  #order(list: readonly LoadedMigration[]): LoadedMigration[] {
    const chosen = new Set(list)
    return this.#graph.order.filter((one) => chosen.has(one)).reverse()
  }

  /** @throws whatever the database says; the migration it happened in is rolled back, those before it stay */
  async run(plan: readonly PlannedMigration[], options: MigrateOptions = {}): Promise<void> {
    await this.#recorder.ensureTable()
    for (const planned of plan) {
      options.onStart?.(planned)
      const outcome = await this.#one(planned, options)
      options.onEnd?.(planned, outcome)
    }
  }

  async #one(planned: PlannedMigration, options: MigrateOptions): Promise<'done' | 'faked' | 'elsewhere'> {
    const { migration, backwards } = planned
    return this.#database.changeSchema(async () => {
      await this.#lock()
      const done = await this.#recorder.applied()
      // Somebody else migrated while this one waited for the lock.
      if (done.has(keyOf(migration.app, migration.name)) !== backwards) return 'elsewhere'
      const faked =
        options.fake === true ||
        (options.fakeInitial === true && !backwards && (await this.#isThere(migration)))
      if (!faked) await this.#apply(planned, this.#runner())
      await this.#recorder.record(migration, !backwards)
      return faked ? 'faked' : 'done'
    })
  }

  /** Held to the end of the transaction. SQLite's transaction is a lock by itself. */
  async #lock(): Promise<void> {
    if (this.#database.vendor !== 'postgresql') return
    const db = this.#database.kysely()
    await sql`select pg_advisory_xact_lock(${LOCK_KEY}::bigint)`.execute(db)
  }

  #runner(): StatementRunner {
    const db = this.#database.kysely()
    return {
      run: async (text) => {
        await sql.raw(text).execute(db)
      },
      ask: (text) => this.#ask(text),
    }
  }

  async #ask(text: string): Promise<readonly (readonly SqlValue[])[]> {
    const statement = { sql: text, write: false, returns: true, exactIntegers: false }
    return (await this.#database.query(statement, [])).rows
  }

  /** The statements of a migration, which is not run. Code shows as a comment. */
  async sql(planned: PlannedMigration): Promise<string[]> {
    const lines: string[] = []
    const run = async (text: string): Promise<void> => void lines.push(`${text};`)
    await this.#apply(planned, { run, ask: (text) => this.#ask(text) }, lines)
    return lines
  }

  async #apply(planned: PlannedMigration, runner: StatementRunner, notes?: string[]): Promise<void> {
    const { migration, backwards } = planned
    const states = this.#states(migration)
    const steps = migration.operations.map((operation, i) => {
      const [before = new ProjectState(), after = before] = states.slice(i, i + 2)
      return { operation, before, after }
    })
    if (backwards) refuseIrreversible(migration)
    for (const { operation, before, after } of backwards ? steps.reverse() : steps) {
      notes?.push(`-- ${operation.description}`)
      await this.#step(migration.app, operation, before, after, backwards, runner, notes !== undefined)
    }
  }

  /** The models before the migration and after each of its operations. */
  #states(migration: LoadedMigration): ProjectState[] {
    const earlier = this.#graph.order.slice(0, this.#graph.order.indexOf(migration))
    const states = [earlier.reduce(applied, new ProjectState())]
    for (const operation of migration.operations) {
      states.push(operation.apply(states.at(-1) ?? new ProjectState(), migration.app))
    }
    return states
  }

  async #step(
    app: string,
    operation: Operation,
    before: ProjectState,
    after: ProjectState,
    backwards: boolean,
    runner: StatementRunner,
    isOnlyShown: boolean,
  ): Promise<void> {
    const code = backwards ? operation.backwards : operation.forwards
    if (code !== undefined && code !== null) {
      if (!isOnlyShown || operation.isSql === true) await this.#runCode(code, before, runner)
      return
    }
    if (before === after) return
    const hints = operation.hints?.(before, after, app, this.#database) ?? {}
    const change = backwards
      ? { before: after.tables, after: before.tables, ...turned(hints) }
      : { before: before.tables, after: after.tables, ...NO_HINTS, ...hints }
    for (const table of change.after) checkTable(this.#database, table)
    const apply = this.#database.vendor === 'sqlite' ? changeSqlite : changePostgres
    await apply(this.#database, change, runner)
  }

  async #runCode(
    code: (step: DataStep) => Promise<void>,
    state: ProjectState,
    runner: StatementRunner,
  ): Promise<void> {
    const { registry } = state
    registry.databases = Databases.of(this.#database)
    const step: DataStep = {
      database: this.#database,
      // The registry's models were made by model(), from a state that knows no types.
      model: (name) => registry.get(state.get(name).name)?.ready().model as ModelClass<HistoricalShape>,
      execute: (text) => runner.run(text),
    }
    await registry.databases.run(() => code(step))
    // PostgreSQL changes no table whose deferred constraints still wait for rows to be checked.
    if (this.#database.vendor === 'postgresql') {
      await runner.run('SET CONSTRAINTS ALL IMMEDIATE')
      await runner.run('SET CONSTRAINTS ALL DEFERRED')
    }
  }

  /** Whether all tables of a first migration are in the database already. */
  async #isThere(migration: LoadedMigration): Promise<boolean> {
    if (migration.dependencies.some(([app]) => app === migration.app)) return false
    const states = this.#states(migration)
    const before = new Set(states[0]?.tables.map(({ name }) => name))
    const made = states.at(-1)?.tables.filter(({ name }) => !before.has(name)) ?? []
    if (made.length === 0) return false
    const tables = await this.#recorder.tables()
    return made.every(({ name }) => tables.has(name))
  }
}

const NO_HINTS: Required<ChangeHints> = {
  renamedTables: new Map(),
  renamedColumns: new Map(),
  fills: new Map(),
  backwardsFills: new Map(),
}

/** The same renames on the way back. */
function turned(hints: ChangeHints): Required<Omit<ChangeHints, 'backwardsFills'>> {
  const { renamedTables, renamedColumns, backwardsFills } = { ...NO_HINTS, ...hints }
  const back = (names: ReadonlyMap<string, string>): Map<string, string> =>
    new Map([...names].map(([from, to]) => [to, from]))
  const tables = back(renamedTables)
  return {
    fills: backwardsFills,
    renamedTables: tables,
    renamedColumns: new Map(
      [...renamedColumns].map(([table, names]) => [tables.get(table) ?? table, back(names)]),
    ),
  }
}

/** @throws NotSupportedError */
function refuseIrreversible(migration: LoadedMigration): void {
  const operation = migration.operations.find(
    ({ forwards, backwards }) => forwards !== undefined && (backwards ?? null) === null,
  )
  if (operation === undefined) return
  throw new NotSupportedError(
    `Operation '${operation.description}' in ${keyOf(migration.app, migration.name)} is not reversible.`,
  )
}
