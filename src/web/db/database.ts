import { Kysely } from 'kysely'
import { reportStage } from '../../gateway/report-stage.ts'
import type {
  Backend,
  BeginOptions,
  Described,
  MaybePromise,
  Result,
  RowStream,
  Session,
  Statement,
} from './backend.ts'
import { DatabaseUnavailable, TransactionManagementError } from './errors.ts'
import type { SqlValue, Vendor } from './fields/field.ts'
import { Frame } from './frame.ts'
import { BackendDialect } from './kysely-dialect.ts'
import { currentTrace, recordQuery } from '../trace/current-trace.ts'
import { PlanCache } from './plan-cache.ts'
import type { Compiled } from './query/sql.ts'
import { currentScope, withScope } from './scope.ts'
import type { QueryListener, Scope } from './scope.ts'

/** How a transaction stands to the one around it. */
export interface AtomicOptions {
  /** False: an inner block is part of the outer one, and its failure fails both. */
  readonly savepoint?: boolean
  /** True: must be the outermost, so that its end is a commit. */
  readonly durable?: boolean
}

/** How long a block waits for its sibling's savepoint. */
const SAVEPOINT_WAIT_MS = 30_000

/** One database: runs statements, inside the transaction of the current work if there is one. */
export class Database implements Session {
  readonly alias: string
  readonly backend: Backend
  /** Each request in a transaction; see `Databases.atomicRequest`. */
  readonly atomicRequests: boolean
  readonly plans = new PlanCache<Compiled>()
  readonly #listeners = new Set<QueryListener>()
  #kysely: unknown

  constructor(alias: string, backend: Backend, options: { readonly atomicRequests?: boolean } = {}) {
    this.alias = alias
    this.backend = backend
    this.atomicRequests = options.atomicRequests ?? false
  }

  get vendor(): Vendor {
    return this.backend.vendor
  }

  /** Kysely on this database, for SQL of one's own. Takes part in `atomic`. */
  kysely<Schema>(): Kysely<Schema> {
    this.#kysely ??= new Kysely<Schema>({ dialect: new BackendDialect(this) })
    return this.#kysely as Kysely<Schema>
  }

  query(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Result> {
    reportStage('query', statement.sql)
    const scope = currentScope()
    const busy = statement.write ? this.#busyFrame(scope) : null
    if (busy !== null)
      return this.#inTurn(busy, scope, statement, parameters, (s) => s.query(statement, parameters))
    const session = this.#session(scope)
    if (this.#listeners.size === 0 && scope.onQuery === null && currentTrace() === undefined) {
      return session.query(statement, parameters)
    }
    return this.#timed(scope, statement, parameters, () => session.query(statement, parameters))
  }

  describe(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Described> {
    const scope = currentScope()
    const busy = statement.write ? this.#busyFrame(scope) : null
    if (busy !== null)
      return this.#inTurn(busy, scope, statement, parameters, (s) => s.describe(statement, parameters))
    const session = this.#session(scope)
    return this.#timed(scope, statement, parameters, () => session.describe(statement, parameters))
  }

  /** Rows a part at a time. Reported to listeners as one query when it is over, with the time that was waited for it. */
  async *stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream {
    reportStage('query', statement.sql)
    const scope = currentScope()
    const chunks = this.#session(scope).stream(statement, parameters, chunkSize)
    let ms = 0
    let failed = false
    try {
      for (;;) {
        const start = performance.now()
        const chunk = await chunks.next()
        ms += performance.now() - start
        if (chunk.done === true) return
        yield chunk.value
      }
    } catch (error) {
      failed = true
      throw error
    } finally {
      // One who leaves early leaves the cursor, too.
      await chunks.return().finally(() => this.#report(scope, statement, parameters, ms, failed))
    }
  }

  #session(scope: Scope): Session {
    return scope.frames.get(this)?.transaction ?? this.backend
  }

  /**
   * The block that `scope` is in, while a block inside it runs at the same time: what is written now would be in that
   * one's savepoint, and gone with it if it fails.
   */
  #busyFrame(scope: Scope): Frame | null {
    const frame = scope.frames.get(this)
    return frame?.children.held === true ? frame : null
  }

  /** After the block inside, as if it were one itself. */
  async #inTurn<R>(
    frame: Frame,
    scope: Scope,
    statement: Statement,
    parameters: readonly SqlValue[],
    run: (session: Session) => MaybePromise<R>,
  ): Promise<R> {
    await waitForTurn(frame)
    try {
      return await this.#timed(scope, statement, parameters, () => run(frame.transaction))
    } finally {
      frame.children.release()
    }
  }

