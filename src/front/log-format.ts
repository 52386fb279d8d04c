/** `log_format`: variables between literal text, each value escaped so that it cannot forge a line. */
import { parseComplexValue } from '../config/complex-value.ts'
import { decodeOctets } from '../util/decode-octets.ts'
import type { LogFormat } from './access-log.ts'
import type { Request } from './request.ts'
import type { VariableTable } from './variable-table.ts'

export type LogEscape = 'default' | 'json' | 'none'

/** nginx's predefined format. */
export const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** Fields of the predefined format `json`, in order, with the variables that give them. */
const JSON_FIELDS: readonly (readonly [field: string, variable: string, numeric: boolean])[] = [
  ['time', 'time_iso8601', false],
  ['id', 'request_id', false],
  ['remote_addr', 'remote_addr', false],
  ['method', 'request_method', false],
  ['uri', 'request_uri', false],
  ['protocol', 'server_protocol', false],
  ['host', 'host', false],
  ['status', 'status', true],
  ['bytes', 'body_bytes_sent', true],
  ['request_time', 'request_time', true],
  ['upstream', 'upstream_addr', false],
  ['upstream_time', 'upstream_response_time', false],
  ['referer', 'http_referer', false],
  ['user_agent', 'http_user_agent', false],
]

const UNSAFE_DEFAULT = /["\\\x00-\x1f\x7f-\xff]/
const UNSAFE_JSON = /["\\\x00-\x1f]/

function escapeDefault(text: string): string {
  if (!UNSAFE_DEFAULT.test(text)) return text
  return text.replace(
    /["\\\x00-\x1f\x7f-\xff]/g,
    (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

/** What is no UTF-8 would be no JSON. */
function escapeJson(octets: string): string {
  const text = decodeOctets(octets)
  return UNSAFE_JSON.test(text) ? JSON.stringify(text).slice(1, -1).replace(JSON_ESCAPE, upperCode) : text
}

const JSON_ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g

/** nginx writes the digits of `\u001B` as capitals. */
function upperCode(escape: string): string {
  return escape.length === 2 ? escape : `\\u${escape.slice(2).toUpperCase()}`
}

/** One for each way to escape. Lines are written as UTF-8: octets that are none are lost but in the default way. */
const ESCAPES: Readonly<Record<LogEscape, (octets: string) => string>> = {
  default: escapeDefault,
  json: escapeJson,
  none: decodeOctets,
}

/** @throws Error with nginx's wording for an unknown variable. */
export function compileLogFormat(text: string, escape: LogEscape, variables: VariableTable): LogFormat {
  const absent = escape === 'default' ? '-' : ''
  const safe = ESCAPES[escape]
  const pieces = parseComplexValue(text).parts.map((part): ((request: Request) => string) => {
    if (part.kind === 'literal') {
      const literal = decodeOctets(part.text)
      return () => literal
    }
    if (part.kind === 'capture') return (request) => safe(request.capture(part.group))
    const getter = variables.getter(part.name)
    return (request) => {
      const value = getter(request)
      return value === undefined ? absent : safe(value)
    }
  })
  return (request) => {
    let line = ''
    for (const piece of pieces) line += piece(request)
    return line + '\n'
  }
}

/** The predefined format `json`: one object per line, absent values left out. */
export function jsonLogFormat(variables: VariableTable): LogFormat {
  const fields = JSON_FIELDS.map(([field, name, numeric]) => ({
    field,
    numeric,
    get: variables.getter(name),
  }))
  return (request) => {
    const record: Record<string, string | number> = {}
    for (const { field, numeric, get } of fields) {
      const value = get(request)
      if (value !== undefined && value !== '') record[field] = numeric ? Number(value) : decodeOctets(value)
    }
    return JSON.stringify(record) + '\n'
  }
}
