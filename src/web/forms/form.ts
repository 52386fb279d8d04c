import type { MultiValueDict } from '../http/multi-value-dict.ts'
import type { QueryDict } from '../http/query-dict.ts'
import type { UploadedFile } from '../http/uploaded-file.ts'
import { BoundField } from './bound-field.ts'
import type { FormField } from './field.ts'

/** The fields of a form by name. */
export type FieldSet = Readonly<Record<string, FormField<unknown>>>

type ValueOf<F> = F extends FormField<infer T> ? T : never

/** What a valid form gives. */
export type Cleaned<F extends FieldSet> = { [K in keyof F]: ValueOf<F[K]> }

export interface FormDefinition<F extends FieldSet> {
  readonly fields: F
  /**
   * Looks at the fields together, once each of them is valid: gives what is wrong, by field; '' is for the form as a
   * whole.
   */
  readonly clean?: (
    data: Cleaned<F>,
  ) => Promise<Readonly<Record<string, string>> | void> | Readonly<Record<string, string>> | void
}

export interface FormInput<F extends FieldSet> {
  /** What was sent; null makes a form that asks for the first time. */
  readonly data?: QueryDict | null
  readonly files?: MultiValueDict<UploadedFile>
  readonly initial?: Partial<Cleaned<F>>
  /** Before each name, for several forms on one page: `prefix-name`. */
  readonly prefix?: string
}

/** A kind of form; `GuestForm.make({ data: request.POST })` is one form of it. */
export interface FormClass<F extends FieldSet> {
  readonly fields: F
  make(input?: FormInput<F>): Form<F>
}

/** A form by its fields. Only what has a field here is ever taken from a request. */
export function defineForm<const F extends FieldSet>(definition: FormDefinition<F>): FormClass<F> {
  return { fields: definition.fields, make: (input = {}) => new Form(definition, input) }
}

/** The key of errors that belong to no field. */
const wholeForm = ''

/** One form on its way: asked for, sent, found wrong, or valid. */
export class Form<F extends FieldSet> implements Iterable<BoundField> {
  readonly isBound: boolean
  readonly #definition: FormDefinition<F>
  readonly #input: FormInput<F>
  readonly #errors = new Map<string, string[]>()
  #cleaned: Cleaned<F> | null = null
  #checked: Promise<boolean> | null = null

  constructor(definition: FormDefinition<F>, input: FormInput<F>) {
    this.#definition = definition
    this.#input = input
    this.isBound = input.data !== undefined && input.data !== null
  }

  /** Checks what was sent, once. A form that was not sent is not valid. */
  isValid(): Promise<boolean> {
    this.#checked ??= this.#check()
    return this.#checked
  }

  async #check(): Promise<boolean> {
    if (!this.isBound) return false
    const values = new Map<string, unknown>()
    for (const [name, field] of Object.entries(this.#definition.fields)) {
      const result = await field.schema['~standard'].validate(this.#sent(name, field))
      if (result.issues === undefined) values.set(name, result.value)
      else for (const issue of result.issues) this.addError(name, issue.message)
    }
    if (this.#errors.size > 0) return false
    // Every field has given its value: the record is whole.
    const cleaned = Object.fromEntries(values) as Cleaned<F>
    const wrong = await this.#definition.clean?.(cleaned)
    for (const [name, message] of Object.entries(wrong ?? {})) this.addError(name, message)
    if (this.#errors.size > 0) return false
    this.#cleaned = cleaned
    return true
  }

  #sent(name: string, field: FormField<unknown>): unknown {
    const key = this.htmlName(name)
    if (field.widget === 'file') return this.#input.files?.get(key)
    if (field.widget === 'multiple') return this.#input.data?.getlist(key)
    return this.#input.data?.get(key)
  }

  /** @throws Error unless `isValid` gave true */
  get cleanedData(): Cleaned<F> {
    if (this.#cleaned !== null) return this.#cleaned
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
    this.#cleaned = null
  }

  htmlName(name: string): string {
    return this.#input.prefix === undefined ? name : `${this.#input.prefix}-${name}`
  }

  /** The field as the page shows it. @throws Error when there is no such field */
  field(name: keyof F & string): BoundField {
    const field = this.#definition.fields[name]
    if (field === undefined) throw new Error(`The form has no field called ${name}`)
    const sent = this.isBound ? this.#sent(name, field) : (this.#input.initial?.[name] ?? field.initial)
    return new BoundField(name, this.htmlName(name), field, sent, this.#errors.get(name) ?? [])
  }

  /** The fields by name, for templates: `{{ form.fields.title.value }}`. */
  get fields(): Readonly<Record<keyof F & string, BoundField>> {
    const bound = [...this].map((field) => [field.name, field] as const)
    return Object.fromEntries(bound) as Record<keyof F & string, BoundField>
  }

  *[Symbol.iterator](): Generator<BoundField> {
    for (const name of Object.keys(this.#definition.fields)) yield this.field(name)
  }
}
