import { currentDatabase } from '../db/databases.ts'
import { ValueError } from '../db/errors.ts'
import type { Column, ModelMeta } from '../db/model-meta.ts'
import { Q } from '../db/query/q.ts'
import { rowState } from '../db/row-state.ts'
import type { ModelRow } from '../db/row.ts'

import { ImproperlyConfigured } from '../exceptions.ts'
import { plainText } from '../views/plain-text.ts'
import { field, type FormField } from './field.ts'
import type { FieldSet } from './form.ts'
import { Formset, formsetPlan, type FormsetInput, type FormsetOptions, type FormsetPlan } from './formset.ts'
import { keyOf, rowsOf, type Rows } from './model-choice-field.ts'
import { isEditable } from './model-field.ts'
import type { ModelForm, ModelFormClass, ModelFormInput } from './model-form.ts'
import { schemaOf } from './standard-schema.ts'
import { fieldLabels, listed, uniqueGroups } from './unique-checks.ts'
import { ValidationError } from './validation-error.ts'

/** What a set of forms over rows is made from, for one request. */
export interface ModelFormsetInput<F extends FieldSet> extends FormsetInput<F> {
  /** The rows to change; all of the model when left out. Only these can be changed, whatever is sent. */
  readonly queryset?: unknown
}

/** A kind of set of rows: what `modelFormset` gives. */
export interface ModelFormsetClass<F extends FieldSet, T extends object> {
  /** Asks the database for the rows. */
  make(input?: ModelFormsetInput<F>): Promise<ModelFormset<F, T>>
}

/** A set of forms over rows: each row has one, and new rows come from the empty ones. */
export function modelFormset<F extends FieldSet, T extends object>(
  kind: ModelFormClass<F, T>,
  options: FormsetOptions = {},
): ModelFormsetClass<F, T> {
  const plan = formsetPlan(options)
  return {
    make: (input = {}) => {
      // Any queryset of the model will do.
      const rows = (input.queryset as Rows | undefined) ?? rowsOf(kind.meta)
      return makeSet({ kind, plan, rows, prefix: input.prefix ?? 'form', input, parent: null })
    },
  }
}

/** As of any set, and by which key the rows refer to their parent. */
export interface InlineOptions extends FormsetOptions {
  /** The foreign key to the parent, where the child has several. */
  readonly fkName?: string
}

/** A kind of set of one row's children: what `inlineFormset` gives. */
export interface InlineFormsetClass<F extends FieldSet, T extends object> {
  make(input: ModelFormsetInput<F> & { readonly instance: object }): Promise<ModelFormset<F, T>>
}

/** A set of forms over the rows that refer to one row: `inlineFormset(Author, modelForm(Book, {...}))`. */
export function inlineFormset<F extends FieldSet, T extends object>(
  Parent: { readonly meta: ModelMeta },
  kind: ModelFormClass<F, T>,
  options: InlineOptions = {},
): InlineFormsetClass<F, T> {
  const { fkName, ...rest } = options
  const plan = formsetPlan({ extra: 3, canDelete: true, ...rest })
  return {
    make: (input) => {
      const key = foreignKeyTo(Parent.meta.ready(), kind.meta, fkName)
      const state = rowState(input.instance)
      const owner = state?.adding === false ? state.read(state.meta.pk) : null
      const all = (input.queryset as Rows | undefined) ?? rowsOf(kind.meta)
      const rows = owner === null ? all.none() : all.filter(Q({ [key.attname]: owner }))
      const prefix = input.prefix ?? accessorOf(Parent.meta, key)
      return makeSet({ kind, plan, rows, prefix, input, parent: { key, row: input.instance } })
    },
  }
}

function foreignKeyTo(parent: ModelMeta, child: ModelMeta, name: string | undefined): Column {
  const keys = child.columns.filter(
    ({ relation, name: own }) => relation?.target === parent && (name === undefined || own === name),
  )
  const [key] = keys
  if (key !== undefined && keys.length === 1) return key
  const why = keys.length === 0 ? 'no foreign key' : 'more than one foreign key'
  throw new ImproperlyConfigured(`'${child.name}' has ${why} to '${parent.name}'.`)
}

