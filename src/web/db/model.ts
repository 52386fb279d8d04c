import { FieldNotLoaded, MultipleObjectsReturned, ObjectDoesNotExist, ValueError } from './errors.ts'
import { assertKeywords, unexpectedKeyword } from './keywords.ts'
import { ModelMeta } from './model-meta.ts'
import type { Column, MetaOptions, RelationMeta } from './model-meta.ts'
import type { ModelRegistry } from './model-registry.ts'
import { models } from './model-registry.ts'
import { QuerySet } from './query/queryset.ts'
import type { QueryState } from './query/state.ts'
import { emptyState } from './query/state.ts'
import { BLANK, ModelRow, readSingle, relatedSet, writeSingle } from './row.ts'
import { rowState } from './row-state.ts'
import type { ShapeOf } from './shape-of.ts'
import type { FieldMap, ModelClass, Row, Shape } from './types.ts'

type NoMethods = Record<never, never>
/** The model without what its options add: what those are made from. */
type Bare<N extends string, F extends FieldMap> = ShapeOf<N, F, NoMethods, NoMethods>

/** What a model has besides its fields: its table, its order, methods of managers and of rows. */
export interface ModelOptions<
  N extends string,
  F extends FieldMap,
  C extends object,
  M extends object,
> extends MetaOptions {
  /** Methods of `objects` and of every queryset of the model, over the queryset they are called on. */
  readonly managers?: (qs: QuerySet<Bare<N, F>, Row<Bare<N, F>>>) => C
  /** Methods of rows. */
  readonly methods?: M & ThisType<Row<Bare<N, F>> & M>
  readonly registry?: ModelRegistry
}

/**
 * Defines a model: a class whose instances are rows, with `objects` to find them. Relations stand in functions, so
 * that they may name models defined later; nothing is looked up before the first use.
 */
export function model<
  const N extends string,
  const F extends FieldMap,
  C extends object = NoMethods,
  M extends object = NoMethods,
>(name: N, fields: F, options: ModelOptions<N, F, C, M> = {}): ModelClass<ShapeOf<N, F, C, M>> {
  const { managers, methods, registry = models, ...meta } = options
  // Custom methods exist as types only until a queryset is at hand to make them from.
  const definition = { name, fields, custom: {}, methods: methods ?? {} } as unknown as ShapeOf<N, F, C, M>
  return defineModel(new ModelMeta(definition, meta, registry), definition, managers)
}

type Factory = ((qs: never) => object) | undefined

function defineModel<S extends Shape>(meta: ModelMeta, definition: S, managers: Factory): ModelClass<S> {
  const chain = querySets(meta, managers)
  class DoesNotExist extends ObjectDoesNotExist {}
  class Multiple extends MultipleObjectsReturned {}
  class ModelInstance extends ModelRow {
    static readonly meta = meta
    static readonly shape = definition
    static readonly DoesNotExist = DoesNotExist
    static readonly MultipleObjectsReturned = Multiple

    static get objects(): object {
      return chain(emptyState(meta.ready()))
    }

    constructor(values: Readonly<Record<string, unknown>> | typeof BLANK = {}) {
      super(meta)
      if (values !== BLANK) fill(this, meta.ready(), values)
    }
  }
  Object.defineProperty(ModelInstance, 'name', { value: meta.objectName })
  // Descriptors, so that getters stay getters.
  Object.defineProperties(ModelInstance.prototype, Object.getOwnPropertyDescriptors(definition.methods))
  meta.blank = () => new ModelInstance(BLANK) as unknown as Record<string, unknown>
  meta.blankWithout = (columns) => {
    class Partial extends ModelInstance {}
    // For those who look at a row's class there is one.
    Object.defineProperty(Partial, 'name', { value: meta.objectName })
    Object.defineProperty(Partial.prototype, 'constructor', { value: ModelInstance })
    for (const column of columns) defineMissing(Partial.prototype, column)
    return () => new Partial(BLANK) as unknown as Record<string, unknown>
  }
  meta.create = (values) => new ModelInstance(values) as unknown as Record<string, unknown>
  meta.chain = chain
  meta.doesNotExist = (message) => new DoesNotExist(message)
  meta.isDoesNotExist = (error) => error instanceof DoesNotExist
  meta.multipleObjects = (message) => new Multiple(message)
  meta.onRelation = (relation) => defineRelation(ModelInstance.prototype, relation)
  // Its properties are made from the field table at run time: what ModelClass says, types.ts proves from the same table.
  const Model = ModelInstance as unknown as ModelClass<S>
  meta.model = Model
  meta.registry.register(meta)
  return Model
}

