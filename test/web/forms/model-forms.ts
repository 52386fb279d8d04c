/** The models and forms of django-forms.py, in ours. */
import { defineForm, f, field, formset, inlineFormset, model, modelForm, modelFormset } from 'portico/web'
import { ModelRegistry, QueryDict, ValidationError, type Databases, type Instance } from 'portico/web'
import type { Case } from './model-form-cases.ts'

export const registry = new ModelRegistry()
const named = {
  toString(this: { readonly name: string }): string {
    return this.name
  },
}
const byId = { registry, ordering: ['id'] }
export const Author = model(
  'Author',
  { name: f.char({ max: 10, unique: true }) },
  { ...byId, methods: named },
)
export const Tag = model('Tag', { name: f.char({ max: 10 }) }, { ...byId, methods: named })
export const Article = model(
  'Article',
  {
    title: f.char({ max: 20 }),
    slug: f.slug({ unique: true }),
    body: f.text({ blank: true, helpText: 'Plain text.' }),
    votes: f.int({ default: 0 }),
    rating: f.float({ null: true, blank: true }),
    price: f.decimal({ maxDigits: 5, places: 2, null: true, blank: true }),
    live: f.bool({ default: true }),
    maybe: f.bool({ null: true, blank: true }),
    kind: f.char({
      max: 1,
      choices: [
        ['n', 'News'],
        ['o', 'Opinion'],
      ],
    }),
    level: f.int({
      choices: [
        [1, 'One'],
        [2, 'Two'],
      ],
      default: 1,
    }),
    published: f.dateTime({ null: true, blank: true }),
    day: f.date({ null: true, blank: true, verboseName: 'the day' }),
    mail: f.email({ blank: true }),
    code: f.uuid({ null: true, blank: true }),
    data: f.json({ null: true, blank: true }),
    big: f.bigInt({ null: true, blank: true }),
    author: () => f.foreignKey(Author, { relatedName: 'articles' }),
    editor: () =>
      f.foreignKey(Author, { null: true, blank: true, relatedName: 'edited', onDelete: 'setNull' }),
    tags: () => f.manyToMany(Tag),
    created: f.dateTime({ autoNowAdd: true }),
    secret: f.char({ max: 5, editable: false, default: 'x' }),
  },
  { ...byId, uniqueTogether: [['author', 'title']] },
)
export type Article = Instance<typeof Article>

export async function fill(): Promise<void> {
  const [ann, bob] = [
    await Author.objects.create({ name: 'Ann' }),
    await Author.objects.create({ name: 'Bob' }),
  ]
  const red = await Tag.objects.create({ name: 'red' })
  await Tag.objects.create({ name: '<green>' })
  const first = { title: 'First', slug: 'first', kind: 'n', author: ann, editor: bob, rating: 1.5 } as const
  await (await Article.objects.create(first)).tags.set([red])
  await Article.objects.create({ title: 'Second', slug: 'second', kind: 'o', author: bob })
}

const NAMES = [
  ...(['title', 'slug', 'body', 'votes', 'rating', 'price', 'live', 'maybe', 'kind', 'level'] as const),
  ...(['published', 'day', 'mail', 'code', 'data', 'big', 'author', 'editor', 'tags'] as const),
]

const ArticleForm = modelForm(Article, { fields: NAMES })
const forms = {
  article: ArticleForm,
  excluded: modelForm(Article, { exclude: ['body', 'author', 'tags', 'data'] }),
  all: modelForm(Article, { fields: '__all__' }),
  short: modelForm(Article, {
    fields: ['title', 'slug'],
    fieldOrder: ['slug', 'title'],
    cleanTitle: (title) => {
      if (title === 'bad') throw new ValidationError('Not this one.')
      return title === 'up' ? title.toUpperCase() : title
    },
    clean: ({ title }) => {
      if (title === 'same') throw new ValidationError('Something else, please.')
    },
  }),
  worded: modelForm(Article, {
    fields: ['title', 'body', 'author'],
    widgets: { body: 'text', title: 'textarea' },
    labels: { title: 'What is it?' },
    helpTexts: { title: 'A few words.' },
    errorMessages: { title: { required: 'Say something.' }, author: { required: 'Who?' } },
  }),
}

