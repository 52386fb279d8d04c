import { ImproperlyConfigured } from '../../exceptions.ts'
import type { Database } from '../database.ts'
import type { Field, SqlValue, Vendor } from '../fields/field.ts'
import type { Relation } from '../fields/relation.ts'
import type { ModelMeta } from '../model-meta.ts'
import { snakeCase } from '../snake-case.ts'
import type { FieldMap } from '../types.ts'
import { fieldSource, keySource, textSource, valueSource } from './field-source.ts'
import type { ChangeHints, DataStep, Operation } from './operation.ts'
import type { ModelState, ModelStateOptions, ProjectState } from './project-state.ts'
import { fullName } from './project-state.ts'

/** The operations that migrations are written with. Models are named without their own application. */

type Entry = Field | (() => Relation)

/** What a new column, or one that may no longer be null, holds in the rows that are there. */
export interface FillOption {
  readonly fill?: unknown
}

/** A unique constraint over several fields. */
export interface UniqueConstraint {
  readonly unique: readonly string[]
}

const modelOf = (state: ProjectState, app: string, name: string): ModelState => state.get(fullName(app, name))

function metaOf(state: ProjectState, app: string, name: string): ModelMeta {
  const meta = state.registry.get(modelOf(state, app, name).name)
  if (meta === undefined) throw new ImproperlyConfigured(`The model '${name}' of ${app} cannot be resolved.`)
  return meta.ready()
}

const withFields = (state: ProjectState, model: ModelState, fields: FieldMap): ProjectState =>
  state.with({ ...model, fields })

const withOptions = (state: ProjectState, model: ModelState, options: ModelStateOptions): ProjectState =>
  state.with({ ...model, options: { ...model.options, ...options } })

/** A new table. The primary key `id` comes by itself, as in the model. */
export function createModel(name: string, fields: FieldMap, options: ModelStateOptions = {}): Operation {
  const entries = Object.entries(fields).map(
    ([key, entry]) => `  ${keySource(key)}: ${fieldSource(entry)},\n`,
  )
  const body = entries.length === 0 ? '{}' : `{\n${entries.join('')}}`
  const rest = Object.keys(options).length === 0 ? '' : `, ${valueSource(options)}`
  return {
    apply: (state, app) => {
      const full = fullName(app, name)
      if (state.models.has(full.toLowerCase()))
        throw new ImproperlyConfigured(`The model '${full}' is there already.`)
      return state.with({ name: full, fields, options })
    },
    description: `Create model ${name}`,
    fragment: snakeCase(name),
    source: `createModel(${textSource(name)}, ${body}${rest})`,
  }
}

/** Drops the table, with its rows. */
export function deleteModel(name: string): Operation {
  return {
    apply: (state, app) => state.without(modelOf(state, app, name).name),
    description: `Delete model ${name}`,
    fragment: `delete_${snakeCase(name)}`,
    source: `deleteModel(${textSource(name)})`,
  }
}

/** Another name for a model and, unless `table` was given, its table. Rows stay. */
export function renameModel(from: string, to: string): Operation {
  return {
    apply: (state, app) => state.renamed(modelOf(state, app, from).name, fullName(app, to)),
    hints: (before, after, app) =>
      renamesOf(before, after, metaOf(before, app, from), metaOf(after, app, to)),
    description: `Rename model ${from} to ${to}`,
    fragment: `rename_${snakeCase(from)}_${snakeCase(to)}`,
    source: `renameModel(${textSource(from)}, ${textSource(to)})`,
  }
}

/** The model's own table, and the tables and columns between models that are named after it. */
function renamesOf(before: ProjectState, after: ProjectState, from: ModelMeta, to: ModelMeta): ChangeHints {
  const tables = new Map<string, string>()
  const columns = new Map<string, Map<string, string>>()
  if (from.table !== to.table) tables.set(from.table, to.table)
  for (const meta of before.registry.all()) {
    const isOwn = meta.name === from.name
    for (const [name, relation] of meta.ready().relations) {
      const other = after.registry
        .get(isOwn ? to.name : meta.name)
        ?.ready()
        .relations.get(name)
      if (relation.through?.autoCreated !== true || other?.through?.autoCreated !== true) continue
      if (relation.through.table !== other.through.table)
        tables.set(relation.through.table, other.through.table)
      const renamed = relation.through.columns.flatMap((column, i): [string, string][] => {
        const now = other.through?.columns[i]?.column ?? column.column
        return now === column.column ? [] : [[column.column, now]]
      })
      if (renamed.length > 0) columns.set(other.through.table, new Map(renamed))
    }
  }
  return { renamedTables: tables, renamedColumns: columns }
}

