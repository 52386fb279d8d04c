import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTables, defineDatabases } from '../../../../src/entry/web.ts'
import type { Databases } from '../../../../src/entry/web.ts'
import { LIBRARY, fillLibrary } from './library.ts'
import { plain, snake } from './plain.ts'

/** Stops a transaction whose result has been taken. */
class RollBack extends Error {}

/** One SQLite file made by us, asked by us and by Django. */
export class DjangoLibrary {
  readonly #python: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'portico-library-'))
  readonly databases: Databases

  constructor(python: string) {
    this.#python = python
    this.databases = defineDatabases({ default: `sqlite:${this.#file}` })
  }

  get #file(): string {
    return join(this.#folder, 'db.sqlite3')
  }

  async fill(): Promise<void> {
    this.databases.bind()
    await createTables(this.databases.default, LIBRARY)
    await fillLibrary()
  }

  /** Django's answers, each in a transaction that is rolled back; in UTC where no zone is named. */
  theirs(queries: readonly (string | readonly [timeZone: string, query: string])[]): unknown[] {
    const input = JSON.stringify({ database: this.#file, queries })
    const peer = new URL('./django_peer.py', import.meta.url).pathname
    const output = execFileSync(this.#python, [peer], {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    return JSON.parse(output) as unknown[]
  }

  /** Our answer, in the same way. */
  async ours(query: () => unknown): Promise<unknown> {
    let result: unknown
    try {
      await this.databases.default.atomic(async () => {
        result = plain(await query())
        throw new RollBack()
      })
    } catch (error) {
      if (error instanceof RollBack) return result
      return {
        error: [(error as Error).name, snake((error as Error).message).replace('Query_set', 'QuerySet')],
      }
    }
    return result
  }

  async close(): Promise<void> {
    await this.databases.close()
    rmSync(this.#folder, { recursive: true })
  }
}
