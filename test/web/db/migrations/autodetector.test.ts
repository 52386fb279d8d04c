import { describe, expect, it } from 'vitest'
import { f } from '../../../../src/entry/web.ts'
import { migrationSource } from '../../../../src/web/db/migrations/migration-files.ts'
import { frameworkMigrations, isFrameworkApp } from '../../../../src/web/management/framework-migrations.ts'
import { MigrationGraph } from '../../../../src/web/db/migrations/migration-graph.ts'
import { planChanges } from '../../../../src/web/db/migrations/plan-changes.ts'
import { ProjectState } from '../../../../src/web/db/migrations/project-state.ts'
import { models } from '../../../../src/web/db/model-registry.ts'
import { History, descriptions, stateOf } from './history.ts'
import type { Models } from './history.ts'

const title = f.char({ max: 50 })

interface Case {
  readonly what: string
  readonly from: Models
  readonly to: Models
  readonly renames?: Readonly<Record<string, string>>
  readonly fills?: Readonly<Record<string, unknown>>
  readonly operations: readonly string[]
}

const cases: readonly Case[] = [
  {
    what: 'nothing',
    from: { A: { title } },
    to: { A: { title: f.char({ max: 50, helpText: 'x' }) } },
    operations: [],
  },
  {
    what: 'a new model after the one it refers to',
    from: {},
    to: { B: { a: () => f.foreignKey('A') }, A: { title } },
    operations: ['main.0001_initial', '  Create model A', '  Create model B'],
  },
  {
    what: 'models in a circle',
    from: {},
    to: {
      A: { b: () => f.foreignKey('B', { null: true, relatedName: 'as' }) },
      B: { a: () => f.foreignKey('A', { null: true, relatedName: 'bs' }) },
    },
    operations: ['main.0001_initial', '  Create model B', '  Create model A', '  Add field a to B'],
  },
  {
    what: 'applications in a circle',
    from: {},
    to: {
      'x.A': { b: () => f.foreignKey('y.B', { null: true, relatedName: 'as' }) },
      'y.B': { a: () => f.foreignKey('x.A', { null: true, relatedName: 'bs' }) },
    },
    operations: [
      ...['y.0001_initial', '  Create model B', 'x.0001_initial', '  Create model A'],
      ...['y.0002_b_a', '  Add field a to B'],
    ],
  },
  {
    what: 'fields that come, go and change',
    from: { A: { title, old: f.int() } },
    to: { A: { title: f.char({ max: 80 }), fresh: f.bool({ default: false }) } },
    operations: [
      'main.0002_remove_a_old_alter_a_title_a_fresh',
      '  Remove field old from A',
      '  Alter field title on A',
      '  Add field fresh to A',
    ],
  },
  {
    what: 'a field renamed',
    from: { A: { title } },
    to: { A: { headline: title } },
    renames: { 'A.title': 'headline' },
    operations: ['main.0002_rename_title_a_headline', '  Rename field title on A to headline'],
  },
  {
    what: 'a model renamed, and a relation to it',
    from: { A: { title }, B: { a: () => f.foreignKey('A') } },
    to: { Post: { title }, B: { a: () => f.foreignKey('Post') } },
    renames: { A: 'Post' },
    operations: ['main.0002_rename_a_post', '  Rename model A to Post'],
  },
  {
    what: 'indexes and constraints',
    from: { A: [{ x: f.int(), y: f.int() }, { indexes: [['x']] }] },
    to: {
      A: [
        { x: f.int(), y: f.int() },
        { indexes: [['y', 'x']], uniqueTogether: [['x', 'y']] },
      ],
    },
    operations: [
      'main.0002_remove_a_x_idx_a_x_y_uniq_a_y_x_idx',
      '  Remove index on field(s) x of model A',
      '  Create constraint unique(x, y) on model A',
      '  Create index on field(s) y, x of model A',
    ],
  },
  {
    what: 'models that go, the ones that refer first',
    from: { A: { title }, B: { a: () => f.foreignKey('A') } },
    to: {},
    operations: ['main.0002_delete_b_delete_a', '  Delete model B', '  Delete model A'],
  },
  {
    what: 'another table',
    from: { A: { title } },
    to: { A: [{ title }, { table: 'letters' }] },
    operations: ['main.0002_alter_a_table', '  Rename table for A to letters'],
  },
  {
    what: 'a column that may not be null',
    from: { A: { title } },
    to: { A: { title, votes: f.int() } },
    fills: { 'A.votes': 7 },
    operations: ['main.0002_a_votes', '  Add field votes to A'],
  },
]

