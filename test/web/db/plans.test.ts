import { beforeAll, describe, expect, it } from 'vitest'
import { Count, Exists, OuterRef, Q, createTables, defineDatabases } from '../../../src/entry/web.ts'
import { currentDatabase } from '../../../src/web/db/databases.ts'
import { Article, Author, Document, LIBRARY, fillLibrary } from './support/library.ts'

/** One compiled query serves every value: a pair of queries of one shape, of which the first repeats a value. */

beforeAll(async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
})

const names = (first: string, second: string) =>
  Document.objects
    .filter(Q({ [`data__${first}__isnull`]: false }), Q({ [`data__${second}__isnull`]: false }))
    .orderBy('id')
    .valuesList('name', { flat: true })

describe('a value that a query holds twice', () => {
  it('is not taken for two that differ: keys of JSON', async () => {
    expect(await names('tags', 'tags')).toEqual(['book', 'leaflet', 'letter'])
    expect(await names('out', 'tags')).toEqual(['book', 'leaflet'])
    expect(await names('tags', 'out')).toEqual(['book', 'leaflet'])
  })

  it('is not taken for two that differ: querysets put together', async () => {
    const voted = (votes: number) => Article.objects.filter({ votes }).values('votes')
    const twice = voted(10)
    expect(await twice.unionAll(twice)).toEqual([{ votes: 10 }, { votes: 10 }])
    expect(await voted(10).unionAll(voted(0))).toContainEqual({ votes: 10 })
    const cut = Author.objects.all().orderBy('id').values('id').slice(0, 1)
    expect(await cut.unionAll(cut)).toHaveLength(2)
    const more = Author.objects.all().orderBy('id').values('id').slice(0, 2)
    expect(await more.unionAll(cut)).toHaveLength(3)
  })

  it('is not taken for two that differ: subqueries', async () => {
    const by = (votes: number) => Exists(Article.objects.filter({ author: OuterRef('pk'), votes }))
    const sub = Article.objects.filter({ votes: 10 }).values('author')
    expect(await Author.objects.filter({ id__in: sub }).filter({ id__in: sub }).count()).toBe(1)
    const other = Article.objects.filter({ votes: 0 }).values('author')
    const both = await Author.objects.filter({ id__in: sub }).filter({ id__in: other }).count()
    expect(both).toBe(await Author.objects.filter(by(10)).filter(by(0)).count())
  })
})

it('groups by a key of JSON, however many keys others asked for before', async () => {
  for (let i = 0; i < 1500; i++) Document.objects.filter(Q({ [`data__asked${i}`]: 1 }))
  const found = await Document.objects
    .values('data__lang')
    .annotate({ n: Count('*') })
    .orderBy('data__lang')
  expect(found.map(({ n }) => n).reduce((a, b) => a + b, 0)).toBe(await Document.objects.count())
})

it('is one for all keys of JSON, which may come from outside', async () => {
  const { plans } = currentDatabase()
  const byKey = (key: string) => Document.objects.filter(Q({ [`data__${key}`]: 'en' })).count()
  const expected = await byKey('lang')
  expect(expected).toBeGreaterThan(0)
  const before = plans.size
  for (let i = 0; i < 20; i++) expect(await byKey(`other${i}`)).toBe(0)
  for (let i = 0; i < 3000; i++) Document.objects.filter(Q({ [`data__late${i}`]: 'en' }))
  expect(await byKey('later')).toBe(0)
  const late = () => Document.objects.filter(Q({ name__contains: 'oo' })).count()
  expect(await late()).toBe(await late())
  expect([plans.size - before, await byKey('lang')]).toEqual([1, expected])
})
