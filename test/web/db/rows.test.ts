import { beforeEach, describe, expect, it } from 'vitest'
import {
  F,
  IntegrityError,
  ModelRegistry,
  MultipleObjectsReturned,
  ObjectDoesNotExist,
  ProtectedError,
  RelationNotLoaded,
  ValueError,
  createTables,
  defineDatabases,
  f,
  model,
  postDelete,
  postSave,
  preDelete,
  preSave,
} from '../../../src/entry/web.ts'
import type { Databases, QueryEvent } from '../../../src/entry/web.ts'
import { Article, Author, Comment, LIBRARY, Profile, Publisher, Tag, fillLibrary } from './support/library.ts'

let databases: Databases
let queries: QueryEvent[]

beforeEach(async () => {
  databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
  queries = []
  databases.default.onQuery((event) => queries.push(event))
})

const verbs = () => queries.map(({ sql }) => sql.slice(0, sql.indexOf(' ')))

describe('save', () => {
  it('inserts a new row and learns its key, then updates it', async () => {
    const author = new Author({ name: 'Eve' })
    await author.save()
    expect(author.id).toBeGreaterThan(0)
    author.name = 'Eva'
    await author.save()
    expect(verbs()).toEqual(['insert', 'update'])
    expect((await Author.objects.get({ pk: author.id })).name).toBe('Eva')
  })

  it('with a key of its own tries to update first, as Django does', async () => {
    await new Author({ id: 1, name: 'Ada L.' }).save()
    await new Author({ id: 77, name: 'New' }).save()
    expect(verbs()).toEqual(['update', 'update', 'insert'])
    expect(await Author.objects.filter({ pk__in: [1, 77] }).valuesList('name', { flat: true })).toEqual([
      'Ada L.',
      'New',
    ])
  })

  it('writes only the fields asked for', async () => {
    const row = await Article.objects.get({ slug: 'looms' })
    row.title = 'Changed'
    row.votes = 99
    await row.save({ updateFields: ['votes'] })
    const again = await Article.objects.get({ slug: 'looms' })
    expect([again.title, again.votes]).toEqual(['Looms', 99])
  })

  it('refuses to force what cannot be', async () => {
    const gone = await Author.objects.create({ name: 'Gone' })
    await Author.objects.filter({ pk: gone.id }).delete()
    await expect(gone.save({ forceUpdate: true })).rejects.toThrow('did not affect any rows')
    await expect(new Author({ name: 'x' }).save({ forceUpdate: true })).rejects.toThrow('no primary key')
    await expect(new Author({ id: 1, name: 'x' }).save({ forceInsert: true })).rejects.toThrow(IntegrityError)
    await expect((await Author.objects.get({ pk: 1 })).save({ updateFields: ['nope'] })).rejects.toThrow(
      'Cannot resolve keyword',
    )
  })

  it('refuses values that are none of the field', async () => {
    const row = await Article.objects.get({ slug: 'looms' })
    Object.assign(row, { votes: 'many' })
    await expect(row.save()).rejects.toThrow("Field 'votes' expected a number but got 'many'.")
    await expect(Article.objects.create({ title: 'x', slug: 'looms', authorId: 1 })).rejects.toThrow(
      IntegrityError,
    )
    await expect(Article.objects.create({ title: 'x', slug: 'y', authorId: 99 })).rejects.toThrow(
      IntegrityError,
    )
  })

  it('gives back what was kept, of every kind', async () => {
    const { publishedAt, price, views, uid, meta, rating, featured } = await Article.objects.get({
      slug: 'engines',
    })
    expect({ publishedAt, price, views, uid, meta, rating, featured }).toEqual({
      publishedAt: new Date('2023-12-31T23:59:59.500Z'),
      price: '12.50',
      views: 9007199254740993n,
      uid: '01234567-89ab-cdef-0123-456789abcdef',
      meta: { words: 1200, lang: 'en' },
      rating: 4.5,
      featured: true,
    })
  })

  it('stamps times', async () => {
    const registry = new ModelRegistry()
    const Note = model(
      'Note',
      { made: f.dateTime({ autoNowAdd: true }), changed: f.dateTime({ autoNow: true }) },
      { registry },
    )
    registry.databases = databases
    await createTables(databases.default, [Note])
    const note = await Note.objects.create({})
    const { made, changed } = note
    await new Promise((resolve) => setTimeout(resolve, 3))
    await note.save()
    const again = await Note.objects.get({ pk: note.id })
    expect(again.made).toEqual(made)
    expect(again.changed.getTime()).toBeGreaterThan(changed.getTime())
  })
})