/** Another table name, of a model that keeps its own. Undefined: the name after the model. */
export function alterTable(name: string, table: string | undefined): Operation {
  return {
    apply: (state, app) => {
      const model = modelOf(state, app, name)
      const { table: _old, ...options } = model.options
      return state.with({ ...model, options: table === undefined ? options : { ...options, table } })
    },
    hints: (before, after, app) =>
      renamesOf(before, after, metaOf(before, app, name), metaOf(after, app, name)),
    description: `Rename table for ${name} to ${table ?? '(default)'}`,
    fragment: `alter_${snakeCase(name)}_table`,
    source: `alterTable(${textSource(name)}, ${table === undefined ? 'undefined' : textSource(table)})`,
  }
}

const fillSource = (options: FillOption): string =>
  options.fill === undefined ? '' : `, { fill: ${valueSource(options.fill)} }`

function fillHints(meta: ModelMeta, field: string, options: FillOption, database: Database): ChangeHints {
  const column = meta.column(field)
  if (column === undefined) return {}
  const value = options.fill ?? (column.options.null === true ? undefined : column.options.default)
  if (value === undefined || typeof value === 'function') return {}
  const prepared = column.kind.prepare(value, column.options)
  const codec = column.kind.codecs[database.vendor]
  const encoded = codec.encode === undefined ? (prepared as SqlValue) : codec.encode(prepared, column.options)
  return { fills: new Map([[meta.table, new Map([[column.column, encoded]])]]) }
}

/** A new column, or for a many-to-many a new table between. Rows that are there get `fill`, or the field's default. */
export function addField(model: string, name: string, field: Entry, options: FillOption = {}): Operation {
  return {
    apply: (state, app) => {
      const old = modelOf(state, app, model)
      if (name in old.fields) throw new ImproperlyConfigured(`${old.name} has a field '${name}' already.`)
      return withFields(state, old, { ...old.fields, [name]: field })
    },
    hints: (_before, after, app, database) => {
      const meta = after.registry.get(fullName(app, model))
      return meta === undefined ? {} : fillHints(meta.ready(), name, options, database)
    },
    description: `Add field ${name} to ${model}`,
    fragment: `${snakeCase(model)}_${snakeCase(name)}`,
    source: `addField(${textSource(model)}, ${textSource(name)}, ${fieldSource(field)}${fillSource(options)})`,
  }
}

/** Drops the column, with what is in it. */
export function removeField(model: string, name: string): Operation {
  return {
    apply: (state, app) => {
      const old = modelOf(state, app, model)
      const { [name]: gone, ...fields } = old.fields
      if (gone === undefined) throw new ImproperlyConfigured(`${old.name} has no field '${name}'.`)
      return withFields(state, old, fields)
    },
    hints: (before, _after, app, database) => {
      const { fills } = fillHints(metaOf(before, app, model), name, {}, database)
      return fills === undefined ? {} : { backwardsFills: fills }
    },
    description: `Remove field ${name} from ${model}`,
    fragment: `remove_${snakeCase(model)}_${snakeCase(name)}`,
    source: `removeField(${textSource(model)}, ${textSource(name)})`,
  }
}

/** Another description of a field. `fill` takes the place of null where null may no longer be. */
export function alterField(model: string, name: string, field: Entry, options: FillOption = {}): Operation {
  return {
    apply: (state, app) => {
      const old = modelOf(state, app, model)
      if (!(name in old.fields)) throw new ImproperlyConfigured(`${old.name} has no field '${name}'.`)
      return withFields(state, old, { ...old.fields, [name]: field })
    },
    hints: (before, after, app, database) => {
      const was = metaOf(before, app, model).column(name)
      const meta = metaOf(after, app, model)
      const now = meta.column(name)
      // A foreign key of another name for its column keeps its rows.
      const moved =
        was === undefined || now === undefined || was.column === now.column
          ? {}
          : { renamedColumns: new Map([[meta.table, new Map([[was.column, now.column]])]]) }
      return { ...moved, ...(was?.options.null === true ? fillHints(meta, name, options, database) : {}) }
    },
    description: `Alter field ${name} on ${model}`,
    fragment: `alter_${snakeCase(model)}_${snakeCase(name)}`,
    source: `alterField(${textSource(model)}, ${textSource(name)}, ${fieldSource(field)}${fillSource(options)})`,
  }
}

/** Another name for a field and, unless `column` was given, its column. Rows keep their values. */
export function renameField(model: string, from: string, to: string): Operation {
  return {
    apply: (state, app) => {
      const old = modelOf(state, app, model)
      if (!(from in old.fields)) throw new ImproperlyConfigured(`${old.name} has no field '${from}'.`)
      const rename = (name: string): string => (name === from ? to : name)
      const groups = (all: readonly (readonly string[])[] | undefined): string[][] | undefined =>
        all?.map((group) => group.map(rename))
      const { uniqueTogether, indexes } = old.options
      const [uniques, others] = [groups(uniqueTogether), groups(indexes)]
      const fields = Object.fromEntries(
        Object.entries(old.fields).map(([name, entry]) => [rename(name), entry]),
      )
      return withOptions(
        state,
        { ...old, fields },
        {
          ...(uniques === undefined ? {} : { uniqueTogether: uniques }),
          ...(others === undefined ? {} : { indexes: others }),
        },
      )
    },
    hints: (before, after, app) => {
      const was = metaOf(before, app, model)
      const now = metaOf(after, app, model)
      const [column, next] = [was.column(from), now.column(to)]
      if (column !== undefined && next !== undefined) {
        if (column.column === next.column) return {}
        return { renamedColumns: new Map([[now.table, new Map([[column.column, next.column]])]]) }
      }
      const [between, other] = [was.relations.get(from)?.through, now.relations.get(to)?.through]
      if (between?.autoCreated !== true || other?.autoCreated !== true || between.table === other.table)
        return {}
      return { renamedTables: new Map([[between.table, other.table]]) }
    },
    description: `Rename field ${from} on ${model} to ${to}`,
    fragment: `rename_${snakeCase(from)}_${snakeCase(model)}_${snakeCase(to)}`,
    source: `renameField(${textSource(model)}, ${textSource(from)}, ${textSource(to)})`,
  }
}

