import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import {
  DataError,
  IntegrityError,
  Q,
  addField,
  createModel,
  defineDatabases,
  f,
  noop,
  removeField,
  runCode,
  runSql,
} from '../../../../src/entry/web.ts'
import type { Database, Databases, ModelClass } from '../../../../src/entry/web.ts'
import type { HistoricalShape } from '../../../../src/web/db/migrations/operation.ts'
import { MigrationExecutor } from '../../../../src/web/db/migrations/executor.ts'
import { PostgresServer, postgresPrograms } from '../support/postgres-server.ts'
import { History } from './history.ts'
import type { Models } from './history.ts'

const title = f.char({ max: 50 })
const UUID = '01234567-89ab-cdef-0123-456789abcdef'
const decimal = (places: number) => f.decimal({ maxDigits: 8, places })
/** A column that becomes another kind, a value of it, and what that becomes. */
const casts = [
  ['a time a day', f.dateTime(), f.date(), new Date('2024-01-02T03:04:05.678Z'), '2024-01-02'],
  ['a day a time', f.date(), f.dateTime(), '2024-01-02', new Date('2024-01-02T00:00:00Z')],
  ['a UUID a text', f.uuid(), f.char({ max: 40 }), UUID, UUID],
  ['a text a UUID', f.char({ max: 40 }), f.uuid(), UUID.toUpperCase(), UUID],
  ['a text a time', f.text(), f.dateTime(), '2024-01-02T03:04:05Z', new Date('2024-01-02T03:04:05Z')],
  ['a text a truth', f.text(), f.bool(), 'false', false],
  ['a text JSON', f.text(), f.json(), '{"a": [1]}', { a: [1] }],
  ['a number a text', f.float(), f.text(), 12, '12'],
  ['a number a truth', f.int(), f.bool(), 5, true],
  ['a number a whole one', f.float(), f.int(), 2.6, 3],
  ['a number a large one', f.int(), f.bigInt(), 2 ** 31 - 1, 2n ** 31n - 1n],
  ['a decimal a shorter one', decimal(3), decimal(2), '-1.005', '-1.01'],
  ['a decimal a longer one', decimal(2), decimal(3), '-1.05', '-1.050'],
  ['a decimal a whole number', decimal(3), f.int(), '12.500', 13],
] as const

const server = new PostgresServer(postgresPrograms ?? '')
const folder = mkdtempSync(join(tmpdir(), 'portico-migrate-'))
let count = 0

const vendors = [
  { vendor: 'SQLite', skip: false, open: async () => `sqlite:${join(folder, `${++count}.sqlite3`)}` },
  { vendor: 'PostgreSQL', skip: postgresPrograms === null, open: freshSchema },
]

beforeAll(async () => {
  if (postgresPrograms !== null) await server.start()
})
afterAll(async () => {
  await server.destroy()
  rmSync(folder, { recursive: true, force: true })
})

async function freshSchema(): Promise<string> {
  const databases = defineDatabases({ default: server.url })
  const db = databases.default.kysely()
  await sql`drop schema public cascade`.execute(db)
  await sql`create schema public`.execute(db)
  await databases.close()
  return server.url
}