describe('a row again', () => {
  it('is read by refreshFromDb, whole or in part', async () => {
    const row = await Article.objects.selectRelated('author').get({ slug: 'looms' })
    await Article.objects.filter({ pk: row.id }).update({ votes: F('votes').add(1), title: 'New', author: 3 })
    await row.refreshFromDb({ fields: ['votes'] })
    expect([row.votes, row.title, row.author.name]).toEqual([6, 'Looms', 'Ada'])
    await row.refreshFromDb()
    expect([row.title, row.authorId]).toEqual(['New', 3])
    expect(() => row.author).toThrow(RelationNotLoaded)
  })
})

describe('get', () => {
  it('throws errors of its own model', async () => {
    await expect(Article.objects.get({ pk: 99 })).rejects.toThrow(Article.DoesNotExist)
    await expect(Article.objects.get({ pk: 99 })).rejects.toThrow(ObjectDoesNotExist)
    await expect(Article.objects.get({ pk: 99 })).rejects.not.toThrow(Author.DoesNotExist)
    await expect(Article.objects.get({ votes: 5 })).rejects.toThrow(Article.MultipleObjectsReturned)
    await expect(Article.objects.get({ votes: 5 })).rejects.toThrow(MultipleObjectsReturned)
  })
})

describe('a queryset', () => {
  it('asks once, however often it is awaited; all() asks again', async () => {
    const rows = Article.objects.filter({ votes: 5 })
    expect((await rows).length).toBe(2)
    for await (const row of rows) expect(row.votes).toBe(5)
    expect([await rows.count(), await rows.exists()]).toEqual([2, true])
    expect(queries.length).toBe(1)
    await rows.all()
    expect(queries.length).toBe(2)
  })

  it('asks nothing before it is awaited, and is never changed by its methods', async () => {
    const all = Article.objects.all()
    all.filter({ votes: 5 }).orderBy('title').slice(0, 1)
    expect(queries.length).toBe(0)
    expect((await all).length).toBe(6)
  })

  it('refuses changes after a slice', () => {
    const sliced = Article.objects.orderBy('id').slice(0, 2)
    for (const change of [
      () => sliced.filter({ votes: 1 }),
      () => sliced.orderBy('id'),
      () => sliced.reverse(),
      () => sliced.distinct(),
    ]) {
      expect(change).toThrow('once a slice has been taken')
    }
    expect(() => Article.objects.slice(-1)).toThrow('Negative indexing is not supported.')
  })
})

describe('a relation', () => {
  it('throws instead of querying, and says what to do', async () => {
    const row = await Article.objects.get({ slug: 'dance' })
    expect(() => row.author).toThrow(
      "Article.author was not loaded: use selectRelated('author') in the query, or await row.fetchRelated('author').",
    )
    expect(queries.length).toBe(1)
    expect((await row.fetchRelated('author')).name).toBe('Cyd')
    expect(row.author.name).toBe('Cyd')
    expect(queries.length).toBe(2)
  })

  it('that is null is null without being loaded', async () => {
    const row = await Article.objects.get({ slug: 'looms' })
    expect(row.editor).toBe(null)
  })

  it('follows what is assigned to it', async () => {
    const row = await Article.objects.get({ slug: 'looms' })
    const bob = await Author.objects.get({ name: 'Bob' })
    row.author = bob
    expect(row.authorId).toBe(bob.id)
    row.authorId = 1
    expect(() => row.author).toThrow(RelationNotLoaded)
    expect(() => Object.assign(row, { author: new Tag() })).toThrow('must be a "Author" instance')
    row.editor = null
    expect(row.editorId).toBe(null)
  })

  it('to an unsaved row stops the save, and gets its key once that is saved', async () => {
    const author = new Author({ name: 'Late' })
    const article = new Article({ title: 'x', slug: 'late', author })
    await expect(article.save()).rejects.toThrow("unsaved related object 'author'")
    await author.save()
    await article.save()
    expect((await Article.objects.selectRelated('author').get({ slug: 'late' })).author.name).toBe('Late')
  })

  it('one to one goes both ways', async () => {
    const ada = await Author.objects.selectRelated('profile').get({ name: 'Ada' })
    const profile = ada.related(Profile)
    expect((await profile.get()).bio).toBe('Wrote the first program.')
    const [row] = await Profile.objects.selectRelated('author').filter({ author: ada })
    expect(row?.author.name).toBe('Ada')
  })

  it('loads nothing twice by selectRelated and prefetchRelated', async () => {
    const rows = await Article.objects
      .selectRelated('author__mentor')
      .prefetchRelated('tags', 'comments__replies')
      .orderBy('id')
    const loaded = queries.length
    const labels = []
    for (const row of rows) {
      labels.push([
        row.author.name,
        row.author.mentor?.name ?? null,
        (await row.tags.all()).map((tag) => tag.label).join(),
      ])
      for (const comment of await row.related(Comment)) {
        expect(comment.article).toBe(row)
        await comment.related(Comment, 'replies')
      }
    }
    expect(labels[3]).toEqual(['Cyd', 'Ada', 'green,blue'])
    expect(loaded).toBe(5)
    expect(queries.length).toBe(loaded)
  })
})

