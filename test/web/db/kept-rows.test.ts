import { beforeEach, describe, expect, it } from 'vitest'
import {
  ModelRegistry,
  ProtectedError,
  RelationNotLoaded,
  ValueError,
  createTables,
  defineDatabases,
  f,
  model,
} from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, Publisher, Tag, fillLibrary } from './support/library.ts'

/** What was written is what is read: nothing is put back, made up, shared or lost on the way. */

let databases: Databases
beforeEach(async () => {
  databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
})

describe('a foreign key', () => {
  it('that is set to null by hand stays null, whatever row was loaded for it', async () => {
    const article = await Article.objects.selectRelated('editor').get({ slug: 'engines' })
    article.editorId = null
    expect(article.editor).toBe(null)
    await article.save()
    expect((await Article.objects.get({ slug: 'engines' })).editorId).toBe(null)
    const fresh = new Article({ title: 'x', slug: 'x', author: await Author.objects.get({ name: 'Ada' }) })
    fresh.editor = await Author.objects.get({ name: 'Bob' })
    fresh.editorId = null
    await fresh.save()
    expect((await Article.objects.get({ slug: 'x' })).editorId).toBe(null)
  })

  it('that is changed by hand is followed by fetchRelated', async () => {
    const article = await Article.objects.selectRelated('author', 'publisher').get({ slug: 'engines' })
    const bob = await Author.objects.get({ name: 'Bob' })
    article.authorId = bob.id
    expect((await article.fetchRelated('author')).name).toBe('Bob')
    expect(article.author.name).toBe('Bob')
    article.publisherId = null
    expect(await article.fetchRelated('publisher')).toBe(null)
    const notes = await Article.objects.selectRelated('publisher').get({ slug: 'notes' })
    notes.publisherId = (await Publisher.objects.get({ name: 'Kiepert' })).id
    expect(() => notes.publisher).toThrow(RelationNotLoaded)
    expect((await notes.fetchRelated('publisher'))?.name).toBe('Kiepert')
  })

  it('takes the key of a row that is saved later, of a row that was read before, and in bulk', async () => {
    const article = await Article.objects.get({ slug: 'notes' })
    const editor = new Author({ name: 'Late' })
    article.editor = editor
    await editor.save()
    expect(article.editor).toBe(editor)
    await article.save()
    expect((await Article.objects.get({ slug: 'notes' })).editorId).toBe(editor.id)
    const publisher = new Publisher({ name: 'Later', country: 'xx' })
    const author = await Author.objects.get({ name: 'Ada' })
    const made = new Article({ title: 'bulk', slug: 'bulk', author, publisher })
    await expect(Article.objects.bulkCreate([made])).rejects.toThrow("unsaved related object 'publisher'")
    await publisher.save()
    await Article.objects.bulkCreate([made])
    expect((await Article.objects.get({ slug: 'bulk' })).publisherId).toBe(publisher.id)
  })

  it('that is set by hand is kept, though the row assigned before was never saved', async () => {
    const bob = await Author.objects.get({ name: 'Bob' })
    const made = new Article({ title: 'x', slug: 'x', author: new Author({ name: 'Never' }) })
    made.authorId = bob.id
    await made.save()
    expect((await Article.objects.get({ slug: 'x' })).authorId).toBe(bob.id)
    expect((await made.fetchRelated('author')).name).toBe('Bob')
  })
})

describe('a default', () => {
  it('belongs to one row', () => {
    const registry = new ModelRegistry()
    const Settings = model(
      'Settings',
      {
        data: f.json<{ seen: string[] }>({ default: { seen: [] } }),
        since: f.dateTime({ default: new Date(0) }),
        bytes: f.binary({ default: new Uint8Array(2) }),
      },
      { registry },
    )
    const first = new Settings()
    first.data.seen.push('first')
    first.since.setFullYear(2020)
    first.bytes[0] = 1
    const second = new Settings()
    expect(second.data).toEqual({ seen: [] })
    expect(second.since).toEqual(new Date(0))
    expect([...second.bytes]).toEqual([0, 0])
  })
})

describe('an integer that cannot be read again', () => {
  it.each([1e17, '9007199254740993', -(2 ** 53), 2n ** 60n])('is refused when %s is written', async (age) => {
    const values = { name: 'big', age: age as number }
    await expect(Author.objects.create(values)).rejects.toThrow('out of range')
    await expect(Author.objects.bulkCreate([values])).rejects.toThrow('out of range')
    await expect(Author.objects.update({ age: age as number })).rejects.toThrow('out of range')
    expect(await Author.objects.filter({ age: age as number }).count()).toBe(0)
    expect(await Author.objects.count()).toBe(4)
  })

  it('is refused of 64 bits, too', async () => {
    const views = 2n ** 63n
    await expect(Article.objects.update({ views })).rejects.toThrow(ValueError)
    await Article.objects.update({ views: views - 1n })
    expect(await Article.objects.filter({ views: views - 1n, views__lt: views }).count()).toBe(6)
    await Article.objects.update({ views: -views })
    expect((await Article.objects.get({ slug: 'notes' })).views).toBe(-views)
  })
})

