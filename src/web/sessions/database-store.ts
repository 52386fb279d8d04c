import { IntegrityError } from '../db/errors.ts'
import { f } from '../db/fields/f.ts'
import { model } from '../db/model.ts'
import { newSessionKey } from './memory-store.ts'
import { isSessionKey, type SessionStore } from './session-store.ts'

/** The rows of `DatabaseSessionStore`; `createTables` makes the table with all others. */
export const SessionRow = model(
  'sessions.Session',
  {
    key: f.char({ max: 40, primaryKey: true, column: 'session_key' }),
    data: f.text({ column: 'session_data' }),
    expires: f.dateTime({ index: true, column: 'expire_date' }),
  },
  { table: 'portico_session' },
)

/** Two of 165 random bits are never alike; this many tries only say so. */
const KEY_TRIES = 3

/**
 * Sessions in the database, so that all workers share them. A key that is not there makes no row: only what a view
 * keeps does, so that requests with made-up keys cannot fill the table.
 */
export class DatabaseSessionStore implements SessionStore {
  readonly #using: string
  readonly #now: () => number

  /** @param using the alias of the database */
  constructor(using = 'default', now: () => number = Date.now) {
    this.#using = using
    this.#now = now
  }

  get #rows(): typeof SessionRow.objects {
    return SessionRow.objects.using(this.#using)
  }

  async load(key: string): Promise<string | null> {
    if (!isSessionKey(key)) return null
    const rows = this.#rows.filter({ key, expires__gt: new Date(this.#now()) })
    const [data] = await rows.valuesList('data', { flat: true })
    return data ?? null
  }

  async create(payload: string, expires: Date): Promise<string> {
    for (let tries = 1; ; tries++) {
      const key = newSessionKey()
      try {
        await this.#rows.create({ key, data: payload, expires })
        return key
      } catch (error) {
        if (!(error instanceof IntegrityError) || tries >= KEY_TRIES) throw error
      }
    }
  }

  async update(key: string, payload: string, expires: Date): Promise<string | null> {
    if (!isSessionKey(key)) return null
    const changed = await this.#rows.filter({ key }).update({ data: payload, expires })
    return changed > 0 ? key : null
  }

  async delete(key: string): Promise<void> {
    if (isSessionKey(key)) await this.#rows.filter({ key }).delete()
  }

  async clearExpired(): Promise<number> {
    const { total } = await this.#rows.filter({ expires__lte: new Date(this.#now()) }).delete()
    return total
  }
}
