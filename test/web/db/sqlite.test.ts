import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  DatabaseUnavailable,
  F,
  ImproperlyConfigured,
  IntegrityError,
  ModelRegistry,
  TransactionManagementError,
  createTables,
  defineDatabases,
  f,
  model,
  onCommit,
} from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'

const Counter = model('Counter', { name: f.char({ max: 20, unique: true }), value: f.int({ default: 0 }) })
const Entry = model('Entry', { writer: f.char({ max: 20 }), n: f.int() })

let folder: string
let file: string
const open: Databases[] = []

function connect(url: string, timeoutMs = 5000): Databases {
  const databases = defineDatabases({ default: { url, timeoutMs } }).bind()
  open.push(databases)
  return databases
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portico-sqlite-'))
  file = join(folder, 'db.sqlite3')
})

afterEach(async () => {
  for (const databases of open.splice(0)) await databases.close()
  rmSync(folder, { recursive: true })
})

async function fill(databases: Databases): Promise<void> {
  await createTables(databases.default, [Counter, Entry])
  await Counter.objects.create({ name: 'shared' })
}

function run(...args: string[]): Promise<number | null> {
  const script = new URL('./support/writer.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  return new Promise((resolve) => child.once('exit', resolve))
}

describe('two processes and this one, writing one file', () => {
  it.each(['statements', 'transactions'])('lose nothing with %s', async (mode) => {
    const databases = connect(`sqlite:${file}`)
    await fill(databases)
    const others = Promise.all([run(file, 'a', '200', mode), run(file, 'b', '200', mode)])
    for (let n = 0; n < 50; n++) {
      await databases.default.atomic(async () => {
        await Counter.objects.filter({ name: 'shared' }).update({ value: F('value').add(1) })
        await Entry.objects.create({ writer: 'here', n })
      })
    }
    expect(await others).toEqual([0, 0])
    expect((await Counter.objects.get({ name: 'shared' })).value).toBe(450)
    expect(await Entry.objects.count()).toBe(450)
  })
})

describe.each([
  ['in a file', () => `sqlite:${file}`],
  ['in memory', () => 'sqlite::memory:'],
])('a transaction %s', (_where, url) => {
  let databases: Databases
  beforeEach(async () => {
    databases = connect(url())
    await fill(databases)
  })
  const value = async () => (await Counter.objects.get({ name: 'shared' })).value
  const add = (n: number) => Counter.objects.filter({ name: 'shared' }).update({ value: F('value').add(n) })

  it('is all or nothing', async () => {
    await databases.default.atomic(() => add(1))
    const failed = databases.default.atomic(async () => {
      await add(10)
      expect(await value()).toBe(11)
      throw new Error('no')
    })
    await expect(failed).rejects.toThrow('no')
    expect(await value()).toBe(1)
  })

  it('nests: an inner block fails by itself when its error is caught', async () => {
    await databases.default.atomic(async () => {
      await add(1)
      await databases.default
        .atomic(async () => {
          await add(10)
          await databases.default.atomic(() => add(100))
          throw new Error('inner')
        })
        .catch(() => undefined)
      await databases.default.atomic(() => add(1000))
    })
    expect(await value()).toBe(1001)
  })

  it('lets blocks side by side in it take turns', async () => {
    await databases.default.atomic(async () => {
      const blocks = Array.from({ length: 10 }, (_, i) =>
        databases.default.atomic(async () => {
          await add(1)
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
          if (i % 2 === 0) throw new Error('even')
        }),
      )
      await Promise.allSettled(blocks)
    })
    expect(await value()).toBe(5)
  })

  it('keeps what is written beside an inner block that fails', async () => {
    await databases.default.atomic(async () => {
      const inner = databases.default.atomic(async () => {
        await add(10)
        await new Promise((resolve) => setTimeout(resolve, 5))
        throw new Error('inner')
      })
      const db = databases.default.kysely<{ counter: { name: string; value: number } }>()
      const beside = db.updateTable('counter').set((eb) => ({ value: eb('value', '+', 100) }))
      await Promise.allSettled([
        inner,
        add(1),
        Entry.objects.create({ writer: 'here', n: 1 }),
        beside.execute(),
      ])
    })
    expect([await value(), await Entry.objects.count()]).toEqual([101, 1])
  })

  it('undoes a block with a savepoint in which one without failed', async () => {
    await databases.default.atomic(async () => {
      await add(1)
      const middle = databases.default.atomic(async () => {
        await databases.default
          .atomic(
            async () => {
              await add(10)
              throw new Error('inner')
            },
            { savepoint: false },
          )
          .catch(() => undefined)
      })
      await expect(middle).rejects.toThrow(TransactionManagementError)
    })
    expect(await value()).toBe(1)
  })

  it('takes nothing from an inner block that outlived it, nor does the next one', async () => {
    const late: Promise<unknown>[] = []
    let proceed = (): void => undefined
    const gate = new Promise<void>((resolve) => (proceed = resolve))
    const outlive = async (): Promise<void> => {
      await gate
      await add(10)
    }
    await databases.default.atomic(async () => {
      const inner = new Promise<void>((begun) => {
        late.push(
          databases.default.atomic(async () => {
            begun()
            await outlive()
          }),
        )
      })
      await inner
    })
    await databases.default.atomic(async () => {
      await databases.default.atomic(async () => {
        await add(1)
        proceed()
        await expect(Promise.all(late)).rejects.toThrow(TransactionManagementError)
      })
    })
    expect(await value()).toBe(1)
  })

  it('lets others who write wait, and loses none of them', async () => {
    const blocks = Array.from({ length: 20 }, () =>
      databases.default.atomic(async () => {
        const counter = await Counter.objects.get({ name: 'shared' })
        await new Promise((resolve) => setTimeout(resolve, 1))
        counter.value += 1
        await counter.save()
      }),
    )
    const statements = Array.from({ length: 20 }, () => add(1))
    await Promise.all([...blocks, ...statements])
    expect(await value()).toBe(40)
  })

  it('is not seen by others before its end', async () => {
    let proceed = (): void => undefined
    const gate = new Promise<void>((resolve) => (proceed = resolve))
    const block = databases.default.atomic(async () => {
      await add(5)
      await gate
    })
    await new Promise((resolve) => setTimeout(resolve, 5))
    const outside = value()
    proceed()
    await block
    // In a file a reader sees what was; in memory it waits, since there is one connection.
    expect(await outside).toBe(url() === 'sqlite::memory:' ? 5 : 0)
  })

  it('runs its callbacks after the commit, and none of a block that failed', async () => {
    const seen: string[] = []
    await databases.default.atomic(async () => {
      await onCommit(() => seen.push('outer'))
      await databases.default.atomic(() => onCommit(() => seen.push('inner')))
      await databases.default
        .atomic(async () => {
          await onCommit(() => seen.push('lost'))
          throw new Error('no')
        })
        .catch(() => undefined)
      expect(seen).toEqual([])
    })
    expect(seen).toEqual(['outer', 'inner'])
    await onCommit(() => seen.push('now'))
    expect(seen).toContain('now')
  })

  it('refuses queries after its end, from a promise that nobody awaited', async () => {
    let late: Promise<unknown> = Promise.resolve()
    await databases.default.atomic(() => {
      late = new Promise((resolve) => setTimeout(resolve, 5)).then(() => add(1))
    })
    await expect(late).rejects.toThrow(TransactionManagementError)
    expect(await value()).toBe(0)
  })

  it('without a savepoint fails as a whole', async () => {
    const block = databases.default.atomic(async () => {
      await add(1)
      await databases.default
        .atomic(() => Promise.reject(new Error('inner')), { savepoint: false })
        .catch(() => undefined)
      await expect(async () => add(1)).rejects.toThrow(TransactionManagementError)
    })
    await expect(block).rejects.toThrow('nothing can be committed')
    expect(await value()).toBe(0)
  })

  it('that must be durable cannot be an inner one', async () => {
    const block = databases.default.atomic(() => databases.default.atomic(() => undefined, { durable: true }))
    await expect(block).rejects.toThrow('cannot be nested')
  })

  it('that breaks a foreign key is found out at its end, and undone', async () => {
    const registry = new ModelRegistry()
    registry.databases = databases
    const Parent = model('Parent', {}, { registry })
    const Child = model('Child', { parent: () => f.foreignKey(Parent) }, { registry })
    await createTables(databases.default, [Parent, Child])
    const block = databases.default.atomic(async () => {
      await Child.objects.create({ parentId: 7 })
      await add(1)
    })
    await expect(block).rejects.toThrow(IntegrityError)
    expect([await Child.objects.count(), await value()]).toEqual([0, 0])
    await databases.default.atomic(async () => {
      await Child.objects.create({ parentId: 7 })
      await Parent.objects.create({ id: 7 })
    })
    expect(await Child.objects.count()).toBe(1)
  })

  it('is shared by Kysely', async () => {
    const db = databases.default.kysely<{ counter: { id: number; name: string; value: number } }>()
    await databases.default
      .atomic(async () => {
        const result = await db
          .updateTable('counter')
          .set({ value: 7 })
          .where('name', '=', 'shared')
          .executeTakeFirst()
        expect(result.numUpdatedRows).toBe(1n)
        expect(await value()).toBe(7)
        throw new Error('no')
      })
      .catch(() => undefined)
    expect(await db.selectFrom('counter').select(['name', 'value']).execute()).toEqual([
      { name: 'shared', value: 0 },
    ])
    await db
      .transaction()
      .execute((trx) => trx.insertInto('counter').values({ id: 9, name: 'k', value: 1 }).execute())
    expect(await Counter.objects.count()).toBe(2)
  })
})

describe('a database out of reach', () => {
  it('is a DatabaseUnavailable, a 503, and comes back', async () => {
    const databases = connect(`sqlite:${join(folder, 'later', 'db.sqlite3')}`)
    const error = await Counter.objects.count().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DatabaseUnavailable)
    expect(error).toMatchObject({ status: 503, retry: true, code: 'DB_UNAVAILABLE' })
    mkdirSync(join(folder, 'later'))
    await createTables(databases.default, [Counter, Entry])
    expect(await Counter.objects.count()).toBe(0)
  })

  it('that is no database is one too, until it is one again', async () => {
    const databases = connect(`sqlite:${file}`)
    await fill(databases)
    await databases.close()
    renameSync(file, `${file}.good`)
    writeFileSync(file, 'x'.repeat(4096))
    await expect(Counter.objects.count()).rejects.toThrow(DatabaseUnavailable)
    await expect(databases.default.atomic(() => Counter.objects.count())).rejects.toThrow(DatabaseUnavailable)
    renameSync(`${file}.good`, file)
    expect(await Counter.objects.count()).toBe(1)
  })

  it('locked by another process is waited for, without stopping the event loop, and then given up', async () => {
    const databases = connect(`sqlite:${file}`, 150)
    await fill(databases)
    const other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)
    const start = performance.now()
    await expect(Entry.objects.create({ writer: 'x', n: 1 })).rejects.toThrow(DatabaseUnavailable)
    await expect(databases.default.atomic(() => undefined)).rejects.toThrow(DatabaseUnavailable)
    expect(performance.now() - start).toBeLessThan(3000)
    expect(ticks).toBeGreaterThan(10)
    clearInterval(timer)
    // Readers are not concerned.
    expect(await Counter.objects.count()).toBe(1)
    const waiting = Entry.objects.create({ writer: 'x', n: 1 })
    other.exec('COMMIT')
    other.close()
    expect((await waiting).n).toBe(1)
  })

  it('waits for a transaction of its own process no longer than the time-out', async () => {
    const databases = connect(`sqlite:${file}`, 50)
    await fill(databases)
    let end = (): void => undefined
    const held = new Promise<void>((resolve) => (end = resolve))
    const holder = databases.default.atomic(() => held)
    await expect(databases.default.atomic(() => undefined)).rejects.toThrow('database is locked')
    await expect(Entry.objects.create({ writer: 'x', n: 1 })).rejects.toThrow('database is locked')
    end()
    await holder
    expect((await Entry.objects.create({ writer: 'x', n: 1 })).n).toBe(1)
  })
})

