import { FieldError, MultipleObjectsReturned, ObjectDoesNotExist } from './errors.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { FieldKind, FieldOptions } from './fields/field.ts'
import { Field } from './fields/field.ts'
import { kinds } from './fields/kinds.ts'
import type { OnDelete, Relation, RelationType } from './fields/relation.ts'
import type { ModelRegistry } from './model-registry.ts'
import type { QueryState } from './query/state.ts'
import { addManyToMany, addSingle } from './relations.ts'
import { snakeCase } from './snake-case.ts'
import type { AnyModel, Shape } from './types.ts'

/** A column of a table and the property of a row that shows it. */
export interface Column {
  readonly meta: ModelMeta
  /** The name in the field table: `author`. */
  readonly name: string
  /** The row's property: `authorId` for a relation, else `name`. */
  readonly attname: string
  readonly column: string
  readonly kind: FieldKind
  readonly options: FieldOptions
  readonly field: Field
  readonly relation: RelationMeta | null
  /** Position among the model's columns. */
  index: number
}

/** One table crossed: `from` and `to` are equal in the joined rows. */
export interface JoinStep {
  readonly from: Column
  readonly to: Column
  /** May give several rows for one. */
  readonly multiple: boolean
  /** May give none, so that only an outer join keeps the row. */
  readonly nullable: boolean
}

/** One way from a model to another. Each relation has two, unless its `relatedName` is `'+'`. */
export interface RelationMeta {
  /** The keyword in lookups. */
  readonly name: string
  /** The row's property. */
  readonly accessor: string
  readonly type: RelationType
  readonly reverse: boolean
  readonly source: ModelMeta
  readonly target: ModelMeta
  /** The foreign key, on whichever side it is; of a many-to-many the one between that refers to `source`. */
  readonly column: Column
  readonly multiple: boolean
  readonly steps: readonly JoinStep[]
  readonly onDelete: OnDelete
  readonly through: ModelMeta | null
}

export interface MetaOptions {
  /** Default: the model's name in snake case, `blog.Article` being `blog_article`. */
  readonly table?: string
  /** The order of querysets that ask for none. */
  readonly ordering?: readonly string[]
  readonly uniqueTogether?: readonly (readonly string[])[]
  readonly indexes?: readonly (readonly string[])[]
  readonly verboseName?: string
  readonly verboseNamePlural?: string
  /** The table is somebody else's: never created or changed by us. */
  readonly managed?: boolean
}

const NAME = /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/

const RESERVED = new Set([
  ...[
    'pk',
    'save',
    'delete',
    'refreshFromDb',
    'fetchRelated',
    'related',
    'constructor',
    'toString',
    'valueOf',
  ],
  ...['then', 'toJSON', 'hasOwnProperty', '__proto__', 'prototype', 'objects'],
])

let nextId = 1

/** What a model is, once the models it refers to can be reached. Everything that becomes SQL is named here. */
export class ModelMeta {
  /** Unique in the process; stands for the model in keys of compiled queries. */
  readonly id: number = nextId++
  readonly name: string
  readonly table: string
  readonly options: MetaOptions
  readonly registry: ModelRegistry
  readonly definition: Shape
  /** Set by `model()`: the class itself. */
  model: AnyModel
  /** Set by `model()`: a row without any property yet. */
  blank: () => Record<string, unknown>
  /** Set by `model()`: makes rows for which these columns are not read; to ask for one of them throws. */
  blankWithout: (columns: readonly Column[]) => () => Record<string, unknown>
  /** Set by `model()`: a new row with its defaults. */
  create: (values: Readonly<Record<string, unknown>>) => Record<string, unknown>
  /** Set by `model()`: the model's querysets. */
  chain: (state: QueryState) => object
  /** Set by `model()`: gives rows the property of a relation. */
  onRelation: (relation: RelationMeta) => void = () => {}
  doesNotExist: (message: string) => Error = (message) => new ObjectDoesNotExist(message)
  isDoesNotExist: (error: unknown) => boolean = (error) => error instanceof ObjectDoesNotExist
  multipleObjects: (message: string) => Error = (message) => new MultipleObjectsReturned(message)
  /** Many-to-many tables that nobody declared. */
  readonly autoCreated: boolean
  readonly columns: Column[] = []
  readonly byName = new Map<string, Column>()
  readonly relations = new Map<string, RelationMeta>()
  /** Ways back, by keyword. */
  readonly reverse = new Map<string, RelationMeta>()
  /** Every way back, hidden ones too: what a deletion must follow. */
  readonly dependents: RelationMeta[] = []
  #pk: Column | undefined
  #state: 'new' | 'prepared' | 'ready' = 'new'
  readonly #waiting = new Map<string, Relation>()

  constructor(definition: Shape, options: MetaOptions, registry: ModelRegistry, autoCreated = false) {
    this.name = definition.name
    this.definition = definition
    this.options = options
    this.registry = registry
    this.autoCreated = autoCreated
    this.table = options.table ?? snakeCase(definition.name)
    this.model = { meta: this, shape: definition }
    this.blank =
      this.blankWithout =
      this.create =
      this.chain =
        (): never => {
          throw new ImproperlyConfigured(`${this.name} has no rows of its own.`)
        }
    for (const name of Object.keys(definition.fields)) this.#checkName(name)
  }

