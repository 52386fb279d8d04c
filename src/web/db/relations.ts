import { ImproperlyConfigured } from '../exceptions.ts'
import type { FieldOptions } from './fields/field.ts'
import { Field } from './fields/field.ts'
import { kinds } from './fields/kinds.ts'
import { Relation } from './fields/relation.ts'
import type { Column, JoinStep, ModelMeta, RelationMeta } from './model-meta.ts'
import { snakeCase } from './snake-case.ts'

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1)

/** A foreign key or one-to-one: a column here, and a way back there. */
export function addSingle(source: ModelMeta, name: string, relation: Relation): void {
  const target = source.registry.target(relation, source)
  const pk = target.preparedPk
  const nullable = relation.options.null === true
  const onDelete = relation.options.onDelete ?? 'cascade'
  if (onDelete === 'setNull' && !nullable) {
    throw new ImproperlyConfigured(`${source.name}.${name} has onDelete 'setNull' but is not null: true.`)
  }
  const { auto: _auto, default: _default, ...inherited } = pk.options
  const options: FieldOptions = {
    ...inherited,
    primaryKey: relation.options.primaryKey ?? false,
    unique: relation.options.unique ?? false,
    index: relation.options.index ?? false,
    null: nullable,
    column: relation.options.column ?? `${snakeCase(name)}_id`,
    ...(relation.options.default === undefined ? {} : { default: relation.options.default }),
  }
  const kind = pk.kind === kinds.auto ? { ...kinds.auto, name: 'ForeignKey' } : pk.kind
  const common = { type: relation.type, onDelete, through: null }
  const forward: { -readonly [K in keyof RelationMeta]: RelationMeta[K] } = {
    ...common,
    name,
    accessor: name,
    reverse: false,
    source,
    target,
    column: pk,
    multiple: false,
    steps: [],
  }
  const column = source.addColumn(name, `${name}Id`, new Field(kind, options), forward)
  forward.column = column
  forward.steps = [{ from: column, to: pk, multiple: false, nullable }]
  source.addRelation(forward)
  addReverse(relation, {
    ...common,
    ...reverseNames(relation, source),
    reverse: true,
    source: target,
    target: source,
    column,
    multiple: relation.type === 'foreignKey',
    steps: [{ from: pk, to: column, multiple: relation.type === 'foreignKey', nullable: true }],
  })
}

/** Django's rule: without a `relatedName` the keyword is the model's name and the property has `Set` after it. */
function reverseNames(relation: Relation, source: ModelMeta): { name: string; accessor: string } {
  const given = relation.options.relatedName
  if (given !== undefined) return { name: given, accessor: given }
  const name = lowerFirst(source.objectName)
  return { name, accessor: relation.type === 'oneToOne' ? name : `${name}Set` }
}

function addReverse(relation: Relation, reverse: RelationMeta): void {
  const meta = reverse.source
  replaceOrPush(meta.dependents, reverse)
  if (relation.options.relatedName?.endsWith('+') === true || reverse.target.autoCreated) return
  if (meta.byName.has(reverse.name) || meta.relations.has(reverse.name)) {
    throw new ImproperlyConfigured(
      `The way back '${reverse.name}' from ${meta.name} to ${reverse.target.name} clashes with a field: give a relatedName.`,
    )
  }
  const known = meta.reverse.get(reverse.name)
  if (known !== undefined && !isSame(known, reverse)) {
    throw new ImproperlyConfigured(
      `Two ways back from ${meta.name} are called '${reverse.name}': give a relatedName.`,
    )
  }
  meta.addRelation(reverse)
}

/** The same column, of a model that was defined again. */
const isSame = (a: RelationMeta, b: RelationMeta): boolean =>
  a.target.table === b.target.table && a.column.column === b.column.column

function replaceOrPush(all: RelationMeta[], one: RelationMeta): void {
  const at = all.findIndex((known) => isSame(known, one))
  if (at < 0) all.push(one)
  else all[at] = one
}

/** Many-to-many: a table between with a foreign key to each side, made here or declared with `through`. */
export function addManyToMany(source: ModelMeta, name: string, relation: Relation): void {
  const target = source.registry.target(relation, source)
  const through = source.registry.through(relation, source) ?? makeThrough(source, target, name, relation)
  through.resolve()
  const near = foreignKeyTo(through, source, 0)
  const far = foreignKeyTo(through, target, source === target ? 1 : 0)
  const link = { type: 'manyToMany', onDelete: 'cascade', multiple: true, through } as const
  source.addRelation({
    ...link,
    name,
    accessor: name,
    reverse: false,
    source,
    target,
    column: near,
    steps: cross(source, near, far, target),
  })
  if (relation.options.relatedName?.endsWith('+') === true) return
  target.addRelation({
    ...link,
    ...reverseNames(relation, source),
    reverse: true,
    source: target,
    target: source,
    column: far,
    steps: cross(target, far, near, source),
  })
}

function cross(source: ModelMeta, near: Column, far: Column, target: ModelMeta): JoinStep[] {
  return [
    { from: source.preparedPk, to: near, multiple: true, nullable: true },
    { from: far, to: target.preparedPk, multiple: false, nullable: false },
  ]
}

function foreignKeyTo(through: ModelMeta, meta: ModelMeta, nth: number): Column {
  const column = through.columns.filter((c) => c.relation?.target === meta)[nth]
  if (column === undefined)
    throw new ImproperlyConfigured(`${through.name} has no foreign key to ${meta.name}.`)
  return column
}

function makeThrough(source: ModelMeta, target: ModelMeta, name: string, relation: Relation): ModelMeta {
  const near = lowerFirst(source.objectName)
  const far = lowerFirst(target.objectName)
  const names = source === target ? [`from${source.objectName}`, `to${target.objectName}`] : [near, far]
  const [nearName = near, farName = far] = names
  return source.between(
    {
      name: `${source.name}_${name}`,
      fields: {
        [nearName]: () => new Relation(source.model, 'foreignKey', { index: true, relatedName: '+' }),
        [farName]: () => new Relation(target.model, 'foreignKey', { index: true, relatedName: '+' }),
      },
      custom: {},
      methods: {},
    },
    {
      table: relation.options.table ?? `${source.table}_${snakeCase(name)}`,
      uniqueTogether: [[nearName, farName]],
    },
  )
}
