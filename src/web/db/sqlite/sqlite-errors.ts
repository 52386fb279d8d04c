import {
  DataError,
  DatabaseError,
  DatabaseUnavailable,
  IntegrityError,
  OperationalError,
  ProgrammingError,
} from '../errors.ts'

/** SQLite's result codes (sqlite.org/rescode.html); the low byte of an extended code is its primary one. */
const BUSY = 5
const LOCKED = 6

const classes = new Map<number, new (message: string, options: ErrorOptions) => DatabaseError>([
  [1, ProgrammingError], // ERROR: syntax, no such table
  [BUSY, DatabaseUnavailable],
  [LOCKED, DatabaseUnavailable],
  [8, OperationalError], // READONLY
  [10, DatabaseUnavailable], // IOERR
  [11, DatabaseUnavailable], // CORRUPT
  [13, DatabaseUnavailable], // FULL
  [14, DatabaseUnavailable], // CANTOPEN
  [18, DataError], // TOOBIG
  [19, IntegrityError], // CONSTRAINT
  [20, DataError], // MISMATCH
  [26, DatabaseUnavailable], // NOTADB
])

/** After these the connection is of no use: the next query opens a new one. */
const FATAL = new Set([10, 11, 14, 26])

const primaryCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : null

/** Another connection holds the lock: worth trying again. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error)
  return code === BUSY || code === LOCKED
}

export const isFatal = (error: unknown): boolean => FATAL.has(primaryCode(error) ?? 0)

/** Our error for node:sqlite's; anything without a result code is a value the driver does not take. */
export function convertError(error: unknown): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error
  const code = primaryCode(error)
  if (code === null) {
    return 'code' in error && String(error.code).startsWith('ERR_')
      ? new DataError(error.message, { cause: error })
      : error
  }
  const ErrorClass = classes.get(code) ?? OperationalError
  return new ErrorClass(error.message, { cause: error })
}
