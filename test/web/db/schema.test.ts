import { describe, expect, it } from 'vitest'
import {
  ImproperlyConfigured,
  ModelRegistry,
  createTables,
  defineDatabases,
  f,
  model,
} from '../../../src/entry/web.ts'
import { LIBRARY } from './support/library.ts'

const sqlOf = async (list: Parameters<typeof createTables>[1]): Promise<string[]> => {
  const databases = defineDatabases({ default: 'sqlite::memory:' })
  await createTables(databases.default, list)
  const db = databases.default.kysely<{ sqlite_master: { sql: string | null; name: string } }>()
  const rows = await db
    .selectFrom('sqlite_master')
    .select('sql')
    .where('name', 'not like', 'sqlite%')
    .orderBy('name')
    .execute()
  return rows.flatMap(({ sql }) => sql ?? [])
}

describe('tables', () => {
  it('are as Django makes them: names, types, constraints, indexes', async () => {
    const registry = new ModelRegistry()
    const Author = model('blog.Author', { name: f.char({ max: 50, unique: true }) }, { registry })
    const Tag = model('blog.Tag', { label: f.slug({ primaryKey: true }) }, { registry })
    const Post = model(
      'blog.BlogPost',
      {
        dateJoined: f.dateTime({ null: true, index: true }),
        HTMLBody: f.text({ column: 'html' }),
        meta: f.json(),
        price: f.decimal({ maxDigits: 6, places: 2 }),
        author: () => f.foreignKey(Author, { relatedName: 'posts' }),
        tags: () => f.manyToMany(Tag),
      },
      { registry, uniqueTogether: [['author', 'dateJoined']], indexes: [['price', 'author']] },
    )
    expect(await sqlOf([Post, Author, Tag])).toEqual([
      'CREATE TABLE "blog_author" ("id" integer not null primary key autoincrement, "name" varchar(50) not null unique)',
      'CREATE TABLE "blog_blog_post" ("id" integer not null primary key autoincrement, "date_joined" datetime, "html" text not null, "meta" text not null check (json_valid("meta") OR "meta" IS NULL), "price" decimal not null, "author_id" integer not null references "blog_author" ("id") DEFERRABLE INITIALLY DEFERRED, constraint "blog_blog_post_author_id_date_joined_uniq" unique ("author_id", "date_joined"))',
      'CREATE INDEX "blog_blog_post_author_id_idx" on "blog_blog_post" ("author_id")',
      'CREATE INDEX "blog_blog_post_date_joined_idx" on "blog_blog_post" ("date_joined")',
      'CREATE INDEX "blog_blog_post_price_author_id_idx" on "blog_blog_post" ("price", "author_id")',
      'CREATE TABLE "blog_blog_post_tags" ("id" integer not null primary key autoincrement, "blog_post_id" integer not null references "blog_blog_post" ("id") DEFERRABLE INITIALLY DEFERRED, "tag_id" varchar(50) not null references "blog_tag" ("label") DEFERRABLE INITIALLY DEFERRED, constraint "blog_blog_post_tags_blog_post_id_tag_id_uniq" unique ("blog_post_id", "tag_id"))',
      'CREATE INDEX "blog_blog_post_tags_blog_post_id_idx" on "blog_blog_post_tags" ("blog_post_id")',
      'CREATE INDEX "blog_blog_post_tags_tag_id_idx" on "blog_blog_post_tags" ("tag_id")',
      'CREATE TABLE "blog_tag" ("label" varchar(50) not null primary key)',
    ])
  })

  it('have an index for each group of columns, though two are spelled alike, and one for equal groups', async () => {
    const whole = ['a_b', 'c', 'a', 'b_c'].map((name) => [name, f.int()] as const)
    const Spelled = model('Spelled', Object.fromEntries(whole), {
      registry: new ModelRegistry(),
      indexes: [
        ['a_b', 'c'],
        ['a', 'b_c'],
        ['a_b', 'c'],
      ],
      uniqueTogether: [
        ['a', 'b_c'],
        ['a_b', 'c'],
      ],
    })
    const [table, ...indexes] = await sqlOf([Spelled])
    expect(table).toContain('constraint "spelled_a_b_c_uniq" unique ("a", "b_c")')
    expect(table).toMatch(/constraint "spelled_a_b_c_[0-9a-f]{8}_uniq" unique \("a_b", "c"\)/)
    expect(indexes).toEqual([
      expect.stringMatching(/^CREATE INDEX "spelled_a_b_c_[0-9a-f]{8}_idx" on "spelled" \("a", "b_c"\)$/),
      'CREATE INDEX "spelled_a_b_c_idx" on "spelled" ("a_b", "c")',
    ])
  })

  it('are made once: what is there stays as it is', async () => {
    const databases = defineDatabases({ default: 'sqlite::memory:' })
    await createTables(databases.default, LIBRARY)
    await databases.run(() => LIBRARY[0].objects.create({ name: 'x', country: 'de' }))
    await createTables(databases.default, LIBRARY)
    expect(await databases.run(() => LIBRARY[0].objects.count())).toBe(1)
  })

  it('keep names in 63 bytes, each its own', async () => {
    const registry = new ModelRegistry()
    const long = `a${'Very'.repeat(15)}LongName`
    const Thing = model(
      'Thing',
      { [`${long}A`]: f.int({ index: true }), [`${long}B`]: f.int({ index: true }) },
      { registry },
    )
    const names = (await sqlOf([Thing])).flatMap((sql) => /CREATE INDEX "([^"]+)"/.exec(sql)?.[1] ?? [])
    expect(new Set(names).size).toBe(2)
    expect(names.every((name) => name.length <= 63)).toBe(true)
  })

  it.each([
    [
      'more digits than SQLite keeps',
      (registry: ModelRegistry) => [
        model('A', { price: f.decimal({ maxDigits: 16, places: 2 }) }, { registry }),
      ],
      'SQLite keeps 15 digits',
    ],
    [
      'two ways back of one name',
      (registry: ModelRegistry) => {
        const B = model('B', {}, { registry })
        return [
          B,
          model('A', { one: () => f.foreignKey(B), two: () => f.foreignKey(B), a: f.int() }, { registry }),
        ]
      },
      "Two ways back from B are called 'a'",
    ],
    [
      'a way back that is a field',
      (registry: ModelRegistry) => {
        const B = model('B', { a: f.int() }, { registry })
        return [B, model('A', { one: () => f.foreignKey(B) }, { registry })]
      },
      "The way back 'a' from B to A clashes with a field",
    ],
    [
      'setNull where null may not be',
      (registry: ModelRegistry) => {
        const B = model('B', {}, { registry })
        return [B, model('A', { one: () => f.foreignKey(B, { onDelete: 'setNull' }) }, { registry })]
      },
      "onDelete 'setNull' but is not null: true",
    ],
  ] as const)('are refused: %s', async (_what, make, message) => {
    await expect((async () => sqlOf(make(new ModelRegistry())))()).rejects.toThrow(ImproperlyConfigured)
    await expect((async () => sqlOf(make(new ModelRegistry())))()).rejects.toThrow(message)
  })

  it('two models of one name are refused, the same one again is not', () => {
    const registry = new ModelRegistry()
    model('shop.A', {}, { registry })
    model('shop.A', { x: f.int() }, { registry })
    expect(() => model('shop.A', {}, { registry, table: 'other' })).toThrow("Conflicting 'shop.a' models")
  })

  it('may refer to models defined later, to each other and to themselves', async () => {
    const registry = new ModelRegistry()
    const A = model(
      'A',
      {
        b: () => f.foreignKey('B', { null: true, relatedName: 'as' }),
        up: () => f.foreignKey('self', { null: true, relatedName: 'down' }),
      },
      { registry },
    )
    expect(() => A.objects).toThrow("refers to the model 'B', which is not defined (yet)")
    const B = model('B', { a: () => f.foreignKey(A, { null: true, relatedName: 'bs' }) }, { registry })
    const databases = defineDatabases({ default: 'sqlite::memory:' }).bind(registry)
    await createTables(databases.default, [A, B])
    const a = await A.objects.create({})
    await B.objects.create({ a })
    await A.objects.create({ up: a })
    expect(await A.objects.filter({ bs__a: a }).count()).toBe(1)
    expect(await A.objects.filter({ down__up: a.id }).count()).toBe(1)
  })
})
