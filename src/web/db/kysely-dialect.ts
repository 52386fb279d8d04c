import { PostgresAdapter, PostgresIntrospector, SqliteAdapter, SqliteIntrospector } from 'kysely'
import type {
  CompiledQuery,
  DatabaseConnection,
  DatabaseIntrospector,
  Dialect,
  DialectAdapter,
  Driver,
  Kysely,
  QueryCompiler,
  QueryResult,
} from 'kysely'
import type { Backend, BackendTransaction, Session } from './backend.ts'
import { NotSupportedError, TransactionManagementError } from './errors.ts'
import type { SqlValue } from './fields/field.ts'
import { isRead } from './is-read.ts'

interface Host extends Session {
  readonly backend: Backend
  readonly inAtomic: boolean
}

/** Kysely over a database of ours, so that hand-written queries share its connections and transactions. */
export class BackendDialect implements Dialect {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  createDriver(): Driver {
    return new BackendDriver(this.#host)
  }

  createQueryCompiler(): QueryCompiler {
    return this.#host.backend.compiler
  }

  createAdapter(): DialectAdapter {
    return this.#host.backend.vendor === 'sqlite' ? new SqliteAdapter() : new PostgresAdapter()
  }

  // Kysely's own signature: an introspector looks at tables of any schema.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return this.#host.backend.vendor === 'sqlite' ? new SqliteIntrospector(db) : new PostgresIntrospector(db)
  }
}

class BackendConnection implements DatabaseConnection {
  readonly host: Host
  transaction: BackendTransaction | null = null

  constructor(host: Host) {
    this.host = host
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const reads = isRead(query.sql)
    const session: Session = this.transaction ?? this.host
    const statement = { sql: query.sql, write: !reads, returns: true, exactIntegers: false }
    // Kysely hands on what the caller gave; a type the driver does not take is its error to report.
    const result = await session.describe(statement, query.parameters as readonly SqlValue[])
    const rows = result.rows.map((row) =>
      Object.fromEntries(result.columns.map((name, i) => [name, row[i]])),
    ) as R[]
    return { rows, ...(reads ? {} : { numAffectedRows: BigInt(result.changes) }) }
  }

  // eslint-disable-next-line require-yield
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new NotSupportedError('Streaming is not supported; slice the query.')
  }
}

class BackendDriver implements Driver {
  readonly #host: Host

  constructor(host: Host) {
    this.#host = host
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return new BackendConnection(this.#host)
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#host.inAtomic) {
      throw new TransactionManagementError(
        'Inside atomic() use atomic() again instead of Kysely’s transaction().',
      )
    }
    ours(connection).transaction = await this.#host.backend.begin()
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await end(connection)?.commit()
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await end(connection)?.rollback()
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}

function ours(connection: DatabaseConnection): BackendConnection {
  if (!(connection instanceof BackendConnection)) throw new TypeError('Not a connection of this driver.')
  return connection
}

function end(connection: DatabaseConnection): BackendTransaction | null {
  const own = ours(connection)
  const { transaction } = own
  own.transaction = null
  return transaction
}