type Groups = readonly (readonly string[])[]
const without = (all: Groups | undefined, one: readonly string[]): Groups =>
  (all ?? []).filter((group) => group.join() !== one.join())

/** An index over one or several fields, beside those of `index: true`. */
export const addIndex = (model: string, fields: readonly string[]): Operation => ({
  apply: (state, app) => {
    const old = modelOf(state, app, model)
    return withOptions(state, old, { indexes: [...(old.options.indexes ?? []), fields] })
  },
  description: `Create index on field(s) ${fields.join(', ')} of model ${model}`,
  fragment: `${snakeCase(model)}_${fields.map(snakeCase).join('_')}_idx`,
  source: `addIndex(${textSource(model)}, ${valueSource(fields)})`,
})

/** Takes an index of `addIndex` away. */
export const removeIndex = (model: string, fields: readonly string[]): Operation => ({
  apply: (state, app) => {
    const old = modelOf(state, app, model)
    return withOptions(state, old, { indexes: without(old.options.indexes, fields) })
  },
  description: `Remove index on field(s) ${fields.join(', ')} of model ${model}`,
  fragment: `remove_${snakeCase(model)}_${fields.map(snakeCase).join('_')}_idx`,
  source: `removeIndex(${textSource(model)}, ${valueSource(fields)})`,
})

/** `addConstraint('Entry', { unique: ['author', 'day'] })`. */
export const addConstraint = (model: string, { unique }: UniqueConstraint): Operation => ({
  apply: (state, app) => {
    const old = modelOf(state, app, model)
    return withOptions(state, old, { uniqueTogether: [...(old.options.uniqueTogether ?? []), unique] })
  },
  description: `Create constraint unique(${unique.join(', ')}) on model ${model}`,
  fragment: `${snakeCase(model)}_${unique.map(snakeCase).join('_')}_uniq`,
  source: `addConstraint(${textSource(model)}, ${valueSource({ unique })})`,
})

/** Takes a constraint of `addConstraint` away. */
export const removeConstraint = (model: string, { unique }: UniqueConstraint): Operation => ({
  apply: (state, app) => {
    const old = modelOf(state, app, model)
    return withOptions(state, old, { uniqueTogether: without(old.options.uniqueTogether, unique) })
  },
  description: `Remove constraint unique(${unique.join(', ')}) from model ${model}`,
  fragment: `remove_${snakeCase(model)}_${unique.map(snakeCase).join('_')}_uniq`,
  source: `removeConstraint(${textSource(model)}, ${valueSource({ unique })})`,
})

/** Changes rows, by the models of this point of the history. Without `backwards` it cannot be undone. */
export const runCode = (
  forwards: (step: DataStep) => Promise<void>,
  backwards: ((step: DataStep) => Promise<void>) | null = null,
): Operation => ({
  apply: (state) => state,
  forwards,
  backwards,
  description: 'Run code',
  fragment: 'code',
  source: '',
})

/** For `runCode`: the way on which there is nothing to do. */
export const noop = async (): Promise<void> => undefined

/** One statement, several, or one list for each database. */
export type SqlSource = string | readonly string[] | Readonly<Record<Vendor, string | readonly string[]>>

/** Runs SQL of one's own. Without `backwards` it cannot be undone; `[]` says that there is nothing to undo. */
export const runSql = (forwards: SqlSource, backwards: SqlSource | null = null): Operation => ({
  apply: (state) => state,
  isSql: true,
  forwards: statements(forwards),
  backwards: backwards === null ? null : statements(backwards),
  description: 'Run SQL',
  fragment: 'sql',
  source: '',
})

const isPerVendor = (source: SqlSource): source is Readonly<Record<Vendor, string | readonly string[]>> =>
  typeof source === 'object' && !Array.isArray(source)

function statements(source: SqlSource): (step: DataStep) => Promise<void> {
  return async ({ database, execute }) => {
    const own = isPerVendor(source) ? source[database.vendor] : source
    for (const statement of typeof own === 'string' ? [own] : own) await execute(statement)
  }
}
