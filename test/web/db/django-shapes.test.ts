import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  Case,
  Coalesce,
  Count,
  Exists,
  F,
  Lower,
  Max,
  Min,
  OuterRef,
  Sum,
  Value,
  When,
} from '../../../src/entry/web.ts'
import type { Expression } from '../../../src/entry/web.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { DjangoLibrary } from './support/django-library.ts'
import { Article, Author, Comment } from './support/library.ts'

/**
 * Random querysets on both ORMs: filtered, annotated, grouped, distinct, ordered, cut, and then read, counted or put
 * into another. No annotation is excluded: where it is null Django 3.2 leaves its row out, as we do not.
 */

interface Rows {
  filter(where: object): Rows
  exclude(where: object): Rows
  annotate(annotations: object): Rows
  values(...names: string[]): Rows
  valuesList(...names: (string | object)[]): Rows
  distinct(): Rows
  orderBy(...names: string[]): Rows
  slice(start: number, end: number): Rows
  count(): Promise<number>
  exists(): Promise<boolean>
  aggregate(aggregates: object): Promise<object>
}

/** As Django writes it and as we do. */
type Both<T> = readonly [python: string, ours: T]
interface Named {
  readonly name: string
  readonly python: string
  readonly ours: Expression
  readonly filter: Both<object>
}
interface Peer {
  readonly name: string
  readonly rows: () => Rows
  readonly filters: readonly Both<object>[]
  readonly annotations: readonly Named[]
  readonly groups: readonly (readonly string[])[]
  readonly aggregates: readonly Both<Expression>[]
  readonly orders: readonly string[]
}

const named = (name: string, python: string, ours: Expression, filter: Both<object>): Named => ({
  name,
  python,
  ours,
  filter,
})

const articles: Peer = {
  name: 'Article',
  rows: () => Article.objects.all(),
  filters: [
    ['votes__gt=4', { votes__gt: 4 }],
    ['editor__age__gt=30', { editor__age__gt: 30 }],
    ["tags__label='red'", { tags__label: 'red' }],
    ['comments__score__lt=2', { comments__score__lt: 2 }],
    ['publisher=None', { publisher: null }],
    ['tags__isnull=True', { tags__isnull: true }],
  ],
  annotations: [
    named('n', "Count('tags')", Count('tags'), ['n__gt=1', { n__gt: 1 }]),
    named('s', "Sum('comments__score')", Sum('comments__score'), ['s__gt=0', { s__gt: 0 }]),
    named('e', "F('editor__name')", F('editor__name'), ["e='Bob'", { e: 'Bob' }]),
    named('t', "F('tags__label')", F('tags__label'), ["t='red'", { t: 'red' }]),
    named('k', "Coalesce('rating', Value(0.5))", Coalesce('rating', Value(0.5)), ['k__gt=1', { k__gt: 1 }]),
    named(
      'x',
      "Exists(Comment.objects.filter(article=OuterRef('pk'), score__gt=2))",
      Exists(Comment.objects.filter({ article: OuterRef('pk'), score__gt: 2 })),
      ['x=True', { x: true }],
    ),
    named(
      'w',
      'Case(When(editor__age__gt=30, then=Value(1)), default=Value(0), output_field=IntegerField())',
      Case([When({ editor__age__gt: 30 }, Value(1))], { default: Value(0) }),
      ['w=1', { w: 1 }],
    ),
  ],
  groups: [['author'], ['votes'], ['publisher__name'], ['status', 'votes']],
  aggregates: [
    ["Count('id')", Count('id')],
    ["Sum('votes')", Sum('votes')],
    ["Count('tags')", Count('tags')],
  ],
  orders: ['votes', '-rating', 'author__name', '-editor__age'],
}

const authors: Peer = {
  name: 'Author',
  rows: () => Author.objects.all(),
  filters: [
    ['age=None', { age: null }],
    ['articles__votes__gt=4', { articles__votes__gt: 4 }],
    ['pupils__age=36', { pupils__age: 36 }],
    ["mentor__name='Ada'", { mentor__name: 'Ada' }],
    ['profile__isnull=True', { profile__isnull: true }],
  ],
  annotations: [
    named('n', "Count('articles')", Count('articles'), ['n__gt=1', { n__gt: 1 }]),
    named('m', "Min('articles__rating')", Min('articles__rating'), ['m__isnull=True', { m__isnull: true }]),
    named('b', "Max('edited__votes')", Max('edited__votes'), ['b__gt=0', { b__gt: 0 }]),
    named('t', "F('articles__votes')", F('articles__votes'), ['t=5', { t: 5 }]),
    named('l', "Lower('name')", Lower('name'), ["l='dan'", { l: 'dan' }]),
  ],
  groups: [['age'], ['mentor'], ['mentor__name'], ['age', 'mentor']],
  aggregates: [
    ["Count('id')", Count('id')],
    ["Sum('age')", Sum('age')],
    ["Count('articles')", Count('articles')],
  ],
  orders: ['age', '-mentor__age', 'name'],
}

