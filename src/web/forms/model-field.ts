/** From a model's column to the field that asks for it: `Field.formfield` of Django, kind by kind. */
import type { Column } from '../db/model-meta.ts'
import { ValueError } from '../db/errors.ts'
import { plainText } from '../views/plain-text.ts'
import { labelOf } from './bound-field.ts'
import { dateOf, dateTimeOf, shownDateTime } from './date-input.ts'
import type { ChoiceList, FormField, Widget } from './field.ts'
import { schemaOf } from './standard-schema.ts'
import { ValidationError } from './validation-error.ts'

/** Messages in place of the usual ones; `%s` has no meaning in them. */
export interface ErrorMessages {
  readonly required?: string
  readonly invalid?: string
  readonly maxLength?: string
  readonly invalidChoice?: string
  /** When another row has the value. */
  readonly unique?: string
}

/** What a model form changes of one field. */
export interface FieldChanges {
  readonly widget?: Widget
  readonly label?: string
  readonly helpText?: string
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  readonly messages?: ErrorMessages
}

interface Kind {
  readonly widget: Widget
  /** What is said when `check` or the column's kind refuses. */
  readonly invalid?: string
  readonly attributes?: (column: Column) => Readonly<Record<string, string | number>>
  /** From the text, which is not empty, to the row's value. @throws ValidationError, ValueError */
  readonly check: (text: string, column: Column) => unknown
  readonly shown?: (value: unknown) => unknown
}

const maxLength = ({ options: { max } }: Column): Readonly<Record<string, number>> =>
  max === undefined ? {} : { maxlength: max }
const same = (text: string): string => text

function matching(pattern: RegExp): (text: string) => string {
  return (text) => {
    if (pattern.test(text)) return text
    throw new ValueError('')
  }
}

const prepared = (text: string, column: Column): unknown => column.kind.prepare(text, column.options)

/** As people type whole numbers: Django also takes `5.0`. */
function wholeNumber(text: string): string {
  const digits = text.replace(/\.0*$/, '')
  if (/^[+-]?[0-9]{1,400}$/.test(digits)) return digits
  throw new ValueError('')
}

function integer(text: string): number {
  const value = Number(wholeNumber(text))
  if (Number.isSafeInteger(value)) return value
  throw new ValueError('')
}

const BIG = 2n ** 63n

function bigInteger(text: string): bigint {
  const value = BigInt(wholeNumber(text).replace(/^\+/, ''))
  if (value < -BIG) throw new ValidationError(`Ensure this value is greater than or equal to ${-BIG}.`)
  if (value >= BIG) throw new ValidationError(`Ensure this value is less than or equal to ${BIG - 1n}.`)
  return value
}

function float(text: string): number {
  const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isFinite(value)) return value
  throw new ValueError('')
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** DecimalValidator: digits, places, digits before the point, each with its sentence. */
function decimal(text: string, column: Column): unknown {
  const { maxDigits = 0, places = 0 } = column.options
  const parts = /^[+-]?(\d{0,400})(?:\.(\d{0,400}))?$/.exec(text)
  const [, whole = '', fraction = ''] = parts ?? []
  if (parts === null || whole + fraction === '') throw new ValueError('')
  const before = whole.replace(/^0+/, '')
  const digits = before === '' ? fraction.length : before.length + fraction.length
  if (digits > maxDigits)
    throw new ValidationError(`Ensure that there are no more than ${count(maxDigits, 'digit')} in total.`)
  if (fraction.length > places)
    throw new ValidationError(`Ensure that there are no more than ${count(places, 'decimal place')}.`)
  if (before.length > maxDigits - places) {
    throw new ValidationError(
      `Ensure that there are no more than ${count(maxDigits - places, 'digit')} before the decimal point.`,
    )
  }
  return prepared(text.replace(/\.$/, ''), column)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new ValueError('')
  }
}