const accessorOf = (parent: ModelMeta, key: Column): string =>
  [...parent.reverse.values()].find(({ column }) => column === key)?.accessor ??
  key.meta.objectName.toLowerCase()

interface Parent {
  readonly key: Column
  readonly row: object
}

interface Making<F extends FieldSet, T extends object> {
  readonly kind: ModelFormClass<F, T>
  readonly plan: FormsetPlan
  readonly rows: Rows
  readonly prefix: string
  readonly input: ModelFormsetInput<F>
  readonly parent: Parent | null
}

async function makeSet<F extends FieldSet, T extends object>(
  making: Making<F, T>,
): Promise<ModelFormset<F, T>> {
  const { kind, rows } = making
  const isOrdered = rows.state.order !== null || kind.meta.ordering.length > 0
  const ordered = isOrdered ? rows : rows.orderBy(kind.meta.pk.name)
  return new ModelFormset<F, T>(making, await ordered.toArray())
}

/** A set of forms over rows, which saves what was changed. */
export class ModelFormset<F extends FieldSet, T extends object> extends Formset<F, ModelForm<F, T>> {
  readonly newObjects: T[] = []
  readonly changedObjects: T[] = []
  readonly deletedObjects: T[] = []
  readonly #parent: Parent | null
  readonly #meta: ModelMeta

  constructor({ kind, plan, prefix, input, parent }: Making<F, T>, rows: readonly object[]) {
    const typed = typedKey(kind)
    const byKey = new Map(rows.map((row) => [keyText(keyOf(row), typed), row]))
    const initial = input.initial ?? []
    const { data, files } = input
    const state = {
      prefix,
      initialCount: rows.length,
      ...(data !== undefined && { data }),
      ...(files !== undefined && { files }),
    }
    const { pk } = kind.meta
    super(plan, state, (one, i, initialCount) => {
      const sent = data?.get(`${one.prefix ?? ''}-${pk.name}`) ?? ''
      // What a page sends is looked up among the rows that it may change.
      const found = data === undefined || data === null ? rows[i] : byKey.get(sent)
      const isExtra = i < 0 || i >= initialCount
      const instance = isExtra ? null : found
      const start = isExtra ? initial[i - initialCount] : undefined
      const made: ModelFormInput<F, T> = {
        ...one,
        // The rows are those of the form's own model.
        ...(instance !== null && instance !== undefined && { instance: instance as T }),
        ...(start !== undefined && { initial: start }),
        moreFields: {
          ...one.moreFields,
          ...keyFields(pk, typed, instance ?? null, isExtra),
          ...(parent !== null && { [parent.key.name]: parentField(plainText(keyOf(parent.row) ?? '')) }),
        },
      }
      return kind.make(made)
    })
    this.#parent = parent
    this.#meta = kind.meta
    for (const form of this.forms) this.#adopt(form.instance)
  }

