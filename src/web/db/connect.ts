import { Database } from './database.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import { PostgresBackend } from './postgres/postgres-backend.ts'
import { SqliteBackend } from './sqlite/sqlite-backend.ts'

/** One database and how it is connected to. Waits are 5 s, statements 30 s, connections 10 by default. */
export interface DatabaseOptions {
  /** `sqlite:db.sqlite3`, `sqlite::memory:`, `postgres://user:password@host:port/name`. */
  readonly url: string
  readonly atomicRequests?: boolean
  /** PostgreSQL: most connections at a time. */
  readonly poolSize?: number
  /** How long a lock or a connection is waited for. */
  readonly timeoutMs?: number
  /** PostgreSQL: how long one statement may take. */
  readonly statementTimeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 5000
const DEFAULT_POOL_SIZE = 10
const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000

/** @throws ImproperlyConfigured for a URL that names no database we know; nothing is opened yet */
export function connect(settings: string | DatabaseOptions, alias = 'default'): Database {
  const options: DatabaseOptions = typeof settings === 'string' ? { url: settings } : settings
  const { url } = options
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  if (url.startsWith('sqlite:')) {
    return new Database(
      alias,
      new SqliteBackend(sqlitePath(url), { timeoutMs, ...sqliteQuery(url) }),
      options,
    )
  }
  if (/^postgres(?:ql)?:\/\//.test(url)) {
    return new Database(
      alias,
      new PostgresBackend({
        url,
        timeoutMs,
        poolSize: options.poolSize ?? DEFAULT_POOL_SIZE,
        statementTimeoutMs: options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS,
      }),
      options,
    )
  }
  throw new ImproperlyConfigured(
    `databases.${alias}: '${url.slice(0, url.indexOf(':') + 1)}' is not a database: sqlite: and postgres: are.`,
  )
}

/** Relative to the working directory; `sqlite:///var/db.sqlite3` is absolute. */
function sqlitePath(url: string): string {
  const path = url.slice('sqlite:'.length).replace(/\?.*$/s, '')
  const file = path.startsWith('//') ? path.slice(2) : path
  if (file === '') throw new ImproperlyConfigured('A sqlite: URL names a file, or :memory:.')
  return file === ':memory:' ? file : decodeURIComponent(file)
}

function sqliteQuery(url: string): { synchronous?: 'full' | 'normal' | 'off' } {
  const index = url.indexOf('?')
  if (index < 0) return {}
  const value = new URLSearchParams(url.slice(index + 1)).get('synchronous')
  return value === 'full' || value === 'normal' || value === 'off' ? { synchronous: value } : {}
}