describe('a database URL', () => {
  it.each(['mysql://localhost/x', 'db.sqlite3', 'sqlite:', '', 'file:x'])('%j is refused', (url) => {
    expect(() => defineDatabases({ default: url })).toThrow(ImproperlyConfigured)
  })

  it.each([
    'sqlite:x.db',
    'sqlite:///tmp/x.db?synchronous=full',
    'sqlite::memory:',
    'postgres://u:p@h:5/n',
    'postgresql://h/n',
  ])('%j is taken, and nothing is opened yet', (url) => {
    expect(defineDatabases({ default: url }).aliases).toEqual(['default'])
  })

  it('an unknown alias is refused', () => {
    expect(() => connect('sqlite::memory:').get('other')).toThrow("The connection 'other' doesn't exist.")
  })
})

describe('the queries of a piece of work', () => {
  it('are reported to whoever asked, and to nobody else', async () => {
    const databases = connect('sqlite::memory:')
    await fill(databases)
    const [mine, yours]: [string[], string[]] = [[], []]
    await Promise.all([
      databases.run(() => Counter.objects.filter({ name: 'a' }).count(), {
        onQuery: ({ sql }) => mine.push(sql),
      }),
      databases.run(() => Entry.objects.count(), { onQuery: ({ sql }) => yours.push(sql) }),
    ])
    expect(mine).toEqual(['select count(*) as "c0" from "counter" as "t0" where "t0"."name" = ?'])
    expect(yours).toEqual(['select count(*) as "c0" from "entry" as "t0"'])
    const events: unknown[] = []
    const end = databases.default.onQuery((event) => events.push(event))
    await expect(Counter.objects.create({ name: 'shared' })).rejects.toThrow(IntegrityError)
    end()
    await Counter.objects.count()
    expect(events).toEqual([
      expect.objectContaining({ database: 'default', failed: true, parameterCount: 2 }),
    ])
  })

  it('run in a transaction for each request where the settings say so', async () => {
    const databases = defineDatabases({ default: { url: 'sqlite::memory:', atomicRequests: true } }).bind()
    open.push(databases)
    await fill(databases)
    const request = databases.atomicRequest(async () => {
      await Entry.objects.create({ writer: 'x', n: 1 })
      throw new Error('view failed')
    })
    await expect(request).rejects.toThrow('view failed')
    expect(await Entry.objects.count()).toBe(0)
  })
})

