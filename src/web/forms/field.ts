import { UploadedFile } from '../http/uploaded-file.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import { schemaOf, type StandardSchema } from './standard-schema.ts'
import { ValidationError } from './validation-error.ts'

/** How a page asks for a field. */
export type Widget =
  | 'text'
  | 'textarea'
  | 'email'
  | 'url'
  | 'number'
  | 'date'
  | 'password'
  | 'checkbox'
  | 'select'
  | 'multiple'
  | 'file'
  | 'hidden'

export interface FieldOptions<T> {
  /** Shown beside the field; made from the name when it is left out. */
  readonly label?: string
  readonly helpText?: string
  readonly initial?: T | undefined
  /** More attributes of the HTML element. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
}

/** One field of a form: what it takes, and how it is asked for. */
export interface FormField<T> extends FieldOptions<T> {
  readonly schema: StandardSchema<T>
  readonly widget: Widget
  readonly required: boolean
  /** A function where the rows of a table are the choices: asked when the field is shown. */
  readonly choices?: ChoiceList | (() => MaybePromise<ChoiceList>)
  /**
   * The page says beside the field what it began with, and that is what a change is a change of: for a value that is
   * another each time, as a default that is a function gives.
   */
  readonly hasHiddenInitial?: boolean
  /** A value as the page shows it, where its own text is not that. */
  readonly shown?: (value: unknown) => unknown
}

/** What a select offers, in its order. */
export type ChoiceList = readonly (readonly [value: string, label: string])[]

/** A field with a schema of any library. */
export function field<T>(
  schema: StandardSchema<T>,
  options: FieldOptions<T> & { readonly widget?: Widget; readonly required?: boolean } = {},
): FormField<T> {
  return { widget: 'text', required: true, ...options, schema }
}

export interface TextOptions extends FieldOptions<string> {
  /** An empty text is then a value too. */
  readonly required?: boolean
  readonly min?: number
  readonly max?: number
  readonly pattern?: RegExp
  /** Said when `pattern` does not match. */
  readonly message?: string
  /** White space at both ends is cut off, unless this is false. */
  readonly strip?: boolean
}

function checkText(value: unknown, options: TextOptions): string {
  const raw = typeof value === 'string' ? value : ''
  const text = options.strip === false ? raw : raw.trim()
  if (text.includes('\0')) throw new ValidationError('Null characters are not allowed.')
  if (text === '') {
    if (options.required !== false) throw new ValidationError('This field is required.')
    return text
  }
  // As people count them, not as UTF-16 does.
  const length = [...text].length
  const { min = 0, max = Number.POSITIVE_INFINITY } = options
  if (length < min)
    throw new ValidationError(`Ensure this value has at least ${min} characters (it has ${length}).`)
  if (length > max)
    throw new ValidationError(`Ensure this value has at most ${max} characters (it has ${length}).`)
  // Not by `test`: a global or sticky one would remember where the last request's text ended.
  if (options.pattern && text.search(options.pattern) < 0)
    throw new ValidationError(options.message ?? 'Enter a valid value.')
  return text
}

function textField(widget: Widget, options: TextOptions): FormField<string> {
  const limits = {
    ...(options.max !== undefined && { maxlength: options.max }),
    ...(options.min !== undefined && { minlength: options.min }),
  }
  return {
    ...options,
    widget,
    required: options.required ?? true,
    attributes: { ...limits, ...options.attributes },
    schema: schemaOf((value) => checkText(value, options)),
  }
}

/** One line. Lengths are in characters. */
export function text(options: TextOptions = {}): FormField<string> {
  return textField('text', options)
}

/** Several lines. */
export function textarea(options: TextOptions = {}): FormField<string> {
  return textField('textarea', options)
}

/** Taken as it is typed, and never shown again. */
export function password(options: TextOptions = {}): FormField<string> {
  return textField('password', { strip: false, max: 4096, ...options })
}

/** Not shown, but sent. */
export function hidden(options: TextOptions = {}): FormField<string> {
  return textField('hidden', options)
}

/** The form of an address; only a letter shows whether it exists. */
export function email(options: TextOptions = {}): FormField<string> {
  return textField('email', {
    max: 320,
    pattern: /^[^\s@<>",;:]+@[^\s@.<>",;:]+(?:\.[^\s@.<>",;:]+)+$/,
    message: 'Enter a valid email address.',
    ...options,
  })
}

/** Letters, digits, hyphen and underscore. */
export function slug(options: TextOptions = {}): FormField<string> {
  return textField('text', {
    max: 50,
    pattern: /^[-a-zA-Z0-9_]+$/,
    message: 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.',
    ...options,
  })
}

export interface NumberOptions extends FieldOptions<number> {
  readonly min?: number
  readonly max?: number
}

/** A whole number; with `required: false` it may be left empty, which gives null. */
export function integer(options: NumberOptions & { readonly required: false }): FormField<number | null>
export function integer(options?: NumberOptions): FormField<number>
export function integer(
  options: NumberOptions & { readonly required?: boolean } = {},
): FormField<number | null> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = options
  const schema = schemaOf((value) => {
    const digits = typeof value === 'string' ? value.trim() : String(typeof value === 'number' ? value : '')
    if (digits === '' && options.required === false) return null
    if (digits === '') throw new ValidationError('This field is required.')
    const number = /^[+-]?[0-9]{1,16}$/.test(digits) ? Number(digits) : Number.NaN
    if (!Number.isSafeInteger(number)) throw new ValidationError('Enter a whole number.')
    if (number < min) throw new ValidationError(`Ensure this value is greater than or equal to ${min}.`)
    if (number > max) throw new ValidationError(`Ensure this value is less than or equal to ${max}.`)
    return number
  })
  const limits = {
    ...(options.min !== undefined && { min: options.min }),
    ...(options.max !== undefined && { max: options.max }),
  }
  return {
    ...options,
    schema,
    widget: 'number',
    required: options.required ?? true,
    attributes: { ...limits, ...options.attributes },
  }
}

/** A box to tick. Required means that it has to be ticked. */
export function checkbox(
  options: FieldOptions<boolean> & { readonly required?: boolean } = {},
): FormField<boolean> {
  const required = options.required ?? false
  const schema = schemaOf((value) => {
    const ticked =
      value === true || (typeof value === 'string' && !['', '0', 'false', 'False'].includes(value))
    if (required && !ticked) throw new ValidationError('This field is required.')
    return ticked
  })
  return { ...options, schema, widget: 'checkbox', required }
}

/** One of several values. */
export function choice<const V extends string>(
  choices: readonly (readonly [value: V, label: string])[],
  options: FieldOptions<V> = {},
): FormField<V> {
  const schema = schemaOf((value) => {
    const found = choices.find(([candidate]) => candidate === value)
    if (found !== undefined) return found[0]
    if (value === '' || value === undefined) throw new ValidationError('This field is required.')
    throw new ValidationError('Select a valid choice. That choice is not one of the available choices.')
  })
  return { ...options, schema, widget: 'select', required: true, choices }
}

export interface FileOptions extends FieldOptions<never> {
  /** Bytes. */
  readonly maxSize?: number
}

/** An upload. */
export function file(options: FileOptions = {}): FormField<UploadedFile> {
  const schema = schemaOf((value) => {
    if (!(value instanceof UploadedFile)) throw new ValidationError('This field is required.')
    if (value.size === 0) throw new ValidationError('The submitted file is empty.')
    if (options.maxSize !== undefined && value.size > options.maxSize) {
      throw new ValidationError(`The file has ${value.size} bytes; ${options.maxSize} are the most.`)
    }
    return value
  })
  const { maxSize: _maxSize, ...rest } = options
  return { ...rest, initial: undefined, schema, widget: 'file', required: true }
}