const Person = defineForm({
  fields: {
    name: field.text({ max: 10 }),
    age: field.integer({ required: false, min: 0 }),
  },
})
const sets = {
  formset: formset(Person, { extra: 2 }),
  bounded: formset(Person, { extra: 2, minNum: 1, maxNum: 2, validateMin: true, validateMax: true }),
  ordered: formset(Person, { extra: 2, canOrder: true, canDelete: true }),
}
const authors = modelFormset(modelForm(Author, { fields: ['name'] }), { extra: 1, canDelete: true })
const inline = inlineFormset(Author, modelForm(Article, { fields: ['title', 'slug'] }), {
  fkName: 'author',
  extra: 2,
})

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain).sort()
  if (typeof value === 'bigint')
    return value > 2n ** 53n || value < -(2n ** 53n) ? String(value) : Number(value)
  if (typeof value === 'object' && value !== null && 'pk' in value) return value.pk
  if (typeof value === 'object' && value !== null)
    return JSON.stringify(value).replaceAll(':', ': ').replaceAll(',', ', ')
  return value
}

async function rows(): Promise<unknown[]> {
  const found = await Article.objects.prefetchRelated('tags')
  const keyed = found.map(async (row) => [
    ...[row.id, row.title, row.slug, row.votes, row.live, row.level, row.authorId, row.editorId, row.secret],
    (await row.tags.all()).map(({ id }) => id).sort(),
  ])
  return Promise.all(keyed)
}

const dataOf = ({ data }: Case): QueryDict | null => (data === null ? null : new QueryDict(data))

async function runForm(one: Case): Promise<Record<string, unknown>> {
  const instance = one.instance === undefined ? null : await Article.objects.get({ pk: one.instance })
  const data = dataOf(one)
  const kind = forms[one.form as keyof typeof forms] as typeof ArticleForm
  const form = kind.make({ data, instance })
  const valid = await form.isValid()
  const answer: Record<string, unknown> = {
    valid,
    errors: Object.fromEntries(form.errors),
    html: [String(await form.asP()), String(await form.asTable()), String(await form.asUl())],
    changed: data === null ? [] : await form.changedData(),
  }
  if (valid) {
    answer['cleaned'] = Object.fromEntries(
      Object.entries(form.cleanedData).map(([name, value]) => [name, plain(value)]),
    )
    if (one.form === 'article') await form.save()
  }
  return { ...answer, rows: await rows() }
}

async function runSet(one: Case): Promise<Record<string, unknown>> {
  const data = dataOf(one)
  const set = await (async () => {
    if (one.form === 'authors') return authors.make({ data })
    if (one.form === 'inline') return inline.make({ data, instance: await Author.objects.get({ pk: 1 }) })
    const initial = one.form === 'ordered' ? [{ name: 'a', age: 5 }] : []
    return sets[one.form as keyof typeof sets].make({ data, initial })
  })()
  const valid = await set.isValid()
  const answer: Record<string, unknown> = {
    valid,
    errors: set.errors.map((errors) => Object.fromEntries(errors)),
    whole: set.nonFormErrors,
    html: set.forms.length < 10 ? [String(await set.asP()), String(await set.asTable())] : [],
  }
  if (valid && 'save' in set) {
    await set.save()
    answer['saved'] = [set.newObjects, set.changedObjects, set.deletedObjects].map(({ length }) => length)
  } else if (valid && one.form === 'ordered' && !('save' in set)) {
    answer['saved'] = (await set.orderedForms()).map((form) => form.cleanedData.name)
  }
  const all = await Author.objects.all()
  return { ...answer, rows: await rows(), authors: all.map(({ id, name }) => [id, name]) }
}

class Undo extends Error {}

/** One case, whose changes are taken back. */
export async function run(databases: Databases, one: Case): Promise<unknown> {
  let answer: unknown = null
  const work = async (): Promise<never> => {
    answer = one.form in forms ? await runForm(one) : await runSet(one)
    throw new Undo()
  }
  await databases
    .run(() => databases.default.atomic(work))
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error
    })
  return answer
}
