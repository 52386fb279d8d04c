import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import type { Result, Statement } from '../backend.ts'
import type { SqlValue } from '../fields/field.ts'
import { zonedDay, zonedPart, zonedTime, zonedTrunc } from './date-functions.ts'
import { castValue } from '../schema/cast-value.ts'
import { jsonContains, jsonKeys, jsonText } from './json-functions.ts'
import { matchText } from './text-match.ts'

export interface SqliteSettings {
  readonly synchronous?: 'full' | 'normal' | 'off'
}

/** Prepared statements kept per connection. */
const STATEMENT_LIMIT = 300

/**
 * Characters of SQL. SQLite holds some 50 bytes for each of a list's, and frees them when V8 gets to it, which does not
 * see them: 300 statements for batches of ever other sizes would be hundreds of megabytes. Of the long ones a connection
 * keeps one, and only if it comes twice in a row, as the batches of one large import do.
 */
const LONG_STATEMENT = 8000

/** One node:sqlite connection with its prepared statements. Synchronous; throws node:sqlite's errors. */
export class SqliteConnection {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** The last long one; prepared if it was the last but one, too. */
  #long: { readonly key: string; readonly prepared: StatementSync | undefined } = {
    key: '',
    prepared: undefined,
  }

  /** Waits for no lock itself: waiting is the backend's, which does not block the event loop. */
  constructor(path: string, settings: SqliteSettings) {
    this.#db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    try {
      if (path !== ':memory:') this.#db.exec('PRAGMA journal_mode = WAL')
      this.#db.exec(`PRAGMA synchronous = ${settings.synchronous ?? 'normal'}`)
      this.#defineFunctions()
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  #defineFunctions(): void {
    const options = { deterministic: true }
    this.#db.function('portico_match', options, matchText)
    this.#db.function('portico_part', options, zonedPart)
    this.#db.function('portico_trunc', options, zonedTrunc)
    this.#db.function('portico_day', options, zonedDay)
    this.#db.function('portico_time', options, zonedTime)
    this.#db.function('portico_cast', { ...options, useBigIntArguments: true }, castValue)
    this.#db.function('portico_json', options, jsonText)
    this.#db.function('portico_json_contains', options, jsonContains)
    this.#db.function('portico_json_keys', options, jsonKeys)
    this.#db.function('portico_regexp', options, (pattern: SqlValue, flags: SqlValue, text: SqlValue) =>
      text === null ? null : regexp(String(pattern), String(flags)).test(String(text)) ? 1 : 0,
    )
  }

  query(statement: Statement, parameters: readonly SqlValue[]): Result {
    const prepared = this.#prepare(statement)
    // The room passes only what SQLite takes: booleans are encoded before (kinds.ts).
    const values = parameters as readonly SQLInputValue[]
    if (!statement.returns) return { rows: [], changes: Number(prepared.run(...values).changes) }
    // The type of all() does not know setReturnArrays.
    const rows = prepared.all(...values) as unknown as SqlValue[][]
    return { rows, changes: rows.length }
  }

  /** Rows one by one, by a statement of its own: a kept one could be begun again in between. */
  iterate(statement: Statement, parameters: readonly SqlValue[]): Iterator<SqlValue[]> {
    const prepared = this.#fresh(statement)
    // The type of iterate() does not know setReturnArrays.
    return prepared.iterate(...(parameters as readonly SQLInputValue[])) as unknown as Iterator<SqlValue[]>
  }

  /** Of SQL that somebody wrote: SQLite knows whether it gives rows. */
  describe(statement: Statement, parameters: readonly SqlValue[]): Result & { columns: string[] } {
    const columns = this.#prepare(statement).columns()
    const result = this.query({ ...statement, returns: columns.length > 0 }, parameters)
    return { ...result, columns: columns.map(({ name }) => name) }
  }

  #prepare(statement: Statement): StatementSync {
    const key = statement.exactIntegers ? `!${statement.sql}` : statement.sql
    const known = key === this.#long.key ? this.#long.prepared : this.#statements.get(key)
    if (known !== undefined) return known
    const prepared = this.#fresh(statement)
    if (key.length > LONG_STATEMENT) {
      this.#long = { key, prepared: key === this.#long.key ? prepared : undefined }
      return prepared
    }
    if (this.#statements.size >= STATEMENT_LIMIT) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    this.#statements.set(key, prepared)
    return prepared
  }

  #fresh(statement: Statement): StatementSync {
    const prepared = this.#db.prepare(statement.sql)
    prepared.setReturnArrays(true)
    if (statement.exactIntegers) prepared.setReadBigInts(true)
    return prepared
  }

  exec(sql: string): void {
    this.#db.exec(sql)
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction
  }

  close(): void {
    this.#statements.clear()
    this.#long = { key: '', prepared: undefined }
    this.#db.close()
  }
}

let lastPattern = ''
let lastExpression = new RegExp('')

/** A query asks for one pattern on every row: the last is kept. */
function regexp(pattern: string, flags: string): RegExp {
  const key = `${flags}/${pattern}`
  if (key !== lastPattern) {
    lastExpression = new RegExp(pattern, `${flags}u`)
    lastPattern = key
  }
  return lastExpression
}