  /** A child is its parent's before anything is checked: what is unique together may name the parent. */
  #adopt(row: T): void {
    const parent = this.#parent
    if (parent === null || rowState(row)?.adding !== true) return
    if (rowState(parent.row)?.adding === false) Reflect.set(row, parent.key.name, parent.row)
  }

  /** Two forms of one request may not both have what must be unique. */
  protected override cleanSet(forms: readonly ModelForm<F, T>[]): void {
    const names = new Set([...this.#meta.byName.values()].map(({ name }) => name))
    const wrong: string[] = []
    for (const group of uniqueGroups(this.#meta, names)) {
      const seen = new Set<string>()
      for (const form of forms) {
        const key = sentKey(form, group)
        if (key === null || !seen.has(key)) {
          if (key !== null) seen.add(key)
          continue
        }
        form.addError('', 'Please correct the duplicate values below.')
        // All of them have the same parent: that is not what has to be corrected.
        const own = group.filter((column) => column !== this.#parent?.key)
        const labels = listed(fieldLabels(own).map((label) => label.toLowerCase()))
        wrong.push(
          `Please correct the duplicate data for ${labels}${own.length > 1 ? ', which must be unique' : ''}.`,
        )
      }
    }
    if (wrong.length > 0) throw new ValidationError(wrong)
  }

  /**
   * Deletes, changes and makes rows, all of it or nothing; gives those changed and made.
   *
   * @throws ValueError when the set was not found valid
   */
  async save(): Promise<T[]> {
    if (!(await this.isValid()))
      throw new ValueError('The formset could not be saved because the data did not validate.')
    return currentDatabase(this.#meta.registry).atomic(async () => {
      const gone = new Set(this.deletedForms)
      for (const [i, form] of this.forms.entries()) {
        if (i < this.initialFormCount && gone.has(form)) {
          // Somebody else was quicker, or the page names it twice.
          if (rowState(form.instance)?.adding !== false) continue
          await (form.instance as unknown as ModelRow).delete()
          this.deletedObjects.push(form.instance)
        } else if (!gone.has(form) && (await form.hasChanged())) {
          const list = i < this.initialFormCount ? this.changedObjects : this.newObjects
          this.#own(form.instance)
          list.push(await form.save())
        }
      }
      return [...this.changedObjects, ...this.newObjects]
    })
  }

  /** A parent that was saved after the set was made has its key only now. */
  #own(row: T): void {
    if (this.#parent !== null) Reflect.set(row, this.#parent.key.name, this.#parent.row)
  }
}

/** What two forms must not both have; null where a part is missing or was wrong. */
function sentKey(form: ModelForm<FieldSet, object>, group: readonly Column[]): string | null {
  const state = rowState(form.instance)
  const values = group.map((column) => (form.errors.has(column.name) ? null : state?.read(column)))
  if (values.some((value) => value === null || value === undefined || value === '')) return null
  return JSON.stringify(values.map((value) => (typeof value === 'bigint' ? String(value) : value)))
}

/** The form's own field for the key, of a model whose rows are given theirs by people: a code, a name. */
function typedKey<F extends FieldSet, T extends object>(
  kind: ModelFormClass<F, T>,
): FormField<unknown> | null {
  const { pk } = kind.meta
  return isEditable(pk) ? (new Map(Object.entries(kind.fields)).get(pk.name) ?? null) : null
}

/** A key as the page has it. */
function keyText(key: unknown, typed: FormField<unknown> | null): string {
  const shown = typed?.shown?.(key) ?? key
  return shown instanceof Date ? shown.toISOString() : plainText(shown)
}

/** Which row the form is about: hidden, unless people type the keys. The key of a row that is there stays. */
function keyFields(
  pk: Column,
  typed: FormField<unknown> | null,
  row: object | null,
  isExtra: boolean,
): FieldSet {
  // Of a relation the form's own field gives the row that the key is of.
  if (typed !== null && (isExtra || (row !== null && pk.relation !== null))) return {}
  const key = row === null ? null : keyOf(row)
  const hidden = keyField(key === null ? '' : keyText(key, typed), isExtra, typed === null ? null : key)
  return { [pk.name]: typed === null ? hidden : { ...typed, required: true, schema: hidden.schema } }
}

/** The row's own key. One that is none of the set's rows changes nothing. */
function keyField(key: string, isExtra: boolean, value: unknown): FormField<unknown> {
  const schema = schemaOf((given) => {
    const sent = typeof given === 'string' ? given : ''
    if (sent === key && (isExtra || key !== '')) return value
    if (sent === '') throw new ValidationError('This field is required.')
    throw new ValidationError('Select a valid choice. That choice is not one of the available choices.')
  })
  return field<unknown>(schema, { widget: 'hidden', required: !isExtra, initial: key })
}

function parentField(key: string): FormField<unknown> {
  const schema = schemaOf((value) => {
    if ((typeof value === 'string' ? value : '') === key) return null
    throw new ValidationError('The inline value did not match the parent instance.')
  })
  return field<unknown>(schema, { widget: 'hidden', required: false, initial: key })
}
