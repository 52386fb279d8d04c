/**
 * Values with variables, cut into their parts once (ngx_http_script_compile). Names are resolved by whoever compiles
 * them: a name nobody knows is `unknown "name" variable` there.
 */
import { ConfigError } from './config-error.ts'

export type ValuePart =
  | { readonly kind: 'literal'; readonly text: string }
  /** `name` is in lower case: nginx's variables are found without regard to case. `${1}` is a name too. */
  | { readonly kind: 'variable'; readonly name: string; readonly written: string }
  /** `$1` to `$9`: a group of the pattern that matched last. */
  | { readonly kind: 'capture'; readonly group: number }

export interface ComplexValue {
  readonly source: string
  readonly parts: readonly ValuePart[]
  /** The value itself where there is nothing to evaluate. */
  readonly constant?: string
}

/** @throws ConfigError without a place: the binder gives it that of the statement. */
export function parseComplexValue(source: string): ComplexValue {
  if (!source.includes('$')) {
    return { source, constant: source, parts: source === '' ? [] : [{ kind: 'literal', text: source }] }
  }
  const parts: ValuePart[] = []
  for (let at = 0; at < source.length;) {
    const dollar = source.indexOf('$', at)
    const end = dollar < 0 ? source.length : dollar
    if (end > at) parts.push({ kind: 'literal', text: source.slice(at, end) })
    at = dollar < 0 ? end : readVariable(source, dollar + 1, parts)
  }
  return { source, parts }
}

/** Reads what follows a `$`; gives the index after it. */
function readVariable(source: string, at: number, parts: ValuePart[]): number {
  const digit = source.charAt(at)
  if (digit >= '1' && digit <= '9') {
    parts.push({ kind: 'capture', group: Number(digit) })
    return at + 1
  }
  const bracket = source.charAt(at) === '{'
  const start = bracket ? at + 1 : at
  const written = nameAt(source, start)
  const end = start + written.length
  if (start >= source.length) throw new ConfigError('invalid variable name')
  if (bracket && source[end] !== '}') {
    throw new ConfigError(`the closing bracket in "${written}" variable is missing`)
  }
  if (written === '') throw new ConfigError('invalid variable name')
  parts.push({ kind: 'variable', name: written.toLowerCase(), written })
  return bracket ? end + 1 : end
}

function nameAt(source: string, start: number): string {
  const name = /[A-Za-z0-9_]*/y
  name.lastIndex = start
  return name.exec(source)?.[0] ?? ''
}
