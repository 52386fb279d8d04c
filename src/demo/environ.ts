import type { HttpRequest } from 'portico/web'

/** A variable of the environ, for people. */
export interface Variable {
  readonly name: string
  readonly value: string
  /** Who put it there. */
  readonly source: string
}

const front = 'the front'
const browser = 'your browser'
const server = 'the application server'

const shown: readonly (readonly [name: string, source: string])[] = [
  ['REQUEST_METHOD', browser],
  ['PATH_INFO', browser],
  ['QUERY_STRING', browser],
  ['HTTP_HOST', browser],
  ['HTTP_USER_AGENT', browser],
  ['HTTP_ACCEPT_LANGUAGE', browser],
  ['HTTP_REFERER', browser],
  ['SERVER_PROTOCOL', front],
  ['SERVER_SOFTWARE', front],
  ['SERVER_NAME', front],
  ['SERVER_PORT', front],
  ['REMOTE_ADDR', front],
  ['REQUEST_ID', front],
  ['PORTICO_TRACE', front],
  ['wsgi.url_scheme', server],
  ['wsgi.multiprocess', server],
]

/** What the request's environ says. Cookies are named, never shown: whoever reads the page aloud gives nothing away. */
export function variablesOf(request: HttpRequest): Variable[] {
  const rows = shown
    .filter(([name]) => request.META[name] !== undefined)
    .map(([name, source]) => ({ name, value: textOf(request.META[name]), source }))
  if (request.COOKIES.size === 0) return rows
  const names = [...request.COOKIES.keys()].join(', ')
  return [...rows, { name: 'HTTP_COOKIE', value: `${names} (the values are yours)`, source: browser }]
}

/** An environ holds bytes as Latin-1; people type UTF-8. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? Buffer.from(value, 'latin1').toString('utf8') : String(value)
}
