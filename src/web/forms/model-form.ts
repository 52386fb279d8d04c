import { FieldError, ValueError } from '../db/errors.ts'
import { currentDatabase } from '../db/databases.ts'
import type { Column, ModelMeta } from '../db/model-meta.ts'
import type { RelatedSet } from '../db/related-set.ts'
import { rowState, type RowState } from '../db/row-state.ts'
import type { ModelRow } from '../db/row.ts'
import type { AnyModel, Columns, ModelClass, Row, Shape } from '../db/types.ts'
import { ImproperlyConfigured } from '../exceptions.ts'
import type { FormField, Widget } from './field.ts'
import {
  Form,
  hooksOf,
  inOrder,
  type Cleaned,
  type CleanHooks,
  type CleanResult,
  type FieldSet,
  type FormClass,
  type FormInput,
  type FormPlan,
} from './form.ts'
import { rowField, rowsField, type Rows } from './model-choice-field.ts'
import { emptyValue, formFieldOf, isEditable, type ErrorMessages } from './model-field.ts'
import { takenValues } from './unique-checks.ts'

type Named<T> = Readonly<Record<string, T>>

/** The value that a form gives for a model's field: a column's, the row of a foreign key, the rows of a many-to-many. */
type FormValue<S extends Shape, K> = K extends keyof Row<S>
  ? Row<S>[K] extends RelatedSet<infer T>
    ? Row<T>[]
    : Row<S>[K]
  : unknown

/** The fields of a model form, for the compiler. */
export type ModelFields<S extends Shape, N extends string> = { readonly [K in N]: FormField<FormValue<S, K>> }

/** The names of a model's fields. */
type FieldNames<S extends Shape> = (keyof S['fields'] | keyof Columns<S>) & string

interface Options<S extends Shape, N extends string, X extends FieldSet> {
  /** The only fields of the model that the form has, and that a request can change. `'__all__'` are those that can be edited. */
  readonly fields?: readonly N[] | '__all__'
  /** Fields that the form has not; without `fields`, all others are in it. */
  readonly exclude?: readonly FieldNames<S>[]
  readonly widgets?: Named<Widget>
  readonly labels?: Named<string>
  readonly helpTexts?: Named<string>
  readonly attributes?: Named<Readonly<Record<string, string | number | boolean>>>
  readonly errorMessages?: Named<ErrorMessages>
  /** Which rows may be chosen for a relation; all when left out. */
  readonly querysets?: Named<() => unknown>
  /** Fields of the form that the model has not, or has otherwise. */
  readonly declared?: X
  readonly fieldOrder?: readonly string[]
  /** Looks at the fields together; those that were wrong are not there. As in Django it runs whatever was wrong. */
  readonly clean?: (data: Partial<Cleaned<ModelFields<S, N> & X>>) => Promise<CleanResult> | CleanResult
}

/** What a form takes from its model, and what it says in its own words. */
export type ModelFormOptions<S extends Shape, N extends string, X extends FieldSet> = Options<S, N, X> &
  Hooks<S, NoInfer<N>, NoInfer<X>>

/**
 * A conditional type, though it has one branch that counts: the compiler puts what it has inferred into those, and not
 * into mapped types, before it looks for the types of a function's parameters (`cleanTitle: (title) => ...`).
 */
type Hooks<S extends Shape, N extends string, X extends FieldSet> = [N] extends [infer M extends string]
  ? CleanHooks<ModelFields<S, M> & X>
  : never

/** As a form's; `instance` is the row to change, and a new one is made without it. */
export interface ModelFormInput<F extends FieldSet, T extends object> extends FormInput<F> {
  readonly instance?: T | null
}

/** A kind of model form: what `modelForm` gives. */
export interface ModelFormClass<F extends FieldSet, T extends object> extends FormClass<F> {
  readonly meta: ModelMeta
  make(input?: ModelFormInput<F, T>): ModelForm<F, T>
}

/** Nothing to add. */
type None = Record<never, never>

/**
 * A form made from a model: `modelForm(Article, { fields: ['title', 'body'] })`. Only the fields that are named reach
 * the row, whatever is sent.
 *
 * @throws ImproperlyConfigured when neither `fields` nor `exclude` is there
 */
export function modelForm<
  S extends Shape,
  const N extends FieldNames<S> = FieldNames<S>,
  const X extends FieldSet = None,
>(Model: ModelClass<S>, options: ModelFormOptions<S, N, X>): ModelFormClass<ModelFields<S, N> & X, Row<S>> {
  if (options.fields === undefined && options.exclude === undefined) {
    throw new ImproperlyConfigured(
      `Creating a model form without either 'fields' or 'exclude' is prohibited; the form of ${Model.meta.objectName} needs updating.`,
    )
  }
  return new ModelFormKind<ModelFields<S, N> & X, Row<S>>(Model, options)
}

