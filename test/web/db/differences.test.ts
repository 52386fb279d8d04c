import { beforeAll, describe, expect, it } from 'vitest'
import { Count, createTables, defineDatabases } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, fillLibrary } from './support/library.ts'

/** Where our answers differ from Django 3.2's on SQLite, on purpose. */

beforeAll(async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
})

const slugs = (rows: { valuesList(name: 'slug', options: { flat: true }): PromiseLike<string[]> }) =>
  rows.valuesList('slug', { flat: true })

describe('unlike Django 3.2', () => {
  it('contains and its kin know upper from lower case on SQLite too, as they do on PostgreSQL', async () => {
    expect(await slugs(Article.objects.filter({ title__startswith: 'eng' }))).toEqual(['war'])
    expect(await slugs(Article.objects.filter({ title__contains: 'Engines' }))).toEqual(['engines'])
    expect(await slugs(Article.objects.filter({ title__endswith: 'OMS' }))).toEqual([])
  })

  it('icontains and its kin know letters beyond ASCII on SQLite', async () => {
    expect(await slugs(Article.objects.filter({ title__icontains: 'änd' }))).toEqual(['umlaut'])
    expect(await slugs(Article.objects.filter({ title__iexact: 'ÄNDERUNG' }))).toEqual(['umlaut'])
    expect(await slugs(Article.objects.filter({ title__istartswith: 'ä' }))).toEqual(['umlaut'])
    expect(await slugs(Article.objects.exclude({ title__icontains: 'Ä' }).orderBy('id').slice(0, 1))).toEqual(
      ['engines'],
    )
  })

  it('a model’s ordering does not split groups (Django since 4)', async () => {
    expect(
      await Author.objects
        .values('age')
        .annotate({ n: Count('id') })
        .orderBy('age'),
    ).toEqual([
      { age: null, n: 1 },
      { age: 36, n: 2 },
      { age: 50, n: 1 },
    ])
    expect(
      await Author.objects
        .values('age')
        .annotate({ n: Count('id') })
        .count(),
    ).toBe(3)
  })

  it('a disjunction with a negation keeps rows that have no related one', async () => {
    const rows = Article.objects
      .filter({ votes: 5 })
      .exclude({ editor__name: 'Bob', publisher__name: 'Kiepert' })
    expect(await slugs(rows.orderBy('id'))).toEqual(['looms', 'notes'])
  })
})