/**
 * Makes the model's querysets. Custom methods go on the class's prototype when the first one is made; each call
 * makes its method anew, from the queryset it is called on.
 */
function querySets(meta: ModelMeta, managers: Factory): (state: QueryState) => QuerySet<Shape, unknown> {
  class ModelQuerySet extends QuerySet<Shape, unknown> {}
  Object.defineProperty(ModelQuerySet, 'name', { value: `${meta.objectName}QuerySet` })
  const make = managers as ((qs: object) => Record<string, (...args: unknown[]) => unknown>) | undefined
  let pending = make !== undefined
  return (state) => {
    const queryset = new ModelQuerySet(state)
    if (make === undefined || !pending) return queryset
    pending = false
    for (const name of Object.keys(make(queryset))) {
      if (name in ModelQuerySet.prototype)
        throw new ValueError(`${meta.name}: '${name}' is a method of every queryset.`)
      Object.defineProperty(ModelQuerySet.prototype, name, {
        value(this: ModelQuerySet, ...args: unknown[]): unknown {
          return make(this)[name]?.(...args)
        },
      })
    }
    return queryset
  }
}

/** A new row: what is given, else the defaults. */
function fill(row: object, meta: ModelMeta, values: Readonly<Record<string, unknown>>): void {
  const state = rowState(row)
  if (state === null) return
  assertKeywords(values)
  const rest = new Set(Object.keys(values))
  for (const column of meta.columns) {
    const given = takeValue(column, values, rest)
    state.write(column, given === undefined ? column.field.initial() : given)
  }
  for (const name of rest) {
    const relation = meta.relations.get(name)
    if (relation?.multiple === true || relation === undefined) {
      throw unexpectedKeyword(meta, name)
    }
    if (values[name] !== undefined) writeSingle(row, relation, values[name])
  }
}

function takeValue(column: Column, values: Readonly<Record<string, unknown>>, rest: Set<string>): unknown {
  if (rest.delete(column.attname)) return values[column.attname]
  if (column.options.primaryKey === true && rest.delete('pk')) return values['pk']
  return undefined
}

/** The property of a column that is not read: assigned, it becomes an ordinary one. */
function defineMissing(prototype: object, { meta, attname }: Column): void {
  Object.defineProperty(prototype, attname, {
    get(): never {
      throw new FieldNotLoaded(
        `${meta.objectName}.${attname} was not loaded: leave only() or defer() out, ` +
          `or await row.refreshFromDb({ fields: ['${attname}'] }).`,
      )
    },
    set(this: object, value: unknown): void {
      Object.defineProperty(this, attname, { value, writable: true, enumerable: true, configurable: true })
    },
  })
}

/** A relation's property, on the prototype: it is no column, and JSON and loops do not meet it. */
function defineRelation(prototype: object, relation: RelationMeta): void {
  Object.defineProperty(prototype, relation.accessor, {
    configurable: true,
    get(this: object): unknown {
      const state = rowState(this)
      if (!relation.multiple) return readSingle(this, relation)
      return state === null ? undefined : relatedSet(state, relation)
    },
    set(this: object, value: unknown): void {
      if (relation.multiple) throw new TypeError(`Use ${relation.accessor}.set() to change this relation.`)
      writeSingle(this, relation, value)
    },
  })
}
