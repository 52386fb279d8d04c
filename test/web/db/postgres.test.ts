import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import {
  DataError,
  DatabaseUnavailable,
  ProgrammingError,
  TransactionManagementError,
  createTables,
  defineDatabases,
  withTimeZone,
} from '../../../src/entry/web.ts'
import type { Databases, Instance } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, Tag, fillLibrary } from './support/library.ts'
import { Moment, ZONES, fillMoments } from './support/moments.ts'
import { parityCases } from './support/parity-cases.ts'
import { plain } from './support/plain.ts'
import { PostgresServer, postgresPrograms } from './support/postgres-server.ts'
import { zoneCases } from './support/zone-cases.ts'

type Author = Instance<typeof Author>

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
      await createTables(databases.default, [Moment])
      await databases.run(() => fillMoments(true))
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

  // Midnight comes twice to Havana in autumn, and not at all in spring; PostgreSQL has abbreviations of its own.
  describe.each([...ZONES, 'America/Havana', 'Australia/Lord_Howe', 'Pacific/Apia', 'CET', '-03:30'])(
    'has the dates that SQLite has in %s',
    (zone) => {
      it('in every way of asking for them', async () => {
        for (const [code, query, how] of zoneCases) {
          const [theirs, ours] = [postgres, sqlite].map((databases) =>
            withTimeZone(zone, () => answer(databases, query)),
          )
          expect.soft(await theirs, code).toEqual(await ours)
          if (how !== 'fails') expect(await ours).not.toHaveProperty('error')
        }
      })
    },
  )

  // Django cuts no part of a union on SQLite: these have no peer.
  it('cuts distinct rows that are part of a union by an order of columns that they have not', async () => {
    const cut = () => Article.objects.distinct().orderBy('author__name', 'id').slice(0, 3)
    const rows = () =>
      cut()
        .union(Article.objects.filter({ votes: 10 }))
        .orderBy('id')
    const ids = () => rows().valuesList('id', { flat: true })
    expect(await answer(postgres, ids)).toEqual(await answer(sqlite, ids))
    const votes = () => {
      const part = Article.objects.values('votes').distinct().orderBy('title').slice(0, 3)
      return part.union(Article.objects.filter({ votes: 10 }).values('votes')).orderBy('votes')
    }
    const expected = await answer(sqlite, votes)
    expect(expected).not.toHaveProperty('error')
    expect(await answer(postgres, votes)).toEqual(expected)
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

  it('does not call a block done that the server rolled back', async () => {
    const block = postgres.run(() =>
      postgres.default.atomic(async () => {
        await Tag.objects.create({ label: 'lost' })
        await Tag.objects.create({ label: 'red' }).catch(() => undefined)
      }),
    )
    await expect(block).rejects.toMatchObject({
      name: 'TransactionManagementError',
      cause: { name: 'IntegrityError' },
    })
    expect(await postgres.run(() => Tag.objects.filter({ label: 'lost' }).count())).toBe(0)
  })

  it('keeps what is written beside an inner block that fails, and nothing of one that outlived it', async () => {
    const late: Promise<unknown>[] = []
    let proceed = (): void => undefined
    const gate = new Promise<void>((resolve) => (proceed = resolve))
    await postgres.run(async () => {
      await postgres.default.atomic(async () => {
        const inner = postgres.default.atomic(async () => {
          await Tag.objects.create({ label: 'inside' })
          throw new RollBack()
        })
        await Promise.allSettled([inner, Tag.objects.create({ label: 'beside' })])
        await new Promise<void>((begun) => {
          late.push(
            postgres.default.atomic(async () => {
              begun()
              await gate
              await Tag.objects.create({ label: 'late' })
            }),
          )
        })
      })
      proceed()
      await expect(Promise.all(late)).rejects.toThrow(TransactionManagementError)
      const found = Tag.objects.filter({ label__in: ['inside', 'beside', 'late'] })
      expect(await found.valuesList('label', { flat: true })).toEqual(['beside'])
      await found.delete()
    })
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

  it('that loses a connection in a transaction says so, and goes on with another', async () => {
    const block = postgres.run(() =>
      postgres.default.atomic(async () => {
        const db = postgres.default.kysely<object>()
        await Author.objects.create({ name: 'Cut' })
        await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db).catch(() => undefined)
        await Author.objects.count()
      }),
    )
    await expect(block).rejects.toThrow(DatabaseUnavailable)
    expect(await postgres.run(() => Author.objects.filter({ name: 'Cut' }).exists())).toBe(false)
  })

  it('that is too slow is given up, and the connection serves on', async () => {
    const hasty = defineDatabases({ default: { url: server.url, poolSize: 1, statementTimeoutMs: 100 } })
    const db = hasty.default.kysely<object>()
    const pid = async () =>
      (await sql<{ pid: string }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid
    const before = await pid()
    await expect(sql`select pg_sleep(5)`.execute(db)).rejects.toThrow(DatabaseUnavailable)
    expect(await pid()).toBe(before)
    await expect(sql`select 1/0`.execute(db)).rejects.toThrow(DataError)
    await expect(sql`select nothing`.execute(db)).rejects.toThrow(ProgrammingError)
    expect(await pid()).toBe(before)
    await hasty.close()
  })

  it('with two transactions in each other’s way ends one, which may be tried again', async () => {
    const [a, b] = await postgres.run(() => Author.objects.filter({ name__in: ['Ada', 'Bob'] }))
    const update = (row: Author | undefined) => Author.objects.filter({ pk: row?.id ?? 0 }).update({ age: 1 })
    let holding = 0
    let bothHold = (): void => undefined
    const held = new Promise<void>((resolve) => (bothHold = resolve))
    const both = [
      [a, b],
      [b, a],
    ].map(([first, second]) =>
      postgres.run(() =>
        postgres.default.atomic(async () => {
          await update(first)
          // Neither goes on before both hold one.
          if (++holding === 2) bothHold()
          await held
          await update(second)
        }),
      ),
    )
    const results = await Promise.allSettled(both)
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const reason = results.find((result) => result.status === 'rejected')?.reason as unknown
    expect(reason).toMatchObject({ name: 'DatabaseUnavailable', retry: true })
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