  #checkName(name: string): void {
    if (!NAME.test(name) || RESERVED.has(name)) {
      throw new ImproperlyConfigured(`${this.name}.${name}: a field cannot have this name.`)
    }
  }

  /** `Article` of `blog.Article`. */
  get objectName(): string {
    return this.name.slice(this.name.lastIndexOf('.') + 1)
  }

  get pk(): Column {
    this.ready()
    return this.preparedPk
  }

  /** The primary key of a model that is at least prepared: for the resolution itself. */
  get preparedPk(): Column {
    if (this.#pk === undefined) throw new ImproperlyConfigured(`${this.name} has no primary key.`)
    return this.#pk
  }

  get ordering(): readonly string[] {
    return this.options.ordering ?? []
  }

  /** Resolves this model, and every other one that can be by now: ways back come from models defined later. */
  ready(): this {
    if (this.registry.pending > 0) this.registry.settle(this)
    return this
  }

  /**
   * First half: own columns and the primary key, which is all that a relation to this model needs.
   *
   * @throws ReferenceError while a model named by a relation is not initialised yet; nothing is half done then
   */
  prepare(): void {
    if (this.#state !== 'new') return
    const scalars: [string, Field][] = []
    for (const [name, entry] of Object.entries(this.definition.fields)) {
      if (entry instanceof Field) scalars.push([name, entry])
      else this.#waiting.set(name, entry())
    }
    const primary = [...this.#waiting].find(([, relation]) => relation.options.primaryKey === true)
    if (primary !== undefined) this.registry.target(primary[1], this).prepare()
    this.#state = 'prepared'
    if (primary === undefined && !scalars.some(([, field]) => field.options.primaryKey === true)) {
      this.addColumn('id', 'id', new Field(kinds.auto, { primaryKey: true, auto: true }), null)
    }
    for (const [name, field] of scalars) this.addColumn(name, name, field, null)
    if (primary !== undefined) {
      this.#waiting.delete(primary[0])
      addSingle(this, ...primary)
    }
  }

  /** Second half: relations, and their ways back. @throws ReferenceError as `prepare` does */
  resolve(): void {
    this.prepare()
    if (this.#state === 'ready') return
    for (const relation of this.#waiting.values()) {
      this.registry.target(relation, this).prepare()
      this.registry.through(relation, this)?.resolve()
    }
    this.#state = 'ready'
    for (const [name, relation] of this.#waiting) {
      if (relation.type === 'manyToMany') addManyToMany(this, name, relation)
      else addSingle(this, name, relation)
    }
    this.#waiting.clear()
    this.#sortColumns()
  }

  /** Columns stand in the order of the field table, the automatic key first. */
  #sortColumns(): void {
    const order = new Map(Object.keys(this.definition.fields).map((name, i) => [name, i]))
    this.columns.sort((a, b) => (order.get(a.name) ?? -1) - (order.get(b.name) ?? -1))
    for (const [i, column] of this.columns.entries()) column.index = i
  }

  /** The table between two models that nobody declared. */
  between(definition: Shape, options: MetaOptions): ModelMeta {
    const meta = new ModelMeta(definition, options, this.registry, true)
    this.registry.register(meta)
    return meta
  }

  addColumn(name: string, attname: string, field: Field, relation: RelationMeta | null): Column {
    const column: Column = {
      meta: this,
      name,
      attname,
      column: field.options.column ?? snakeCase(attname),
      kind: field.kind,
      options: field.options,
      field,
      relation,
      index: this.columns.length,
    }
    this.columns.push(column)
    this.byName.set(name, column)
    this.byName.set(attname, column)
    if (field.options.primaryKey === true) this.#pk = column
    return column
  }

  /** A concrete column by field name, attribute name, or `pk`. */
  column(name: string): Column | undefined {
    return name === 'pk' ? this.pk : this.byName.get(name)
  }

  /** As `column`. @throws FieldError in Django's words */
  requireColumn(name: string): Column {
    const column = this.ready().column(name)
    if (column === undefined) throw this.unknown(name)
    return column
  }

  addRelation(relation: RelationMeta): void {
    const ways = relation.reverse ? this.reverse : this.relations
    ways.set(relation.name, relation)
    this.onRelation(relation)
  }

  relation(name: string): RelationMeta | undefined {
    return this.relations.get(name) ?? this.reverse.get(name)
  }

  unknown(keyword: string, extra: Iterable<string> = []): FieldError {
    const names = new Set([...this.byName.keys(), ...this.relations.keys(), ...this.reverse.keys(), ...extra])
    const choices = [...names].sort((a, b) => (a < b ? -1 : 1)).join(', ')
    return new FieldError(`Cannot resolve keyword '${keyword}' into field. Choices are: ${choices}`)
  }
}
