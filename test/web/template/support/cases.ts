import { Engine } from '../../../../src/web/template/engine.ts'
import { altersData } from '../../../../src/web/template/attribute.ts'
import { pythonString } from '../../../../src/web/template/python/string.ts'
import { quote } from '../../../../src/web/template/python/url-quote.ts'
import { markSafe } from '../../../../src/web/template/safe-string.ts'
import { TemplateDoesNotExist, TemplateSyntaxError } from '../../../../src/web/template/template-error.ts'
import { memorySource } from '../../../../src/web/template/template-source.ts'

/** JSON, and objects with one key for what JSON has no form for: `$date`, `$safe`, `$thing`, `$number`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** A template that both engines render. */
export interface TemplateCase {
  readonly template: string
  readonly context?: { readonly [name: string]: Json }
  /** Templates to include and extend. */
  readonly files?: Readonly<Record<string, string>>
  readonly stringIfInvalid?: string
  readonly autoescape?: boolean
  readonly timeZone?: string
}

/** Text, one of the template language's own errors, or any other exception. */
export type Result =
  | { readonly output: string }
  | { readonly error: string; readonly message: string }
  | { readonly exception: string; readonly message: string }

/** The same class as the Python side has. */
class Thing {
  readonly name: string = ''

  constructor(attributes: object) {
    Object.assign(this, attributes)
  }

  greet(): string {
    return `hello <${this.name}>`
  }

  add(number: unknown): unknown {
    return number
  }

  delete(): void {
    throw new Error('a template has deleted something')
  }

  toString(): string {
    return `Thing <${this.name}>`
  }
}
altersData(Reflect.get(Thing.prototype, 'delete'))

export function decode(value: Json): unknown {
  if (Array.isArray(value)) return value.map(decode)
  if (typeof value !== 'object' || value === null) return value
  const [[name, item] = ['', null]] = Object.entries(value)
  if (name === '$date' && typeof item === 'string') return new Date(item)
  if (name === '$safe') return markSafe(item)
  if (name === '$number' && typeof item === 'string') return Number(item.replace('inf', 'Infinity'))
  const fields = decodedFields(name === '$thing' ? item : value)
  return fields && name === '$thing' ? new Thing(fields) : fields
}

function decodedFields(value: Json | undefined): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, decode(item)]))
}

class NoReverseMatch extends Error {
  override readonly name = 'NoReverseMatch'
}

/** The URLconf of the Python side. */
function reverse(name: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): string {
  const values = new Map(Object.entries(kwargs))
  const one = pythonString(args.length > 0 ? args[0] : values.get('name'))
  if (name === 'index' && args.length + values.size === 0) return '/'
  if (name === 'user' && one !== '' && !one.includes('/')) return `/user/${quote(one, "!$&'()*+,;=:@")}/`
  const [year, month] = args.length === 2 ? args : [values.get('year'), values.get('month')]
  if (name === 'month' && /^\d+$/.test(String(year)) && /^\d+$/.test(String(month))) {
    return `/year/${String(year)}/${String(month)}/`
  }
  throw new NoReverseMatch(`Reverse for '${name}' not found.`)
}

/** Renders a case with our engine; `prepare` may change its context. */
export async function renderCase(
  test: TemplateCase,
  prepare: (values: Record<string, unknown>) => Record<string, unknown> = (values) => values,
): Promise<Result> {
  const engine = new Engine({
    loaders: [memorySource(test.files ?? {})],
    stringIfInvalid: test.stringIfInvalid ?? '',
    autoescape: test.autoescape ?? true,
    timeZone: test.timeZone ?? 'UTC',
    staticUrl: '/static/',
    mediaUrl: '/media/',
    reverse,
  })
  try {
    return {
      output: await engine.fromString(test.template).render(prepare(decodedFields(test.context ?? {}) ?? {})),
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const isOwn = error instanceof TemplateSyntaxError || error instanceof TemplateDoesNotExist
    return isOwn
      ? { error: error.name, message: error.message }
      : { exception: error.constructor.name, message: error.message }
  }
}
