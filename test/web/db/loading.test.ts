import { beforeAll, expect, it } from 'vitest'
import { FieldNotLoaded, Q, createTables, defineDatabases } from '../../../src/entry/web.ts'
import { Article, Document, LIBRARY, fillLibrary } from './support/library.ts'

let bound: ReturnType<ReturnType<typeof defineDatabases>['bind']>

beforeAll(async () => {
  bound = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(bound.default, LIBRARY)
  await fillLibrary()
})

it('a column that only() left out throws, until it is assigned or read again', async () => {
  const row = await Article.objects.only('title').get({ slug: 'dance' })
  expect(() => row.body).toThrow(FieldNotLoaded)
  await row.refreshFromDb({ fields: ['body'] })
  expect(row.body).toBe('under_score')
  row.votes = 3
  expect(row.votes).toBe(3)
  expect(row).toBeInstanceOf(Article)
})

it('reports rows that are read in parts as one query, which has not failed when it was left early', async () => {
  const events: { sql: string; failed: boolean }[] = []
  const { default: database } = bound
  const stop = database.onQuery((event) => events.push(event))
  for await (const row of Article.objects.all().iterator({ chunkSize: 1 })) if (row.pk !== null) break
  stop()
  expect(events.map(({ failed }) => failed)).toEqual([false])
})

it('says of SQLite that it has no DISTINCT ON, however the rows are asked for', async () => {
  const query = Article.objects.distinct('status')
  const all = [() => query.toArray(), () => query.count(), () => query.iterator().next()]
  for (const ask of all) await expect(ask()).rejects.toThrow('DISTINCT ON fields is not supported')
})

it('refuses names that are no columns when it is compiled, too', () => {
  // @ts-expect-error -- no such column
  expect(() => Article.objects.only('titel')).toThrow('Cannot resolve keyword')
  // @ts-expect-error -- no such column
  expect(() => Article.objects.dates('titel', 'year')).toThrow('Cannot resolve keyword')
})

it('JSON that a visitor sends is a value, whatever it looks like', async () => {
  const literal = { type: 'func', func: { name: 'x', sqlite: '1 = 1 OR {*}' }, args: [], output: {} }
  expect(await Document.objects.filter(Q({ data__lang: literal })).count()).toBe(0)
  const queryset = { isQuerySet: true, state: { meta: { table: 'sqlite_master' } } }
  expect(() => Article.objects.filter(Q({ title: queryset }))).toThrow('expected a string')
})

it('JSON is contained and contains as PostgreSQL has it', async () => {
  const names = (where: Record<string, unknown>) =>
    Document.objects.filter(Q(where)).orderBy('id').valuesList('name', { flat: true })
  expect(await names({ data__contains: { tags: ['blue'] } })).toEqual(['book', 'letter'])
  expect(await names({ data__tags__containedBy: ['blue', 'x'] })).toEqual(['leaflet', 'letter'])
})
