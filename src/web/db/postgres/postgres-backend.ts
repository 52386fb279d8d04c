import type { Pool, PoolClient, QueryArrayConfig } from 'pg'
import type { Backend, BackendTransaction, Described, Result, Statement } from '../backend.ts'
import type { SqlValue } from '../fields/field.ts'
import { convertError } from './postgres-errors.ts'
import { SlotSharingCompiler } from './postgres-query-compiler.ts'

export interface PostgresSettings {
  readonly url: string
  readonly poolSize: number
  /** For a connection: made, or given back to the pool. */
  readonly timeoutMs: number
}

/** What every connection is set to, whatever the server's defaults: texts are read by their form. */
const SESSION_OPTIONS = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex'

/** Values come as PostgreSQL's text and are read by their field's kind (kinds.ts). */
const asText = { getTypeParser: () => (text: string | Buffer) => text }

/** Statements that get a name are parsed once for each connection. */
const NAMED_LIMIT = 500

/** PostgreSQL through `pg`'s pool. A connection that fails is dropped; the next query makes another. */
export class PostgresBackend implements Backend {
  readonly vendor = 'postgresql'
  readonly compiler = new SlotSharingCompiler()
  readonly #settings: PostgresSettings
  readonly #names = new Map<string, string>()
  #pool: Promise<Pool> | null = null

  constructor(settings: PostgresSettings) {
    this.#settings = settings
  }

  /** `pg` is loaded by whoever uses PostgreSQL, and by nobody else. */
  #connected(): Promise<Pool> {
    this.#pool ??= import('pg').then(({ default: pg }) => {
      const pool = new pg.Pool({
        connectionString: this.#settings.url,
        max: this.#settings.poolSize,
        connectionTimeoutMillis: this.#settings.timeoutMs,
        options: SESSION_OPTIONS,
        allowExitOnIdle: true,
      })
      // An idle connection that the server closed: the pool has dropped it, and nobody was using it.
      pool.on('error', () => undefined)
      return pool
    })
    return this.#pool
  }

  async query(statement: Statement, parameters: readonly SqlValue[]): Promise<Result> {
    return this.#run(await this.#connected(), statement, parameters)
  }

  async describe(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.#run(await this.#connected(), statement, parameters)
  }

  async #run(
    target: Pool | PoolClient,
    statement: Statement,
    parameters: readonly SqlValue[],
  ): Promise<Described> {
    const config: QueryArrayConfig = {
      text: statement.sql,
      values: [...parameters],
      rowMode: 'array',
      types: asText,
      ...this.#named(statement.sql),
    }
    try {
      const { rows, rowCount, fields } = await target.query<SqlValue[]>(config)
      return { rows, changes: rowCount ?? 0, columns: fields.map((field) => field.name) }
    } catch (error) {
      throw convertError(error)
    }
  }

  #named(sql: string): { name?: string } {
    const known = this.#names.get(sql)
    if (known !== undefined) return { name: known }
    if (this.#names.size >= NAMED_LIMIT) return {}
    const name = `portico_${this.#names.size}`
    this.#names.set(sql, name)
    return { name }
  }

  async begin(): Promise<BackendTransaction> {
    let client: PoolClient
    try {
      client = await (await this.#connected()).connect()
    } catch (error) {
      throw convertError(error)
    }
    try {
      await client.query('BEGIN')
    } catch (error) {
      client.release(true)
      throw convertError(error)
    }
    return new PostgresTransaction(client, (statement, parameters) =>
      this.#run(client, statement, parameters),
    )
  }

  async close(): Promise<void> {
    const pool = this.#pool
    this.#pool = null
    await (await pool)?.end()
  }
}

type Run = (statement: Statement, parameters: readonly SqlValue[]) => Promise<Described>

class PostgresTransaction implements BackendTransaction {
  readonly #client: PoolClient
  readonly #run: Run

  constructor(client: PoolClient, run: Run) {
    this.#client = client
    this.#run = run
    // Between two queries a lost connection says so here; the next query fails, which is where it belongs.
    client.on('error', ignore)
  }

  query(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.#run(statement, parameters)
  }

  describe(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.#run(statement, parameters)
  }

  async commit(): Promise<void> {
    await this.#end('COMMIT')
  }

  async rollback(): Promise<void> {
    // A connection that is gone has rolled back.
    await this.#end('ROLLBACK').catch(() => undefined)
  }

  async #end(command: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    try {
      await this.#client.query(command)
    } catch (error) {
      this.#client.off('error', ignore)
      this.#client.release(true)
      throw convertError(error)
    }
    this.#client.off('error', ignore)
    this.#client.release()
  }
}

const ignore = (): void => undefined
