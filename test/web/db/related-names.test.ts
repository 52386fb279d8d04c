import { expect, expectTypeOf, it } from 'vitest'
import { ModelRegistry, createTables, defineDatabases, f, model } from 'portico/web'
import type { Instance } from 'portico/web'

const registry = new ModelRegistry()
const Shelf = model('NamedShelf', { label: f.char({ max: 10 }) }, { registry })
const Book = model(
  'NamedBook',
  { title: f.char({ max: 10 }), shelf: () => f.foreignKey(Shelf, { relatedName: 'books' }) },
  { registry },
)

declare module 'portico/web' {
  interface RelatedNames {
    NamedShelf: { books: typeof Book }
  }
}

it('a way back that is declared is a property with types', async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
  await createTables(databases.default, [Shelf, Book])
  const shelf = await Shelf.objects.create({ label: 'a' })
  await shelf.books.create({ title: 'one' })
  const books = await shelf.books.filter({ title: 'one' })
  expectTypeOf(books).toEqualTypeOf<Instance<typeof Book>[]>()
  expect(books.map(({ title }) => title)).toEqual(['one'])
})
