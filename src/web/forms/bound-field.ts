import { escapeHtml } from '../handlers/escape-html.ts'
import { chain, type MaybePromise } from '../maybe-promise.ts'
import { htmlOf } from '../template/safe-string.ts'
import type { ChoiceList, FormField } from './field.ts'

export interface BoundFieldState {
  readonly name: string
  readonly htmlName: string
  /** What was typed, or the initial value; a promise where the database has it. */
  readonly value: unknown
  readonly errors: readonly string[]
  /** False in sets of forms: of those one may stay empty. */
  readonly useRequired: boolean
  /** What it began with, where the page is to say that too. */
  readonly hiddenInitial?: unknown
}

/** Of the hidden element that says what a field began with. */
export const initialName = (htmlName: string): string => `initial-${htmlName}`

type Attributes = Readonly<Record<string, string | number | boolean>>

/** A field of one form, with what was typed into it and what was wrong with that. Its HTML is Django's. */
export class BoundField {
  readonly name: string
  readonly htmlName: string
  readonly id: string
  readonly label: string
  readonly helpText: string
  readonly errors: readonly string[]
  readonly required: boolean
  readonly #field: FormField<unknown>
  readonly #value: unknown
  readonly #useRequired: boolean
  readonly #hiddenInitial: string

  constructor(field: FormField<unknown>, state: BoundFieldState) {
    this.name = state.name
    this.htmlName = state.htmlName
    this.id = `id_${state.htmlName}`
    this.label = field.label ?? labelOf(state.name)
    this.helpText = field.helpText ?? ''
    this.required = field.required
    this.errors = state.errors
    this.#field = field
    this.#value = state.value
    this.#useRequired = state.useRequired
    this.#hiddenInitial = 'hiddenInitial' in state ? this.#initialElement(state.hiddenInitial) : ''
  }

  get isHidden(): boolean {
    return this.#field.widget === 'hidden'
  }

  /** To be shown again; never a password, and never a file. */
  get value(): string {
    return this.#text(this.#value)
  }

  #text(raw: unknown): string {
    if (this.#field.widget === 'password' || this.#field.widget === 'file') return ''
    const value = this.#field.shown === undefined ? raw : this.#field.shown(raw)
    if (value instanceof Date) return value.toISOString().slice(0, 10)
    const simple = ['string', 'number', 'boolean', 'bigint'].includes(typeof value)
    return simple ? String(value) : ''
  }

  get checked(): boolean {
    const value = this.#value
    return value === true || (typeof value === 'string' && !['', '0', 'false', 'False'].includes(value))
  }

  /** The HTML element that asks for it. Everything in it is escaped. A promise where rows are its choices. */
  get html(): MaybePromise<string> {
    const { widget, choices = [] } = this.#field
    if (widget !== 'select' && widget !== 'multiple') return this.#element() + this.#hiddenInitial
    const offered = typeof choices === 'function' ? choices() : choices
    // A promise: the rows of a many-to-many relation.
    return chain(offered, (list) =>
      chain(this.#value, (value) => this.#select(list, value) + this.#hiddenInitial),
    )
  }

  #initialElement(value: unknown): string {
    const text = this.#text(value)
    const shown = text === '' ? '' : ` value="${escapeHtml(text)}"`
    const [name, id] = [this.htmlName, this.id].map((one) => escapeHtml(initialName(one)))
    return `<input type="hidden" name="${name ?? ''}"${shown} id="${id ?? ''}">`
  }

  #element(): string {
    const { widget } = this.#field
    if (widget === 'textarea') {
      const size = { cols: 40, rows: 10 }
      return `<textarea${this.#attributes({}, size)}>\n${escapeHtml(this.value)}</textarea>`
    }
    if (widget === 'checkbox') {
      return `<input${this.#attributes({ type: 'checkbox' }, {}, { checked: this.checked })}>`
    }
    const { value } = this
    return `<input${this.#attributes({ type: widget }, {}, {}, value === '' ? {} : { value })}>`
  }

  #select(choices: ChoiceList, value: unknown): string {
    const multiple = this.#field.widget === 'multiple'
    const shown = this.#field.shown?.(value) ?? value
    const values = Array.isArray(shown) ? shown.map(String) : [this.#text(value)]
    const options = choices.map(([key, label]) => {
      const selected = values.includes(key) ? ' selected' : ''
      return `  <option value="${escapeHtml(key)}"${selected}>${escapeHtml(label)}</option>\n\n`
    })
    // Required says "not the first, empty one" (HTML, section 4.10.7): a list without such a one cannot be.
    const canRequire = multiple || choices[0]?.[0] === ''
    const attributes = this.#attributes({}, canRequire ? {} : { required: false }, { multiple })
    return `<select${attributes}>\n${options.join('')}</select>`
  }

  /** In Django's order: what the element is, its name and value, what the field says, its id. */
  #attributes(first: Attributes, own: Attributes, last: Attributes = {}, value: Attributes = {}): string {
    const all = {
      ...first,
      name: this.htmlName,
      ...value,
      ...{ ...own, ...this.#field.attributes },
      ...(this.#requires && own['required'] !== false && { required: true }),
      ...(this.errors.length > 0 && { 'aria-invalid': 'true', 'aria-describedby': `${this.id}_error` }),
      id: this.id,
      ...last,
    }
    return Object.entries(all)
      .filter(([, one]) => one !== false)
      .map(([name, one]) => (one === true ? ` ${name}` : ` ${name}="${escapeHtml(String(one))}"`))
      .join('')
  }

  get #requires(): boolean {
    return this.required && this.#useRequired && !this.isHidden
  }

  /** `<label>` with a colon, unless the words end with a mark of their own. */
  get labelTag(): string {
    const suffix = /[:?.!]$/.test(this.label) ? '' : ':'
    return `<label for="${escapeHtml(this.id)}">${escapeHtml(this.label)}${suffix}</label>`
  }

  /** What was wrong, as a list; the id is what `aria-describedby` names. '' when nothing was. */
  get errorList(): string {
    return errorListHtml(this.errors, `id="${escapeHtml(this.id)}_error"`)
  }

  /** `{{ form.fields.title }}` in a template: the element itself. */
  toString(): string {
    const { html } = this
    return typeof html === 'string' ? html : ''
  }
}

/** `<ul class="errorlist">`, each message escaped. */
export function errorListHtml(errors: readonly string[], more = ''): string {
  if (errors.length === 0) return ''
  const items = errors.map((message) => `<li>${htmlOf(message)}</li>`)
  return `<ul class="errorlist"${more === '' ? '' : ` ${more}`}>${items.join('')}</ul>`
}

/** `firstName` and `first_name` read "First name". */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
