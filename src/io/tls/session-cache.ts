/**
 * Sessions by their ids, for clients that resume without tickets (`ssl_session_cache builtin` and `shared`). OpenSSL
 * itself refuses a session that is too old or of another context.
 */
import { EventEmitter } from 'node:events'
import { LruCache } from '../../util/lru-cache.ts'
import type { Server } from 'node:net'

/** What the runtime asks of the server that a TLS connection belongs to. */
type Resume = (error: Error | null, session: Buffer | null) => void

/** Where they are kept. Keys are Latin-1. */
export interface SessionStore {
  get(id: string): Buffer | undefined | Promise<Buffer | undefined>
  set(id: string, session: Buffer): void
}

/** SSL_MAX_SSL_SESSION_ID_LENGTH, which all of OpenSSL's have: what is longer is a ticket. */
const ID_BYTES = 32
/** A client that resumes offers one or two. */
const MAX_OFFERED = 4
const NONE: readonly Buffer[] = []

export class SessionCache {
  readonly #sessions: SessionStore
  readonly #events = new EventEmitter()

  constructor(sessions: SessionStore) {
    this.#sessions = sessions
    this.#events.on('newSession', (id: Buffer, session: Buffer, done: () => void) => {
      this.#sessions.set(id.toString('latin1'), session)
      done()
    })
    this.#events.on('resumeSession', (id: Buffer, resume: Resume) => {
      const found = this.#sessions.get(id.toString('latin1'))
      // the handshake waits; one that is over by then is the runtime's to notice
      if (found instanceof Promise) void found.then((session) => resume(null, session ?? null))
      else resume(null, found ?? null)
    })
  }

  /** To be given to connections as their `server`: the runtime emits its questions on it. */
  get server(): Server {
    return this.#events as Server
  }

  /** Those that a ClientHello of TLS 1.3 names and that are known. */
  find(identities: readonly Uint8Array[]): readonly Buffer[] | Promise<readonly Buffer[]> {
    const ids = identities.filter(({ length }) => length === ID_BYTES).slice(0, MAX_OFFERED)
    if (ids.length === 0) return NONE
    const found = ids.map((id) => this.#sessions.get(Buffer.from(id).toString('latin1')))
    return found.some((one) => one instanceof Promise)
      ? Promise.all(found.map((one) => Promise.resolve(one))).then(known)
      : known(found as readonly (Buffer | undefined)[])
  }
}

/** The least used go first. */
export function countedSessions(most: number): SessionStore {
  return new LruCache<string, Buffer>(most)
}

function known(found: readonly (Buffer | undefined)[]): readonly Buffer[] {
  return found.filter((one) => one !== undefined)
}
