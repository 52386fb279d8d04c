import type { MultiValueDict } from '../http/multi-value-dict.ts'
import type { QueryDict } from '../http/query-dict.ts'
import type { UploadedFile } from '../http/uploaded-file.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SafeString } from '../template/safe-string.ts'
import { plainText } from '../views/plain-text.ts'
import { BoundField, initialName } from './bound-field.ts'
import type { FormField } from './field.ts'
import { formHtml, layouts } from './form-layout.ts'
import { ValidationError } from './validation-error.ts'

/** The fields of a form by name. */
export type FieldSet = Readonly<Record<string, FormField<unknown>>>

type ValueOf<F> = F extends FormField<infer T> ? T : never

/** What a valid form gives. */
export type Cleaned<F extends FieldSet> = { [K in keyof F]: ValueOf<F[K]> }

/** `cleanTitle(value)` looks at one field after its schema, and gives its value; a ValidationError is its error. */
export type CleanHooks<F extends FieldSet> = {
  readonly [K in keyof F & string as `clean${Capitalize<K>}`]?: (
    value: ValueOf<F[K]>,
  ) => MaybePromise<ValueOf<F[K]>>
}

/**
 * A conditional type, though it has one branch that counts: the compiler puts what it has inferred into those, and not
 * into mapped types, before it looks for the types of a function's parameters (`cleanTitle: (title) => ...`).
 */
type Hooks<F extends FieldSet> = [F] extends [infer G extends FieldSet] ? CleanHooks<G> : never

/** What is wrong, by field; '' is for the form as a whole. */
export type CleanResult = Readonly<Record<string, string>> | void

/** What `defineForm` takes: fields, and what looks at their values. */
export type FormDefinition<F extends FieldSet> = Hooks<NoInfer<F>> & {
  readonly fields: F
  /** Names in the order to show them; fields that it leaves out come after. */
  readonly fieldOrder?: readonly string[]
  /**
   * Looks at the fields together, once each of them is valid: gives what is wrong, by field; '' is for the form as a
   * whole. A ValidationError says the same.
   */
  readonly clean?: (data: Cleaned<F>) => Promise<CleanResult> | CleanResult
}

export interface FormInput<F extends FieldSet> {
  /** What was sent; null makes a form that asks for the first time. */
  readonly data?: QueryDict | null
  readonly files?: MultiValueDict<UploadedFile>
  readonly initial?: Partial<Cleaned<F>>
  /** Before each name, for several forms on one page: `prefix-name`. */
  readonly prefix?: string
  /** Valid too when nothing was changed in it: `cleanedData` is empty then. */
  readonly emptyPermitted?: boolean
  /** False leaves the attribute `required` out. */
  readonly useRequiredAttribute?: boolean
  /** After the form's own: what a set of forms adds to each. */
  readonly moreFields?: FieldSet
}

/** A kind of form; `GuestForm.make({ data: request.POST })` is one form of it. */
export interface FormClass<F extends FieldSet> {
  readonly fields: F
  make(input?: FormInput<F>): Form<F>
}

/** What a form is made of, whoever defined it. */
export interface FormPlan<F extends FieldSet> {
  readonly fields: F
  /** By the field's name. */
  readonly hooks: ReadonlyMap<string, CleanHook>
  clean?(data: Cleaned<F>): Promise<CleanResult> | CleanResult
}

type CleanHook = (value: unknown) => unknown

/** A form by its fields. Only what has a field here is ever taken from a request. */
export function defineForm<const F extends FieldSet>(definition: FormDefinition<F>): FormClass<F> {
  const fields = inOrder<F>(definition.fields, definition.fieldOrder ?? [])
  const plan: FormPlan<F> = {
    fields,
    hooks: hooksOf(definition, Object.keys(fields)),
    ...(definition.clean !== undefined && { clean: definition.clean }),
  }
  return { fields, make: (input = {}) => new Form(plan, input) }
}

/** The same fields, those that `order` names first. */
export function inOrder<F extends FieldSet>(fields: F, order: readonly string[]): F {
  const known = order.filter((name) => Object.hasOwn(fields, name))
  const names = [...new Set([...known, ...Object.keys(fields)])]
  // The same names with the same values.
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as unknown as F
}

