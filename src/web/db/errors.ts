/**
 * What the database room throws. The names are PEP 249's and Django's, so that a `catch` reads the same.
 * `status` is what the handler answers when nobody caught it; `retry` says whether the same work may succeed later.
 */

export type DatabaseErrorCode =
  | 'DB_ERROR'
  | 'DB_INTEGRITY'
  | 'DB_DATA'
  | 'DB_OPERATIONAL'
  | 'DB_UNAVAILABLE'
  | 'DB_PROGRAMMING'
  | 'DB_NOT_SUPPORTED'
  | 'DB_TRANSACTION'

/** What a database refuses; `code` says which kind. The driver's error is its `cause`. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode = 'DB_ERROR'
  readonly side = 'internal'
  readonly status: number = 500
  readonly retry: boolean = false
  override name = 'DatabaseError'
}

/** A constraint was violated: unique, foreign key, not null, check. */
export class IntegrityError extends DatabaseError {
  override readonly code = 'DB_INTEGRITY'
  override name = 'IntegrityError'
}

/** A value does not fit its column. */
export class DataError extends DatabaseError {
  override readonly code = 'DB_DATA'
  override name = 'DataError'
}

/** The database failed, through no fault of the query: a lock that was not given, a disk that is full. */
export class OperationalError extends DatabaseError {
  override readonly code: DatabaseErrorCode = 'DB_OPERATIONAL'
  override name = 'OperationalError'
}

/** The database cannot be reached, is locked past the time-out, or its pool is empty: a 503, not a bug of the page. */
export class DatabaseUnavailable extends OperationalError {
  override readonly code = 'DB_UNAVAILABLE'
  override readonly status = 503
  override readonly retry = true
  override name = 'DatabaseUnavailable'
}

/** Wrong SQL, or a table or column that is not there. */
export class ProgrammingError extends DatabaseError {
  override readonly code = 'DB_PROGRAMMING'
  override name = 'ProgrammingError'
}

/** This database has no such thing. */
export class NotSupportedError extends DatabaseError {
  override readonly code = 'DB_NOT_SUPPORTED'
  override name = 'NotSupportedError'
}

/** A query after its transaction has ended, or a durable block inside another. */
export class TransactionManagementError extends DatabaseError {
  override readonly code = 'DB_TRANSACTION'
  override name = 'TransactionManagementError'
}

/** What a transaction says that is asked after its end. */
export const TRANSACTION_ENDED =
  'The transaction that this query is part of has ended. Is there a promise inside it that nothing awaits?'

/** A keyword that the model's metadata does not know. Wording and list of choices are Django's. */
export class FieldError extends Error {
  override name = 'FieldError'
}

/** A value that its field cannot hold, found before any SQL is made. */
export class ValueError extends Error {
  override name = 'ValueError'
}

/** `get` found no row. Each model has a `DoesNotExist` of its own below it. */
export class ObjectDoesNotExist extends Error {
  override name = 'DoesNotExist'
}

/** `get` found more than one row. Each model has a class of its own below it. */
export class MultipleObjectsReturned extends Error {
  override name = 'MultipleObjectsReturned'
}

/** `onDelete: 'protect'` or `'restrict'` stopped a deletion; `protectedObjects` are the rows that still refer to it. */
export class ProtectedError extends IntegrityError {
  override name = 'ProtectedError'
  readonly protectedObjects: readonly object[]

  constructor(message: string, protectedObjects: readonly object[]) {
    super(message)
    this.protectedObjects = protectedObjects
  }
}

/** A relation was read that no query has loaded. Nothing here queries behind the reader's back. */
export class RelationNotLoaded extends Error {
  override name = 'RelationNotLoaded'
}

/** A column was read that `only` or `defer` left out. As with relations, nothing is queried behind the reader's back. */
export class FieldNotLoaded extends Error {
  override name = 'FieldNotLoaded'
}
