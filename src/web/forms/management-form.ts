import type { QueryDict } from '../http/query-dict.ts'
import { field, type FormField } from './field.ts'
import { defineForm, type FieldSet, type Form } from './form.ts'
import { schemaOf } from './standard-schema.ts'

/** How many forms a set says it has, and how many of them began with something in them. */
export interface Counts {
  readonly total: number
  readonly initial: number
}

/** Up to six digits: a count beyond is nobody's page. */
const COUNT = /^\s*\+?\d{1,6}\s*$/

const countField = (required: boolean): FormField<unknown> =>
  field<unknown>(
    schemaOf((value) => (typeof value === 'string' && COUNT.test(value) ? Number(value) : null)),
    { widget: 'hidden', required },
  )

const NAMES = {
  total: 'TOTAL_FORMS',
  initial: 'INITIAL_FORMS',
  min: 'MIN_NUM_FORMS',
  max: 'MAX_NUM_FORMS',
} as const

const ManagementForm = defineForm<FieldSet>({
  fields: {
    [NAMES.total]: countField(true),
    [NAMES.initial]: countField(true),
    [NAMES.min]: countField(false),
    [NAMES.max]: countField(false),
  },
})

/** The hidden counts of a set, and what was sent of them: null when that cannot be. */
export function managementForm(
  prefix: string,
  data: QueryDict | null,
  shown: Counts & { readonly min: number; readonly max: number },
): { readonly form: Form<FieldSet>; readonly counts: Counts | null } {
  if (data === null) {
    const initial = {
      [NAMES.total]: shown.total,
      [NAMES.initial]: shown.initial,
      [NAMES.min]: shown.min,
      [NAMES.max]: shown.max,
    }
    return { form: ManagementForm.make({ prefix, initial }), counts: shown }
  }
  const form = ManagementForm.make({ prefix, data })
  const [total, initial] = [NAMES.total, NAMES.initial].map((name) => {
    const sent = data.get(form.htmlName(name)) ?? ''
    if (COUNT.test(sent)) return Number(sent)
    form.addError(name, sent.trim() === '' ? 'This field is required.' : 'Enter a whole number.')
    return null
  })
  const isWhole = typeof total === 'number' && typeof initial === 'number'
  return { form, counts: isWhole ? { total, initial } : null }
}
