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
    if (!this.#isOver(text)) return text.slice(text.indexOf('\n') + 1)
    await this.#files.removeIf(key, this.#isOver)
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
      if (text === null || !this.#isOver(text)) continue
      // Not simply removed: its visitor may have come back since.
      if (await this.#files.removeIf(key, this.#isOver)) removed++
    }
    return removed
  }

  readonly #isOver = (text: string): boolean => !(Number(text.slice(0, text.indexOf('\n'))) > this.#now())
}

/** First line: milliseconds since the epoch. */
const written = (payload: string, expires: Date): string => `${expires.getTime()}\n${payload}`