/** `cleanTitle` of the definition, under `title`. */
export function hooksOf(definition: object, names: readonly string[]): ReadonlyMap<string, CleanHook> {
  const hooks = new Map<string, CleanHook>()
  for (const name of names) {
    const hook: unknown = Reflect.get(definition, `clean${name.charAt(0).toUpperCase()}${name.slice(1)}`)
    if (typeof hook === 'function') hooks.set(name, (value) => Reflect.apply(hook, definition, [value]))
  }
  return hooks
}

/** The key of errors that belong to no field. */
const wholeForm = ''

/** One form on its way: asked for, sent, found wrong, or valid. */
export class Form<F extends FieldSet> implements Iterable<BoundField> {
  readonly isBound: boolean
  protected readonly plan: FormPlan<F>
  protected readonly input: FormInput<F>
  /** The values of the fields that were right. */
  protected readonly values = new Map<string, unknown>()
  readonly #fields: FieldSet
  readonly #errors = new Map<string, string[]>()
  #isValid = false
  #checked: Promise<boolean> | null = null

  constructor(plan: FormPlan<F>, input: FormInput<F>) {
    this.plan = plan
    this.input = input
    this.#fields = { ...plan.fields, ...input.moreFields }
    this.isBound = input.data !== undefined && input.data !== null
  }

  /** Checks what was sent, once. A form that was not sent is not valid. */
  isValid(): Promise<boolean> {
    this.#checked ??= this.#check()
    return this.#checked.then((valid) => valid && this.#errors.size === 0)
  }

