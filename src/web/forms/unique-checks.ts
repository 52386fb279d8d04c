/** Whether other rows have what must be unique: `Model.validate_unique` of Django. */
import { Q } from '../db/query/q.ts'
import type { Column, ModelMeta } from '../db/model-meta.ts'
import type { RowState } from '../db/row-state.ts'
import { labelOf } from './bound-field.ts'
import { optionsOf, rowsOf } from './model-choice-field.ts'

/** What is taken: the field's name, or '' for several together, and the sentence. */
export interface Taken {
  readonly name: string
  readonly message: string
}

/** The groups of columns that have to be unique among those called `names`. */
export function uniqueGroups(meta: ModelMeta, names: ReadonlySet<string>): Column[][] {
  const single = meta.columns.filter(
    ({ name, options }) => (options.unique === true || options.primaryKey === true) && names.has(name),
  )
  const together = (meta.options.uniqueTogether ?? []).filter((group) =>
    group.every((name) => names.has(name)),
  )
  return [
    ...together.map((group) => group.map((name) => meta.requireColumn(name))),
    ...single.map((column) => [column]),
  ]
}

/** @param names of the fields that are to be looked at: those a form has, and found right */
export async function takenValues(
  state: RowState,
  names: ReadonlySet<string>,
  messages: (name: string) => string | undefined,
): Promise<Taken[]> {
  const taken: Taken[] = []
  for (const group of uniqueGroups(state.meta, names)) {
    const [column] = group
    if (column === undefined || !(await isTaken(state, group))) continue
    const name = group.length === 1 ? column.name : ''
    taken.push({ name, message: messages(name) ?? takenMessage(state.meta, group) })
  }
  return taken
}

async function isTaken(state: RowState, group: readonly Column[]): Promise<boolean> {
  const { meta } = state
  const values = group.map((column) => [column.attname, state.read(column)] as const)
  // NULL is never equal to another, and a row that is there keeps its own key.
  if (values.some(([, value]) => value === null || value === undefined)) return false
  if (!state.adding && group[0] === meta.pk) return false
  const others = rowsOf(meta).filter(Q(Object.fromEntries(values)))
  const rest = state.adding ? others : others.exclude(Q({ pk: state.read(meta.pk) }))
  return rest.exists()
}

function verboseNameOf(meta: ModelMeta): string {
  const name = meta.options.verboseName ?? labelOf(meta.objectName).toLowerCase()
  return name.charAt(0).toUpperCase() + name.slice(1)
}

export function fieldLabels(group: readonly Column[]): string[] {
  return group.map(({ name, relation, options }) => {
    const label =
      (relation === null ? undefined : optionsOf(relation).verboseName) ??
      options.verboseName ??
      labelOf(name)
    return label.charAt(0).toUpperCase() + label.slice(1)
  })
}

/** `A`, `A and B`, `A, B and C`. */
export const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`

const takenMessage = (meta: ModelMeta, group: readonly Column[]): string =>
  `${verboseNameOf(meta)} with this ${listed(fieldLabels(group))} already exists.`
