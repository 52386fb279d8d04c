import { allOf, chain, type MaybePromise } from '../maybe-promise.ts'
import { escapeHtml } from '../handlers/escape-html.ts'
import { markSafe, type SafeString } from '../template/safe-string.ts'
import { errorListHtml, type BoundField } from './bound-field.ts'

/** How the fields of a form stand on a page (Django 3.2, BaseForm._html_output). */
interface Layout {
  row(parts: RowParts): string
  errors(list: string): string
  /** What a row ends with: hidden fields are put before it. */
  readonly rowEnd: string
  readonly errorsApart?: true
}

interface RowParts {
  readonly label: string
  readonly errors: string
  readonly field: string
  readonly help: string
  readonly helpId: string
}

const helpSpan = (before: string, help: string): string =>
  help === '' ? '' : `${before}<span class="helptext">${help}</span>`

export const layouts = {
  p: {
    row: ({ label, field, help }) => `<p>${label} ${field}${helpSpan(' ', help)}</p>`,
    errors: (list) => list,
    rowEnd: '</p>',
    errorsApart: true,
  },
  table: {
    row: ({ label, errors, field, help }) =>
      `<tr><th>${label}</th><td>${errors}${field}${helpSpan('<br>', help)}</td></tr>`,
    errors: (list) => `<tr><td colspan="2">${list}</td></tr>`,
    rowEnd: '</td></tr>',
  },
  ul: {
    row: ({ label, errors, field, help }) => `<li>${errors}${label} ${field}${helpSpan(' ', help)}</li>`,
    errors: (list) => `<li>${list}</li>`,
    rowEnd: '</li>',
  },
  div: {
    row: ({ label, errors, field, help, helpId }) => {
      const text = help === '' ? '' : `<div class="helptext" id="${helpId}_helptext">${help}</div>`
      return `<div>${label}${text}${errors}${field}</div>`
    },
    errors: (list) => list,
    rowEnd: '</div>',
  },
} as const satisfies Record<string, Layout>

/** The whole form but its `<form>` and buttons. A promise where a field's choices are rows. */
export function formHtml(
  layout: Layout,
  fields: readonly BoundField[],
  nonFieldErrors: readonly string[],
): MaybePromise<SafeString> {
  return chain(allOf(fields.map((field) => field.html)), (elements) =>
    markSafe(rendered(layout, fields, elements, nonFieldErrors)),
  )
}

function rendered(
  layout: Layout,
  fields: readonly BoundField[],
  elements: readonly string[],
  nonFieldErrors: readonly string[],
): string {
  const rows: string[] = []
  const hidden: string[] = []
  const top = [...nonFieldErrors]
  for (const [i, field] of fields.entries()) {
    const element = elements[i] ?? ''
    if (field.isHidden) {
      hidden.push(element)
      top.push(...field.errors.map((error) => `(Hidden field ${field.name}) ${error}`))
      continue
    }
    if (layout.errorsApart && field.errors.length > 0) rows.push(layout.errors(field.errorList))
    rows.push(layout.row(partsOf(field, element)))
  }
  if (top.length > 0)
    rows.unshift(layout.errors(errorListHtml(top).replace('"errorlist"', '"errorlist nonfield"')))
  return withHidden(layout, rows, hidden.join('')).join('\n')
}

const partsOf = (field: BoundField, element: string): RowParts => ({
  label: field.label === '' ? '' : field.labelTag,
  errors: field.errorList,
  field: element,
  help: escapeHtml(field.helpText),
  helpId: escapeHtml(field.id),
})

function withHidden(layout: Layout, rows: readonly string[], hidden: string): readonly string[] {
  const last = rows.at(-1)
  if (hidden === '') return rows
  if (last === undefined) return [hidden]
  if (last.endsWith(layout.rowEnd))
    return [...rows.slice(0, -1), last.slice(0, -layout.rowEnd.length) + hidden + layout.rowEnd]
  const empty = layout.row({ label: '', errors: '', field: '', help: '', helpId: '' })
  return [...rows, empty.slice(0, -layout.rowEnd.length) + hidden + layout.rowEnd]
}
