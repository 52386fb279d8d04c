import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DatabaseUnavailable, createTables, defineDatabases } from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, fillLibrary } from './support/library.ts'
import { parityCases } from './support/parity-cases.ts'
import { plain } from './support/plain.ts'
import { PostgresServer, postgresPrograms } from './support/postgres-server.ts'

class RollBack extends Error {}

async function answer(databases: Databases, query: () => unknown): Promise<unknown> {
  let result: unknown
  try {
    await databases.run(() =>
      databases.default.atomic(async () => {
        result = plain(await query())
        throw new RollBack()
      }),
    )
  } catch (error) {
    if (!(error instanceof RollBack)) return { error: [(error as Error).name, (error as Error).message] }
  }
  return result
}

describe.skipIf(postgresPrograms === null)('PostgreSQL (apt-get install postgresql)', () => {
  const server = new PostgresServer(postgresPrograms ?? '')
  let postgres: Databases
  let sqlite: Databases

  beforeAll(async () => {
    await server.start()
    postgres = defineDatabases({ default: { url: server.url, poolSize: 4, timeoutMs: 2000 } })
    sqlite = defineDatabases({ default: 'sqlite::memory:' })
    for (const databases of [postgres, sqlite]) {
      await createTables(databases.default, LIBRARY)
      await databases.run(fillLibrary)
    }
  })

  afterAll(async () => {
    await postgres.close()
    await sqlite.close()
    await server.destroy()
  })

  describe('gives the rows that SQLite gives', () => {
    for (const [code, query] of parityCases) {
      it(code, async () => {
        expect(await answer(postgres, query)).toEqual(await answer(sqlite, query))
      })
    }
  })

  it('makes its tables once, however often and by however many it is told to', async () => {
    await postgres.default.kysely<object>().schema.dropTable('comment').execute()
    await Promise.all(Array.from({ length: 4 }, () => createTables(postgres.default, LIBRARY)))
    await createTables(postgres.default, LIBRARY)
    expect(await postgres.run(() => Article.objects.count())).toBe(6)
  })

  it('keeps what a committed block did, and nothing of one that failed, nested ones too', async () => {
    await postgres.run(() =>
      postgres.default.atomic(async () => {
        await Author.objects.create({ name: 'Kept' })
        const inner = postgres.default.atomic(async () => {
          await Author.objects.create({ name: 'Lost' })
          throw new RollBack()
        })
        await expect(inner).rejects.toThrow(RollBack)
      }),
    )
    expect(
      await postgres.run(() =>
        Author.objects.filter({ name__in: ['Kept', 'Lost'] }).valuesList('name', { flat: true }),
      ),
    ).toEqual(['Kept'])
  })

  it('is unavailable while it is down, within the time-out, and comes back', async () => {
    expect(await postgres.run(() => Author.objects.filter({ name: 'Ada' }).count())).toBe(1)
    await server.stop()
    const start = performance.now()
    await expect(postgres.run(() => Author.objects.count())).rejects.toThrow(DatabaseUnavailable)
    await expect(postgres.run(() => postgres.default.atomic(() => Author.objects.count()))).rejects.toThrow(
      DatabaseUnavailable,
    )
    expect(performance.now() - start).toBeLessThan(5000)
    await server.start()
    expect(await postgres.run(() => Author.objects.filter({ name: 'Ada' }).count())).toBe(1)
  })

  it('waits for a connection of the pool no longer than the time-out, and the pool goes back to its size', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const holders = Array.from({ length: 4 }, () => postgres.run(() => postgres.default.atomic(() => held)))
    await expect(postgres.run(() => Author.objects.count())).rejects.toThrow(DatabaseUnavailable)
    release()
    await Promise.all(holders)
    const counts = await Promise.all(
      Array.from({ length: 12 }, () => postgres.run(() => Author.objects.filter({ name: 'Ada' }).count())),
    )
    expect(new Set(counts)).toEqual(new Set([1]))
  })
})
