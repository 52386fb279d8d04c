/** The request's fields and target as an HTTP library wants them, out of the environ. */
import type { Environ } from '../../gateway/application.ts'
import { cgiNameToHeader } from '../../gateway/cgi-names.ts'
import { decodePath } from '../../gateway/path-info.ts'

/** Names are few and come again with every request; a client's inventions are not kept for ever. */
const MAX_REMEMBERED = 1000
const HEADER_NAMES = new Map<string, string | undefined>()

/** Names and values, flat, as `IncomingMessage.rawHeaders`. The case of the client's names is lost on the way. */
export function flatHeaders(environ: Environ): string[] {
  const flat: string[] = []
  for (const key in environ) {
    const name = headerName(key)
    if (name === undefined || name === 'x-request-id') continue
    const value = environ[key]
    if (typeof value === 'string') flat.push(name, value)
  }
  // The front's own id, as it would be told over HTTP; one of the client's making is not believed.
  const id = environ['REQUEST_ID'] ?? environ['HTTP_X_REQUEST_ID']
  if (typeof id === 'string' && id !== '') flat.push('x-request-id', id)
  return flat
}

function headerName(key: string): string | undefined {
  const known = HEADER_NAMES.get(key)
  if (known !== undefined || HEADER_NAMES.has(key)) return known
  const made = cgiNameToHeader(key)
  if (HEADER_NAMES.size >= MAX_REMEMBERED) HEADER_NAMES.clear()
  HEADER_NAMES.set(key, made)
  return made
}

/**
 * Path and query in origin form (RFC 9112 section 3.2.1): as the client wrote them, or, where the front has rewritten
 * them, written anew.
 */
export function originTarget(environ: Environ): string {
  const path = environ.SCRIPT_NAME + environ.PATH_INFO
  const query = environ.QUERY_STRING === '' ? '' : `?${environ.QUERY_STRING}`
  const written = environ['REQUEST_URI']
  if (typeof written === 'string' && written.startsWith('/')) {
    const mark = written.indexOf('?')
    const writtenPath = mark < 0 ? written : written.slice(0, mark)
    const sameQuery = mark < 0 ? query === '' : written.slice(mark + 1) === environ.QUERY_STRING
    if (sameQuery && (writtenPath === path || decodePath(writtenPath) === path)) return written
  }
  return (path === '' ? '/' : encodePath(path)) + query
}

/** RFC 3986 section 3.3: what may stand in a path as it is. The code points are bytes. */
function encodePath(path: string): string {
  return path.replace(
    /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}
