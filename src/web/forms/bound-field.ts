import { escapeHtml } from '../handlers/escape-html.ts'
import type { FormField } from './field.ts'

/** A field of one form, with what was typed into it and what was wrong with that. */
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

  constructor(
    name: string,
    htmlName: string,
    field: FormField<unknown>,
    value: unknown,
    errors: readonly string[],
  ) {
    this.name = name
    this.htmlName = htmlName
    this.id = `id_${htmlName}`
    this.label = field.label ?? labelOf(name)
    this.helpText = field.helpText ?? ''
    this.required = field.required
    this.errors = errors
    this.#field = field
    this.#value = value
  }

  /** To be shown again; never a password, and never a file. */
  get value(): string {
    if (this.#field.widget === 'password' || this.#field.widget === 'file') return ''
    if (this.#value instanceof Date) return this.#value.toISOString().slice(0, 10)
    const simple =
      typeof this.#value === 'string' || typeof this.#value === 'number' || typeof this.#value === 'boolean'
    return simple ? String(this.#value) : ''
  }

  get checked(): boolean {
    return this.#value === true || (typeof this.#value === 'string' && this.#value !== '')
  }

  /** The HTML element that asks for it. Everything in it is escaped. */
  get html(): string {
    const { widget } = this.#field
    if (widget === 'textarea') {
      return `<textarea${this.#attributes({ rows: 6 })}>\n${escapeHtml(this.value)}</textarea>`
    }
    if (widget === 'select' || widget === 'multiple') return this.#select(widget === 'multiple')
    if (widget === 'checkbox')
      return `<input${this.#attributes({ type: 'checkbox', checked: this.checked })}>`
    const value = this.value === '' ? {} : { value: this.value }
    return `<input${this.#attributes({ type: widget, ...value })}>`
  }

  #select(multiple: boolean): string {
    const values = Array.isArray(this.#value) ? this.#value.map(String) : [this.value]
    const options = (this.#field.choices ?? []).map(([value, label]) => {
      const selected = values.includes(value) ? ' selected' : ''
      return `<option value="${escapeHtml(value)}"${selected}>${escapeHtml(label)}</option>`
    })
    return `<select${this.#attributes({ multiple })}>${options.join('')}</select>`
  }

  #attributes(own: Readonly<Record<string, string | number | boolean>>): string {
    const described =
      this.errors.length > 0 ? { 'aria-invalid': 'true', 'aria-describedby': `${this.id}_error` } : {}
    const all = { ...own, name: this.htmlName, id: this.id, ...this.#field.attributes, ...described }
    const withRequired = { ...all, required: this.required && this.#field.widget !== 'hidden' }
    return Object.entries(withRequired)
      .filter(([, value]) => value !== false)
      .map(([name, value]) => (value === true ? ` ${name}` : ` ${name}="${escapeHtml(String(value))}"`))
      .join('')
  }
}

/** `firstName` and `first_name` read "First name". */
function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
