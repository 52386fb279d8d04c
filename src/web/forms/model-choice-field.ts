import { ValueError } from '../db/errors.ts'
import type { RelationMeta } from '../db/model-meta.ts'
import { currentDatabase } from '../db/databases.ts'
import { Q } from '../db/query/q.ts'
import { QuerySet } from '../db/query/queryset.ts'
import { emptyState } from '../db/query/state.ts'
import { ModelRow } from '../db/row.ts'
import { rowState } from '../db/row-state.ts'
import type { Shape } from '../db/types.ts'
import { plainText } from '../views/plain-text.ts'
import type { ChoiceList, FormField } from './field.ts'
import { aboutField, type FieldChanges } from './model-field.ts'
import { schemaOf } from './standard-schema.ts'
import { ValidationError } from './validation-error.ts'

/** Rows of any model. */
export type Rows = QuerySet<Shape, object>

const REQUIRED = 'This field is required.'
const INVALID = 'Select a valid choice. That choice is not one of the available choices.'

export const rowsOf = (meta: RelationMeta['target']): Rows =>
  new QuerySet<Shape, object>({ ...emptyState(meta.ready()), using: currentDatabase(meta.registry) })

/** The key of a row, or what is a key already. */
export function keyOf(value: unknown): unknown {
  const state = rowState(value)
  return state === null ? value : state.read(state.meta.pk)
}

const shownKey = (value: unknown): unknown =>
  Array.isArray(value) ? value.map((one) => plainText(keyOf(one))) : plainText(keyOf(value) ?? '')

async function choicesOf(rows: Rows): Promise<ChoiceList> {
  const found = await rows.toArray()
  return found.map((row) => [plainText(keyOf(row)), row instanceof ModelRow ? row.toString() : ''])
}

/** What a form changes of a field whose choices are rows. */
export interface RowChanges extends FieldChanges {
  /** Which rows may be chosen; all when left out. Asked anew for each form. */
  readonly queryset?: () => Rows
}

/** One row, for a foreign key: `ModelChoiceField`. */
export function rowField(relation: RelationMeta, changes: RowChanges): FormField<unknown> {
  const { options } = relation.column
  const relationOptions = optionsOf(relation)
  const required = relationOptions.blank !== true
  const rows = (): Rows => changes.queryset?.() ?? rowsOf(relation.target)
  const about = aboutField({ name: relation.name, options: { ...options, ...relationOptions } }, changes)
  const hasEmpty = !required || about.initial === undefined
  return {
    ...about,
    widget: changes.widget ?? 'select',
    required,
    choices: async () => [...(hasEmpty ? [['', '---------'] as const] : []), ...(await choicesOf(rows()))],
    shown: shownKey,
    schema: schemaOf<unknown>(async (value) => {
      const text = typeof value === 'string' ? value : ''
      if (text === '') {
        if (!required) return null
        throw new ValidationError(changes.messages?.required ?? REQUIRED)
      }
      const row = await found(() =>
        rows()
          .filter(Q({ pk: text }))
          .first(),
      )
      if (row !== null) return row
      throw new ValidationError(changes.messages?.invalidChoice ?? INVALID)
    }),
  }
}

/** Any number of rows, for a many-to-many relation: `ModelMultipleChoiceField`. */
export function rowsField(relation: RelationMeta, changes: RowChanges): FormField<unknown> {
  const relationOptions = optionsOf(relation)
  const required = relationOptions.blank !== true
  const rows = (): Rows => changes.queryset?.() ?? rowsOf(relation.target)
  return {
    ...aboutField({ name: relation.name, options: relationOptions }, changes),
    widget: changes.widget ?? 'multiple',
    required,
    choices: () => choicesOf(rows()),
    shown: shownKey,
    schema: schemaOf<unknown>(async (value) => {
      const keys = Array.isArray(value) ? [...new Set(value.map(String))] : []
      if (keys.length === 0 && required) throw new ValidationError(changes.messages?.required ?? REQUIRED)
      if (keys.length === 0) return []
      return chosenRows(rows(), relation, keys)
    }),
  }
}

async function chosenRows(rows: Rows, relation: RelationMeta, keys: readonly string[]): Promise<object[]> {
  const { pk } = relation.target
  for (const key of keys) {
    try {
      pk.kind.prepare(key, pk.options)
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      throw new ValidationError(`“${key}” is not a valid value.`)
    }
  }
  const chosen = await rows.filter(Q({ pk__in: keys })).toArray()
  const known = new Set(chosen.map((row) => plainText(keyOf(row))))
  const unknown = keys.find((key) => !known.has(key))
  if (unknown === undefined) return chosen
  throw new ValidationError(`Select a valid choice. ${unknown} is not one of the available choices.`)
}

/** A key that is none of its kind finds nothing. */
async function found(ask: () => Promise<object | null>): Promise<object | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ValueError) return null
    throw error
  }
}

interface RelationFormOptions {
  readonly blank?: boolean
  readonly verboseName?: string
  readonly helpText?: string
  readonly editable?: boolean
  readonly default?: unknown
}

/** As the model's field table says. */
export function optionsOf({ source, name }: RelationMeta): RelationFormOptions {
  const entry = source.definition.fields[name]
  return typeof entry === 'function' ? entry().options : {}
}
