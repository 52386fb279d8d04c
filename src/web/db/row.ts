import type { Database } from './database.ts'
import { currentDatabase } from './databases.ts'
import { deleteRow } from './deletion.ts'
import type { DeletionResult } from './deletion.ts'
import { FieldError, RelationNotLoaded, ValueError } from './errors.ts'
import type { ModelMeta, RelationMeta } from './model-meta.ts'
import { Q } from './query/q.ts'
import { QuerySet } from './query/queryset.ts'
import { emptyState } from './query/state.ts'
import { RelatedSet } from './related-set.ts'
import { StatefulRow, rowState } from './row-state.ts'
import type { RowState } from './row-state.ts'
import { markChanging } from './changing.ts'
import { saveRow } from './save.ts'
import type { SaveOptions } from './save.ts'
import type { AnyModel, Shape } from './types.ts'

/** What a row was given at birth that is no value: `blank()` fills it afterwards. */
export const BLANK = Symbol('portico.blank')

/** What every row has. The columns are own properties, set by the model's class. */
export class ModelRow extends StatefulRow {
  get pk(): unknown {
    const state = stateOf(this)
    return state.read(state.meta.pk)
  }

  /** Inserts or updates. `using` is an alias; without it the row goes back where it came from. */
  async save(options: Omit<SaveOptions, 'using'> & { readonly using?: string } = {}): Promise<void> {
    const state = stateOf(this)
    const { using, ...rest } = options
    await saveRow(state, databaseFor(state, using), rest)
  }

  /** Deletes the row and what hangs on it, by each relation's `onDelete`. */
  delete(options: { readonly using?: string } = {}): Promise<DeletionResult> {
    const state = stateOf(this)
    const pk = state.read(state.meta.pk)
    if (pk === null || pk === undefined) {
      throw new ValueError(
        `${state.meta.objectName} object can't be deleted because its id attribute is set to None.`,
      )
    }
    return deleteRow(state, databaseFor(state, options.using))
  }

  /** Reads the row again; with `fields`, only those. Loaded relations are forgotten. */
  async refreshFromDb(
    options: { readonly fields?: readonly string[]; readonly using?: string } = {},
  ): Promise<void> {
    const state = stateOf(this)
    const { meta } = state
    const fresh = await rowsOf(meta, databaseFor(state, options.using)).get(Q({ pk: state.read(meta.pk) }))
    const source = rowState(fresh)
    const columns =
      options.fields?.map((name) => meta.requireColumn(name)) ??
      meta.columns.filter((column) => state.isLoaded(column))
    for (const column of columns) {
      if (source !== null) state.write(column, source.read(column))
      state.related?.delete(column.name)
      state.awaited?.delete(column.name)
    }
    if (options.fields === undefined) state.related = state.awaited = null
  }

  /** Loads one relation and remembers it. The names and types are each model's own (types.ts). */
  async fetchRelated(name: never): Promise<unknown> {
    const state = stateOf(this)
    const relation = state.meta.ready().relation(name)
    if (relation === undefined || relation.multiple)
      throw new FieldError(`'${String(name)}' is not a single relation.`)
    const known = remembered(state, relation)
    if (known !== undefined) return known
    const loaded = await loadSingle(state, relation)
    state.remember(relation.accessor, loaded)
    return loaded
  }

  /** The rows of `model` that refer to this one; `name` says by which relation if there are several. */
  related<M extends AnyModel>(model: M, name?: string): RelatedSet<M['shape']> {
    const state = stateOf(this)
    const ways = [...state.meta.ready().reverse.values()].filter(
      (way) =>
        way.target === model.meta.ready() &&
        (name === undefined || way.name === name || way.column.name === name),
    )
    const [way] = ways
    if (way === undefined || ways.length > 1) {
      const choices = [...state.meta.reverse.keys()].join(', ')
      throw new FieldError(
        `${ways.length} ways from ${state.meta.name} to ${model.meta.name}; there are: ${choices}`,
      )
    }
    return relatedSet<M['shape']>(state, way)
  }

  override toString(): string {
    return `${stateOf(this).meta.objectName} object (${String(this.pk)})`
  }
}

markChanging(ModelRow.prototype, ['save', 'delete', 'refreshFromDb'])

function stateOf(row: object): RowState {
  const state = rowState(row)
  if (state === null) throw new TypeError('Not a row of a model.')
  return state
}

function databaseFor(state: RowState, using: string | undefined): Database {
  if (using === undefined && state.database !== null) return state.database
  return currentDatabase(state.meta.registry, using)
}

const rowsOf = (meta: ModelMeta, database: Database): QuerySet<Shape, object> =>
  new QuerySet<Shape, object>({ ...emptyState(meta), using: database })

async function loadSingle(state: RowState, relation: RelationMeta): Promise<unknown> {
  const rows = rowsOf(relation.target, databaseFor(state, undefined))
  if (!relation.reverse) {
    const key = state.read(relation.column)
    return key === null || key === undefined ? null : rows.get(Q({ pk: key }))
  }
  const found = await rows.filter(Q({ [relation.column.name]: state.read(state.meta.pk) })).first()
  if (found !== null) rowState(found)?.remember(relation.column.name, state.row)
  return found
}

export function relatedSet<S extends Shape>(state: RowState, relation: RelationMeta): RelatedSet<S> {
  return RelatedSet.of<S>(state, relation, state.database)
}

/** What was loaded or assigned, null included. Undefined where nothing was, or the key was changed by hand since. */
function remembered(state: RowState, { accessor, column, reverse }: RelationMeta): unknown {
  const related = state.related?.get(accessor)
  if (related === undefined || reverse) return related
  const own = state.read(column) ?? null
  return keyOf(related) === own || (own === null && state.awaited?.has(accessor) === true)
    ? related
    : undefined
}

/** The property of a single relation: the loaded row, or an error that says how to load it. */
export function readSingle(row: object, relation: RelationMeta): unknown {
  const state = stateOf(row)
  const { accessor } = relation
  const known = remembered(state, relation)
  if (known !== undefined) return known
  if (!relation.reverse && (state.read(relation.column) ?? null) === null) return null
  throw new RelationNotLoaded(
    `${state.meta.objectName}.${accessor} was not loaded: use selectRelated('${accessor}') in the query, ` +
      `or await row.fetchRelated('${accessor}').`,
  )
}

const show = (value: unknown): string =>
  value instanceof ModelRow || typeof value === 'string' ? value.toString() : typeof value

const keyOf = (related: unknown): unknown => {
  const state = rowState(related)
  return state === null ? null : (state.read(state.meta.pk) ?? null)
}

/** Assigning a row sets its key. */
export function writeSingle(row: object, relation: RelationMeta, value: unknown): void {
  const state = stateOf(row)
  state.awaited?.delete(relation.accessor)
  if (value === null) {
    if (!relation.reverse) state.write(relation.column, null)
    state.remember(relation.accessor, null)
    return
  }
  const other = rowState(value)
  if (other?.meta !== relation.target) {
    throw new ValueError(
      `Cannot assign "${show(value)}": "${state.meta.objectName}.${relation.accessor}" must be a "${relation.target.objectName}" instance.`,
    )
  }
  if (!relation.reverse) {
    const key = other.read(other.meta.pk) ?? null
    state.write(relation.column, key)
    if (key === null) (state.awaited ??= new Set()).add(relation.accessor)
  }
  state.remember(relation.accessor, value)
}
