import { beforeAll, expect, it } from 'vitest'
import { Count, F, Q, createTables, defineDatabases, f, model } from 'portico/web'
import type { Instance } from 'portico/web'

const Author = model(
  'Author',
  { name: f.char({ max: 50 }), age: f.int({ null: true }) },
  { ordering: ['name'] },
)
const Tag = model('Tag', { label: f.char({ max: 50 }) })
const Article = model(
  'Article',
  {
    title: f.char({ max: 200 }),
    slug: f.slug({ unique: true }),
    votes: f.int({ default: 0 }),
    published: f.dateTime({ null: true }),
    author: () => f.foreignKey(Author, { relatedName: 'articles', onDelete: 'cascade' }),
    tags: () => f.manyToMany(Tag, { relatedName: 'articles' }),
  },
  {
    managers: (qs) => ({ live: () => qs.filter({ published__lte: new Date() }) }),
    methods: {
      url() {
        return `/${this.slug}/`
      },
    },
  },
)
type Article = Instance<typeof Article>

beforeAll(async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default)
  const ada = await Author.objects.create({ name: 'Ada' })
  const article = await Article.objects.create({
    title: 'On engines',
    slug: 'engines',
    author: ada,
    published: new Date(0),
  })
  await article.tags.add(await Tag.objects.create({ label: 'machines' }))
})

it('goes from the model to rows and back, types included', async () => {
  const rows: Article[] = await Article.objects
    .live()
    .filter({ title__icontains: 'ENGINE' })
    .live()
    .selectRelated('author')
  expect(rows.map((row) => [row.author.name, row.url()])).toEqual([['Ada', '/engines/']])
  const counted = await Author.objects.annotate({ n: Count('articles') }).filter({ n__gt: 0 })
  expect(counted.map((author) => author.n)).toEqual([1])
  expect(await Article.objects.values('title', 'author__name')).toEqual([
    { title: 'On engines', author__name: 'Ada' },
  ])
  expect(await Article.objects.exclude(Q({ tags__label: 'x' }).or(Q({ votes: 7 }))).count()).toBe(1)
  expect(await Article.objects.update({ votes: F('votes').add(2) })).toBe(1)
  expect(await Article.objects.valuesList('votes', { flat: true })).toEqual([2])
})