  /** Every query from now on; the function returned ends it. */
  onQuery(listener: QueryListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #timed<R>(
    scope: Scope,
    statement: Statement,
    parameters: readonly SqlValue[],
    run: () => MaybePromise<R>,
  ): MaybePromise<R> {
    const start = performance.now()
    const report = (failed: boolean): void =>
      this.#report(scope, statement, parameters, performance.now() - start, failed)
    const fail = (error: unknown): never => {
      report(true)
      throw error
    }
    const done = (value: R): R => {
      report(false)
      return value
    }
    let result: MaybePromise<R>
    try {
      result = run()
    } catch (error) {
      return fail(error)
    }
    return result instanceof Promise ? result.then(done, fail) : done(result)
  }

  #report(
    scope: Scope,
    statement: Statement,
    parameters: readonly SqlValue[],
    ms: number,
    failed: boolean,
  ): void {
    const parameterCount = parameters.length
    const event = { database: this.alias, sql: statement.sql, parameterCount, ms, failed }
    recordQuery(event.sql, event.ms)
    scope.onQuery?.(event)
    for (const listener of this.#listeners) listener(event)
  }

  get inAtomic(): boolean {
    return currentScope().frames.has(this)
  }

  /** All of `fn` or nothing of it. Inside another block: a savepoint. */
  async atomic<T>(fn: () => T | Promise<T>, options: AtomicOptions = {}): Promise<T> {
    const outer = currentScope().frames.get(this)
    if (outer === undefined) return this.#transaction(fn)
    if (options.durable === true) {
      throw new TransactionManagementError(
        'A durable atomic block cannot be nested within another atomic block.',
      )
    }
    return options.savepoint === false ? this.#joined(outer, fn) : this.#savepoint(outer, fn)
  }

  /**
   * A transaction that may change tables. Never inside another: SQLite can stop watching foreign keys only before one
   * begins.
   */
  async changeSchema<T>(fn: () => T | Promise<T>): Promise<T> {
    if (this.inAtomic)
      throw new TransactionManagementError('Tables cannot be changed inside an atomic block.')
    return this.#transaction(fn, { schema: true })
  }

  async #transaction<T>(fn: () => T | Promise<T>, options: BeginOptions = {}): Promise<T> {
    const transaction = await this.backend.begin(options)
    const frame = new Frame(transaction, null)
    let value: T
    try {
      value = await this.#inside(frame, fn)
      refuseHalf(frame)
    } catch (error) {
      frame.close()
      await transaction.rollback()
      throw error
    }
    frame.close()
    await transaction.commit()
    for (const callback of frame.onCommit) await callback()
    return value
  }

  async #savepoint<T>(outer: Frame, fn: () => T | Promise<T>): Promise<T> {
    await waitForTurn(outer)
    try {
      const { transaction } = outer
      const frame = new Frame(transaction, outer)
      const name = `s${frame.depth}`
      await transaction.query(command(`SAVEPOINT ${name}`), [])
      try {
        const value = await this.#inside(frame, fn)
        refuseHalf(frame)
        frame.close()
        await transaction.query(command(`RELEASE SAVEPOINT ${name}`), [])
        outer.onCommit.push(...frame.onCommit)
        return value
      } catch (error) {
        frame.close()
        await transaction.query(command(`ROLLBACK TO SAVEPOINT ${name}`), [])
        await transaction.query(command(`RELEASE SAVEPOINT ${name}`), [])
        throw error
      }
    } finally {
      outer.children.release()
    }
  }

  async #joined<T>(outer: Frame, fn: () => T | Promise<T>): Promise<T> {
    try {
      return await fn()
    } catch (error) {
      outer.mustRollBack = true
      throw error
    }
  }

  #inside<T>(frame: Frame, fn: () => T | Promise<T>): T | Promise<T> {
    return withScope({ frames: new Map([...currentScope().frames, [this, frame]]) }, fn)
  }

  /** Runs `callback` after the current transaction commits, or now if there is none. */
  async onCommit(callback: () => unknown): Promise<void> {
    const frame = currentScope().frames.get(this)
    if (frame === undefined) await callback()
    else frame.onCommit.push(callback)
  }

  close(): Promise<void> {
    return this.backend.close()
  }
}

const waitForTurn = (frame: Frame): Promise<void> =>
  frame.children.acquire(
    SAVEPOINT_WAIT_MS,
    () => new DatabaseUnavailable('Waited too long for another block of the same transaction.'),
  )

/** @throws TransactionManagementError where a part that has no savepoint of its own failed */
function refuseHalf(frame: Frame): void {
  if (!frame.mustRollBack) return
  throw new TransactionManagementError('An inner block without a savepoint failed: nothing can be committed.')
}

const command = (sql: string): Statement => ({ sql, write: true, returns: false, exactIntegers: false })