  async #check(): Promise<boolean> {
    if (!this.isBound) return false
    if (this.input.emptyPermitted !== true || (await this.hasChanged())) {
      for (const [name, field] of Object.entries(this.#fields)) await this.#cleanField(name, field)
      await this.cleanWhole()
      await this.postClean()
    }
    this.#isValid = this.#errors.size === 0
    return this.#isValid
  }

  async #cleanField(name: string, field: FormField<unknown>): Promise<void> {
    const result = await field.schema['~standard'].validate(this.#sent(name, field))
    if (result.issues !== undefined) {
      for (const issue of result.issues) this.addError(name, issue.message)
      return
    }
    this.values.set(name, result.value)
    const hook = this.plan.hooks.get(name)
    if (hook === undefined) return
    await this.collecting(name, async () => this.values.set(name, await hook(result.value)))
  }

  /** Makes what `work` throws as a ValidationError errors of the form. */
  protected async collecting(name: string, work: () => unknown): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      const byField = error.byField ?? new Map([[name, error.messages]])
      for (const [field, messages] of byField) for (const message of messages) this.addError(field, message)
    }
  }

  /** The `clean` of the definition. */
  protected async cleanWhole(): Promise<void> {
    if (this.#errors.size > 0) return
    await this.runClean()
  }

  protected async runClean(): Promise<void> {
    await this.collecting(wholeForm, async () => {
      // Every field has given its value, or the kind of form says that it need not have.
      const wrong = await this.plan.clean?.(Object.fromEntries(this.values) as Cleaned<F>)
      for (const [name, message] of Object.entries(wrong ?? {})) this.addError(name, message)
    })
  }

  /** After `clean`, whatever it found. */
  protected postClean(): MaybePromise<void> {
    return undefined
  }

  #sent(name: string, field: FormField<unknown>): unknown {
    const key = this.htmlName(name)
    if (field.widget === 'file') return this.input.files?.get(key)
    if (field.widget === 'multiple') return this.input.data?.getlist(key)
    return this.input.data?.get(key)
  }

  /** What the field began with, as the page says. */
  #sentInitial(name: string): string | undefined {
    return this.input.data?.get(initialName(this.htmlName(name)))
  }

  /** Whether the page sent anything for the field. */
  protected wasSent(name: string): boolean {
    return this.input.data?.has(this.htmlName(name)) ?? false
  }

  /** @throws Error unless `isValid` gave true */
  get cleanedData(): Cleaned<F> {
    // Every field has given its value: the record is whole.
    if (this.#isValid && this.#errors.size === 0) return Object.fromEntries(this.values) as Cleaned<F>
    throw new Error('form.cleanedData is there once "await form.isValid()" has given true')
  }

  /** By field; '' holds those of the form as a whole. */
  get errors(): ReadonlyMap<string, readonly string[]> {
    return this.#errors
  }

  get nonFieldErrors(): readonly string[] {
    return this.#errors.get(wholeForm) ?? []
  }

  /** Adds an error found elsewhere, as when a name is taken. @param name '' for the form as a whole */
  addError(name: string, message: string): void {
    const list = this.#errors.get(name)
    if (list === undefined) this.#errors.set(name, [message])
    else list.push(message)
    this.values.delete(name)
  }

  /** The names of the fields in which something else was sent than was shown. */
  async changedData(): Promise<string[]> {
    const changed: string[] = []
    for (const [name, field] of Object.entries(this.#fields)) {
      const initial = field.hasHiddenInitial ? this.#sentInitial(name) : await this.initialOf(name, field)
      if (await isChanged(field, initial, this.#sent(name, field))) changed.push(name)
    }
    return changed
  }

  async hasChanged(): Promise<boolean> {
    return (await this.changedData()).length > 0
  }

  /** What the field shows before anything is typed; a promise where the database has to be asked. */
  protected initialOf(name: string, field: FormField<unknown>): unknown {
    return this.input.initial?.[name] ?? field.initial
  }

  htmlName(name: string): string {
    return this.input.prefix === undefined ? name : `${this.input.prefix}-${name}`
  }

  /** The field as the page shows it. @throws Error when there is no such field */
  field(name: keyof F & string): BoundField {
    const field = this.#fields[name]
    if (field === undefined) throw new Error(`The form has no field called ${name}`)
    return new BoundField(field, {
      name,
      htmlName: this.htmlName(name),
      value: this.isBound ? this.#sent(name, field) : this.initialOf(name, field),
      errors: this.#errors.get(name) ?? [],
      useRequired: this.input.useRequiredAttribute !== false,
      ...(field.hasHiddenInitial === true && {
        hiddenInitial: this.#sentInitial(name) ?? this.initialOf(name, field),
      }),
    })
  }

  /** The fields by name, for templates: `{{ form.fields.title.value }}`. */
  get fields(): Readonly<Record<keyof F & string, BoundField>> {
    const bound = [...this].map((field) => [field.name, field] as const)
    return Object.fromEntries(bound) as Record<keyof F & string, BoundField>
  }

  *[Symbol.iterator](): Generator<BoundField> {
    for (const name of Object.keys(this.#fields)) yield this.field(name)
  }

  /** The fields in paragraphs. A promise where a field's choices are rows; a template waits for it. */
  asP(): MaybePromise<SafeString> {
    return formHtml(layouts.p, [...this], this.nonFieldErrors)
  }

  /** The fields as rows of a table, without `<table>`. */
  asTable(): MaybePromise<SafeString> {
    return formHtml(layouts.table, [...this], this.nonFieldErrors)
  }

  /** The fields as items of a list, without `<ul>`. */
  asUl(): MaybePromise<SafeString> {
    return formHtml(layouts.ul, [...this], this.nonFieldErrors)
  }

  /** The fields in `<div>`s, which is what screen readers do best with. */
  asDiv(): MaybePromise<SafeString> {
    return formHtml(layouts.div, [...this], this.nonFieldErrors)
  }
}

const text = plainText

/** As Django's `has_changed`: `01` is no change of 1, and what is no value at all is one. */
async function isChanged(field: FormField<unknown>, initial: unknown, sent: unknown): Promise<boolean> {
  if (field.widget === 'file') return sent !== undefined
  const shown = (value: unknown): unknown => field.shown?.(value) ?? value
  const before = shown(initial)
  if (Array.isArray(before) || Array.isArray(sent)) return !isSameSet(before, sent)
  if (field.widget !== 'checkbox' && text(before).trim() === text(sent).trim()) return false
  const result = await field.schema['~standard'].validate(sent)
  if (field.widget === 'checkbox') {
    // One that has to be ticked and is not is no change of one that was not.
    const ticked = result.issues === undefined ? Boolean(result.value) : text(sent) !== ''
    return Boolean(before) !== ticked
  }
  return result.issues !== undefined || text(before) !== text(shown(result.value))
}

function isSameSet(before: unknown, after: unknown): boolean {
  const [a, b] = [before, after].map((list) => new Set(Array.isArray(list) ? list.map(text) : []))
  return a !== undefined && b !== undefined && a.size === b.size && [...a].every((one) => b.has(one))
}
