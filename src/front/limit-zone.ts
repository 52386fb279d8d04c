/** What `limit_req` and `limit_conn` have in common: how a zone is written and found, and which keys it takes. */
import type { Statement, Word } from '../config/ast.ts'
import type { ComplexValue } from '../config/complex-value.ts'
import type { ListDirective, ParseContext } from '../config/directive.ts'
import type { BoundStatement, Scope } from '../config/scope.ts'
import { parseSize } from '../util/size.ts'
import type { CompileContext } from './front-module.ts'
import type { Request } from './request.ts'
import type { Value } from './value.ts'

const MIN_ZONE_BYTES = 8 * 4096

export interface ZoneName {
  readonly name: string
  readonly bytes: number
}

/** `zone=name:size`. */
export function parseZone({ text }: Word, at: ParseContext): ZoneName {
  const colon = text.indexOf(':')
  if (colon < 0) return at.fail(`invalid zone size "${text}"`)
  const name = text.slice(5, colon)
  const bytes = parseSize(text.slice(colon + 1))
  if (name === '' || bytes === undefined) return at.fail(`invalid zone size "${text}"`)
  if (bytes < MIN_ZONE_BYTES) at.fail(`zone "${name}" is too small`)
  return { name, bytes }
}

export const LIMIT_LOG_LEVELS = ['info', 'notice', 'warn', 'error'] as const

interface LimitZoneRow extends ZoneName {
  readonly key: ComplexValue
}

/** Refuses a second zone of the same name. */
export function checkZones<R extends LimitZoneRow>(
  http: Scope,
  directive: ListDirective<R>,
  context: CompileContext,
): void {
  const keys = new Map<string, string>()
  const rows = http.list(directive)
  for (const [index, { statement }] of http.findList(directive).entries()) {
    const { name = '', key } = rows[index] ?? {}
    const known = keys.get(name)
    if (known !== undefined)
      context.fail(`${directive.name} "${name}" is already bound to key "${known}"`, statement)
    keys.set(name, key?.source ?? '')
  }
}

export interface BoundLimit<L> {
  readonly row: L
  readonly statement: Statement
}

/** The limits of a scope, each zone once. */
export function limitsOf<L extends { readonly zone: string }>(
  scope: Scope,
  directive: ListDirective<L>,
  context: CompileContext,
): BoundLimit<L>[] {
  const bounds: readonly BoundStatement[] = scope.findList(directive)
  const seen = new Set<string>()
  return scope.list(directive).map((row, index) => {
    const { statement } = bounds[index] as BoundStatement
    if (seen.has(row.zone)) context.fail(`"${directive.name}" directive is duplicate`, statement)
    seen.add(row.zone)
    return { row, statement }
  })
}

export interface LimitKey {
  readonly key: Value
  /** As it stands in the conf. */
  readonly keySource: string
}

/** The key of a request; empty where it has none, or one too long to be kept, which is said. */
export function limitKey({ key, keySource }: LimitKey, request: Request, longest: number): string {
  const text = key.evaluate(request)
  if (text.length <= longest) return text
  request.location.settings.errorLog.request(
    'error',
    request,
    `the value of the "${keySource}" key is more than ${longest} bytes: "${text}"`,
  )
  return ''
}
