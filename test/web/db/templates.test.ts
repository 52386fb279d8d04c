import { beforeAll, describe, expect, it } from 'vitest'
import { Engine, createTables, defineDatabases, memorySource } from '../../../src/entry/web.ts'
import { Article, Author, LIBRARY, Tag, fillLibrary } from './support/library.ts'

beforeAll(async () => {
  const databases = defineDatabases({ default: 'sqlite::memory:' }).bind()
  await createTables(databases.default, LIBRARY)
  await fillLibrary()
})

const render = async (template: string, context: Record<string, unknown>): Promise<string> =>
  new Engine({ loaders: [memorySource({ t: template })] }).getTemplate('t').render(context)

describe('a template', () => {
  it('takes querysets for lists and rows for objects, relations included', async () => {
    const articles = Article.objects.selectRelated('author').prefetchRelated('tags').orderBy('id').slice(0, 2)
    const template =
      '{% for a in articles %}{{ a.title }} by {{ a.author.name }}: {% for t in a.tags.all %}{{ t.label }} {% endfor %}{{ a.author.articles.count }};{% endfor %}'
    expect(await render(template, { articles })).toBe('Engines by Ada: red green 3;Looms by Ada: red 3;')
  })

  it('sees an empty queryset as empty', async () => {
    const template =
      '{% if rows %}some{% else %}none{% endif %} {% for r in rows %}{{ r }}{% empty %}empty{% endfor %} {{ rows|length }}'
    expect(await render(template, { rows: Article.objects.filter({ votes: 99 }) })).toBe('none empty 0')
    expect(await render('{{ rows|length }} {{ rows.0.name }}', { rows: Author.objects.all() })).toBe('4 Ada')
  })

  it.each([
    'row.delete',
    'row.save',
    'row.refreshFromDb',
    'rows.delete',
    'row.tags.clear',
    'row.tags.all.delete',
  ])('changes nothing by {{ %s }}', async (name) => {
    const row = await Article.objects.get({ slug: 'war' })
    const before = [await Article.objects.count(), await Tag.objects.count(), await row.tags.count()]
    expect(await render(`{{ ${name} }}`, { row, rows: Article.objects.all() })).toBe('')
    expect([await Article.objects.count(), await Tag.objects.count(), await row.tags.count()]).toEqual(before)
  })
})
