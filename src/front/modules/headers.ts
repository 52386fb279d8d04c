/** `add_header`, `add_trailer` and `expires` as rows; `configured-headers.ts` puts the fields on responses. */
import { parseComplexValue, type ComplexValue } from '../../config/complex-value.ts'
import type { Context, Directive, ListDirective } from '../../config/directive.ts'
import { choiceRow } from '../../config/rows.ts'
import type { BoundStatement, Scope } from '../../config/scope.ts'
import { isUsualStatus, oneLine } from '../configured-headers.ts'
import { parseExpires } from '../expires.ts'
import type { CompileContext, FrontModule } from '../front-module.ts'
import type { Request } from '../request.ts'
import { hasBody } from '../response.ts'
import type { ResponseFilter } from '../response-output.ts'
import type { Expires } from '../server-config.ts'
import type { Value } from '../value.ts'

const CONTEXTS: readonly Context[] = ['http', 'server', 'location', 'location if']

export interface AddHeader {
  readonly name: string
  readonly value: ComplexValue
  readonly always: boolean
}

function fieldRow(name: string, doc: string): ListDirective<AddHeader> {
  return {
    kind: 'list',
    name,
    contexts: CONTEXTS,
    args: [2, 3],
    syntax: 'name value [always]',
    doc,
    parse: ([field, value, always], at) => {
      if (always && always.text !== 'always') at.fail(`invalid parameter "${always.text}"`)
      return {
        name: field?.text ?? '',
        value: parseComplexValue(value?.text ?? ''),
        always: always !== undefined,
      }
    },
  }
}

function inheritRow(name: string, of: string): Directive<'on' | 'off' | 'merge'> {
  return choiceRow(
    {
      name,
      contexts: CONTEXTS,
      default: 'on',
      doc: `Whether the ${of} of the outer scope hold where there are none, never, or besides the own ones.`,
    },
    ['on', 'off', 'merge'],
  )
}

export const addHeader = fieldRow(
  'add_header',
  'Adds a field to responses with status 200, 201, 204, 206, 301, 302, 303, 304, 307 or 308, or to all with always.',
)
const addTrailer = fieldRow(
  'add_trailer',
  'Adds a field behind the body of responses with such a status, or of all with always.',
)
const headerInherit = inheritRow('add_header_inherit', 'fields')
const trailerInherit = inheritRow('add_trailer_inherit', 'trailers')

/** As written; with variables it is read anew for every response. */
export type ExpiresRow =
  Expires | { readonly kind: 'evaluated'; readonly value: ComplexValue; readonly modified: boolean }

export const expires: Directive<ExpiresRow> = {
  kind: 'single',
  name: 'expires',
  contexts: CONTEXTS,
  args: [1, 2],
  syntax: '[modified] time | @time | epoch | max | off',
  default: { kind: 'off', seconds: 0 },
  defaultText: 'off',
  doc: 'Sets Expires and Cache-Control: so long from now, from the modification of the file, or at a time of day.',
  parse: ([first, second], at) => {
    if (second && first?.text !== 'modified') at.fail('"expires" directive invalid value')
    const text = (second ?? first)?.text ?? ''
    const value = parseComplexValue(text)
    const modified = second !== undefined
    if (value.constant === undefined) return { kind: 'evaluated', value, modified }
    try {
      return parseExpires(text, modified)
    } catch (error) {
      return at.fail(`"expires" directive ${error instanceof Error ? error.message : ''}`)
    }
  },
}

/** The fields that hold in a scope, by `*_inherit`. */
function inherited(
  scope: Scope,
  row: ListDirective<AddHeader>,
  mode: Directive<'on' | 'off' | 'merge'>,
): readonly BoundStatement[] {
  const own = scope.has(row) ? scope.findList(row) : []
  if (!scope.parent || scope.get(mode) === 'off') return own
  if (own.length === 0) return inherited(scope.parent, row, mode)
  return scope.get(mode) === 'merge' ? [...own, ...inherited(scope.parent, row, mode)] : own
}

export function addedHeadersOf(scope: Scope): readonly BoundStatement[] {
  return inherited(scope, addHeader, headerInherit)
}

interface Trailer {
  readonly name: string
  readonly value: Value
  readonly always: boolean
}

function compileTrailers(scope: Scope, context: CompileContext): ResponseFilter | undefined {
  const trailers = inherited(scope, addTrailer, trailerInherit).map((bound): Trailer => {
    const { name, value, always } = bound.value as AddHeader
    return { name, always, value: context.value(value, bound.statement) }
  })
  if (trailers.length === 0) return undefined
  const evaluate = (request: Request): (readonly [string, string])[] => {
    const usual = isUsualStatus(request.status)
    return trailers.flatMap(({ name, value, always }) => {
      const text = usual || always ? value.evaluate(request) : ''
      return text === '' ? [] : [[name, oneLine(text)] as const]
    })
  }
  return (request) => {
    if (request.parent || request.head.version < 11 || !hasBody(request)) return undefined
    if (!request.location.settings.chunkedTransferEncoding) return undefined
    if (!isUsualStatus(request.status) && !trailers.some(({ always }) => always)) return undefined
    request.contentLength = -1 // only chunks have trailers
    request.trailers = evaluate
    return (next) => next
  }
}

export const headersModule: FrontModule = {
  name: 'headers',
  directives: [addHeader, headerInherit, addTrailer, trailerInherit, expires],
  filter: compileTrailers,
}
