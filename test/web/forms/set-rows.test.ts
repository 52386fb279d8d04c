import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  createTables,
  defineDatabases,
  defineForm,
  f,
  field,
  formset,
  inlineFormset,
  model,
  modelForm,
  modelFormset,
  ModelRegistry,
  QueryDict,
} from 'portico/web'

const registry = new ModelRegistry()
const Shelf = model('Shelf', { name: f.char({ max: 10 }) }, { registry })
const Book = model(
  'Book',
  {
    title: f.char({ max: 20 }),
    since: f.dateTime({ default: () => new Date() }),
    shelf: () => f.foreignKey(Shelf, { relatedName: 'books' }),
  },
  { registry, uniqueTogether: [['shelf', 'title']] },
)
const Country = model(
  'Country',
  { code: f.char({ max: 3, primaryKey: true }), name: f.char({ max: 20 }) },
  { registry },
)
const Hour = model(
  'Hour',
  { at: f.dateTime({ primaryKey: true, editable: false }), note: f.char({ max: 9 }) },
  { registry },
)
const databases = defineDatabases({ default: 'sqlite::memory:' })

beforeAll(() => createTables(databases.default, [Shelf, Book, Country, Hour]))
beforeEach(() =>
  databases.run(async () => {
    await Book.objects.all().delete()
    await Shelf.objects.all().delete()
    await Country.objects.all().delete()
  }),
)
afterAll(() => databases.close())

const sent = (prefix: string, total: number, initial: number, fields: Record<string, string>) =>
  new QueryDict(
    Object.entries({
      [`${prefix}-TOTAL_FORMS`]: String(total),
      [`${prefix}-INITIAL_FORMS`]: String(initial),
      ...fields,
    }),
  )

test('a new row may be made in one of the forms that there have to be', () =>
  databases.run(async () => {
    const Shelves = modelFormset(modelForm(Shelf, { fields: ['name'] }), { minNum: 1, extra: 0 })
    const set = await Shelves.make({
      data: sent('form', 1, 0, { 'form-0-name': 'new', 'form-0-id': '' }),
    })
    expect([await set.isValid(), set.errors.map((errors) => [...errors])]).toEqual([true, [[]]])
    await set.save()
    expect(set.newObjects.length).toBe(1)
    const asked = await Shelves.make({ queryset: Shelf.objects.none(), initial: [{ name: 'first' }] })
    expect(asked.forms[0]?.field('name').value).toBe('first')
  }))

test('a box that has to be ticked makes an empty form of a set no changed one', async () => {
  const Guests = formset(
    defineForm({ fields: { name: field.text(), agree: field.checkbox({ required: true }) } }),
    { extra: 1 },
  )
  const set = Guests.make({ data: sent('form', 1, 0, { 'form-0-name': '' }) })
  expect([await set.isValid(), await set.hasChanged()]).toEqual([true, false])
})

test('what must be unique together with the parent is looked for among the rows', () =>
  databases.run(async () => {
    const shelf = await Shelf.objects.create({ name: 'a' })
    await Book.objects.create({ title: 'Emma', shelf })
    const Books = inlineFormset(Shelf, modelForm(Book, { fields: ['title'] }), { extra: 1 })
    const set = await Books.make({
      instance: shelf,
      queryset: Book.objects.none(),
      data: sent('books', 1, 0, { 'books-0-title': 'Emma', 'books-0-shelf': String(shelf.id) }),
    })
    expect([await set.isValid(), set.errors.map((errors) => errors.get(''))]).toEqual([
      false,
      [['Book with this Shelf and Title already exists.']],
    ])
  }))

test('of two new rows of one parent the message names what the page can correct', () =>
  databases.run(async () => {
    const shelf = await Shelf.objects.create({ name: 'a' })
    const Books = inlineFormset(Shelf, modelForm(Book, { fields: ['title'] }))
    const form = (i: number) => ({ [`books-${i}-title`]: 'Emma', [`books-${i}-shelf`]: String(shelf.id) })
    const set = await Books.make({
      instance: shelf,
      data: sent('books', 2, 0, { ...form(0), ...form(1) }),
    })
    expect([await set.isValid(), set.nonFormErrors]).toEqual([
      false,
      ['Please correct the duplicate data for title.'],
    ])
  }))

test('a form whose defaults are made anew each time is unchanged when it comes back as it was', () =>
  databases.run(async () => {
    const Books = modelFormset(modelForm(Book, { fields: ['title', 'since'] }), { extra: 1 })
    const shown = String(await (await Books.make()).asP())
    expect(shown).toContain('name="initial-form-0-since"')
    const set = await Books.make({
      data: sent('form', 1, 0, {
        'form-0-title': '',
        'form-0-since': '2020-01-01 10:00:00',
        'initial-form-0-since': '2020-01-01 10:00:00',
      }),
    })
    expect([await set.isValid(), await set.hasChanged()]).toEqual([true, false])
  }))

