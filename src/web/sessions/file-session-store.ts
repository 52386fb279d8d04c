import { KeyedFiles } from '../../io/files/keyed-files.ts'
import { newSessionKey } from './memory-store.ts'
import { isSessionKey, type SessionStore } from './session-store.ts'

/** Sessions as files of one folder, which only the server's user may read. */
export class FileSessionStore implements SessionStore {
  readonly #files: KeyedFiles
  readonly #now: () => number

  constructor(folder: string, now: () => number = Date.now) {
    this.#files = new KeyedFiles(folder, '.session')
    this.#now = now
  }

  /** A key of another form never reaches the disk. */
  async load(key: string): Promise<string | null> {
    const text = isSessionKey(key) ? await this.#files.read(key) : null
    if (text === null) return null
    const end = text.indexOf('\n')
    if (Number(text.slice(0, end)) > this.#now()) return text.slice(end + 1)
    await this.#files.remove(key)
    return null
  }

  async create(payload: string, expires: Date): Promise<string> {
    const key = newSessionKey()
    const made = await this.#files.create(key, written(payload, expires))
    return made ? key : this.create(payload, expires)
  }

  async update(key: string, payload: string, expires: Date): Promise<string | null> {
    if (!isSessionKey(key) || (await this.#files.read(key)) === null) return null
    await this.#files.write(key, written(payload, expires))
    return key
  }

  async delete(key: string): Promise<void> {
    if (isSessionKey(key)) await this.#files.remove(key)
  }

  async clearExpired(): Promise<number> {
    let removed = 0
    for (const key of await this.#files.names()) {
      const text = isSessionKey(key) ? await this.#files.read(key) : null
      if (text === null || Number(text.slice(0, text.indexOf('\n'))) > this.#now()) continue
      if (await this.#files.remove(key)) removed++
    }
    return removed
  }
}

/** First line: milliseconds since the epoch. */
const written = (payload: string, expires: Date): string => `${expires.getTime()}\n${payload}`
