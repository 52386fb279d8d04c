import { SqliteQueryCompiler } from 'kysely'
import { AsyncLock } from '../async-lock.ts'
import type {
  Backend,
  BackendTransaction,
  BeginOptions,
  Described,
  MaybePromise,
  Result,
  RowStream,
  Statement,
} from '../backend.ts'
import {
  DatabaseUnavailable,
  IntegrityError,
  TRANSACTION_ENDED,
  TransactionManagementError,
} from '../errors.ts'
import type { SqlValue } from '../fields/field.ts'
import type { SqliteSettings } from './sqlite-connection.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { convertError, isBusy, isFatal } from './sqlite-errors.ts'

/**
 * SQLite is synchronous, and one statement is one turn of the event loop; a transaction is many turns. So there are
 * two connections: one for statements by themselves, one for transactions, which take turns under a lock. Every
 * transaction begins IMMEDIATE, since one that reads first and writes later would fail instead of waiting. Waiting
 * for other processes is done here with timers: SQLite's own busy handler would stop the event loop.
 *
 * In memory there is one connection only (a second would be another database), and the lock holds off everything.
 */
export class SqliteBackend implements Backend {
  readonly vendor = 'sqlite'
  readonly compiler = new SqliteQueryCompiler()
  readonly #path: string
  readonly #settings: SqliteSettings
  readonly #timeoutMs: number
  readonly #memory: boolean
  readonly #lock = new AsyncLock()
  #main: SqliteConnection | null = null
  #writer: SqliteConnection | null = null

  constructor(path: string, options: SqliteSettings & { readonly timeoutMs: number }) {
    this.#path = path
    this.#settings = options
    this.#timeoutMs = options.timeoutMs
    this.#memory = path === ':memory:'
  }

  query(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Result> {
    return this.#turn(statement, () => this.#mainConnection().query(statement, parameters))
  }

  describe(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Described> {
    return this.#turn(statement, () => this.#mainConnection().describe(statement, parameters))
  }

  /** On a connection of its own, so that what is written meanwhile does not show in it. */
  async *stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream {
    if (this.#memory) {
      const { rows } = await this.query(statement, parameters)
      for (let i = 0; i < rows.length; i += chunkSize) yield rows.slice(i, i + chunkSize)
      return
    }
    const connection = await this.#retried(() => new SqliteConnection(this.#path, this.#settings))
    try {
      const rows = connection.iterate(statement, parameters)
      let chunk = await this.#retried(() => take(rows, chunkSize))
      while (chunk.length > 0) {
        yield chunk
        chunk = chunk.length < chunkSize ? [] : take(rows, chunkSize)
      }
    } catch (error) {
      throw convertError(error)
    } finally {
      connection.close()
    }
  }

  /** At once when nothing is in the way. */
  #turn<R>(statement: Statement, run: () => R): MaybePromise<R> {
    if (this.#lock.held && (statement.write || this.#memory)) return this.#locked(run)
    try {
      return run()
    } catch (error) {
      if (isBusy(error)) return this.#retried(run)
      throw this.#failed(error)
    }
  }

  async #locked<R>(run: () => R): Promise<R> {
    await this.#acquire()
    try {
      return await this.#retried(run)
    } finally {
      this.#lock.release()
    }
  }

  #acquire(): Promise<void> {
    return this.#lock.acquire(this.#timeoutMs, () => new DatabaseUnavailable('database is locked'))
  }

