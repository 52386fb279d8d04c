/** What `limit_req` and `limit_conn` have in common: how a zone is written and found, and which keys it takes. */
import type { Word } from '../config/ast.ts'
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

export interface LimitZoneRow extends ZoneName {
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

export interface LimitKey {
  readonly key: Value
  /** As it stands in the conf. */
  readonly keySource: string
}

/** The limits of a scope, each zone once, with the key and what `share` makes of the row of their zone. */
export function compileLimits<L extends { readonly zone: string }, Z extends LimitZoneRow, S>(
  scope: Scope,
  { limit, zone }: { readonly limit: ListDirective<L>; readonly zone: ListDirective<Z> },
  context: CompileContext,
  share: (zone: Z) => S,
): (L & LimitKey & S)[] {
  const zones = scope.list(zone)
  const bounds: readonly BoundStatement[] = scope.findList(limit)
  const seen = new Set<string>()
  return scope.list(limit).map((row, index) => {
    const { statement } = bounds[index] as BoundStatement
    if (seen.has(row.zone)) context.fail(`"${limit.name}" directive is duplicate`, statement)
    seen.add(row.zone)
    const found = zones.find(({ name }) => name === row.zone)
    if (!found) return context.fail(`zero size shared memory zone "${row.zone}"`, statement)
    return { ...row, ...share(found), keySource: found.key.source, key: context.value(found.key, statement) }
  })
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
