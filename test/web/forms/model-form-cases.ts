/** What is sent to the same forms of real Django and of ours. */

export type Pairs = readonly (readonly [name: string, value: string])[]

export interface Case {
  readonly name: string
  /** Which form or set of forms; each is in model-forms.ts and in django-forms.py. */
  readonly form: string
  /** Null shows the form for the first time. */
  readonly data: Pairs | null
  /** The key of the row that is changed. */
  readonly instance?: number
}

/** Django 3.2 itself fails on a JSON field that was not sent. */
const noData: Pairs = [['data', '']]

const good: Pairs = [
  ...noData,
  ['title', 'A title'],
  ['slug', 'a-title'],
  ['body', 'Some text'],
  ['votes', '3'],
  ['kind', 'n'],
  ['level', '2'],
  ['live', 'on'],
  ['maybe', 'unknown'],
  ['author', '1'],
  ['tags', '1'],
  ['tags', '2'],
]

/** The good form with some values in place of others. */
const article = (changes: Readonly<Record<string, string | readonly string[]>>, instance?: number): Case => ({
  name: `${JSON.stringify(changes)}${instance === undefined ? '' : ` of row ${instance}`}`,
  form: 'article',
  data: [
    ...good.filter(([name]) => !(name in changes)),
    ...Object.entries(changes).flatMap(([name, value]) =>
      (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const),
    ),
  ],
  ...(instance !== undefined && { instance }),
})

const counts = (prefix: string, total: number | string, initial: number | string): Pairs => [
  [`${prefix}-TOTAL_FORMS`, String(total)],
  [`${prefix}-INITIAL_FORMS`, String(initial)],
]
const set = (name: string, form: string, data: Pairs | null): Case => ({ name, form, data })

