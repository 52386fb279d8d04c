import { describe, expectTypeOf, it } from 'vitest'
import { Count, F, ListView, DetailView, Max, Q, f, getObjectOr404, model } from '../../../src/entry/web.ts'
import type { Instance } from '../../../src/entry/web.ts'
import { Article, Author, Tag } from './support/library.ts'

type Row = Instance<typeof Article>

/** Checked by the compiler; nothing here runs a query. */
const typesOnly = (_check: () => unknown): void => undefined

describe('a row', () => {
  it('has the types of its fields', () => {
    expectTypeOf<Row['title']>().toEqualTypeOf<string>()
    expectTypeOf<Row['id']>().toEqualTypeOf<number>()
    expectTypeOf<Row['rating']>().toEqualTypeOf<number | null>()
    expectTypeOf<Row['views']>().toEqualTypeOf<bigint>()
    expectTypeOf<Row['price']>().toEqualTypeOf<string | null>()
    expectTypeOf<Row['publishedAt']>().toEqualTypeOf<Date | null>()
    expectTypeOf<Row['status']>().toEqualTypeOf<'d' | 'p'>()
    expectTypeOf<Row['meta']>().toEqualTypeOf<{ words: number; lang: string } | null>()
    expectTypeOf<Row['authorId']>().toEqualTypeOf<number>()
    expectTypeOf<Row['editorId']>().toEqualTypeOf<number | null>()
    expectTypeOf<Row['author']['name']>().toEqualTypeOf<string>()
    expectTypeOf<NonNullable<Row['editor']>['age']>().toEqualTypeOf<number | null>()
    expectTypeOf<NonNullable<Instance<typeof Author>['mentor']>['name']>().toEqualTypeOf<string>()
  })
})

describe('a queryset', () => {
  it('keeps the types along the chain', () => {
    typesOnly(async () => {
      expectTypeOf(await Article.objects.published().popular(3).orderBy('-votes').published()).toEqualTypeOf<
        Row[]
      >()
      expectTypeOf(await Article.objects.get({ pk: 1 })).toEqualTypeOf<Row>()
      expectTypeOf(await Article.objects.first()).toEqualTypeOf<Row | null>()
      for await (const row of Article.objects.all()) expectTypeOf(row).toEqualTypeOf<Row>()
      const [counted] = await Author.objects.annotate({ n: Count('articles'), best: Max('articles__rating') })
      expectTypeOf(counted?.n).toEqualTypeOf<number | undefined>()
      expectTypeOf(counted?.best).toEqualTypeOf<number | null | undefined>()
      expectTypeOf(counted?.name).toEqualTypeOf<string | undefined>()
      expectTypeOf(await Article.objects.aggregate({ n: Count('*') })).toEqualTypeOf<{ n: number }>()
      expectTypeOf(await (await Article.objects.get({ pk: 1 })).tags).toEqualTypeOf<Instance<typeof Tag>[]>()
      expectTypeOf(
        await getObjectOr404(Article.objects.selectRelated('author'), { slug: 'x' }),
      ).toEqualTypeOf<Row>()
      expectTypeOf(await Article.objects.getOrCreate({ slug: 'a' })).toEqualTypeOf<
        [row: Row, created: boolean]
      >()
    })
  })

  it('knows what values() gives, through relations too', () => {
    typesOnly(async () => {
      expectTypeOf(
        await Article.objects.values('title', 'author', 'author__age', 'editor__name'),
      ).toEqualTypeOf<
        { title: string; author: number; author__age: number | null; editor__name: string | null }[]
      >()
      expectTypeOf(await Article.objects.valuesList('title', { flat: true })).toEqualTypeOf<string[]>()
      expectTypeOf(await Article.objects.valuesList('title', 'votes')).toEqualTypeOf<[string, number][]>()
      const named = await Author.objects.annotate({ n: Count('articles') }).values('name', 'n')
      expectTypeOf(named).toEqualTypeOf<{ name: string; n: number }[]>()
    })
  })

  it('refuses what cannot be right', () => {
    typesOnly(() => {
      Article.objects.filter({ votes: 3, votes__gt: F('rating'), tags__label: 'x', publishedAt__year: 2024 })
      Article.objects.filter(Q({ title: 'x' }), { author__name__in: ['a'] })
      // @ts-expect-error -- a date is not text
      Article.objects.filter({ publishedAt__lte: 3 })
      // @ts-expect-error -- no such field
      Article.objects.filter({ titel: 'x' })
      // @ts-expect-error -- in takes a list
      Article.objects.filter({ votes__in: 3 })
      // @ts-expect-error -- not one of the choices
      Article.objects.filter({ status: 'x' })
      // @ts-expect-error -- undefined is no value to look for
      Article.objects.filter({ votes: undefined })
      // @ts-expect-error -- a title is needed
      void Article.objects.create({ slug: 'x', authorId: 1 })
      // @ts-expect-error -- so is an author
      void Article.objects.create({ slug: 'x', title: 'x' })
      // @ts-expect-error -- who must be an author
      void Article.objects.create({ slug: 'x', title: 'x', author: new Tag() })
      // @ts-expect-error -- no such column
      void Article.objects.update({ titel: 'x' })
      // @ts-expect-error -- an integer
      void Article.objects.update({ votes: 'x' })
      void Article.objects.create({ slug: 'x', title: 'x', author: new Author() })
      void Article.objects.create({ slug: 'x', title: 'x', authorId: 1, editor: null })
    })
  })
})

describe('a model', () => {
  it('gives its row as `this` to its methods', () => {
    const Page = model(
      'TypePage',
      { path: f.char({ max: 100, primaryKey: true }), hits: f.int({ default: 0 }) },
      {
        methods: {
          get twice(): number {
            return this.hits * 2
          },
          url(): string {
            return `/${this.path}?${this.twice}`
          },
        },
      },
    )
    expectTypeOf<Instance<typeof Page>['pk']>().toEqualTypeOf<string>()
    expectTypeOf(new Page({ path: 'a' }).url()).toEqualTypeOf<string>()
  })

  it('fits the generic views', () => {
    class Latest extends ListView<Row> {
      override model = Article
      override getQueryset() {
        return Article.objects.published().orderBy('-publishedAt').slice(0, 20)
      }
    }
    class One extends DetailView<Row> {
      override model = Article
    }
    expectTypeOf(Latest.asView()).toBeFunction()
    expectTypeOf(One.asView()).toBeFunction()
  })
})