describe('rows that refer to one', () => {
  it('are a queryset, and made through it', async () => {
    const ada = await Author.objects.get({ name: 'Ada' })
    const articles = ada.related(Article, 'articles')
    expect(await articles.count()).toBe(3)
    expect(await articles.filter({ votes: 5 }).orderBy('-id').valuesList('slug', { flat: true })).toEqual([
      'notes',
      'looms',
    ])
    const made = await articles.create({ title: 'Fourth', slug: 'fourth' })
    expect([made.authorId, made.author.name, await ada.related(Article, 'articles').count()]).toEqual([
      ada.id,
      'Ada',
      4,
    ])
    expect(() => ada.related(Article)).toThrow('2 ways from Author to Article')
    expect(() => new Author().related(Article, 'articles')).toThrow('primary key')
  })

  it('are added, removed and cleared where the key may be null', async () => {
    const penguin = await Publisher.objects.get({ name: 'Penguin' })
    const [looms, notes] = await Article.objects.filter({ slug__in: ['looms', 'notes'] }).orderBy('slug')
    const slugs = () => penguin.related(Article).orderBy('slug').valuesList('slug', { flat: true }).toArray()
    await penguin.related(Article).add(looms, notes)
    expect(await slugs()).toEqual(['dance', 'engines', 'looms', 'notes'])
    await penguin.related(Article).remove(looms)
    expect(await slugs()).toEqual(['dance', 'engines', 'notes'])
    await penguin.related(Article).set([looms])
    expect(await slugs()).toEqual(['looms'])
    await penguin.related(Article).clear()
    expect(await slugs()).toEqual([])
    const ada = await Author.objects.get({ name: 'Ada' })
    await expect(ada.related(Article, 'articles').clear()).rejects.toThrow('may not be null')
  })

  it('many to many are added once, removed, set and cleared, from both sides', async () => {
    const looms = await Article.objects.get({ slug: 'looms' })
    const [red, green, blue] = await Tag.objects.filter({ label__in: ['red', 'green', 'blue'] }).orderBy('id')
    const labels = () => looms.tags.orderBy('id').valuesList('label', { flat: true }).toArray()
    await looms.tags.add(red, green, green?.id)
    expect(await labels()).toEqual(['red', 'green'])
    await looms.tags.remove(red)
    expect(await labels()).toEqual(['green'])
    await looms.tags.set([blue, green])
    expect(await labels()).toEqual(['green', 'blue'])
    await looms.tags.create({ label: 'new' })
    expect(await labels()).toEqual(['green', 'blue', 'new'])
    await looms.tags.clear()
    expect(await labels()).toEqual([])
    await blue?.related(Article).add(looms)
    expect(await labels()).toEqual(['blue'])
    await expect(looms.tags.add(new Tag({ label: 'x' }))).rejects.toThrow('save it first')
    await expect(looms.tags.add(looms)).rejects.toThrow("'Tag' instance expected")
  })
})

describe('delete', () => {
  it('takes along what hangs on the row, frees what may stand alone, and counts', async () => {
    await Article.objects.update({ editor: null })
    const ada = await Author.objects.get({ name: 'Ada' })
    expect(await ada.delete()).toEqual({
      total: 13,
      byModel: { Article_tags: 4, Comment: 4, Article: 3, Profile: 1 - 0, Author: 1 },
    })
    expect(ada.id).toBe(null)
    expect(await Author.objects.filter({ mentor__isnull: false }).valuesList('name', { flat: true })).toEqual(
      ['dan'],
    )
  })

  it('is refused by protect, and nothing is gone', async () => {
    const cyd = await Author.objects.get({ name: 'Cyd' })
    const refused = await cyd.delete().catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ProtectedError)
    expect((refused as ProtectedError).protectedObjects).toHaveLength(1)
    expect([await Author.objects.count(), await Article.objects.count()]).toEqual([4, 6])
  })

  it('of an unsaved row is an error', () => {
    expect(() => new Author({ name: 'x' }).delete()).toThrow(ValueError)
  })

  it('in bulk is one statement where nothing hangs on the rows', async () => {
    expect(await Comment.objects.filter({ parent__isnull: false }).delete()).toEqual({
      total: 1,
      byModel: { Comment: 1 },
    })
  })
})

