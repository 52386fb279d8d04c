/** What a party behind the front saw of a request, in a form that fits into a header field and can be compared. */
import { createHash } from 'node:crypto'
import type { ReferenceRequest } from './reference-parser.ts'

export interface Seen {
  readonly method: string
  readonly target: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** Latin-1; what is long is told by its length and digest. */
  readonly body: string
}

const MAX_BODY = 200

export function digest(body: string): string {
  if (body.length <= MAX_BODY) return body
  return `${body.length} ${createHash('sha1').update(body, 'latin1').digest('hex')}`
}

export function encodeSeen(seen: Seen): string {
  return Buffer.from(JSON.stringify(seen)).toString('base64url')
}

export function decodeSeen(text: string): Seen {
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as Seen
}

/** Fields that are between the client and the front alone, or that the front writes itself. */
const OF_THE_CONNECTION = new Set([
  'connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'transfer-encoding', 'upgrade',
]) // prettier-ignore

/** A name that is passed on by default; others are left out (`ignore_invalid_headers`, `underscores_in_headers`). */
const PASSED_NAME = /^[0-9a-z-]+$/

/** What a gateway ahead must have passed on of a request. */
export function expectedForwarded(request: ReferenceRequest): Seen {
  const fields = request.fields.filter(([name]) => PASSED_NAME.test(name) && !OF_THE_CONNECTION.has(name))
  return { method: request.method, target: request.target, fields, body: digest(request.body) }
}

/** The same in CGI's names (RFC 3875 section 4.1.18), sorted; a repeated field is one list. */
export function expectedEnviron(request: ReferenceRequest): Seen {
  const { fields, ...rest } = expectedForwarded(request)
  const variables = new Map<string, string>()
  for (const [name, value] of fields) {
    if (name === 'content-type' && value === '') continue // not told from a missing one
    const key = name === 'content-type' ? 'CONTENT_TYPE' : `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
    const before = variables.get(key)
    const separator = key === 'HTTP_COOKIE' ? '; ' : ', '
    variables.set(key, before === undefined ? value : before + separator + value)
  }
  return { ...rest, fields: sortedFields([...variables]) }
}

export function sortedFields(fields: readonly (readonly [string, string])[]): [string, string][] {
  return fields
    .map(([name, value]): [string, string] => [name, value])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