export const cases: readonly Case[] = [
  { name: 'first shown', form: 'article', data: null },
  { name: 'first shown for a row', form: 'article', data: null, instance: 1 },
  { name: 'first shown, with words of its own', form: 'worded', data: null },
  { name: 'nothing sent', form: 'article', data: noData },
  { name: 'nothing sent, with words of its own', form: 'worded', data: [] },
  { name: 'nothing sent for a row', form: 'article', data: noData, instance: 1 },
  { name: 'all but some fields', form: 'excluded', data: null },
  { name: 'all fields', form: 'all', data: null },
  {
    name: 'an unasked field',
    form: 'short',
    data: [
      ['title', 'x'],
      ['votes', '99'],
      ['live', 'on'],
      ['slug', 'y'],
    ],
  },
  {
    name: 'a hook that refuses',
    form: 'short',
    data: [
      ['title', 'bad'],
      ['slug', 'y'],
    ],
  },
  {
    name: 'a hook that changes',
    form: 'short',
    data: [
      ['title', ' up '],
      ['slug', 'y'],
    ],
  },
  {
    name: 'a clean that refuses',
    form: 'short',
    data: [
      ['title', 'same'],
      ['slug', 'same'],
    ],
  },
  {
    name: 'a clean beside another error',
    form: 'short',
    data: [
      ['title', 'same'],
      ['slug', ''],
    ],
  },
  article({}),
  article({}, 1),
  article({ title: '' }),
  article({ title: '   ' }),
  article({ title: 'x'.repeat(20) }),
  article({ title: 'x'.repeat(21) }),
  article({ title: 'ä'.repeat(21) }),
  article({ title: 'nul\0' }),
  article({ title: '<b>"&\'' }),
  article({ slug: 'not a slug' }),
  article({ slug: 'näh' }),
  article({ slug: 'first' }),
  article({ slug: 'first' }, 1),
  article({ slug: 'second' }, 1),
  article({ title: 'First', author: '1' }),
  article({ title: 'First', author: '2' }),
  article({ title: 'First', author: '9' }),
  article({ title: 'First', author: '1', slug: 'first' }),
  article({ body: '' }),
  article({ body: '  lines\r\nand </textarea> ' }),
  article({ votes: '' }),
  article({ votes: 'x' }),
  article({ votes: '1.0' }),
  article({ votes: '1.5' }),
  article({ votes: ' -7 ' }),
  article({ votes: '+7' }),
  article({ rating: '2.5' }),
  article({ rating: '1e3' }),
  article({ rating: 'nan' }),
  article({ rating: 'inf' }),
  article({ rating: '.5' }),
  article({ price: '123.45' }),
  article({ price: '1234.5' }),
  article({ price: '1.234' }),
  article({ price: '123456' }),
  article({ price: '12345.67' }),
  article({ price: 'x' }),
  article({ price: '0.10' }),
  article({ live: '' }),
  article({ live: 'false' }),
  article({ maybe: 'true' }),
  article({ maybe: 'false' }),
  article({ maybe: 'rubbish' }),
  article({ kind: '' }),
  article({ kind: 'z' }),
  article({ kind: '<z>' }),
  article({ level: '' }),
  article({ level: '1' }),
  article({ level: '7' }),
  article({ published: '2024-02-29 12:30' }),
  article({ published: '2024-02-29 12:30:15' }),
  article({ published: '2024-02-29T12:30:15Z' }),
  article({ published: '2024-02-29T12:30:15+02:00' }),
  article({ published: '2024-02-30 12:30' }),
  article({ published: '02/29/2024 08:05' }),
  article({ published: '2024-02-29' }),
  article({ published: '2024-02-29 24:30' }),
  article({ published: 'yesterday' }),
  article({ day: '2024-02-29' }),
  article({ day: '2023-02-29' }),
  article({ day: '10/25/2006' }),
  article({ day: '10/25/06' }),
  article({ day: 'Oct 25 2006' }),
  article({ day: '25 October, 2006' }),
  article({ day: '25.10.2006' }),
  article({ mail: 'ann@example.com' }),
  article({ mail: 'ann' }),
  article({ mail: 'a@' + 'b'.repeat(60) + '.com' }),
  article({ code: '12345678-1234-5678-1234-567812345678' }),
  article({ code: '12345678123456781234567812345678' }),
  article({ code: '1234' }),
  article({ data: '{"a": [1, null]}' }),
  article({ data: '{' }),
  article({ big: '9223372036854775807' }),
  article({ big: '9223372036854775808' }),
  article({ big: '-9223372036854775809' }),
  article({ author: '' }),
  article({ author: 'x' }),
  article({ author: '99' }),
  article({ editor: '2' }),
  article({ editor: '' }, 1),
  article({ tags: [] }),
  article({ tags: ['1', '99'] }),
  article({ tags: ['x'] }),
  article({ tags: ['1', '1'] }),
  article({ tags: ['2'] }, 1),

  set('first shown', 'formset', null),
  set('all empty', 'formset', counts('form', 2, 0)),
  set('one filled', 'formset', [...counts('form', 2, 0), ['form-0-name', 'Ann'], ['form-0-age', '7']]),
  set('one wrong', 'formset', [...counts('form', 2, 0), ['form-0-name', 'Ann'], ['form-1-age', 'x']]),
  set('no counts', 'formset', [['form-0-name', 'Ann']]),
  set('counts of rubbish', 'formset', [...counts('form', 'x', ''), ['form-0-name', 'Ann']]),
  set('counts of thousands', 'formset', counts('form', 5000, 0)),
  set('more than there may be', 'bounded', [
    ...counts('form', 3, 0),
    ['form-0-name', 'a'],
    ['form-1-name', 'b'],
    ['form-2-name', 'c'],
  ]),
  set('fewer than there must be', 'bounded', counts('form', 2, 0)),
  set('first shown, ordered and to delete', 'ordered', null),
  set('ordered, and one to delete', 'ordered', [
    ...counts('form', 3, 1),
    ['form-0-name', 'a'],
    ['form-0-ORDER', '3'],
    ['form-1-name', 'b'],
    ['form-1-ORDER', '1'],
    ['form-2-name', ''],
    ['form-2-age', 'x'],
    ['form-2-DELETE', 'on'],
  ]),

  set('first shown', 'authors', null),
  set('as it was, and one more', 'authors', [
    ...counts('form', 3, 2),
    ...([
      ['form-0-id', '1'],
      ['form-0-name', 'Ann'],
      ['form-1-id', '2'],
      ['form-1-name', 'Bob'],
    ] as const),
    ...([
      ['form-2-id', ''],
      ['form-2-name', 'New'],
    ] as const),
  ]),
  set('one changed, one deleted', 'authors', [
    ...counts('form', 3, 2),
    ...([
      ['form-0-id', '1'],
      ['form-0-name', 'Anna'],
      ['form-1-id', '2'],
      ['form-1-name', 'Bob'],
    ] as const),
    ...([
      ['form-1-DELETE', 'on'],
      ['form-2-id', ''],
      ['form-2-name', ''],
    ] as const),
  ]),
  set('two of one name', 'authors', [
    ...counts('form', 3, 2),
    ...([
      ['form-0-id', '1'],
      ['form-0-name', 'Bob'],
      ['form-1-id', '2'],
      ['form-1-name', 'Bob'],
    ] as const),
    ...([
      ['form-2-id', ''],
      ['form-2-name', ''],
    ] as const),
  ]),
  set('a name of another row', 'authors', [
    ...counts('form', 3, 2),
    ...([
      ['form-0-id', '1'],
      ['form-0-name', 'Ann'],
      ['form-1-id', '2'],
      ['form-1-name', 'Bob'],
    ] as const),
    ...([
      ['form-2-id', ''],
      ['form-2-name', 'Ann'],
    ] as const),
  ]),
  set('first shown', 'inline', null),
  set('one changed, one new', 'inline', [
    ...counts('articles', 3, 1),
    ...([
      ['articles-0-id', '1'],
      ['articles-0-author', '1'],
      ['articles-0-title', 'Changed'],
    ] as const),
    ...([
      ['articles-0-slug', 'first'],
      ['articles-1-author', '1'],
      ['articles-1-title', 'Other'],
    ] as const),
    ...([
      ['articles-1-slug', 'other'],
      ['articles-2-author', '1'],
      ['articles-2-title', ''],
    ] as const),
  ]),
  set('the row deleted', 'inline', [
    ...counts('articles', 1, 1),
    ...([
      ['articles-0-id', '1'],
      ['articles-0-author', '1'],
      ['articles-0-title', ''],
    ] as const),
    ['articles-0-DELETE', 'on'],
  ]),
  set('of another parent', 'inline', [
    ...counts('articles', 1, 0),
    ...([
      ['articles-0-author', '2'],
      ['articles-0-title', 'T'],
      ['articles-0-slug', 't'],
    ] as const),
  ]),
]
