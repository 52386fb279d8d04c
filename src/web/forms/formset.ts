import { chain, allOf, type MaybePromise } from '../maybe-promise.ts'
import { markSafe, type SafeString } from '../template/safe-string.ts'
import type { MultiValueDict } from '../http/multi-value-dict.ts'
import type { QueryDict } from '../http/query-dict.ts'
import type { UploadedFile } from '../http/uploaded-file.ts'
import { checkbox, field, type FormField } from './field.ts'
import type { Cleaned, FieldSet, Form, FormClass, FormInput } from './form.ts'
import { formHtml, layouts } from './form-layout.ts'
import { managementForm, type Counts } from './management-form.ts'
import { schemaOf } from './standard-schema.ts'
import { ValidationError } from './validation-error.ts'

/** How many forms a set has, and what can be done to them. */
export interface FormsetOptions {
  /** Empty forms shown beside those with something in them. 1 when left out. */
  readonly extra?: number
  readonly canOrder?: boolean
  /** Each form has a box by which it is deleted. */
  readonly canDelete?: boolean
  /** Whether the empty ones have the box too. */
  readonly canDeleteExtra?: boolean
  /** No more forms are shown, but for those with something in them. 1000. */
  readonly maxNum?: number
  /** Whether more than `maxNum` are an error. */
  readonly validateMax?: boolean
  readonly minNum?: number
  readonly validateMin?: boolean
  /** No more forms are ever made of one request, whatever it says. `maxNum` and 1000. */
  readonly absoluteMax?: number
  /** Looks at all forms together, once each is valid: a ValidationError is an error of the whole set. */
  readonly clean?: (forms: readonly Form<FieldSet>[]) => MaybePromise<void>
}

/** The options with what stands for those left out. */
export type FormsetPlan = Required<Omit<FormsetOptions, 'clean'>> & Pick<FormsetOptions, 'clean'>

/** What a set of forms is made from, for one request. */
export interface FormsetInput<F extends FieldSet> {
  readonly data?: QueryDict | null
  readonly files?: MultiValueDict<UploadedFile>
  /** One for each form that is to be shown filled. */
  readonly initial?: readonly Partial<Cleaned<F>>[]
  /** Before the names of all forms: `form` when left out. */
  readonly prefix?: string
}

/** A kind of set: what `formset` gives. */
export interface FormsetClass<F extends FieldSet> {
  make(input?: FormsetInput<F>): Formset<F, Form<F>>
}

const MAX_NUM = 1000

export function formsetPlan(options: FormsetOptions): FormsetPlan {
  const { maxNum = MAX_NUM } = options
  return {
    extra: 1,
    canOrder: false,
    canDelete: false,
    canDeleteExtra: true,
    validateMax: false,
    minNum: 0,
    validateMin: false,
    ...options,
    maxNum,
    absoluteMax: options.absoluteMax ?? maxNum + MAX_NUM,
  }
}

/** Several forms of one kind on a page: `formset(ArticleForm, { extra: 2, canDelete: true })`. */
export function formset<F extends FieldSet>(
  kind: FormClass<F>,
  options: FormsetOptions = {},
): FormsetClass<F> {
  const plan = formsetPlan(options)
  return {
    make: (input = {}) => {
      const initial = input.initial ?? []
      return new Formset(
        plan,
        { ...input, prefix: input.prefix ?? 'form', initialCount: initial.length },
        (one, i) => kind.make({ ...one, ...(initial[i] !== undefined && { initial: initial[i] }) }),
      )
    },
  }
}

/** What a set knows before its forms are made. */
export interface FormsetState {
  readonly data?: QueryDict | null
  readonly files?: MultiValueDict<UploadedFile>
  readonly prefix: string
  /** Forms that begin with something in them. */
  readonly initialCount: number
}

/**
 * Makes the form at a place; -1 is the empty one that a script copies. `initialCount` is how many of those before began
 * with something in them, as the page says where one was sent.
 */
export type MakeForm<F extends FieldSet, T extends Form<F>> = (
  input: FormInput<F>,
  index: number,
  initialCount: number,
) => T

