import { beforeAll, describe, expect, it } from 'vitest'
import { Count, F, Max, Q, Value, createTables, defineDatabases } from '../../../src/entry/web.ts'
import type { Databases } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, fillLibrary } from './support/library.ts'

/** FAULTS R7: whatever stands in a keyword, an alias or a value, SQL gets names of the metadata and parameters. */

let databases: Databases
const seen: string[] = []

beforeAll(async () => {
  databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
  databases.default.onQuery(({ sql }) => seen.push(sql))
})

const hostileNames = [
  '_connector',
  '_negated',
  'title" OR 1=1 --',
  "title') OR ('1'='1",
  'title"',
  'title; DROP TABLE article',
  'title/**/',
  'title__icontains" --',
  'author__name") --',
  'published_at__year__date',
  'id) UNION SELECT name, sql FROM sqlite_master --',
  '',
  '__',
  'title__',
  '__title',
  'title____exact',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  'title\u0000',
  'ti\ntle',
  '\u202etitle',
  'TITLE',
  'rowid',
  'sqlite_master',
]

describe('a name from outside', () => {
  it.each(hostileNames)('%j is refused as a keyword, an order, a value and a reference', async (name) => {
    const before = seen.length
    const uses: (() => unknown)[] = [
      () => Article.objects.filter(Q(Object.fromEntries([[name, 'x']]))),
      () => Article.objects.exclude(Q(Object.fromEntries([[name, 'x']]))),
      () => Article.objects.orderBy(name),
      () => Article.objects.orderBy(`-${name}`),
      () => Article.objects.values(name),
      () => Article.objects.valuesList(name, { flat: true }),
      () => Article.objects.selectRelated(name),
      () => Article.objects.prefetchRelated(name),
      () => Article.objects.annotate({ x: Max(name) }),
      () => Article.objects.annotate({ x: F(name) }),
      () => Article.objects.filter({ votes: F(name) as never }),
      () => Article.objects.annotate({ x: Count('id', { filter: Q(Object.fromEntries([[name, 1]])) }) }),
    ]
    for (const use of uses) {
      expect(use, use.toString()).toThrow(expect.objectContaining({ name: 'FieldError' }) as Error)
    }
    await expect(Article.objects.update(Object.fromEntries([[name, 1]]) as never)).rejects.toThrow(
      'Cannot resolve keyword',
    )
    await expect(Article.objects.create(Object.fromEntries([[name, 1]]) as never)).rejects.toThrow()
    await expect(Article.objects.earliest(name)).rejects.toThrow('Cannot resolve keyword')
    expect(seen.length).toBe(before)
  })

  it.each([
    'a b',
    'a"b',
    "a'b",
    'a;b',
    'a--',
    'a/*',
    'a\tb',
    'a\u0000',
    '',
    'a__b',
    'a)',
    '1a',
    'ä',
    'then',
    'title',
    'author',
    'comments',
  ])('%j is refused as an alias', (alias) => {
    expect(() => Article.objects.annotate(Object.fromEntries([[alias, Count('id')]]))).toThrow(
      expect.objectContaining({ name: 'ValueError' }) as Error,
    )
  })
})

describe('a value that is not there', () => {
  it.each(['title', 'votes', 'featured', 'publishedAt', 'views', 'title__contains', 'votes__gt', 'author'])(
    'is refused for %s: whatever it was compared with, something else was meant',
    (name) => {
      const before = seen.length
      const refused = expect.objectContaining({
        name: 'ValueError',
        message: `Cannot use undefined as a query value: ${name}`,
      }) as Error
      const keywords = Q({ [name]: undefined })
      expect(() => Article.objects.filter(keywords)).toThrow(refused)
      expect(() => Article.objects.exclude(keywords)).toThrow(refused)
      const listed = Q({ [name.replace(/(?:__\w+)?$/, '__in')]: [undefined] })
      expect(() => Article.objects.filter(listed)).toThrow(/^Cannot use undefined as a query value: /)
      expect(seen).toHaveLength(before)
    },
  )
})

const hostileValues = [
  "'; DROP TABLE article; --",
  '" OR ""="',
  "' OR '1'='1",
  '\\',
  '%',
  '_',
  '*',
  '[',
  '?',
  '$1',
  ':name',
  '\u0000',
  'x\u0000y',
  '\ud800',
  "'||(SELECT password FROM auth_user)||'",
  'a'.repeat(100_000),
]

describe('a value from outside', () => {
  it.each(hostileValues.map((value) => [JSON.stringify(value).slice(0, 60), value]))(
    '%s is only compared',
    async (_name, value) => {
      const lookups = [
        '',
        '__exact',
        '__iexact',
        '__contains',
        '__icontains',
        '__startswith',
        '__istartswith',
        '__endswith',
        '__iendswith',
      ]
      const found = (lookup: string): Promise<number> =>
        Article.objects.filter(Q({ [`title${lookup}`]: value })).count()
      for (const lookup of lookups) expect(await found(lookup), lookup).toBe(0)
      expect((await found('__gt')) + (await found('__lte'))).toBe(6)
      expect(await Article.objects.filter({ title__in: [value] }).count()).toBe(0)
      expect(
        await Article.objects
          .annotate({ v: Value(value) })
          .values('v')
          .slice(0, 1),
      ).toEqual([{ v: value.toWellFormed() }])
      expect(await Article.objects.count()).toBe(6)
    },
  )

  it('never stands in the SQL', () => {
    expect(
      seen.filter((sql) => sql.includes('DROP') || sql.includes('password') || sql.includes('aaaa')),
    ).toEqual([])
  })

  it.each([
    [{ title: { toString: (): string => 'Looms' } }],
    [{ title: ['Looms'] }],
    [{ title__contains: {} }],
    [{ votes: { gt: 0 } }],
    [{ votes: 'NaN' }],
    [{ votes__in: 'Looms' }],
    [{ votes__in: { length: 1, 0: 5 } }],
    [{ votes__range: [1] }],
    [{ author: { id: 1 } }],
    [{ title__isnull: 'false' }],
    [{ publishedAt__year: 'x' }],
    [{ votes: undefined }],
    [{ votes__in: [1, undefined] }],
    [{ votes__gt: null }],
  ])('%j is refused: not a value of the field', (where) => {
    expect(() => Article.objects.filter(Q(where))).toThrow(
      expect.objectContaining({ name: 'ValueError' }) as Error,
    )
  })

  it('may be an integer of any size, and finds nothing', async () => {
    for (const id of [1e30, '9'.repeat(400), -(2 ** 70), 2n ** 80n]) {
      expect(await Article.objects.filter(Q({ id })).count()).toBe(0)
      expect(await Article.objects.filter(Q({ id__gt: id })).count()).toBe(String(id).startsWith('-') ? 6 : 0)
      expect(
        await Article.objects.filter(Q({ views: typeof id === 'number' ? BigInt(id) : id })).count(),
      ).toBe(0)
    }
  })

  it('that is a row of another model is refused', async () => {
    const author = await Author.objects.get({ name: 'Ada' })
    expect(() => Article.objects.filter(Q({ publisher: author }))).toThrow('Must be "Publisher" instance')
    expect(() => Article.objects.filter(Q({ author: new Author({ name: 'new' }) }))).toThrow('unsaved')
  })
})
