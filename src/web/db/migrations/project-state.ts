import { ImproperlyConfigured } from '../../exceptions.ts'
import { Field } from '../fields/field.ts'
import type { FieldOptions } from '../fields/field.ts'
import { Relation } from '../fields/relation.ts'
import type { RelationOptions } from '../fields/relation.ts'
import { model } from '../model.ts'
import type { ModelMeta } from '../model-meta.ts'
import { ModelRegistry } from '../model-registry.ts'
import type { TableDefinition } from '../schema/table.ts'
import { tableOf } from '../schema/table.ts'
import { snakeCase } from '../snake-case.ts'
import type { FieldMap } from '../types.ts'

/** What of a model's options is in its table. */
export interface ModelStateOptions {
  /** Left out: the model's name in snake case. */
  readonly table?: string
  readonly uniqueTogether?: readonly (readonly string[])[]
  readonly indexes?: readonly (readonly string[])[]
  readonly managed?: boolean
}

/** A model as migrations know it: relations name their target, and nothing is in it that no table shows. */
export interface ModelState {
  /** With its application: `blog.Article`. */
  readonly name: string
  readonly fields: FieldMap
  readonly options: ModelStateOptions
}

/** The application of models whose name has none. */
const MAIN_APP = 'main'

/** `blog` of `blog.Article`. */
export function appOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? MAIN_APP : name.slice(0, dot)
}

/** `Article` of `blog.Article` in the migrations of `blog`; models of other applications keep their whole name. */
export const localName = (app: string, name: string): string =>
  app !== MAIN_APP && name.startsWith(`${app}.`) ? name.slice(app.length + 1) : name

/** The other way. */
export const fullName = (app: string, name: string): string =>
  app === MAIN_APP || name.includes('.') ? name : `${app}.${name}`

const FIELD_OPTIONS = [
  ...(['primaryKey', 'auto', 'null', 'unique', 'index', 'max', 'maxDigits', 'places'] as const),
  ...(['autoNow', 'autoNowAdd', 'default', 'column'] as const),
]
const RELATION_OPTIONS = [
  ...([
    'relatedName',
    'onDelete',
    'primaryKey',
    'null',
    'unique',
    'index',
    'default',
    'column',
    'table',
  ] as const),
]

/** All models at one point of the history. Never changed, only copied. */
export class ProjectState {
  readonly models: ReadonlyMap<string, ModelState>
  #registry: ModelRegistry | null = null

  constructor(models: ReadonlyMap<string, ModelState> = new Map()) {
    this.models = models
  }

  /** The state that a process's models describe. */
  static of(registry: ModelRegistry): ProjectState {
    const metas = registry.all().filter((meta) => !meta.autoCreated)
    return new ProjectState(new Map(metas.map((meta) => [meta.name.toLowerCase(), stateOf(meta.ready())])))
  }

  get(name: string): ModelState {
    const found = this.models.get(name.toLowerCase())
    if (found === undefined)
      throw new ImproperlyConfigured(`The migrations know no model '${name}' at this point.`)
    return found
  }

  with(model: ModelState): ProjectState {
    return new ProjectState(new Map(this.models).set(model.name.toLowerCase(), model))
  }

  without(name: string): ProjectState {
    const models = new Map(this.models)
    models.delete(name.toLowerCase())
    return new ProjectState(models)
  }

  /** Another name for a model, in its relations too. */
  renamed(from: string, to: string): ProjectState {
    const entries = [...this.models.values()].map((one) => {
      const name = same(one.name, from) ? to : one.name
      const fields = Object.fromEntries(
        Object.entries(one.fields).map(([field, entry]) => [field, retarget(entry, from, to)]),
      )
      return [name.toLowerCase(), { ...one, name, fields }] as const
    })
    return new ProjectState(new Map(entries))
  }

  /** The models of this point, for rows: a registry of its own. */
  get registry(): ModelRegistry {
    if (this.#registry !== null) return this.#registry
    const registry = new ModelRegistry()
    for (const { name, fields, options } of this.models.values())
      model(name, fields, { ...options, registry })
    return (this.#registry = registry)
  }

  /** Every table of this point that is ours to change, those between models included. */
  get tables(): TableDefinition[] {
    return this.registry
      .all()
      .filter((meta) => meta.options.managed !== false)
      .map(tableOf)
  }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

function stateOf(meta: ModelMeta): ModelState {
  const { table, uniqueTogether, indexes, managed } = meta.options
  const fields = Object.entries(meta.definition.fields).map(([name, entry]) => [
    name,
    entry instanceof Field ? fieldState(entry) : relationState(meta, entry()),
  ])
  return {
    name: meta.name,
    fields: Object.fromEntries(fields) as FieldMap,
    options: {
      ...(table === undefined || table === snakeCase(meta.name) ? {} : { table }),
      ...(uniqueTogether === undefined || uniqueTogether.length === 0 ? {} : { uniqueTogether }),
      ...(indexes === undefined || indexes.length === 0 ? {} : { indexes }),
      ...(managed === false ? { managed } : {}),
    },
  }
}

/** A default that is code is no part of a table: rows get theirs from the model as it is now. */
const isData = (value: unknown): boolean => value !== undefined && typeof value !== 'function'

function kept<O extends object>(options: O, names: readonly (keyof O & string)[]): Partial<O> {
  const entries = names.map((name) => [name, options[name]] as const).filter(([, value]) => isData(value))
  return Object.fromEntries(entries) as Partial<O>
}

const fieldState = (field: Field): Field =>
  new Field(field.kind, kept<FieldOptions>(field.options, FIELD_OPTIONS))

function relationState(meta: ModelMeta, relation: Relation): () => Relation {
  const target = meta.registry.target(relation, meta).name
  const options: RelationOptions = kept<RelationOptions>(relation.options, RELATION_OPTIONS)
  const { through } = relation.options
  const between =
    through === undefined ? {} : { through: typeof through === 'string' ? through : through().meta.name }
  return () => new Relation(target, relation.type, { ...options, ...between })
}

/** The model that a relation of a state names. */
export const targetName = ({ target }: Relation): string =>
  typeof target === 'string' ? target : target.meta.name

function retarget(entry: Field | (() => Relation), from: string, to: string): Field | (() => Relation) {
  if (entry instanceof Field) return entry
  const relation = entry()
  const { through } = relation.options
  const isTarget = typeof relation.target === 'string' && same(relation.target, from)
  const isThrough = typeof through === 'string' && same(through, from)
  if (!isTarget && !isThrough) return entry
  const options = isThrough ? { ...relation.options, through: to } : relation.options
  return () => new Relation(isTarget ? to : relation.target, relation.type, options)
}
