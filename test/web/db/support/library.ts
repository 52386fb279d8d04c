import { f, model } from '../../../../src/entry/web.ts'

/** The models of the tests, one of every kind of field and relation. django_peer.py has the same. */

export const Publisher = model('Publisher', { name: f.char({ max: 50 }), country: f.char({ max: 2 }) })

export const Author = model(
  'Author',
  {
    name: f.char({ max: 50 }),
    age: f.int({ null: true }),
    born: f.date({ null: true }),
    mentor: () => f.foreignKey('self', { null: true, onDelete: 'setNull', relatedName: 'pupils' }),
  },
  { ordering: ['name'] },
)

export const Profile = model('Profile', {
  bio: f.text(),
  author: () => f.oneToOne(Author, { onDelete: 'cascade', relatedName: 'profile' }),
})

export const Tag = model('Tag', { label: f.char({ max: 30, unique: true }) })

export const Article = model(
  'Article',
  {
    title: f.char({ max: 200 }),
    slug: f.slug({ unique: true }),
    body: f.text({ default: '' }),
    votes: f.int({ default: 0 }),
    rating: f.float({ null: true }),
    price: f.decimal({ maxDigits: 8, places: 2, null: true }),
    featured: f.bool({ default: false }),
    publishedAt: f.dateTime({ null: true }),
    views: f.bigInt({ default: 0n }),
    status: f.char({
      max: 1,
      choices: [
        ['d', 'Draft'],
        ['p', 'Published'],
      ],
      default: 'd',
    }),
    uid: f.uuid({ null: true }),
    meta: f.json<{ words: number; lang: string }>({ null: true }),
    author: () => f.foreignKey(Author, { relatedName: 'articles', onDelete: 'cascade' }),
    editor: () => f.foreignKey(Author, { relatedName: 'edited', onDelete: 'protect', null: true }),
    publisher: () => f.foreignKey(Publisher, { relatedName: 'articles', onDelete: 'setNull', null: true }),
    tags: () => f.manyToMany(Tag, { relatedName: 'articles' }),
  },
  {
    managers: (qs) => ({
      published: () => qs.filter({ status: 'p' }),
      popular: (votes: number) => qs.filter({ votes__gte: votes }),
    }),
  },
)

export const Comment = model('Comment', {
  text: f.char({ max: 100 }),
  score: f.int({ default: 0 }),
  article: () => f.foreignKey(Article, { relatedName: 'comments', onDelete: 'cascade' }),
  parent: () => f.foreignKey('self', { null: true, relatedName: 'replies', onDelete: 'cascade' }),
})

export const Document = model('Document', { name: f.char({ max: 20 }), data: f.json({ null: true }) })

export const LIBRARY = [Publisher, Author, Profile, Tag, Article, Comment, Document] as const

const at = (text: string): Date => new Date(`${text}Z`)

/** JSON of every shape: keys that are missing, null, numbers, texts, lists, objects. */
const documents: readonly (readonly [name: string, data: unknown])[] = [
  ['none', null],
  ['empty', {}],
  ['book', { lang: 'en', pages: 300, tags: ['red', 'blue'], author: { name: 'Ada', born: 1815 }, out: true }],
  ['leaflet', { lang: 'de', pages: 8, tags: [], author: { name: 'Bob' }, out: false, note: null }],
  ['letter', { lang: 'En', pages: 2.5, tags: ['blue'], note: 'by hand', author: null }],
  ['list', [1, 'two', { three: 3 }, null]],
  ['odd', { 'a key': 1, 'quo"te': 2, 'back\\slash': 3, 'it’s': 4, "it's": 5, pages: '300', lang: 'Ä' }],
  ['text', 'bare'],
]

/** A small library with gaps on purpose: nulls, rows without others, ties. */
export async function fillLibrary(): Promise<void> {
  const [penguin, kiepert] = [
    await Publisher.objects.create({ name: 'Penguin', country: 'gb' }),
    await Publisher.objects.create({ name: 'Kiepert', country: 'de' }),
  ]
  await Publisher.objects.create({ name: 'Empty Press', country: 'fr' })
  const ada = await Author.objects.create({ name: 'Ada', age: 36, born: '1815-12-10' })
  const bob = await Author.objects.create({ name: 'Bob', age: null, mentor: ada })
  const cyd = await Author.objects.create({ name: 'Cyd', age: 50, born: '1921-03-08', mentor: ada })
  const dan = await Author.objects.create({ name: 'dan', age: 36, mentor: cyd })
  await Profile.objects.create({ bio: 'Wrote the first program.', author: ada })
  await Profile.objects.create({ bio: 'Danced.', author: cyd })
  const [red, green, blue] = [
    await Tag.objects.create({ label: 'red' }),
    await Tag.objects.create({ label: 'green' }),
    await Tag.objects.create({ label: 'blue' }),
  ]
  await Tag.objects.create({ label: 'unused' })
  const rows: Parameters<typeof Article.objects.create>[0][] = [
    {
      title: 'Engines',
      slug: 'engines',
      votes: 10,
      rating: 4.5,
      price: '12.50',
      featured: true,
      publishedAt: at('2023-12-31T23:59:59.500'),
      views: 9007199254740993n,
      status: 'p',
      uid: '0123456789abcdef0123456789abcdef',
      meta: { words: 1200, lang: 'en' },
      author: ada,
      editor: bob,
      publisher: penguin,
    },
    {
      title: 'Looms',
      slug: 'looms',
      votes: 5,
      rating: null,
      price: '7.00',
      publishedAt: at('2024-01-01T00:00:00'),
      status: 'p',
      author: ada,
      publisher: kiepert,
    },
    { title: 'Notes on looms', slug: 'notes', body: '100% wool', votes: 5, rating: 3.25, author: ada },
    {
      title: 'Dance',
      slug: 'dance',
      body: 'under_score',
      votes: 0,
      rating: 5,
      price: '0.99',
      featured: true,
      publishedAt: at('2024-02-29T12:30:15'),
      views: 7n,
      status: 'p',
      author: cyd,
      editor: ada,
      publisher: penguin,
    },
    {
      title: 'engines of war',
      slug: 'war',
      votes: -3,
      rating: 1.5,
      price: '12.50',
      publishedAt: at('2024-05-05T05:05:05'),
      status: 'd',
      author: bob,
      editor: cyd,
    },
    {
      title: 'Änderung',
      slug: 'umlaut',
      body: '',
      votes: 7,
      publishedAt: at('2025-01-01T00:00:00'),
      status: 'p',
      author: cyd,
      publisher: kiepert,
    },
  ]
  const made = []
  for (const row of rows) made.push(await Article.objects.create({ uid: null, meta: null, ...row }))
  const [engines, looms, notes, dance, war] = made
  await engines?.tags.add(red, green)
  await looms?.tags.add(red)
  await notes?.tags.add(blue)
  await dance?.tags.add(green, blue)
  await war?.tags.add(red, green, blue)
  if (engines === undefined || dance === undefined || looms === undefined) return
  const first = await Comment.objects.create({ text: 'First!', score: 1, article: engines })
  await Comment.objects.create({ text: 'Reply', score: 5, article: engines, parent: first })
  await Comment.objects.create({ text: 'Nice', score: 3, article: dance })
  await Comment.objects.create({ text: 'spam', score: -2, article: looms })
  await Comment.objects.create({ text: 'spam', score: -2, article: engines })
  for (const [name, data] of documents) await Document.objects.create({ name, data })
  if (dan.age === 0) throw new Error('unreachable')
}
