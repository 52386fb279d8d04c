import {
  DataError,
  DatabaseError,
  DatabaseUnavailable,
  IntegrityError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from '../errors.ts'

type ErrorClass = new (message: string, options: ErrorOptions) => DatabaseError

/** By SQLSTATE: the whole of it first, then its class, the first two characters (PostgreSQL manual, appendix A). */
const states = new Map<string, ErrorClass>([
  ['57P01', DatabaseUnavailable], // admin_shutdown
  ['57P02', DatabaseUnavailable], // crash_shutdown
  ['57P03', DatabaseUnavailable], // cannot_connect_now
  ['57014', DatabaseUnavailable], // query_canceled: the statement's time-out
  ['40P01', DatabaseUnavailable], // deadlock_detected: the other one went on; again may succeed
  ['40001', DatabaseUnavailable], // serialization_failure
  ['53300', DatabaseUnavailable], // too_many_connections
  ['3D000', DatabaseUnavailable], // invalid_catalog_name: the database is not there
  ['08', DatabaseUnavailable], // connection exception
  ['53', OperationalError], // insufficient resources
  ['40', OperationalError], // transaction rollback: deadlock, serialisation
  ['55', OperationalError],
  ['57', OperationalError],
  ['28', OperationalError], // invalid authorization
  ['23', IntegrityError],
  ['22', DataError],
  ['42', ProgrammingError],
  ['0A', NotSupportedError],
])

const SQLSTATE = /^[0-9A-Z]{5}$/

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** Our error for pg's. One without an SQLSTATE came from the way to the server: a socket, a name, the pool. */
export function convertError(error: unknown): unknown {
  if (error instanceof DatabaseError || !(error instanceof Error)) return error
  const code = codeOf(error)
  if (!SQLSTATE.test(code)) return new DatabaseUnavailable(messageOf(error), { cause: error })
  const Class = states.get(code) ?? states.get(code.slice(0, 2)) ?? DatabaseError
  return new Class(error.message, { cause: error })
}

/** The connection is of no use any more. */
export const isFatal = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable && !['57014', '40P01', '40001'].includes(codeOf(error.cause))

/** The connection prepared the statement before a migration changed its columns (`RevalidateCachedQuery`). */
export const isStalePlan = (error: unknown): boolean =>
  error instanceof NotSupportedError &&
  codeOf(error.cause) === '0A000' &&
  error.message.startsWith('cached plan must not change')

/** Every address of a name may have failed, each with its own error. */
function messageOf(error: Error): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map((one) => (one instanceof Error ? one.message : '')).join('; ')
  }
  return error.message
}