describe('a related set', () => {
  it('has what it was told to update or create', async () => {
    const article = await Article.objects.get({ slug: 'notes' })
    const [tag, created] = await article.tags.updateOrCreate({ label: 'fresh' })
    expect(created).toBe(true)
    expect(await article.tags.filter({ id: tag.id }).count()).toBe(1)
    const ada = await Author.objects.get({ name: 'Ada' })
    const articles = ada.related(Article, 'articles')
    const made = { slug: 'made', title: 'Made' }
    const [row] = await articles.updateOrCreate(made, { defaults: { votes: 3 } })
    expect((await Article.objects.get({ id: row.id })).authorId).toBe(ada.id)
    const [again, createdAgain] = await articles.updateOrCreate(made, { defaults: { votes: 4 } })
    expect([again.id, createdAgain]).toEqual([row.id, false])
    expect((await Article.objects.get({ slug: 'made' })).votes).toBe(4)
  })

  it('takes a key as text for the key that it is, and gives links their defaults', async () => {
    const registry = new ModelRegistry()
    registry.databases = databases
    const Person = model('Person', { name: f.char({ max: 9 }) }, { registry })
    const Club = model(
      'Club',
      {
        name: f.char({ max: 9 }),
        people: () => f.manyToMany(Person, { through: 'Membership', relatedName: 'clubs' }),
      },
      { registry },
    )
    const Membership = model(
      'Membership',
      {
        person: () => f.foreignKey(Person),
        club: () => f.foreignKey(Club),
        role: f.char({ max: 9, default: 'guest' }),
        points: f.int({ default: 5, null: true }),
        since: f.dateTime({ autoNowAdd: true }),
      },
      { registry },
    )
    await createTables(databases.default, [Person, Club, Membership])
    const ann = await Person.objects.create({ name: 'Ann' })
    const chess = await Club.objects.create({ name: 'Chess' })
    await chess.people.add(String(ann.id))
    await chess.people.add(String(ann.id), ann, ann.id)
    await Membership.objects.update({ points: 7 })
    await chess.people.set([String(ann.id)])
    const links = await Membership.objects.values('personId', 'clubId', 'role', 'points')
    expect(links).toEqual([{ personId: ann.id, clubId: chess.id, role: 'guest', points: 7 }])
    await expect(chess.people.add('x')).rejects.toThrow(ValueError)
  })
})

it('updateOrCreate saves where it found, whatever that database is called', async () => {
  const other = defineDatabases({ default: 'sqlite::memory:' })
  await createTables(other.default, LIBRARY)
  await other.run(() => Tag.objects.create({ label: 'red' }))
  await Tag.objects.using(other.default).updateOrCreate({ label: 'red' }, { defaults: { label: 'RED' } })
  expect(await other.run(() => Tag.objects.valuesList('label', { flat: true }).toArray())).toEqual(['RED'])
  expect(await Tag.objects.filter({ label: 'RED' }).count()).toBe(0)
})

it('restrict lets go what goes by another way, though nothing hangs on it', async () => {
  const registry = new ModelRegistry()
  registry.databases = databases
  const Artist = model('Artist', { name: f.char({ max: 9 }) }, { registry })
  const Album = model('Album', { artist: () => f.foreignKey(Artist) }, { registry })
  const Song = model(
    'Song',
    {
      artist: () => f.foreignKey(Artist),
      album: () => f.foreignKey(Album, { onDelete: 'restrict' }),
    },
    { registry },
  )
  await createTables(databases.default, [Artist, Album, Song])
  const [one, two] = [
    await Artist.objects.create({ name: 'one' }),
    await Artist.objects.create({ name: 'two' }),
  ]
  const album = await Album.objects.create({ artist: one })
  await Song.objects.create({ artist: one, album })
  const others = await Song.objects.create({ artist: two, album })
  await expect(one.delete()).rejects.toThrow(ProtectedError)
  await others.delete()
  await expect(album.delete()).rejects.toThrow(ProtectedError)
  expect((await one.delete()).byModel).toEqual({ Song: 1, Album: 1, Artist: 1 })
})
