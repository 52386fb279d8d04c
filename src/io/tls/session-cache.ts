/**
 * Sessions by their ids, for clients that resume without tickets (`ssl_session_cache builtin` and `shared`). Bounded by
 * count: the least used go first. OpenSSL itself refuses a session that is too old or of another context.
 */
import { EventEmitter } from 'node:events'
import { LruCache } from '../../util/lru-cache.ts'
import type { Server } from 'node:net'

/** What the runtime asks of the server that a TLS connection belongs to. */
type Resume = (error: Error | null, session: Buffer | null) => void

export class SessionCache {
  readonly #sessions: LruCache<string, Buffer>
  readonly #events = new EventEmitter()

  constructor(maxSessions: number) {
    this.#sessions = new LruCache(maxSessions)
    this.#events.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      this.put(id.toString('latin1'), session)
      done()
    })
    this.#events.on('resumeSession', (id: Buffer, resume: Resume) => {
      resume(null, this.get(id.toString('latin1')) ?? null)
    })
  }

  /** To be given to connections as their `server`: the runtime emits its questions on it. */
  get server(): Server {
    return this.#events as Server
  }

  /** `id` is Latin-1. */
  get(id: string): Buffer | undefined {
    return this.#sessions.get(id)
  }

  put(id: string, session: Buffer): void {
    this.#sessions.set(id, session)
  }
}