test('the values of empty forms go by what the page had, whatever rows there are now', () =>
  databases.run(async () => {
    const one = await Shelf.objects.create({ name: 'one' })
    const Shelves = modelFormset(modelForm(Shelf, { fields: ['name'] }), { extra: 1 })
    // Another row was deleted since the page was shown.
    const set = await Shelves.make({
      initial: [{ name: 'given' }],
      data: sent('form', 3, 2, {
        'form-0-name': 'one',
        'form-0-id': String(one.id),
        'form-1-name': 'two',
        'form-1-id': String(one.id + 1),
        'form-2-name': 'given',
      }),
    })
    expect(await set.forms[2]?.hasChanged()).toBe(false)
  }))

test('a row that somebody else has deleted meanwhile may be deleted, and one may be named twice', () =>
  databases.run(async () => {
    const one = await Shelf.objects.create({ name: 'one' })
    const gone = await Shelf.objects.create({ name: 'gone' })
    await Shelf.objects.filter({ id: gone.id }).delete()
    const Shelves = modelFormset(modelForm(Shelf, { fields: ['name'] }), { canDelete: true })
    const form = (i: number, id: number) => ({
      [`form-${i}-name`]: 'x',
      [`form-${i}-id`]: String(id),
      [`form-${i}-DELETE`]: 'on',
    })
    const set = await Shelves.make({
      data: sent('form', 3, 3, { ...form(0, one.id), ...form(1, gone.id), ...form(2, one.id) }),
    })
    expect(await set.isValid()).toBe(true)
    await set.save()
    expect([set.deletedObjects.length, await Shelf.objects.count()]).toEqual([1, 0])
  }))

const Countries = modelFormset(modelForm(Country, { fields: ['code', 'name'] }), {
  extra: 1,
  canDelete: true,
})
const countries = (codes: readonly string[], names: readonly string[]) =>
  Object.fromEntries(
    codes.flatMap((code, i) => [
      [`form-${i}-code`, code],
      [`form-${i}-name`, names[i] ?? ''],
    ]),
  )

test('rows whose keys people type are made and changed by them', () =>
  databases.run(async () => {
    await Country.objects.create({ code: ' d', name: 'Germany' })
    await Country.objects.create({ code: 'f', name: 'France' })
    const shown = String(await (await Countries.make()).asP())
    expect(shown).toMatch(/<input type="text" name="form-2-code"/)
    expect(shown).toMatch(/<input type="text" name="form-0-code" value=" d"/)
    expect(shown).not.toContain('type="hidden" name="form-0-code"')
    const data = sent('form', 3, 2, countries([' d', 'f', 'nl'], ['Deutschland', 'France', 'Netherlands']))
    const set = await Countries.make({ data })
    expect([await set.isValid(), set.errors.map((errors) => [...errors])]).toEqual([true, [[], [], []]])
    await set.save()
    expect([set.changedObjects.length, set.newObjects.length]).toEqual([1, 1])
    expect(await Country.objects.orderBy('code').valuesList('code', 'name')).toEqual([
      [' d', 'Deutschland'],
      ['f', 'France'],
      ['nl', 'Netherlands'],
    ])
  }))

test('the key of a row that is there cannot be typed over, and a new one is of no other row', () =>
  databases.run(async () => {
    await Country.objects.create({ code: 'd', name: 'Germany' })
    const other = 'Select a valid choice. That choice is not one of the available choices.'
    const taken = 'Country with this Code already exists.'
    const set = await Countries.make({ data: sent('form', 2, 1, countries(['de', 'd'], ['Germany', 'x'])) })
    expect([await set.isValid(), set.errors.map((errors) => errors.get('code'))]).toEqual([
      false,
      [[other], [taken]],
    ])
    const bare = await Countries.make({ data: sent('form', 2, 1, countries(['', ''], ['Germany', 'x'])) })
    expect([await bare.isValid(), bare.errors.map((errors) => errors.get('code'))]).toEqual([
      false,
      [['This field is required.'], ['This field is required.']],
    ])
    expect(await Country.objects.valuesList('code', { flat: true })).toEqual(['d'])
  }))

test('rows are told apart by keys that are no text', () =>
  databases.run(async () => {
    for (const hour of [1, 2]) await Hour.objects.create({ at: new Date(hour * 3_600_000), note: 'old' })
    const Hours = modelFormset(modelForm(Hour, { fields: ['note'] }), { extra: 0 })
    const page = await Hours.make()
    const fields = page.forms.flatMap((form, i): [string, string][] => [
      [`form-${i}-at`, String([...form].find(({ name }) => name === 'at')?.value)],
      [`form-${i}-note`, `new ${i}`],
    ])
    const set = await Hours.make({ data: sent('form', 2, 2, Object.fromEntries(fields)) })
    expect([await set.isValid(), set.errors.map((errors) => [...errors])]).toEqual([true, [[], []]])
    await set.save()
    expect(await Hour.objects.orderBy('at').valuesList('note', { flat: true })).toEqual(['new 0', 'new 1'])
  }))