/** Forms of one kind, asked for and sent together, with the counts that say how many they are. */
export class Formset<F extends FieldSet, T extends Form<F>> implements Iterable<T> {
  readonly isBound: boolean
  readonly prefix: string
  readonly forms: readonly T[]
  readonly initialFormCount: number
  protected readonly plan: FormsetPlan
  readonly #management: Form<FieldSet>
  readonly #state: FormsetState
  readonly #makeForm: MakeForm<F, T>
  readonly #counts: Counts | null
  readonly #errors: string[] = []
  readonly #deleted = new Set<T>()
  #checked: Promise<boolean> | null = null

  constructor(plan: FormsetPlan, state: FormsetState, makeForm: MakeForm<F, T>) {
    this.plan = plan
    this.prefix = state.prefix
    this.isBound = state.data !== undefined && state.data !== null
    this.#state = state
    this.#makeForm = makeForm
    const shown = {
      total: this.#shownCount(),
      initial: state.initialCount,
      min: plan.minNum,
      max: plan.maxNum,
    }
    const { form, counts } = managementForm(state.prefix, state.data ?? null, shown)
    this.#management = form
    this.#counts = counts
    this.initialFormCount = counts?.initial ?? 0
    const total = Math.min(counts?.total ?? 0, plan.absoluteMax)
    this.forms = Array.from({ length: Math.max(0, total) }, (_one, i) => this.#form(i))
  }

  #shownCount(): number {
    const { minNum, maxNum, extra } = this.plan
    const initial = this.#state.initialCount
    if (initial > maxNum) return initial
    return Math.min(Math.max(initial, minNum) + extra, maxNum)
  }

