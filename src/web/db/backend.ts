import type { QueryCompiler } from 'kysely'
import type { SqlValue, Vendor } from './fields/field.ts'

/** What a database must do for this room; sqlite/ and postgres/ do it. Its errors are those of errors.ts. */

export interface Statement {
  readonly sql: string
  /** May change the database: SQLite lets one writer in at a time. */
  readonly write: boolean
  /** Rows come back: a SELECT, or RETURNING. */
  readonly returns: boolean
  /** Some integer in the rows may pass 2^53: all come as bigint. */
  readonly exactIntegers: boolean
}

export interface Result {
  /** Arrays in the order of the selection, unless `columns` was asked for. */
  readonly rows: readonly (readonly SqlValue[])[]
  readonly changes: number
}

/** A result with the names of its columns. */
export type Described = Result & {
  readonly columns: readonly string[]
  /** PostgreSQL: the columns' type OIDs, where every value is text. */
  readonly types?: readonly number[]
}

export type MaybePromise<T> = T | Promise<T>

/** One connection, or whatever serves a statement outside a transaction. */
export interface Session {
  query(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Result>
  stream(statement: Statement, parameters: readonly SqlValue[], chunkSize: number): RowStream
  /** The names of the columns that a statement gives: for Kysely, whose rows are objects. */
  describe(statement: Statement, parameters: readonly SqlValue[]): MaybePromise<Described>
}

/** Rows a part at a time, for results that are not to be in memory at once. Left early, it ends by `return()`. */
export type RowStream = AsyncGenerator<readonly (readonly SqlValue[])[], void, undefined>

/** A transaction that has begun, on a connection of its own. Exactly one of the two ends it. */
export interface BackendTransaction extends Session {
  commit(): MaybePromise<void>
  rollback(): MaybePromise<void>
}

export interface BeginOptions {
  /** Tables will be made anew under their old name: foreign keys are checked at the end, all of them. */
  readonly schema?: boolean
}

export interface Backend extends Session {
  readonly vendor: Vendor
  readonly compiler: QueryCompiler
  begin(options?: BeginOptions): Promise<BackendTransaction>
  close(): Promise<void>
}
