import type { Context, Render } from './context.ts'
import { formatDateTime } from './dates/formats.ts'
import type { FilterExpression } from './filter-expression.ts'
import { displayNumber } from './python/number.ts'
import { pythonString } from './python/string.ts'
import { escapeHtml, isHtmlSafe, SafeString } from './safe-string.ts'
import { isThenable } from './thenable.ts'

/** A value as `{{ }}` shows it: dates and numbers formatted, and escaped unless it is safe or escaping is off. */
export function renderValue(value: unknown, context: Context): string {
  switch (typeof value) {
    case 'string':
      return context.autoescape ? escapeHtml(value) : value
    case 'number':
    case 'bigint':
      return displayNumber(value)
    case 'object':
      return renderObject(value, context)
    default:
      return renderText(pythonString(value), context)
  }
}

function renderObject(value: object | null, context: Context): string {
  if (value === null) return 'None'
  if (value instanceof SafeString) return value.value
  if (value instanceof Date) return formatDateTime(value, context.settings.timeZone)
  return context.autoescape && isHtmlSafe(value) ? value.toHtml() : renderText(pythonString(value), context)
}

function renderText(text: string, context: Context): string {
  return context.autoescape ? escapeHtml(text) : text
}

/** What `{{ }}` compiles to. */
export function variableNode(expression: FilterExpression): Render {
  const { resolve } = expression
  return (context) => {
    const value = resolve(context)
    if (typeof value === 'string') return context.autoescape ? escapeHtml(value) : value
    return isThenable(value)
      ? Promise.resolve(value).then((settled) => renderValue(settled, context))
      : renderValue(value, context)
  }
}
