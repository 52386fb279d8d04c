import { connect } from './connect.ts'
import type { DatabaseOptions } from './connect.ts'
import type { AtomicOptions, Database } from './database.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { ModelRegistry } from './model-registry.ts'
import { models } from './model-registry.ts'
import { currentScope, withScope } from './scope.ts'
import type { QueryListener } from './scope.ts'

/** Databases by alias: a URL, or a URL with options. `default` is the one that models use. */
export type DatabaseSettings = Readonly<Record<string, string | DatabaseOptions>>

/** The databases of one set of settings, by alias. Connections are made at the first query. */
export class Databases {
  readonly #databases = new Map<string, Database>()

  constructor(settings: DatabaseSettings) {
    for (const [alias, value] of Object.entries(settings)) this.#databases.set(alias, connect(value, alias))
  }

  /** One database, as the default one. */
  static of(database: Database): Databases {
    const databases = new Databases({})
    databases.#databases.set('default', database)
    databases.#databases.set(database.alias, database)
    return databases
  }

  get default(): Database {
    return this.get('default')
  }

  get aliases(): string[] {
    return [...this.#databases.keys()]
  }

  get(alias: string): Database {
    const database = this.#databases.get(alias)
    if (database === undefined) throw new ImproperlyConfigured(`The connection '${alias}' doesn't exist.`)
    return database
  }

  /** Makes these the databases of the models wherever no `run` says otherwise. */
  bind(registry: ModelRegistry = models): this {
    registry.databases = this
    return this
  }

  /** Runs `fn` on these databases, whatever the models are bound to; `onQuery` sees its queries only. */
  run<T>(fn: () => T, options: { readonly onQuery?: QueryListener } = {}): T {
    return withScope({ databases: this, onQuery: options.onQuery ?? null }, fn)
  }

  /** `fn` in a transaction of each database that has `atomicRequests`; without one, just `fn`. */
  atomicRequest<T>(fn: () => T | Promise<T>): T | Promise<T> {
    let run = fn
    for (const database of this.#databases.values()) {
      if (!database.atomicRequests) continue
      const inner = run
      run = () => database.atomic(inner)
    }
    return run()
  }

  async close(): Promise<void> {
    for (const database of this.#databases.values()) await database.close()
  }
}

/** Databases outside of settings: `defineDatabases({ default: url }).bind()` makes models use them. */
export const defineDatabases = (settings: DatabaseSettings): Databases => new Databases(settings)

/** Where a model's queries go now: the scope's databases, or those its registry is bound to. */
export function currentDatabase(registry: ModelRegistry = models, alias = 'default'): Database {
  const databases = currentScope().databases ?? registry.databases
  if (databases === null) {
    throw new ImproperlyConfigured(
      'No database: settings.databases is not set, or defineDatabases({...}).bind() was not called.',
    )
  }
  return databases.get(alias)
}

/** `atomic` on the default database, or on the one that `using` names. */
export function atomic<T>(
  fn: () => T | Promise<T>,
  options: AtomicOptions & { readonly using?: string } = {},
): Promise<T> {
  return currentDatabase(models, options.using).atomic(fn, options)
}

/** Reports the queries of `fn` to `listener`. */
export const observeQueries = <T>(listener: QueryListener, fn: () => T): T =>
  withScope({ onQuery: listener }, fn)

/** `callback` after the current transaction commits; now, if there is none. */
export const onCommit = (callback: () => unknown, using?: string): Promise<void> =>
  currentDatabase(models, using).onCommit(callback)