describe('makemigrations finds', () => {
  it.each(cases)('$what', ({ from, to, renames = {}, fills = {}, operations }) => {
    const history = new History()
    history.make(from)
    const options = { renames: new Map(Object.entries(renames)), fills: new Map(Object.entries(fills)) }
    expect(descriptions(history.make(to, options))).toEqual(operations)
    // Having made them there is nothing left, or they would not lead to the models.
    expect(history.make(to)).toEqual([])
  })
})

describe('makemigrations asks', () => {
  it.each<[string, Models, Models, string]>([
    [
      'whether a field was renamed',
      { A: { title } },
      { A: { headline: title } },
      '--rename A.title:headline',
    ],
    ['whether a model was renamed', { A: { title } }, { Post: { title } }, '--rename A:Post'],
    ['what old rows get', { A: { title } }, { A: { title, votes: f.int() } }, '--fill A.votes=VALUE'],
    [
      'what takes the place of null',
      { A: { v: f.int({ null: true }) } },
      { A: { v: f.int() } },
      '--fill A.v=VALUE',
    ],
  ])('%s', (_what, from, to, option) => {
    const history = new History()
    history.make(from)
    expect(() => history.make(to)).toThrow(option)
  })

  it('no more when told that it is no renaming', () => {
    const history = new History()
    history.make({ A: { title: f.text({ null: true }) } })
    const made = history.make({ A: { headline: f.text({ null: true }) } }, { noRenames: true })
    expect(descriptions(made).slice(1)).toEqual(['  Remove field title from A', '  Add field headline to A'])
  })
})

describe('a migration', () => {
  it('is written as a module that imports portico/web alone', () => {
    const history = new History()
    const [made] = history.make({
      'blog.Tag': { label: f.slug({ unique: true }) },
      'blog.Entry': [
        {
          text: f.text({ default: "it's\n" }),
          day: f.date({ null: true }),
          big: f.bigInt({ default: 5n }),
          tags: () => f.manyToMany('blog.Tag', { relatedName: 'entries' }),
          up: () => f.foreignKey('self', { null: true, onDelete: 'setNull', index: false }),
        },
        { table: 'lines', indexes: [['day', 'text']] },
      ],
    })
    expect(made && migrationSource(made)).toBe(`import { createModel, f, migration } from 'portico/web'

export default migration({
  dependencies: [],
  operations: [
    createModel('Tag', {
      label: f.slug({ unique: true }),
    }),
    createModel('Entry', {
      text: f.text({ default: 'it\\'s\\n' }),
      day: f.date({ null: true }),
      big: f.bigInt({ default: 5n }),
      tags: () => f.manyToMany('blog.Tag', { relatedName: 'entries' }),
      up: () => f.foreignKey('blog.Entry', { onDelete: 'setNull', null: true, index: false }),
    }, { table: 'lines', indexes: [['day', 'text']] }),
  ],
})
`)
  })

  it('depends on the last ones of what it refers to', () => {
    const history = new History()
    const user = { 'auth.User': { name: title } }
    history.make(user)
    const [made] = history.make({ ...user, 'blog.Entry': { author: () => f.foreignKey('auth.User') } })
    expect(made?.dependencies).toEqual([['auth', '0001_initial']])
  })

  it('of a graph with two ends is refused', () => {
    const history = new History()
    history.make({ A: { title } })
    const one = { app: 'main', dependencies: [['main', '0001_initial']] as const, operations: [] }
    history.migrations.push({ ...one, name: '0002_a' }, { ...one, name: '0002_b' })
    expect(() => history.make({ A: { title } })).toThrow(
      'multiple leaf nodes in the migration graph: (0002_a, 0002_b in main)',
    )
  })

  it.each([
    [[['main', '0001_gone']], 'Migration main.0002_x depends on main.0001_gone, which is not there.'],
    [[['main', '0002_x']], 'in a circle: main.0002_x, main.0002_x'],
  ] as const)('with the dependencies %j is refused', (dependencies, message) => {
    expect(() => new MigrationGraph([{ app: 'main', name: '0002_x', dependencies, operations: [] }])).toThrow(
      message,
    )
  })
})

it("the framework's own migrations lead to its models", () => {
  const graph = new MigrationGraph(frameworkMigrations)
  expect(descriptions(planChanges(graph, ProjectState.of(models), isFrameworkApp))).toEqual([])
  expect(stateOf({}).models.size).toBe(0)
})