type AnyOptions = Options<Shape, string, FieldSet>

class ModelFormKind<F extends FieldSet, T extends object> implements ModelFormClass<F, T> {
  readonly #model: AnyModel
  readonly #options: AnyOptions
  #plan: ModelFormPlan<F> | null = null

  constructor(model: AnyModel, options: object) {
    this.#model = model
    this.#options = options
  }

  get meta(): ModelMeta {
    return this.#model.meta.ready()
  }

  get fields(): F {
    return this.#planned.fields
  }

  /** Made at first use: relations may name models that are defined later. */
  get #planned(): ModelFormPlan<F> {
    this.#plan ??= planOf<F>(this.meta, this.#options)
    return this.#plan
  }

  make(input: ModelFormInput<F, T> = {}): ModelForm<F, T> {
    return new ModelForm<F, T>(this.#planned, input)
  }
}

interface ModelFormPlan<F extends FieldSet> extends FormPlan<F> {
  readonly meta: ModelMeta
  /** The fields that are the model's own. */
  readonly modelNames: ReadonlySet<string>
  readonly messages: Named<ErrorMessages>
}

function planOf<F extends FieldSet>(meta: ModelMeta, options: AnyOptions): ModelFormPlan<F> {
  const declared = options.declared ?? {}
  const fields: Record<string, FormField<unknown>> = {}
  const missing: string[] = []
  for (const name of chosenNames(meta, options)) {
    const field = declared[name] ?? modelField(meta, name, options)
    if (field === undefined) missing.push(name)
    else if (field !== null) fields[name] = field
  }
  if (missing.length > 0)
    throw new FieldError(`Unknown field(s) (${missing.join(', ')}) specified for ${meta.objectName}`)
  const modelNames = new Set(Object.keys(fields))
  const all = inOrder({ ...fields, ...declared }, options.fieldOrder ?? [])
  return {
    meta,
    modelNames,
    messages: options.errorMessages ?? {},
    // Its names and values are those of the options, which `modelForm` has typed.
    fields: all as unknown as F,
    hooks: hooksOf(options, Object.keys(all)),
    ...(options.clean !== undefined && { clean: options.clean }),
  }
}

/** As Django orders them: as named, or else columns first and many-to-many after. */
function chosenNames(meta: ModelMeta, options: AnyOptions): readonly string[] {
  const excluded = new Set(options.exclude)
  if (options.fields !== undefined && options.fields !== '__all__')
    return options.fields.filter((name) => !excluded.has(name))
  const columns = meta.columns.filter((column) => isEditable(column)).map(({ name }) => name)
  const many = [...meta.relations.values()].filter(
    ({ multiple, through }) => multiple && through?.autoCreated === true,
  )
  return [...columns, ...many.map(({ name }) => name)].filter((name) => !excluded.has(name))
}

/** Undefined where the model has no such field, null where nobody can type its value. */
function modelField(
  meta: ModelMeta,
  name: string,
  options: AnyOptions,
): FormField<unknown> | null | undefined {
  const changes = changesOf(name, options)
  const relation = meta.relations.get(name)
  if (relation !== undefined)
    return relation.multiple ? rowsField(relation, changes) : rowField(relation, changes)
  const column = meta.byName.get(name)
  if (column === undefined || column.name !== name) return undefined
  const field = formFieldOf(column, changes)
  if (field === null && options.fields !== '__all__' && options.fields !== undefined) {
    throw new FieldError(
      `'${name}' cannot be specified for ${meta.objectName} model form as it is a non-editable field`,
    )
  }
  return field
}

function changesOf(name: string, options: AnyOptions): Parameters<typeof rowField>[1] {
  const { widgets, labels, helpTexts, attributes, errorMessages, querysets } = options
  const [widget, label, helpText] = [widgets?.[name], labels?.[name], helpTexts?.[name]]
  const [attribute, messages, queryset] = [attributes?.[name], errorMessages?.[name], querysets?.[name]]
  return {
    ...(widget !== undefined && { widget }),
    ...(label !== undefined && { label }),
    ...(helpText !== undefined && { helpText }),
    ...(attribute !== undefined && { attributes: attribute }),
    ...(messages !== undefined && { messages }),
    // Any model's queryset will do: its rows are found by their keys.
    ...(queryset !== undefined && { queryset: queryset as () => Rows }),
  }
}

/** A form whose values become a row's: `ModelForm` of Django. */
export class ModelForm<F extends FieldSet, T extends object> extends Form<F> {
  /** The row. What was sent is in it once `isValid` was awaited, right or wrong. */
  readonly instance: T
  declare protected readonly plan: ModelFormPlan<F>
  /** The row as it was: what was sent is put into it later. */
  readonly #before = new Map<string, unknown>()