  /** Until the time-out: 1, 2, 4, then about 10 ms apart, unevenly so that two processes do not keep step. */
  async #retried<R>(run: () => R): Promise<R> {
    const end = performance.now() + this.#timeoutMs
    for (let attempt = 0; ; attempt++) {
      try {
        return run()
      } catch (error) {
        if (!isBusy(error) || performance.now() >= end) throw this.#failed(error)
      }
      await sleep(Math.min(2 ** attempt, 5 + Math.random() * 10))
    }
  }

  /** A connection that met an I/O error is dropped, so that the next query finds the file again when it is back. */
  #failed(error: unknown): unknown {
    if (isFatal(error) && !this.#memory) {
      this.#drop('main')
      this.#drop('writer')
    }
    return convertError(error)
  }

  #drop(which: 'main' | 'writer'): void {
    const connection = which === 'main' ? this.#main : this.#writer
    if (which === 'main') this.#main = null
    else this.#writer = null
    try {
      connection?.close()
    } catch {
      // It is being dropped because it is broken.
    }
  }

  #mainConnection(): SqliteConnection {
    return (this.#main ??= new SqliteConnection(this.#path, this.#settings))
  }

  #writerConnection(): SqliteConnection {
    if (this.#memory) return this.#mainConnection()
    return (this.#writer ??= new SqliteConnection(this.#path, this.#settings))
  }

  async begin(options: BeginOptions = {}): Promise<BackendTransaction> {
    const schema = options.schema === true
    await this.#acquire()
    try {
      const connection = await this.#retried(() => {
        const writer = this.#writerConnection()
        if (schema) writer.exec('PRAGMA foreign_keys = OFF')
        try {
          writer.exec('BEGIN IMMEDIATE')
        } catch (error) {
          if (schema) writer.exec('PRAGMA foreign_keys = ON')
          throw error
        }
        return writer
      })
      return new SqliteTransaction(
        connection,
        schema,
        () => this.#lock.release(),
        (error) => this.#failed(error),
      )
    } catch (error) {
      this.#lock.release()
      throw error
    }
  }

  async close(): Promise<void> {
    this.#drop('writer')
    this.#drop('main')
  }
}

class SqliteTransaction implements BackendTransaction {
  readonly #connection: SqliteConnection
  readonly #schema: boolean
  readonly #release: () => void
  #ended = false
  readonly #failed: (error: unknown) => unknown

  constructor(
    connection: SqliteConnection,
    schema: boolean,
    release: () => void,
    failed: (error: unknown) => unknown,
  ) {
    this.#connection = connection
    this.#schema = schema
    this.#release = release
    this.#failed = failed
  }

  query(statement: Statement, parameters: readonly SqlValue[]): Result {
    return this.#guarded(() => this.#connection.query(statement, parameters))
  }

  describe(statement: Statement, parameters: readonly SqlValue[]): Result & { columns: string[] } {
    return this.#guarded(() => this.#connection.describe(statement, parameters))
  }

  async *stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream {
    const rows = this.#guarded(() => this.#connection.iterate(statement, parameters))
    for (;;) {
      const chunk = this.#guarded(() => take(rows, chunkSize))
      if (chunk.length > 0) yield chunk
      if (chunk.length < chunkSize) return
    }
  }

  /** After the end the connection is somebody else's, whose transaction this must not become a part of. */
  #guarded<R>(run: () => R): R {
    if (this.#ended) throw new TransactionManagementError(TRANSACTION_ENDED)
    try {
      return run()
    } catch (error) {
      throw this.#failed(error)
    }
  }

  commit(): void {
    try {
      if (this.#schema) this.#checkForeignKeys()
      this.#guarded(() => this.#connection.exec('COMMIT'))
    } catch (error) {
      // A deferred foreign key fails here, and the transaction is still open.
      this.#rollBack()
      throw error
    } finally {
      this.#end()
    }
  }

  rollback(): void {
    try {
      this.#rollBack()
    } finally {
      this.#end()
    }
  }

  #checkForeignKeys(): void {
    const statement = { sql: 'PRAGMA foreign_key_check', write: false, returns: true, exactIntegers: false }
    const [wrong] = this.query(statement, []).rows
    if (wrong === undefined) return
    const [table, rowid, parent] = wrong
    throw new IntegrityError(
      `FOREIGN KEY constraint failed: row ${String(rowid)} of ${String(table)} refers to a row that is not in ${String(parent)}`,
    )
  }

  #end(): void {
    this.#ended = true
    try {
      if (this.#schema) this.#connection.exec('PRAGMA foreign_keys = ON')
    } catch {
      // Closed: the next connection begins with it on.
    } finally {
      this.#release()
    }
  }

  /** Some errors (a full disk) have rolled back already; a dropped connection has too. */
  #rollBack(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // Closed: nothing of the transaction is left.
    }
  }
}

function take(rows: Iterator<SqlValue[]>, count: number): SqlValue[][] {
  const taken: SqlValue[][] = []
  while (taken.length < count) {
    const next = rows.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