const step = ({ options: { places = 0 } }: Column): Readonly<Record<string, string>> => ({
  step: places === 0 ? '1' : `0.${'0'.repeat(places - 1)}1`,
})
const EMAIL = /^[^\s@<>",;:]+@[^\s@.<>",;:]+(?:\.[^\s@.<>",;:]+)+$/
const shownTime = (value: unknown): unknown => (value instanceof Date ? shownDateTime(value) : value)
const shownJson = (value: unknown): unknown =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

const KINDS: Readonly<Record<string, Kind>> = {
  CharField: { widget: 'text', attributes: maxLength, check: same },
  SlugField: {
    widget: 'text',
    attributes: maxLength,
    check: matching(/^[-a-zA-Z0-9_]+$/),
    invalid: 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.',
  },
  EmailField: {
    widget: 'email',
    attributes: maxLength,
    check: matching(EMAIL),
    invalid: 'Enter a valid email address.',
  },
  TextField: { widget: 'textarea', attributes: maxLength, check: same },
  IntegerField: { widget: 'number', check: integer, invalid: 'Enter a whole number.' },
  BigIntegerField: {
    widget: 'number',
    check: bigInteger,
    invalid: 'Enter a whole number.',
    attributes: () => ({ min: String(-BIG), max: String(BIG - 1n) }),
  },
  FloatField: {
    widget: 'number',
    check: float,
    invalid: 'Enter a number.',
    attributes: () => ({ step: 'any' }),
  },
  DecimalField: { widget: 'number', check: decimal, invalid: 'Enter a number.', attributes: step },
  DateField: { widget: 'text', check: dateOf, invalid: 'Enter a valid date.' },
  DateTimeField: { widget: 'text', check: dateTimeOf, invalid: 'Enter a valid date/time.', shown: shownTime },
  UUIDField: { widget: 'text', check: prepared, invalid: 'Enter a valid UUID.' },
  JSONField: { widget: 'textarea', check: json, invalid: 'Enter a valid JSON.', shown: shownJson },
}

const REQUIRED = 'This field is required.'

/** Null for a column that no form asks for: the automatic key, bytes, what is set by itself. */
export function formFieldOf(column: Column, changes: FieldChanges = {}): FormField<unknown> | null {
  const { options, kind } = column
  if (!isEditable(column)) return null
  if (options.choices !== undefined) return choiceField(column, changes)
  if (kind.name === 'BooleanField') return booleanField(column, changes)
  const row = KINDS[kind.name]
  if (row === undefined) return null
  const required = options.blank !== true
  return {
    ...aboutField(column, changes),
    widget: changes.widget ?? row.widget,
    required,
    attributes: { ...row.attributes?.(column), ...changes.attributes },
    ...(row.shown !== undefined && { shown: row.shown }),
    schema: schemaOf((value) => checkText(value, column, row, changes.messages ?? {})),
  }
}

export const isEditable = ({ options }: Column): boolean =>
  options.editable !== false &&
  options.auto !== true &&
  options.autoNow !== true &&
  options.autoNowAdd !== true

/** Label, help and initial value: the model's, unless the form says otherwise. */
export function aboutField(
  { name, options }: Pick<Column, 'name' | 'options'>,
  changes: FieldChanges,
): {
  label: string
  helpText: string
  initial: unknown
  attributes: NonNullable<FieldChanges['attributes']>
  hasHiddenInitial?: boolean
} {
  const verbose = options.verboseName ?? labelOf(name)
  const isMade = typeof options.default === 'function'
  return {
    label: changes.label ?? verbose.charAt(0).toUpperCase() + verbose.slice(1),
    helpText: changes.helpText ?? options.helpText ?? '',
    initial: typeof options.default === 'function' ? (options.default as () => unknown)() : options.default,
    attributes: changes.attributes ?? {},
    ...(isMade && { hasHiddenInitial: true }),
  }
}

function checkText(value: unknown, column: Column, row: Kind, messages: ErrorMessages): unknown {
  const raw = typeof value === 'string' ? value : ''
  const text = raw.trim()
  if (text.includes('\0')) throw new ValidationError('Null characters are not allowed.')
  if (text === '') {
    if (column.options.blank !== true) throw new ValidationError(messages.required ?? REQUIRED)
    return emptyValue(column)
  }
  const problems: string[] = []
  const checked = checkedValue(text, column, row, messages.invalid, problems)
  const { max } = column.options
  // As people count characters, not as UTF-16 does.
  const length = max === undefined || typeof checked !== 'string' ? 0 : [...text].length
  if (max !== undefined && length > max) {
    const message = `Ensure this value has at most ${count(max, 'character')} (it has ${length}).`
    problems.push(messages.maxLength ?? message)
  }
  if (problems.length > 0) throw new ValidationError(problems)
  return checked
}

function checkedValue(
  text: string,
  column: Column,
  row: Kind,
  invalid: string | undefined,
  problems: string[],
): unknown {
  try {
    return row.check(text, column)
  } catch (error) {
    if (error instanceof ValidationError) problems.push(...error.messages)
    else if (error instanceof ValueError) problems.push(invalid ?? row.invalid ?? 'Enter a valid value.')
    else throw error
    return text
  }
}

/** What an empty text is in the row. */
export const emptyValue = ({ kind, options }: Column): unknown =>
  kind.family === 'text' && options.null !== true ? '' : null

function choiceField(column: Column, changes: FieldChanges): FormField<unknown> {
  const { options } = column
  const choices: ChoiceList = (options.choices ?? []).map(([value, label]) => [plainText(value), label])
  const isBlank = options.blank === true
  const values = new Map((options.choices ?? []).map(([value]) => [plainText(value), value]))
  const messages = changes.messages ?? {}
  return {
    ...aboutField(column, changes),
    widget: changes.widget ?? 'select',
    required: !isBlank,
    // A field that must be chosen and begins with a value needs no empty line (Django, Field.get_choices).
    choices: isBlank || !column.field.hasDefault ? [['', '---------'], ...choices] : choices,
    schema: schemaOf((value) => {
      const text = typeof value === 'string' ? value : ''
      if (text === '' && !values.has('')) {
        if (isBlank) return emptyValue(column)
        throw new ValidationError(messages.required ?? REQUIRED)
      }
      if (values.has(text)) return values.get(text)
      throw new ValidationError(
        messages.invalidChoice ?? `Select a valid choice. ${text} is not one of the available choices.`,
      )
    }),
  }
}

const UNKNOWN: ChoiceList = [
  ['unknown', 'Unknown'],
  ['true', 'Yes'],
  ['false', 'No'],
]
const NULL_BOOLEANS = new Map<unknown, boolean>([
  ...([true, 'true', 'True', '2'] as const).map((one) => [one, true] as const),
  ...([false, 'false', 'False', '3'] as const).map((one) => [one, false] as const),
])

function booleanField(column: Column, changes: FieldChanges): FormField<unknown> {
  const about = { ...aboutField(column, changes), required: false }
  if (column.options.null === true) {
    return {
      ...about,
      widget: changes.widget ?? 'select',
      choices: UNKNOWN,
      shown: (value) => String(NULL_BOOLEANS.get(value) ?? 'unknown'),
      schema: schemaOf((value) => NULL_BOOLEANS.get(value) ?? null),
    }
  }
  return {
    ...about,
    widget: changes.widget ?? 'checkbox',
    // Ticked or not: as text of a hidden element both would be something.
    hasHiddenInitial: false,
    schema: schemaOf((value) => typeof value === 'string' && !['', '0', 'false', 'False'].includes(value)),
  }
}