  #form(i: number): T {
    const { data, files } = this.#state
    return this.#makeForm(
      {
        prefix: `${this.prefix}-${i}`,
        useRequiredAttribute: false,
        moreFields: this.#moreFields(i),
        ...(data !== undefined && { data }),
        ...(files !== undefined && { files }),
        // Those that need not be filled may stay as they were.
        ...(i >= this.initialFormCount && i >= this.plan.minNum && { emptyPermitted: true }),
      },
      i,
      this.initialFormCount,
    )
  }

  #moreFields(i: number): FieldSet {
    const isExtra = i < 0 || i >= this.initialFormCount
    const fields: Record<string, FormField<unknown>> = {}
    if (this.plan.canOrder) fields['ORDER'] = orderField(isExtra ? undefined : i + 1)
    if (this.plan.canDelete && (this.plan.canDeleteExtra || !isExtra))
      fields['DELETE'] = checkbox({ label: 'Delete' })
    return fields
  }

  /** One that has `__prefix__` where the others have their number: for a script that adds forms. */
  get emptyForm(): T {
    return this.#makeForm(
      {
        prefix: `${this.prefix}-__prefix__`,
        emptyPermitted: true,
        useRequiredAttribute: false,
        moreFields: this.#moreFields(-1),
      },
      -1,
      this.initialFormCount,
    )
  }

  /** Checks every form, once, and then the set. */
  isValid(): Promise<boolean> {
    this.#checked ??= this.#check()
    return this.#checked
  }

  async #check(): Promise<boolean> {
    if (!this.isBound) return false
    if (this.#counts === null) {
      this.#errors.push(tampered(this.#management))
      return false
    }
    let [wrong, empty] = [0, 0]
    for (const [i, form] of this.forms.entries()) {
      const isValid = await form.isValid()
      const isUntouched = i >= this.initialFormCount && !(await form.hasChanged())
      if (isUntouched) empty++
      if (await this.#isToDelete(form)) {
        if (!isUntouched) this.#deleted.add(form)
      } else if (!isValid) wrong++
    }
    await this.#checkSet(empty, wrong)
    return wrong === 0 && this.#errors.length === 0
  }

  async #checkSet(empty: number, wrong: number): Promise<void> {
    const { minNum, maxNum, validateMax, validateMin, absoluteMax, clean } = this.plan
    const kept = this.forms.length - this.#deleted.size
    try {
      await this.cleanSet(this.forms.filter((form) => !this.#deleted.has(form)))
      if ((validateMax && kept > maxNum) || (this.#counts?.total ?? 0) > absoluteMax)
        throw new ValidationError(`Please submit at most ${maxNum} form${maxNum === 1 ? '' : 's'}.`)
      if (validateMin && kept - empty < minNum)
        throw new ValidationError(`Please submit at least ${minNum} form${minNum === 1 ? '' : 's'}.`)
      if (wrong === 0) await clean?.(this.forms)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      this.#errors.push(...error.messages)
    }
  }

  /** What a kind of set looks at by itself, among the forms that stay. */
  protected cleanSet(_forms: readonly T[]): MaybePromise<void> {
    return undefined
  }

  async #isToDelete(form: T): Promise<boolean> {
    if (!this.plan.canDelete) return false
    // A form that is to go need not be right: its box is read by itself.
    const sent = this.#state.data?.get(form.htmlName('DELETE'))
    const box = await checkbox().schema['~standard'].validate(sent)
    return (
      box.issues === undefined &&
      box.value &&
      (this.plan.canDeleteExtra || this.forms.indexOf(form) < this.initialFormCount)
    )
  }

  /** Errors of the set as a whole. */
  get nonFormErrors(): readonly string[] {
    return this.#errors
  }

  /** Those of each form that stays, in their order. */
  get errors(): readonly ReadonlyMap<string, readonly string[]>[] {
    if (!this.isBound) return []
    return this.forms.filter((form) => !this.#deleted.has(form)).map((form) => form.errors)
  }

  get totalErrorCount(): number {
    const all = this.errors.flatMap((errors) => [...errors.values()]).flat()
    return all.length + this.#errors.length
  }

  /** Of every form, once the set is valid. Empty ones give empty records. */
  get cleanedData(): readonly Cleaned<F>[] {
    return this.forms.filter((form) => !this.#deleted.has(form)).map((form) => form.cleanedData)
  }

  /** Those whose box to delete was ticked, once the set was checked. */
  get deletedForms(): readonly T[] {
    return [...this.#deleted]
  }

  /** The filled forms that stay, by their `ORDER`; those without one come last. */
  async orderedForms(): Promise<readonly T[]> {
    const ordered: [T, number][] = []
    for (const [i, form] of this.forms.entries()) {
      if (this.#deleted.has(form) || (i >= this.initialFormCount && !(await form.hasChanged()))) continue
      const order: unknown = new Map<string, unknown>(Object.entries(form.cleanedData)).get('ORDER')
      ordered.push([form, typeof order === 'number' ? order : Number.POSITIVE_INFINITY])
    }
    return ordered.sort(([, a], [, b]) => (a === b ? 0 : a - b)).map(([form]) => form)
  }

  async hasChanged(): Promise<boolean> {
    for (const form of this.forms) if (await form.hasChanged()) return true
    return false
  }

  /** The hidden counts, which have to be on the page: `{{ formset.managementForm }}`. */
  get managementForm(): MaybePromise<SafeString> {
    return this.#management.asTable()
  }

  *[Symbol.iterator](): Generator<T> {
    yield* this.forms
  }

  /** The counts and all forms in paragraphs. */
  asP(): MaybePromise<SafeString> {
    return this.#html('p')
  }

  /** The counts and all forms as rows of a table. */
  asTable(): MaybePromise<SafeString> {
    return this.#html('table')
  }

  /** The counts and all forms as items of a list. */
  asUl(): MaybePromise<SafeString> {
    return this.#html('ul')
  }

  /** The counts and all forms in `<div>`s. */
  asDiv(): MaybePromise<SafeString> {
    return this.#html('div')
  }

  #html(layout: keyof typeof layouts): MaybePromise<SafeString> {
    const forms = this.forms.map((form) => formHtml(layouts[layout], [...form], form.nonFieldErrors))
    return chain(allOf([this.managementForm, ...forms]), ([management, ...rest]) =>
      markSafe(`${String(management)}\n${rest.map(String).join(' ')}`),
    )
  }
}

/** A whole number or nothing. */
function orderField(initial: number | undefined): FormField<unknown> {
  const schema = schemaOf((value) => {
    const text = typeof value === 'string' ? value.trim() : ''
    if (text === '') return null
    if (/^[+-]?\d{1,15}$/.test(text)) return Number(text)
    throw new ValidationError('Enter a whole number.')
  })
  return field<unknown>(schema, { widget: 'number', required: false, label: 'Order', initial })
}

function tampered(management: Form<FieldSet>): string {
  const names = [...management.errors.keys()].map((name) => management.htmlName(name))
  return (
    'ManagementForm data is missing or has been tampered with. Missing fields: ' +
    `${names.join(', ')}. You may need to file a bug report if the issue persists.`
  )
}