const aggregated = ({ python }: Named): boolean => /^(?:Count|Sum|Min|Max)\(/.test(python)

const plans = (peer: Peer) =>
  fc.record({
    before: fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...peer.filters)), { maxLength: 2 }),
    annotations: fc.uniqueArray(fc.constantFrom(...peer.annotations), { maxLength: 2 }),
    narrowed: fc.boolean(),
    after: fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...peer.filters)), { maxLength: 1 }),
    groups: fc.option(fc.constantFrom(...peer.groups), { freq: 2 }),
    aggregate: fc.constantFrom(...peer.aggregates),
    distinct: fc.boolean(),
    orders: fc.uniqueArray(fc.constantFrom(...peer.orders), { maxLength: 2 }),
    cut: fc.option(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 4 })), { freq: 2 }),
    end: fc.constantFrom('rows', 'count', 'exists', 'aggregate', 'inside'),
  })
type Plan = ReturnType<typeof plans> extends fc.Arbitrary<infer P> ? P : never

/** A queryset while it is made, in both words. */
class Pair {
  python: string
  ours: Rows

  constructor(peer: Peer) {
    this.python = `${peer.name}.objects`
    this.ours = peer.rows()
  }

  add(python: string, change: (rows: Rows) => Rows): void {
    this.python += python
    this.ours = change(this.ours)
  }

  where(all: readonly (readonly [boolean, Both<object>])[]): void {
    for (const [kept, [python, where]] of all)
      this.add(`.${kept ? 'filter' : 'exclude'}(${python})`, (rows) =>
        kept ? rows.filter(where) : rows.exclude(where),
      )
  }
}

const texts = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ')

function query(peer: Peer, plan: Plan): Both<() => unknown> {
  const pair = new Pair(peer)
  pair.where(plan.before)
  for (const one of plan.annotations)
    pair.add(`.annotate(${one.name}=${one.python})`, (rows) => rows.annotate({ [one.name]: one.ours }))
  const [first] = plan.annotations
  if (plan.narrowed && first !== undefined) pair.where([[true, first.filter]])
  pair.where(plan.after)
  const groups = plan.annotations.some(aggregated) ? null : plan.groups
  const own = plan.annotations.map(({ name }) => name)
  if (groups !== null) {
    const [python, ours] = plan.aggregate
    pair.add(`.values(${texts(groups)}).annotate(agg=${python})`, (rows) =>
      rows.values(...groups).annotate({ agg: ours }),
    )
  }
  if (plan.distinct) pair.add('.distinct()', (rows) => rows.distinct())
  const order = groups === null ? [...plan.orders, ...own, 'pk'] : [...groups, 'agg']
  pair.add(`.order_by(${texts(order)})`, (rows) => rows.orderBy(...order))
  if (groups === null && plan.end === 'inside') pair.add(`.values('id')`, (rows) => rows.values('id'))
  else if (groups === null)
    pair.add(`.values_list(${texts(['id', ...own])})`, (rows) => rows.valuesList('id', ...own))
  const { cut } = plan
  if (cut !== null) pair.add(`[${cut[0]}:${cut[0] + cut[1]}]`, (rows) => rows.slice(cut[0], cut[0] + cut[1]))
  return ended(peer, plan, pair, groups === null)
}

function ended(peer: Peer, plan: Plan, { python, ours }: Pair, isPlain: boolean): Both<() => unknown> {
  const [name, aggregate] = plan.aggregate
  if (plan.end === 'count') return [`${python}.count()`, () => ours.count()]
  if (plan.end === 'exists') return [`${python}.exists()`, () => ours.exists()]
  if (plan.end === 'aggregate' && isPlain)
    return [`${python}.aggregate(total=${name})`, () => ours.aggregate({ total: aggregate })]
  if (plan.end === 'inside' && isPlain)
    return [
      `${peer.name}.objects.exclude(pk__in=${python}).order_by('pk').values_list('pk', flat=True)`,
      () => peer.rows().exclude({ pk__in: ours }).orderBy('pk').valuesList('pk', { flat: true }),
    ]
  return [python, () => ours]
}

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200)

describeWithPeer('python3', 'random querysets give what Django gives', (interpreter) => {
  let library: DjangoLibrary
  beforeAll(async () => {
    library = new DjangoLibrary(interpreter)
    await library.fill()
  })
  afterAll(() => library.close())

  it.each([articles, authors])('of $name', async (peer) => {
    const samples = fc.sample(plans(peer), { numRuns: RUNS, seed: SEED }).map((plan) => query(peer, plan))
    const theirs = library.theirs(samples.map(([python]) => python))
    for (const [i, [python, ours]] of samples.entries()) {
      expect(await library.ours(ours), python).toEqual(theirs[i])
    }
  })
})