  constructor(plan: ModelFormPlan<F>, input: ModelFormInput<F, T>) {
    super(plan, input)
    // `modelForm` ties the row's type to the model of the plan.
    this.instance = input.instance ?? (plan.meta.create({}) as T)
    const state = this.#state
    for (const name of plan.modelNames) {
      const column = state.meta.column(name)
      if (column !== undefined) this.#before.set(name, state.read(column))
    }
  }

  get #state(): RowState {
    const state = rowState(this.instance)
    if (state === null) throw new TypeError('The instance of a model form is a row of a model.')
    return state
  }

  protected override initialOf(name: string, field: FormField<unknown>): unknown {
    const given = this.input.initial?.[name]
    if (given !== undefined) return given
    const state = this.#state
    if (!this.plan.modelNames.has(name)) return field.initial
    if (this.#before.has(name)) return this.#before.get(name)
    return state.adding ? field.initial : Reflect.get(this.instance, name)
  }

  protected override async cleanWhole(): Promise<void> {
    await this.runClean()
  }

  /** Puts the values into the row, and looks whether the row is right with them. */
  protected override async postClean(): Promise<void> {
    const state = this.#state
    for (const name of this.plan.modelNames) this.#assign(state, name)
    const names = new Set([...this.plan.modelNames].filter((name) => this.values.has(name)))
    for (const name of names) this.#checkRange(state, name)
    const clean: unknown = Reflect.get(this.instance, 'clean')
    if (typeof clean === 'function')
      await this.collecting('', () => Reflect.apply(clean, this.instance, []) as unknown)
    // The parent of an inline set is a field that the set has added.
    const added = Object.keys(this.input.moreFields ?? {}).filter((name) => state.meta.byName.has(name))
    await this.validateUnique(new Set([...names, ...added]))
  }

  #assign(state: RowState, name: string): void {
    if (!this.values.has(name)) return
    const value = this.values.get(name)
    const column = state.meta.column(name)
    // A many-to-many relation is written when the row has its key.
    if (column === undefined) return
    const isLeftOut = column.field.hasDefault && !this.wasSent(name) && column.kind.family !== 'boolean'
    if (isLeftOut && (value === null || value === '')) return
    if (column.relation === null) state.write(column, value)
    else Reflect.set(this.instance, name, value)
  }

  /** PostgreSQL's `integer` has 32 bits; SQLite takes more. */
  #checkRange(state: RowState, name: string): void {
    const column = state.meta.byName.get(name)
    const value = this.values.get(name)
    if (column?.kind.name !== 'IntegerField' || typeof value !== 'number') return
    if (currentDatabase(state.meta.registry).vendor !== 'postgresql') return
    if (value > 2147483647) this.addError(name, 'Ensure this value is less than or equal to 2147483647.')
    if (value < -2147483648) this.addError(name, 'Ensure this value is greater than or equal to -2147483648.')
  }

  /** Whether other rows have what must be unique, among the fields that were right. */
  protected async validateUnique(names: ReadonlySet<string>): Promise<void> {
    const state = this.#state
    const right = new Set([...names].filter((name) => this.values.has(name) && !this.#isEmpty(state, name)))
    const taken = await takenValues(state, right, (name) => this.plan.messages[name]?.unique)
    for (const { name, message } of taken) this.addError(name, message)
  }

  /** Blank and left empty: Django looks at no rule for such a value. */
  #isEmpty(state: RowState, name: string): boolean {
    const column: Column | undefined = state.meta.byName.get(name)
    const field = this.plan.fields[name]
    if (column === undefined || field === undefined || field.required) return false
    const value = this.values.get(name)
    return column.options.blank === true && (value === null || value === emptyValue(column))
  }

  /**
   * Saves the row and its many-to-many relations. With `commit: false` the row comes unsaved, to be completed; call
   * `saveM2m()` once it is saved.
   *
   * @throws ValueError when the form was not found valid
   */
  async save(options: { readonly commit?: boolean } = {}): Promise<T> {
    const state = this.#state
    if (!(await this.isValid())) {
      const done = state.adding ? 'created' : 'changed'
      throw new ValueError(
        `The ${state.meta.objectName} could not be ${done} because the data didn't validate.`,
      )
    }
    if (options.commit === false) return this.instance
    await (this.instance as unknown as ModelRow).save()
    await this.saveM2m()
    return this.instance
  }

  /** Writes the many-to-many relations that the form has; the row must have been saved. */
  async saveM2m(): Promise<void> {
    for (const name of this.plan.modelNames) {
      const relation = this.#state.meta.relations.get(name)
      if (relation?.multiple !== true || !this.values.has(name)) continue
      const rows = Reflect.get(this.instance, relation.accessor) as RelatedSet<Shape>
      await rows.set(this.values.get(name) as object[])
    }
  }
}