describe('getOrCreate', () => {
  it('makes one row for many who ask at once', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => Tag.objects.getOrCreate({ label: 'once' })),
    )
    expect(all.filter(([, created]) => created)).toHaveLength(1)
    expect(new Set(all.map(([tag]) => tag.id)).size).toBe(1)
  })

  it('looks by the lookups, makes by the plain keywords and the defaults', async () => {
    const [tag, created] = await Tag.objects.getOrCreate(
      { label__iexact: 'PINK' },
      { defaults: { label: 'pink' } },
    )
    expect([tag.label, created]).toEqual(['pink', true])
    const [again, createdAgain] = await Tag.objects.getOrCreate(
      { label__iexact: 'Pink' },
      { defaults: { label: 'x' } },
    )
    expect([again.id, createdAgain]).toEqual([tag.id, false])
  })
})

describe('bulk', () => {
  it('creates many in one statement and tells their keys', async () => {
    const before = queries.length
    const tags = await Tag.objects.bulkCreate(
      Array.from({ length: 500 }, (_, i) => new Tag({ label: `t${i}` })),
    )
    expect(queries.length).toBe(before + 1)
    expect((await Tag.objects.get({ pk: tags[321]?.id ?? 0 })).label).toBe('t321')
    await expect(Tag.objects.bulkCreate([{ label: 'fresh' }, { label: 't1' }])).rejects.toThrow(
      IntegrityError,
    )
    expect(await Tag.objects.filter({ label: 'fresh' }).exists()).toBe(false)
    await Tag.objects.bulkCreate([{ label: 'fresh' }, { label: 't1' }], { ignoreConflicts: true })
    expect(await Tag.objects.filter({ label: 'fresh' }).exists()).toBe(true)
  })

  it('prefetches more rows of a many-to-many relation than a statement has places, in their order', async () => {
    const many = Array.from({ length: 33_000 }, (_, i) => ({ label: `m${String(i).padStart(5, '0')}` }))
    await Tag.objects.bulkCreate(many)
    const tags = await Tag.objects.filter({ label__startswith: 'm' })
    const article = await Article.objects.get({ slug: 'notes' })
    const before = await article.tags.count()
    for (let i = 0; i < tags.length; i += 10_000) await article.tags.add(...tags.slice(i, i + 10_000))
    const rows = await Article.objects.filter({ slug__in: ['notes', 'engines'] }).prefetchRelated('tags')
    const notes = rows.find(({ slug }) => slug === 'notes')
    const found = (await notes?.tags.all()) ?? []
    expect(found.length).toBe(33_000 + before)
    expect(found.map(({ id }) => id)).toEqual((await article.tags.all()).map(({ id }) => id))
  })

  it('creates as many rows as it is given, though they have nothing but their keys', async () => {
    const registry = new ModelRegistry()
    registry.databases = databases
    const Cart = model('Cart', {}, { registry })
    await createTables(databases.default, [Cart])
    const carts = await Cart.objects.bulkCreate([{}, {}, new Cart({ id: 9 }), {}])
    expect(await Cart.objects.count()).toBe(4)
    expect(new Set(carts.map(({ id }) => id)).size).toBe(4)
  })

  it.each([0, -1, 0.5, NaN])('refuses batches of %s rows', async (batchSize) => {
    const made = Article.objects.bulkCreate([], { batchSize })
    await expect(made).rejects.toThrow('Batch size must be a positive integer.')
  })

  it.each([{}, { batchSize: 50_000 }])('creates more than one statement can hold: %o', async (options) => {
    const many = Array.from({ length: 40_000 }, (_, i) => ({ label: `m${i}` }))
    await Tag.objects.bulkCreate(many, options)
    expect(await Tag.objects.filter({ label__startswith: 'm' }).count()).toBe(40_000)
  })
})

describe('signals', () => {
  it('tell of saves and deletions of their sender, in order, and can stop them', async () => {
    const seen: string[] = []
    const ends = [
      preSave.connect(({ instance }) => void seen.push(`preSave ${instance.label}`), { sender: Tag }),
      postSave.connect(({ instance, created }) => void seen.push(`postSave ${instance.label} ${created}`), {
        sender: Tag,
      }),
      preDelete.connect(({ instance }) => void seen.push(`preDelete ${instance.label}`), { sender: Tag }),
      postDelete.connect(({ instance }) => void seen.push(`postDelete ${instance.label}`), { sender: Tag }),
    ]
    const tag = await Tag.objects.create({ label: 'a' })
    await Author.objects.create({ name: 'nobody listens' })
    tag.label = 'b'
    await tag.save()
    await Tag.objects.filter({ label: 'b' }).delete()
    expect(seen).toEqual([
      'preSave a',
      'postSave a true',
      'preSave b',
      'postSave b false',
      'preDelete b',
      'postDelete b',
    ])
    for (const end of ends) end()
    const stop = preSave.connect(() => Promise.reject(new Error('no')), { sender: Tag })
    await expect(Tag.objects.create({ label: 'c' })).rejects.toThrow('no')
    stop()
    expect(await Tag.objects.filter({ label: 'c' }).exists()).toBe(false)
  })
})
