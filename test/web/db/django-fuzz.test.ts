import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { F, Q } from '../../../src/entry/web.ts'
import { describeWithPeer } from '../../support/peer.ts'
import { DjangoLibrary } from './support/django-library.ts'
import { Article, Author } from './support/library.ts'

/**
 * Random conditions on both ORMs. Kept to what Django 3.2 answers rightly: with a negation inside another or inside
 * a disjunction, its choice between inner and outer joins loses rows.
 */

/** A condition as Django writes it and as we do. */
interface Both {
  readonly python: string
  readonly ours: Q
}

interface Step extends Both {
  readonly how: 'filter' | 'exclude'
}

const leaf = (key: string, python: string, value: unknown): Both => ({
  python: `Q(${key}=${python})`,
  ours: Q({ [key]: value }),
})

const literal = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : JSON.stringify(value)

const leaves = (keys: readonly string[], values: readonly unknown[]): fc.Arbitrary<Both> =>
  fc
    .tuple(fc.constantFrom(...keys), fc.constantFrom(...values))
    .map(([key, value]) => leaf(key, literal(value), value))

const compared = (...names: string[]): string[] =>
  names.flatMap((name) => [name, `${name}__gt`, `${name}__lte`])

const nulls = (...names: string[]): string[] => names.map((name) => `${name}__isnull`)

const articleSingle = fc.oneof(
  leaves(compared('votes', 'rating', 'author__age', 'editor__age', 'editor__mentor__age'), [0, 3, 5, 36]),
  leaves(
    ['title', 'author__name', 'editor__name', 'publisher__name', 'author__profile__bio'],
    ['Looms', 'Ada', 'Penguin', 'Danced.'],
  ),
  leaves(['editor__name__in', 'title__in'], [['Looms', 'Dance', 'Bob'], []]),
  leaves(nulls('rating', 'editor', 'editor__age', 'publisher', 'author__mentor', 'author__profile'), [
    true,
    false,
  ]),
  fc.constant(leaf('votes__gt', "F('rating')", F('rating'))),
)
const articleMany = fc.oneof(
  leaves(compared('comments__score'), [-2, 1, 3]),
  leaves(['tags__label', 'comments__text', 'author__articles__tags__label'], ['red', 'spam', 'green']),
  leaves(nulls('tags', 'comments', 'comments__parent'), [true, false]),
)
const authorSingle = fc.oneof(
  leaves(compared('age', 'mentor__age', 'mentor__mentor__age'), [0, 36, 40]),
  leaves(['name', 'mentor__name', 'profile__bio'], ['Ada', 'Cyd', 'Danced.']),
  leaves(nulls('age', 'mentor', 'profile', 'mentor__profile'), [true, false]),
)
const authorMany = fc.oneof(
  leaves(compared('articles__votes', 'articles__rating', 'edited__votes', 'pupils__age'), [0, 5, 36]),
  leaves(['articles__title', 'articles__tags__label', 'edited__author__name'], ['Ada', 'Looms', 'red']),
  leaves(nulls('articles', 'articles__rating', 'pupils', 'edited__publisher'), [true, false]),
)

const joined = (a: Both, b: Both, how: 'and' | 'or'): Both => ({
  python: `(${a.python} ${how === 'and' ? '&' : '|'} ${b.python})`,
  ours: how === 'and' ? a.ours.and(b.ours) : a.ours.or(b.ours),
})

const negated = (b: Both): Both => ({ python: `~${b.python}`, ours: b.ours.not() })

/** Conjunctions and disjunctions of `leaf`, a few deep. */
const trees = (leaf: fc.Arbitrary<Both>): fc.Arbitrary<Both> =>
  fc.letrec<{ tree: Both }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(tie('tree'), tie('tree'), fc.constantFrom('and' as const, 'or' as const))
        .map((t) => joined(...t)),
    ),
  })).tree

const steps = (single: fc.Arbitrary<Both>, many: fc.Arbitrary<Both>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      fc
        .array(fc.oneof(single, single.map(negated)), { minLength: 1, maxLength: 4 })
        .map((all): Step => ({ ...all.reduce((a, b) => joined(a, b, 'and')), how: 'filter' })),
      fc
        .tuple(
          fc.array(single, { minLength: 1, maxLength: 4 }),
          fc.constantFrom('and' as const, 'or' as const),
        )
        .map(([all, how]): Step => ({ ...all.reduce((a, b) => joined(a, b, how)), how: 'exclude' })),
      trees(fc.oneof(single, many)).map((b): Step => ({ ...b, how: 'filter' })),
      many.map((b): Step => ({ ...b, how: 'exclude' })),
    ),
    { minLength: 1, maxLength: 3 },
  )

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_250_101)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 250)

/** The filters and excludes, one after the other, with a result that has one order. */
interface Chainable<T> {
  filter(q: Q): T
  exclude(q: Q): T
}
function apply<T extends Chainable<T>>(rows: T, chain: readonly Step[]): T {
  return chain.reduce(
    (known, step) => (step.how === 'filter' ? known.filter(step.ours) : known.exclude(step.ours)),
    rows,
  )
}

describeWithPeer('python3', 'random conditions find the rows that Django finds', (interpreter) => {
  let library: DjangoLibrary
  beforeAll(async () => {
    library = new DjangoLibrary(interpreter)
    await library.fill()
  })
  afterAll(() => library.close())

  async function compare(name: string, samples: Step[][], query: (chain: Step[]) => unknown): Promise<void> {
    const code = samples.map(
      (chain) =>
        `${name}.objects${chain.map((s) => `.${s.how}(${s.python})`).join('')}.order_by('pk').values_list('pk', flat=True)`,
    )
    const theirs = library.theirs(code)
    for (const [i, chain] of samples.entries()) {
      expect(await library.ours(() => query(chain)), code[i]).toEqual(theirs[i])
    }
  }

  it('of articles', async () => {
    const samples = fc.sample(steps(articleSingle, articleMany), { numRuns: RUNS, seed: SEED })
    await compare('Article', samples, (chain) =>
      apply(Article.objects.all(), chain).orderBy('pk').valuesList('pk', { flat: true }),
    )
  })

  it('of authors', async () => {
    const samples = fc.sample(steps(authorSingle, authorMany), { numRuns: RUNS, seed: SEED })
    await compare('Author', samples, (chain) =>
      apply(Author.objects.all(), chain).orderBy('pk').valuesList('pk', { flat: true }),
    )
  })
})
