/** `add_header` and `expires` as rows; `configured-headers.ts` puts them on responses. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, Directive, ListDirective } from '../../config/directive.ts'
import { parseSeconds } from '../../util/duration.ts'
import type { FrontModule } from '../front-module.ts'
import type { Expires } from '../server-config.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'location if']

export interface AddHeader {
  readonly name: string
  readonly value: ComplexValue
  readonly always: boolean
}

export const addHeader: ListDirective<AddHeader> = {
  kind: 'list',
  name: 'add_header',
  contexts: CONTEXTS,
  args: [2, 3],
  syntax: 'name value [always]',
  doc: 'Adds a field to responses with status 200, 201, 204, 206, 301, 302, 303, 304, 307 or 308, or to all with always.',
  parse: ([name, value, always], at) => {
    if (always && always.text !== 'always') at.fail(`invalid parameter "${always.text}"`)
    return {
      name: name?.text ?? '',
      value: parseComplexValue(value?.text ?? ''),
      always: always !== undefined,
    }
  },
}

export const expires: Directive<Expires> = {
  kind: 'single',
  name: 'expires',
  contexts: CONTEXTS,
  args: [1, 2],
  syntax: '[modified] time | @time | epoch | max | off',
  default: { kind: 'off', seconds: 0 },
  defaultText: 'off',
  doc: 'Sets Expires and Cache-Control: so long from now, from the modification of the file, or at a time of day.',
  parse: ([first, second], at) => {
    const invalid = '"expires" directive invalid value'
    const text = first?.text ?? ''
    if (!second && (text === 'off' || text === 'epoch' || text === 'max')) return { kind: text, seconds: 0 }
    if (second && text !== 'modified') at.fail(invalid)
    const time = second ? second.text : text
    const sign = /^[-+@]/.exec(time)?.[0] ?? ''
    const seconds = parseSeconds(time.slice(sign.length))
    if (seconds === undefined || (sign === '@' && second)) return at.fail(invalid)
    if (sign !== '@')
      return { kind: second ? 'modified' : 'access', seconds: sign === '-' ? -seconds : seconds }
    if (seconds > 24 * 60 * 60) at.fail('daily time value must be less than 24 hours')
    return { kind: 'daily', seconds }
  },
}

export const headersModule: FrontModule = { name: 'headers', directives: [addHeader, expires] }