describe.each(vendors)('on $vendor', ({ skip, open }) => {
  let url: string
  let databases: Databases
  let database: Database
  let history: History

  beforeEach(async (context) => {
    if (skip) return context.skip()
    url = await open()
    databases = defineDatabases({ default: url })
    database = databases.default
    history = new History()
    return () => databases.close()
  })

  /** A model of the history's end. */
  function at(name: string): ModelClass<HistoricalShape> {
    const { models } = history
    const meta = models.get(name)
    if (meta === undefined) throw new Error(`no ${name}`)
    databases.bind(models)
    return meta.ready().model as ModelClass<HistoricalShape>
  }

  const rows = async (name: string, ...fields: string[]): Promise<unknown[]> =>
    at(name)
      .objects.orderBy('pk')
      .values(...fields)
      .toArray()

  /** Both ways, and once more: what a migration undoes can be done again. */
  async function thereAndBack(app = 'main', before = 'zero'): Promise<void> {
    const there = await history.migrate(database)
    const back = await history.migrate(database, app, before)
    expect(back).toEqual(there.map((name) => name.replace('+', '-')).reverse())
    expect(await history.migrate(database)).toEqual(there)
  }

  it('makes tables, takes them away, and knows what is done', async () => {
    history.make({
      A: { title },
      B: { a: () => f.foreignKey('A'), tags: () => f.manyToMany('A', { relatedName: 'x' }) },
    })
    await thereAndBack()
    expect(await history.migrate(database)).toEqual([])
    await at('A').objects.create({ title: 'one' })
    await expect(at('B').objects.create({ aId: 99 })).rejects.toThrow(/foreign key/i)
  })

  it('changes columns and keeps the rows', async () => {
    history.make({
      A: { title, n: f.int({ null: true }), gone: f.int({ default: 1 }) },
      B: { a: () => f.foreignKey('A') },
    })
    await history.migrate(database)
    const one = await at('A').objects.create({ title: 'one', n: null })
    await at('A').objects.create({ title: 'two', n: 2 })
    await at('B').objects.create({ aId: one.pk })
    history.make(
      {
        A: [
          {
            title: f.char({ max: 80, unique: true }),
            n: f.int(),
            votes: f.bigInt(),
            at: f.dateTime({ autoNowAdd: true }),
            note: f.text({ null: true }),
            ok: f.bool({ default: true }),
          },
          { uniqueTogether: [['title', 'n']], indexes: [['votes', 'n']] },
        ],
        B: { a: () => f.foreignKey('A') },
      },
      {
        fills: new Map<string, unknown>([
          ['A.n', 5],
          ['A.votes', 7],
        ]),
        now: () => new Date('2024-05-06T07:08:09Z'),
      },
    )
    await thereAndBack('main', '0001_initial')
    expect(await rows('A', 'title', 'n', 'votes', 'at', 'note', 'ok')).toEqual([
      { title: 'one', n: 5, votes: 7n, at: new Date('2024-05-06T07:08:09Z'), note: null, ok: true },
      { title: 'two', n: 2, votes: 7n, at: new Date('2024-05-06T07:08:09Z'), note: null, ok: true },
    ])
    expect(await rows('B', 'aId')).toEqual([{ aId: one.pk }])
    await expect(at('A').objects.create({ title: 'one', n: 1, votes: 1n, at: new Date() })).rejects.toThrow(
      /unique/i,
    )
    await expect(at('B').objects.create({ aId: 99 })).rejects.toThrow(/foreign key/i)
  })

  it('renames fields, models and tables with what refers to them', async () => {
    const before: Models = {
      A: [{ title: f.char({ max: 9, index: true }) }, { uniqueTogether: [['title', 'id']] }],
      B: {
        a: () => f.foreignKey('A', { relatedName: 'bs' }),
        many: () => f.manyToMany('A', { relatedName: 'manyOf' }),
      },
    }
    const after: Models = {
      Post: [
        { headline: f.char({ max: 9, index: true }) },
        { uniqueTogether: [['headline', 'id']], table: 'post_it' },
      ],
      B: {
        post: () => f.foreignKey('Post', { relatedName: 'bs' }),
        all: () => f.manyToMany('Post', { relatedName: 'manyOf' }),
      },
    }
    history.make(before)
    await history.migrate(database)
    const a = await at('A').objects.create({ title: 'x' })
    const b = await at('B').objects.create({ aId: a.pk })
    await (b as unknown as { many: { add(row: unknown): Promise<void> } }).many.add(a.pk)
    const renames = new Map([
      ['A', 'Post'],
      ['Post.title', 'headline'],
      ['B.a', 'post'],
      ['B.many', 'all'],
    ])
    history.make(after, { renames })
    await thereAndBack('main', '0001_initial')
    expect(await rows('Post', 'headline')).toEqual([{ headline: 'x' }])
    expect(await rows('B', 'postId', 'all')).toEqual([{ postId: a.pk, all: a.pk }])
    expect(history.make(after)).toEqual([])
    // What PostgreSQL named by the old name can still be changed.
    history.make({ ...after, B: {} })
    await history.migrate(database)
    expect(await at('Post').objects.count()).toBe(1)
  })

  it('changes the type of a key, and of what refers to it', async () => {
    const models = (key: number): Models => ({
      A: { code: f.char({ max: key, primaryKey: true }) },
      B: { a: () => f.foreignKey('A'), one: () => f.oneToOne('A', { null: true, relatedName: 'of' }) },
    })
    history.make(models(5))
    await history.migrate(database)
    const a = await at('A').objects.create({ code: 'k' })
    await at('B').objects.create({ aId: a.pk })
    history.make(models(9))
    await thereAndBack('main', '0001_initial')
    await at('A').objects.create({ code: 'longer999' })
    await at('B').objects.create({ aId: 'longer999' })
    expect(await rows('B', 'aId')).toEqual([{ aId: 'k' }, { aId: 'longer999' }])
    await expect(at('B').objects.create({ aId: 'nothing' })).rejects.toThrow(/foreign key/i)
  })

  it('gives no number twice after a table was made anew', async () => {
    history.make({ A: { title } })
    await history.migrate(database)
    const row = await at('A').objects.create({ title: 'x' })
    await row.delete()
    history.make({ A: { title: f.char({ max: 60 }) } })
    await history.migrate(database)
    expect((await at('A').objects.create({ title: 'y' })).pk).toBe(2)
  })

  it('makes of the values of a column what its new kind holds', async () => {
    const columns = (which: 1 | 2) => Object.fromEntries(casts.map((cast, i) => [`v${i}`, cast[which]]))
    history.make({ A: columns(1) })
    await history.migrate(database)
    await at('A').objects.create(Object.fromEntries(casts.map(([, , , value], i) => [`v${i}`, value])))
    history.make({ A: columns(2) })
    await history.migrate(database)
    for (const [i, [what, , , , expected]] of casts.entries()) {
      const found = at('A').objects.filter(Q({ [`v${i}`]: expected }))
      expect(await found.valuesList(`v${i}`, { flat: true }), what).toEqual([expected])
    }
  })

  it.each([
    ['a text that is no number', f.text(), f.int(), 'abc'],
    ['a text that is no day', f.text(), f.date(), '2024-02-31'],
    ['a number that is too large', f.bigInt(), f.int(), 2n ** 62n],
    ['a decimal that is too large', decimal(2), f.decimal({ maxDigits: 4, places: 2 }), '12345.00'],
  ] as const)('does not change %s, nor anything else', async (_what, from, to, value) => {
    history.make({ A: { v: from } })
    await history.migrate(database)
    await at('A').objects.create({ v: value })
    const [before] = history.migrations
    history.make({ A: { v: to, w: f.int({ default: 1 }) } })
    await expect(history.migrate(database)).rejects.toThrow(DataError)
    history.migrations = before === undefined ? [] : [before]
    expect(await rows('A', 'v')).toEqual([{ v: value }])
  })

  it('keeps indexes that SQL made, but those of columns that go', async () => {
    history.make({ A: { v: f.int(), w: f.int({ default: 0 }), gone: f.int({ default: 0 }) } })
    const [index, other] = [
      'CREATE UNIQUE INDEX mine ON "a" (v) WHERE w = 0',
      'CREATE INDEX its ON "a" (gone)',
    ]
    history.add('main', '0002_sql', runSql([index, other], ['DROP INDEX mine', 'DROP INDEX its']))
    history.make({ A: { v: f.int({ null: true }), w: f.int({ default: 0 }) } })
    await history.migrate(database)
    await at('A').objects.bulkCreate([{ v: 1 }, { v: 1, w: 1 }])
    await expect(at('A').objects.create({ v: 1 })).rejects.toThrow(IntegrityError)
  })

  it('runs code on the models of that time, and SQL', async () => {
    history.make({ A: { title } })
    history.add(
      'main',
      '0002_fill',
      runCode(
        async (step) => {
          await step.model('A').objects.create({ title: 'made' })
        },
        async (step) => {
          await step.model('A').objects.all().delete()
        },
      ),
      runSql("UPDATE a SET title = title || '!'", []),
    )
    history.make({ A: { headline: f.char({ max: 60 }) } }, { renames: new Map([['A.title', 'headline']]) })
    await thereAndBack()
    expect(await rows('A', 'headline')).toEqual([{ headline: 'made!' }])
    history.add('main', '0004_oneway', runCode(noop))
    await history.migrate(database)
    await expect(history.migrate(database, 'main', '0002')).rejects.toThrow(
      "Operation 'Run code' in main.0004_oneway is not reversible.",
    )
  })

  it('runs code on the models of each time, though their columns stand in the same places', async () => {
    const make = (values: Record<string, string>) =>
      runCode(async ({ model }) => void (await model('blog.Entry').objects.create(values)), noop)
    history.add(
      'blog',
      '0001_initial',
      createModel('Entry', { name: title, code: f.char({ max: 9, default: '' }) }),
      make({ name: 'a', code: '1' }),
      removeField('Entry', 'name'),
      addField('Entry', 'title', f.char({ max: 50, default: '' })),
      make({ code: '2', title: 'b' }),
    )
    await history.migrate(database)
    const rows = await at('blog.Entry').objects.values('code', 'title').orderBy('code')
    expect(rows).toEqual([
      { code: '1', title: '' },
      { code: '2', title: 'b' },
    ])
  })

  it('rolls back the migration that fails, whole', async () => {
    history.make({ A: { title } })
    await history.migrate(database)
    await at('A').objects.create({ title: 'same' })
    await at('A').objects.create({ title: 'same' })
    history.make({ A: { title: f.char({ max: 50, unique: true }), n: f.int({ default: 0 }) }, C: { title } })
    await expect(history.migrate(database)).rejects.toThrow(/unique/i)
    expect([...(await new MigrationExecutor(database, history.graph).applied())]).toEqual([
      'main.0001_initial',
    ])
    await at('A').objects.all().delete()
    expect(await history.migrate(database)).toHaveLength(1)
    expect(await rows('C', 'title')).toEqual([])
  })

  it('lets two migrate at once: one does it, the other finds it done', async () => {
    history.make({ A: { title } })
    history.make({ A: { title, n: f.int({ default: 3 }) } })
    const outcomes: string[] = []
    const owns = [defineDatabases({ default: url }), defineDatabases({ default: url })]
    const executors = owns.map((own) => new MigrationExecutor(own.default, history.graph))
    // Both have planned before one begins: else the second may find nothing to do.
    const plans = await Promise.all(executors.map((executor) => executor.plan()))
    const onEnd = (_planned: unknown, outcome: string): unknown => outcomes.push(outcome)
    await Promise.all(executors.map((executor, i) => executor.run(plans[i] ?? [], { onEnd })))
    await Promise.all(owns.map((own) => own.close()))
    expect(outcomes.sort()).toEqual(['done', 'done', 'elsewhere', 'elsewhere'])
    await at('A').objects.create({ title: 'x' })
  })

  it('shows its statements without running them, and fakes', async () => {
    history.make({ A: { title } })
    history.add('main', '0002_sql', runSql({ sqlite: 'SELECT 1', postgresql: ['SELECT 1', 'SELECT 2'] }))
    const executor = new MigrationExecutor(database, history.graph)
    const plan = await executor.plan()
    const [first = [], second = []] = await Promise.all(plan.map((planned) => executor.sql(planned)))
    expect(first.join('\n')).toMatch(/^-- Create model A\ncreate table "a" \(/)
    expect(second.slice(0, 2)).toEqual(['-- Run SQL', 'SELECT 1;'])
    await executor.run(plan, { fake: true })
    expect(await executor.plan()).toEqual([])
    await expect(rows('A', 'title')).rejects.toThrow(/a/)
    await executor.run(await executor.plan('main', 'zero'), { fake: true })
    await executor.run(await executor.plan())
    expect(await rows('A', 'title')).toEqual([])
    // A database that was made without migrations.
    await executor.run(await executor.plan('main', 'zero'), { fake: true })
    const faked: string[] = []
    await executor.run((await executor.plan()).slice(0, 1), {
      fakeInitial: true,
      onEnd: (_planned, outcome) => faked.push(outcome),
    })
    expect(faked).toEqual(['faked'])
  })
})
