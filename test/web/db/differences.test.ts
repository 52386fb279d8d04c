import { beforeAll, describe, expect, it } from 'vitest'
import {
  Case,
  Cast,
  Coalesce,
  Count,
  F,
  Max,
  Sum,
  Value,
  When,
  createTables,
  defineDatabases,
  f,
} from '../../../src/entry/web.ts'
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

  it('exclude keeps rows over which an aggregate is null, as it keeps columns that are null', async () => {
    const best = Author.objects.annotate({ best: Max('articles__rating') })
    const others = best.exclude({ best: 5 }).orderBy('id')
    expect(await others.valuesList('name', { flat: true })).toEqual(['Ada', 'Bob', 'dan'])
  })

  it('exists looks at the part of a union that is asked for', async () => {
    const [five, ten] = [Article.objects.filter({ slug: 'war' }), Article.objects.filter({ slug: 'looms' })]
    expect(await five.union(ten).slice(1, 2).exists()).toBe(true)
    expect(await five.union(ten).slice(2).exists()).toBe(false)
  })

  it('what is computed of aggregates over no rows is computed (Django since 4)', async () => {
    const totals = {
      total: Coalesce<number>(Sum('votes'), Value(0)),
      n: Count('*').add(1),
      most: Max('votes'),
    }
    expect(await Article.objects.none().aggregate(totals)).toEqual({ total: 0, n: 1, most: null })
    expect(await Article.objects.orderBy('id').slice(3, 3).aggregate(totals)).toEqual({
      total: 0,
      n: 1,
      most: null,
    })
  })

  it('the first and last of groups are groups of the query', async () => {
    const ages = Author.objects
      .filter({ age__isnull: false })
      .values('age')
      .annotate({ n: Count('id') })
    expect(await ages.first()).toEqual({ age: 36, n: 2 })
    expect(await ages.last()).toEqual({ age: 50, n: 1 })
  })

  it('earliest and latest want to know of what', async () => {
    await expect(Author.objects.latest()).rejects.toThrow('require fields')
    await expect(Author.objects.earliest()).rejects.toThrow('require fields')
  })
})

describe('the type of what is computed', () => {
  it('of a whole number that the program names is a number, of a bigint a bigint', async () => {
    const named = Article.objects.filter({ slug: 'looms' }).annotate({
      one: Value(1),
      big: Value(1n),
      most: Coalesce<number>(F('rating'), Value(7)),
      chosen: Case([When({ votes__gt: 3 }, Value(1))], { default: Value(0) }),
    })
    const [row] = await named.values('one', 'big', 'most', 'chosen', 'views')
    expect(row).toEqual({ one: 1, big: 1n, most: 7, chosen: 1, views: 0n })
    expect(
      (
        await Article.objects
          .annotate({ one: Value(1n) })
          .values('one')
          .first()
      )?.one,
    ).toBe(1n)
    expect(
      (
        await Article.objects
          .annotate({ one: Value(1) })
          .values('one')
          .first()
      )?.one,
    ).toBe(1)
  })

  it('of decimals has the digits that the result has', async () => {
    const price = F('price')
    const row = await Article.objects
      .filter({ slug: 'dance' })
      .annotate({
        square: price.multiply(price),
        twice: price.multiply(2),
        sum: price.add(price.multiply(price)),
        part: price.divide(7),
        less: price.subtract(1),
      })
      .values('square', 'twice', 'sum', 'part', 'less')
      .get()
    expect(row).toEqual({
      square: '0.9801',
      twice: '1.98',
      sum: '1.9701',
      part: '0.141428571428571',
      less: '-0.01',
    })
    expect(await Article.objects.aggregate({ s: Sum(price.multiply(price)) })).toEqual({ s: '362.4801' })
    await Article.objects.update({ price: '0.10' })
    const rest = price
      .add(price)
      .add(price)
      .subtract(Cast('price', f.decimal({ maxDigits: 8, places: 2 })).multiply(3))
    const sums = await Article.objects.annotate({ rest: rest.multiply(-1) }).values('rest')
    expect(sums[0]).toEqual({ rest: '0.00' })
  })
})