it('keeps no statement for each size that a list or a batch has had', async () => {
  const script = new URL('./support/batches.ts', import.meta.url).pathname
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script])
  // Kept, they were 1.1 MB each.
  expect(Number(stdout)).toBeLessThan(90)
})

it('reads a long list right when it comes again, alone or between others', async () => {
  const databases = connect('sqlite::memory:')
  await fill(databases)
  await Entry.objects.bulkCreate(Array.from({ length: 3000 }, (_, n) => ({ writer: 'a', n })))
  const first = Array.from({ length: 2900 }, (_, n) => n)
  const sum = async (keys: readonly number[]) => Entry.objects.filter({ n__in: keys }).count()
  const shifted = first.map((n) => n + 150)
  for (const keys of [first, first, shifted, first.slice(2), first, shifted])
    expect(await sum(keys)).toBe(keys.filter((n) => n < 3000).length)
})

describe('SQL of one’s own', () => {
  interface Tables {
    entry: { writer: string; n: number }
  }

  it('says how many rows it changed, whatever it begins with and whatever words are in it', async () => {
    const databases = connect(`sqlite:${file}`)
    await fill(databases)
    await Entry.objects.bulkCreate([1, 2, 3].map((n) => ({ writer: 'a', n })))
    const db = databases.default.kysely<Tables>()
    const high = db.with('high', (one) => one.selectFrom('entry').select('n').where('n', '>', 1))
    const updated = await high
      .updateTable('entry')
      .set({ writer: 'b' })
      .where('n', 'in', (one) => one.selectFrom('high').select('n'))
      .executeTakeFirst()
    expect(updated.numUpdatedRows).toBe(2n)
    const named = await sql`update entry set writer = 'returning' where n = 1`.execute(db)
    expect(named.numAffectedRows).toBe(1n)
    const rows = await sql`with updated as (select n from entry) select n from updated order by n`.execute(db)
    expect(rows.rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it('is kept beside an inner block that fails, though it begins with WITH', async () => {
    const databases = connect(`sqlite:${file}`)
    await fill(databases)
    const db = databases.default.kysely<Tables>()
    await databases.default.atomic(async () => {
      const inner = databases.default.atomic(async () => {
        await Entry.objects.create({ writer: 'inner', n: 1 })
        throw new Error('inner')
      })
      const insert = sql`with one as (select 'outer' as w) insert into entry (writer, n) select w, 2 from one`
      const outcomes = await Promise.allSettled([inner, insert.execute(db)])
      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    })
    expect(await Entry.objects.valuesList('writer', { flat: true })).toEqual(['outer'])
  })
})

it('a queryset that could not be read is read again when it is asked again', async () => {
  const databases = connect(`sqlite:${file}`)
  const late = Entry.objects.all()
  await expect(late).rejects.toThrow('no such table')
  await expect(late.count()).rejects.toThrow('no such table')
  await fill(databases)
  expect([await late, await late.count()]).toEqual([[], 0])
})

it('a row whose deletion could not be committed keeps its key', async () => {
  const registry = new ModelRegistry()
  const Parent = model('Parent', { name: f.char({ max: 9 }) }, { registry })
  const Child = model(
    'Child',
    { parent: () => f.foreignKey(Parent, { onDelete: 'doNothing' }) },
    { registry },
  )
  const databases = defineDatabases({ default: `sqlite:${file}` })
  open.push(databases)
  registry.databases = databases
  await createTables(databases.default, [Parent, Child])
  const parent = await Parent.objects.create({ name: 'kept' })
  await Child.objects.create({ parent })
  await expect(parent.delete()).rejects.toThrow(IntegrityError)
  expect((await Parent.objects.get()).id).toBe(parent.id)
})
