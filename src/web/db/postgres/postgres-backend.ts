import type { Pool, PoolClient, QueryArrayConfig } from 'pg'
import type { Backend, BackendTransaction, Described, RowStream, Statement } from '../backend.ts'
import { TRANSACTION_ENDED, TransactionManagementError } from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import { convertError, isFatal, isStalePlan } from './postgres-errors.ts'
import { SlotSharingCompiler } from './postgres-query-compiler.ts'

export interface PostgresSettings {
  readonly url: string
  readonly poolSize: number
  /** For a connection: made, or given back to the pool. */
  readonly timeoutMs: number
  /** For one statement; the server gives up first, and a server that says nothing is given up a little later. */
  readonly statementTimeoutMs: number
}

/** What every connection is set to, whatever the server's defaults: texts are read by their form. */
const SESSION_OPTIONS = '-c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex'

const SILENCE_MS = 1000

/** Values come as PostgreSQL's text and are read by their field's kind (kinds.ts). */
const asText = { getTypeParser: () => (text: string | Buffer) => text }

/** Statements that get a name are parsed once for each connection, and kept there: long ones would fill the server. */
const NAMED_LIMIT = 500
const NAMED_LENGTH = 8000

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
        options: `${SESSION_OPTIONS} -c statement_timeout=${this.#settings.statementTimeoutMs}`,
        query_timeout: this.#settings.statementTimeoutMs + SILENCE_MS,
        allowExitOnIdle: true,
      })
      // An idle connection that the server closed: the pool has dropped it, and nobody was using it.
      pool.on('error', ignore)
      // Between two queries a lost connection says so here; the next query fails, which is where it belongs.
      pool.on('connect', (client) => client.on('error', ignore))
      return pool
    })
    return this.#pool
  }

  query(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.describe(statement, parameters)
  }

  async describe(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    for (let tries = 1; ; tries++) {
      const client = await this.#client()
      try {
        const result = await this.#run(client, statement, parameters)
        client.release()
        return result
      } catch (error) {
        // The pool's own query() drops the connection after any error, a unique constraint's too.
        client.release(isFatal(error) || isStalePlan(error))
        // A migration changed a column: any of the pool's connections may still have the old plan.
        if (!isStalePlan(error) || tries > this.#settings.poolSize) throw error
      }
    }
  }

  /** A cursor lives in a transaction: one of its own, where there is none. */
  async *stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream {
    const transaction = await this.begin()
    let done = false
    try {
      yield* transaction.stream(statement, parameters, chunkSize)
      done = true
    } finally {
      await (done ? transaction.commit() : transaction.rollback())
    }
  }

  async #client(): Promise<PoolClient> {
    try {
      return await (await this.#connected()).connect()
    } catch (error) {
      throw convertError(error)
    }
  }

  async #run(client: PoolClient, statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    const config: QueryArrayConfig = {
      text: statement.sql,
      values: [...parameters],
      rowMode: 'array',
      types: asText,
      ...this.#named(statement.sql),
    }
    try {
      const { rows, rowCount, fields } = await client.query<SqlValue[]>(config)
      return {
        rows,
        changes: rowCount ?? 0,
        columns: fields.map((field) => field.name),
        types: fields.map((field) => field.dataTypeID),
      }
    } catch (error) {
      throw convertError(error)
    }
  }

  #named(sql: string): { name?: string } {
    const known = this.#names.get(sql)
    if (known !== undefined) return { name: known }
    if (this.#names.size >= NAMED_LIMIT || sql.length > NAMED_LENGTH) return {}
    const name = `portico_${this.#names.size}`
    this.#names.set(sql, name)
    return { name }
  }

  async begin(): Promise<BackendTransaction> {
    const client = await this.#client()
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
  /** The connection has a plan for columns that a migration changed: nobody should get it again. */
  #isStale = false
  #cursors = 0
  #ended = false
  /** Of the last statement that failed. */
  #error: unknown

  constructor(client: PoolClient, run: Run) {
    this.#client = client
    this.#run = async (statement, parameters) => {
      // The connection is somebody else's now, whose transaction this must not become a part of.
      if (this.#ended) throw new TransactionManagementError(TRANSACTION_ENDED)
      try {
        return await run(statement, parameters)
      } catch (error) {
        this.#isStale ||= isStalePlan(error)
        this.#error = error
        throw error
      }
    }
  }

  query(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.#run(statement, parameters)
  }

  describe(statement: Statement, parameters: readonly SqlValue[]): Promise<Described> {
    return this.#run(statement, parameters)
  }

  async *stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream {
    const name = `portico_cursor_${this.#cursors++}`
    await this.#run(
      { ...statement, sql: `DECLARE ${name} NO SCROLL CURSOR FOR ${statement.sql}` },
      parameters,
    )
    const fetch = { ...statement, sql: `FETCH ${chunkSize} FROM ${name}` }
    try {
      for (;;) {
        const { rows } = await this.#run(fetch, [])
        if (rows.length > 0) yield rows
        if (rows.length < chunkSize) return
      }
    } finally {
      // After an error the transaction is over for PostgreSQL, and the cursor with it.
      await this.#run({ ...statement, sql: `CLOSE ${name}` }, []).catch(ignore)
    }
  }

  /** PostgreSQL answers a COMMIT after an error by rolling back, and calls that a success. */
  async commit(): Promise<void> {
    if ((await this.#end('COMMIT')) === 'COMMIT') return
    throw new TransactionManagementError(
      'A statement of this transaction failed and the error was caught inside it: nothing was saved. ' +
        "Catch errors around an 'atomic' block of their own.",
      { cause: this.#error },
    )
  }

  async rollback(): Promise<void> {
    // A connection that is gone has rolled back.
    await this.#end('ROLLBACK').catch(() => undefined)
  }

  /** What the server did. */
  async #end(command: 'COMMIT' | 'ROLLBACK'): Promise<string> {
    this.#ended = true
    let done: string
    try {
      done = (await this.#client.query(command)).command
    } catch (error) {
      this.#client.release(true)
      throw convertError(error)
    }
    this.#client.release(this.#isStale)
    return done
  }
}

const ignore = (): void => undefined
